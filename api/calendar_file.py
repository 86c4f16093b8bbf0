"""A calendar as a file: what happens to a person, in iCalendar, so that any calendar application can show it.

Sources: RFC 5545, RFC 7986 (NAME, REFRESH-INTERVAL). The same content is the same bytes: stamps are of the entries.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vDuration, vRecur

from plan.happenings import Happening
from plan.known import LONDON

MEDIA: Final = "text/calendar; charset=utf-8"
NAME: Final = "Care calendar"
REFRESH: Final = timedelta(hours=6)
"""How often an application need ask."""
_ICAL = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
_MARCH, _OCTOBER = 3, 10


def written(happenings: Iterable[Happening], *, details: bool) -> bytes:
    """The file. `details`: with what it is in full; otherwise the words say what may stand on a locked telephone."""
    made = Calendar()
    made.add("prodid", "-//Oneplan//Care calendar//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("name", NAME)
    made.add("x-wr-calname", NAME)
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))
    made.add_component(_london())
    for one in happenings:
        made.add_component(_event(one, details=details))
    raw: bytes = made.to_ical()
    return raw


def uid(one: Happening) -> str:
    """Always the same for the same, and nothing by which it is found in the plan."""
    return str(uuid5(NAMESPACE_URL, f"https://oneplan.example/calendar/{one.key}"))


def _event(one: Happening, *, details: bool) -> Event:
    made = Event()
    said, *more = one.details.split("\n") if details else (one.words,)
    made.add("uid", uid(one))
    made.add("dtstamp", _utc(one.changed))
    made.add("last-modified", _utc(one.changed))
    made.add("sequence", one.version - 1)
    made.add("summary", said or one.words)
    if more:
        made.add("description", "\n".join(more))
    made.add("class", "PRIVATE")
    made.add("dtstart", one.start)
    if one.minutes is not None:
        made.add("duration", timedelta(minutes=one.minutes))
    if not isinstance(one.start, datetime):
        made.add("transp", "TRANSPARENT")
    if one.days:
        made.add("rrule", _weekly(one))
    return made


def _weekly(one: Happening) -> vRecur:
    rule = {"FREQ": "WEEKLY", "BYDAY": [_ICAL[day] for day in one.days]}
    if one.until is None:
        return vRecur(rule)
    # RFC 5545 3.3.10: where the start has a time zone, the end of a rule is in UTC.
    return vRecur({**rule, "UNTIL": datetime.combine(one.until, time(23, 59, 59), LONDON).astimezone(UTC)})


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)


def _london() -> Timezone:
    """The time of London as it has been since 1996 (tz database, rule EU). The library's own begins an hour late."""
    made = Timezone()
    made.add("tzid", LONDON.key)
    for kind, month, at, name, hours in (
        (TimezoneDaylight, _MARCH, 1, "BST", (0, 1)),
        (TimezoneStandard, _OCTOBER, 2, "GMT", (1, 0)),
    ):
        part = kind()
        part.add("dtstart", datetime.combine(_last_sunday(1996, month), time(at)))
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        part.add("tzname", name)
        part.add("tzoffsetfrom", timedelta(hours=hours[0]))
        part.add("tzoffsetto", timedelta(hours=hours[1]))
        made.add_component(part)
    return made


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
