"""Dates as precise as they are known: which milliseconds one covers, and which of two comes first.

Source: FHIR R4 datatypes.html (date, dateTime, instant) and FHIRPath 2.0.0, section 6.1 (dates of unequal precision).
"""

import re
from calendar import isleap, monthrange
from datetime import date
from typing import Final

_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400_000
_LAST_HOUR, _LAST_MINUTE, _LEAP_SECOND = 23, 59, 60
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
DATE_ONLY: Final = len("2026-03-31")
"""Characters of a date without a time: what is longer has a time, and with it a zone."""
ANY_ZONE: Final = 14 * 3_600_000
"""Milliseconds by which a day without a zone may begin earlier or end later than in UTC."""


def date_range(text: str) -> tuple[int, int] | None:
    """The milliseconds since 1970 UTC that a date, dateTime or instant covers, both ends included; None if it is none.

    A month covers the month, a second its thousand milliseconds; a time without a zone is read as UTC.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        start = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    low = (start.toordinal() - _EPOCH) * _DAY
    if hour is None:
        return low, low + _days(start, month, day) * _DAY - 1
    # A leap second is written :60; it is counted as the second after :59.
    if int(hour) > _LAST_HOUR or int(minute) > _LAST_MINUTE or int(second or 0) > _LEAP_SECOND:
        return None
    low += (int(hour) * 60 + int(minute) - _offset(zone)) * 60_000 + int(second or 0) * 1000
    if second is None:
        return low, low + 59_999
    low += int((fraction or "").ljust(3, "0")[:3])
    return low, low + 10 ** (3 - min(len(fraction or ""), 3)) - 1


def order(one: str, other: str) -> int | None:
    """-1, 0 or 1: which comes first. None when it cannot be told, because one may lie inside the other.

    What is no date is compared as text.
    """
    first, second = date_range(one), date_range(other)
    if first is None or second is None:
        return (one > other) - (one < other)
    # Where only one of them says its zone, the other may be meant in any.
    unsure = ANY_ZONE if (len(one) <= DATE_ONLY) != (len(other) <= DATE_ONLY) else 0
    if first[1] + unsure < second[0]:
        return -1
    if first[0] - unsure > second[1]:
        return 1
    return 0 if first == second and not unsure else None


def _days(start: date, month: str | None, day: str | None) -> int:
    if day:
        return 1
    return monthrange(start.year, start.month)[1] if month else 365 + isleap(start.year)


def _offset(zone: str | None) -> int:
    """Minutes east of UTC."""
    if zone is None or zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes
