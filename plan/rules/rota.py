"""When people come: the visits of a service, one by one, by the clock on the wall at the person's home.

A visit recurs by wall-clock time, so it is laid out in days and minutes of the day; only what is set against a moment
(a stay, an arrival) is turned into one, and there the two changes of summer time count.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from plan.known import Entry, Known
from plan.rules.said import clock
from plan.rules.spans import EVER, Spell, current, period

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 8
"""Days that hold every visit of a week at least once, from any hour of the first."""


class Call(NamedTuple):
    """One visit on one day: from `start` to `end` on the wall, `end` not included unless the two are one."""

    start: datetime
    end: datetime
    visit: Any

    def overlaps(self, other: "Call") -> bool:
        """Whether the two have a minute in common; a visit whose length is not said is the minute of its start."""
        return self.start < max(other.end, other.start + _MINUTE) and other.start < max(self.end, self.start + _MINUTE)


_MINUTE = timedelta(minutes=1)


def services(known: Known) -> list[Entry]:
    """The services that come to the person, now or later."""
    return [entry for entry in known.of("service") if current(entry, known) and entry.body.get("visits")]


def calls(service: Entry, known: Known, within: Spell, days: int = WEEK) -> Iterator[Call]:
    """Its visits that start inside a spell, in order of days, at most so many days from where the spell begins."""
    open_ = period(service, known).cut(within)
    if open_.low > open_.high or open_.low <= -EVER:
        return
    first = wall(open_.low, known).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (first + timedelta(days=count) for count in range(days)):
        for visit in sorted(service.body["visits"], key=lambda visit: str(visit["start"])):
            if NAMES[day.weekday()] in visit.get("days", NAMES):
                start = day + timedelta(minutes=clock(visit["start"]))
                if open_.low <= moment(start, known) <= open_.high:
                    yield Call(start, start + timedelta(minutes=visit.get("minutes", 0)), visit)


def wall(at: int, known: Known) -> datetime:
    """What the clock on the wall shows at a moment, without a zone."""
    return datetime.fromtimestamp(at / 1000, known.zone).replace(tzinfo=None)


def moment(shown: datetime, known: Known) -> int:
    """The moment at which the clock on the wall shows this, the first of two such hours."""
    return round(shown.replace(tzinfo=known.zone).timestamp() * 1000)


def says(visit: Any) -> str:
    """A visit in words: `mon, tue 09:00 for 30 minutes`."""
    days = ", ".join(visit.get("days", ())) or "every day"
    length = f" for {visit['minutes']} minutes" if "minutes" in visit else ""
    return f"{days} {visit['start']}{length}"
