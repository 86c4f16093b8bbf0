"""A moment as people type it: a day in three fields, and beside it a time of day, in the person's own zone."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from api.pages.care.forms import Form

TIME: Final = "For example, 14:30. Leave it empty if you do not know."
_TIME = re.compile(r"([01]?\d|2[0-3])[:. ]?([0-5]\d)\Z")
_AFTERNOON = re.compile(r"(1[0-2]|[1-9])(?:[:.]([0-5]\d))? ?([ap])\.?m\.?\Z", re.IGNORECASE)


def moment_of(zone: ZoneInfo, form: Form, name: str) -> str:
    """From NAME-day, NAME-month, NAME-year and NAME_time: a date, or a moment with its zone; empty for nothing.

    What is no date, no time, or a time without a day is blamed.
    """
    day, said = form.date(name), form.text(f"{name}_time")
    if not said:
        return day
    time = _time(said)
    if time is None:
        form.fault(f"{name}_time", "Enter a time such as 14:30.")
    elif day:
        return datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=zone).isoformat()
    elif not form.fault_of(name):
        form.fault(name, "Enter the day too.")
    return ""


def _time(said: str) -> str | None:
    """hh:mm, from 24 hours or from 12; None for what is no time."""
    found = _TIME.match(said)
    if found:
        return f"{int(found[1]):02}:{found[2]}"
    half = _AFTERNOON.match(said)
    if half is None:
        return None
    return f"{int(half[1]) % 12 + (12 if half[3].lower() == 'p' else 0):02}:{half[2] or '00'}"
