"""Calendars read back: their parts, and when something that recurs happens."""

from datetime import datetime
from typing import Any

from dateutil.rrule import rrulestr  # type: ignore[import-untyped] # its types come in another package
from icalendar import Calendar


def parts(text: bytes, name: str = "VEVENT") -> list[Any]:
    """The parts of a calendar that have this name."""
    return list(Calendar.from_ical(text).walk(name))


def repeats(part: Any, first: datetime, last: datetime) -> list[datetime]:
    """When it happens between two moments, by the clock of its own start."""
    rule = rrulestr(part["rrule"].to_ical().decode(), dtstart=part["dtstart"].dt)
    return list(rule.between(first, last, inc=True))


def onset(part: Any, year: int) -> datetime:
    """When part of a zone begins in a year, by the clock that was before it."""
    rule = rrulestr(part["rrule"].to_ical().decode(), dtstart=part["dtstart"].dt)
    found: datetime = next(one for one in rule if one.year == year)
    return found
