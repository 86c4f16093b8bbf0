"""Spans of time as the plan's entries say them: days are local days at the person's home, both ends included."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from plan.dates import DATE_ONLY, date_range
from plan.known import Entry, Known

EVER = 2**62
"""Milliseconds since 1970 that nothing reaches: an open end."""
DAY = 86_400_000


class Spell(NamedTuple):
    """From `low` to `high`, milliseconds since 1970 UTC, both included."""

    low: int
    high: int

    def meets(self, other: "Spell") -> bool:
        """Whether the two have a moment in common."""
        return self.low <= other.high and other.low <= self.high

    def cut(self, other: "Spell") -> "Spell":
        """What the two have in common; empty (low above high) where they have nothing."""
        return Spell(max(self.low, other.low), min(self.high, other.high))


ALWAYS = Spell(-EVER, EVER)


def said(text: Any, zone: ZoneInfo) -> Spell | None:
    """The moments that a date or a moment covers; a date is the local day (month, year). None for what is none."""
    found = date_range(text) if isinstance(text, str) else None
    if found is None:
        return None
    if len(text) > DATE_ONLY:
        return Spell(*found)
    return Spell(_local(found[0], zone), _local(found[1] + 1, zone) - 1)


def _local(utc: int, zone: ZoneInfo) -> int:
    """The moment at which the clock at home shows what the clock in Greenwich shows at `utc`."""
    shown = datetime(1970, 1, 1, tzinfo=zone) + timedelta(milliseconds=utc)
    return round(shown.timestamp() * 1000)


def between(start: Any, end: Any, zone: ZoneInfo) -> Spell:
    """From the first moment of `start` to the last of `end`; what is not said is open."""
    first, last = said(start, zone), said(end, zone)
    return Spell(first.low if first else -EVER, last.high if last else EVER)


def period(entry: Entry, known: Known) -> Spell:
    """When an entry holds, by its `period`."""
    span = entry.body.get("period") or {}
    return between(span.get("start"), span.get("end"), known.zone)


def current(entry: Entry, known: Known) -> bool:
    """Whether an entry is active and has not ended: it holds today, or will."""
    return entry.body.get("status") == "active" and period(entry, known).high >= known.now


def together(one: Entry, other: Entry, known: Known) -> bool:
    """Whether there is a time, now or later, at which both hold."""
    common = period(one, known).cut(period(other, known)).cut(Spell(known.now, EVER))
    return common.low <= common.high


def days_on(at: int, days: int, known: Known) -> int:
    """The moment so many days on at which the clock at home shows the same: a day is not always 24 hours long."""
    shown = datetime.fromtimestamp(at // 1000, known.zone) + timedelta(days=days)
    return round(shown.timestamp()) * 1000 + at % 1000


def tomorrow(known: Known) -> int:
    """The moment at which the next local day begins."""
    today = datetime.fromtimestamp(known.now / 1000, known.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return round((today + timedelta(days=1)).timestamp() * 1000)


def ahead(known: Known, *moments: int) -> Iterator[int]:
    """Those of the moments that are still to come."""
    yield from (moment for moment in moments if known.now < moment < EVER)
