"""Clocks that run in a team's own hours: when something is due, and how much of the time has gone.

Hours are local; the moments are milliseconds since 1970 UTC. Bank holidays and other closures come with the agency
(`closed`). Where summer time begins or ends inside the hours, the narrower reading of them counts, so that nothing is
ever due while the team is away. An agency that publishes no hours, or never opens in a year, has those of the table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plan.feedback_table import HOURS, Clock, at
from plan.known import Agency, Opening

Spell = tuple[int, int]
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
_DAYS_AHEAD = 370
_MIDNIGHT = 24 * 60
_UNKNOWN = 0
"""For which moment the hours of a team that publishes none are asked: they have one row as yet."""


def due(start: int, clock: Clock, agency: Agency, zone: ZoneInfo, percent: int = 100) -> int:
    """When this share of a clock that starts now has run."""
    if clock.minutes:
        return start + clock.minutes * MINUTE * percent // 100
    return after(start, clock.days * working_day(agency) * percent // 100, agency, zone)


def after(start: int, much: int, agency: Agency, zone: ZoneInfo) -> int:
    """The first moment at which the team has been open for so many milliseconds since `start`."""
    left = much
    for opens, closes in _spells(start, agency, zone):
        if opens + left <= closes:
            return opens + left
        left -= closes - opens
    return after(start, much, replace(agency, hours=None, closed=()), zone)


def elapsed(start: int, end: int, agency: Agency, zone: ZoneInfo) -> int:
    """For how many milliseconds the team was open between two moments."""
    total = 0
    for opens, closes in _spells(start, agency, zone):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def working_day(agency: Agency) -> int:
    """How long a team's day is: the mean of the days on which it opens, in milliseconds."""
    spells = [spell for day in range(7) for spell in _joined(_on(day, _openings(agency)))]
    days = sum(1 for day in range(7) if any(True for _ in _on(day, _openings(agency))))
    return sum(end - start for start, end in spells) * MINUTE // days


def written(moment: int) -> str:
    """A moment as entries hold it."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(moment: int, zone: ZoneInfo) -> str:
    """A moment as people say it: `Mon 2 March 2026, 14:05`."""
    said = datetime.fromtimestamp(moment / 1000, zone)
    return f"{said:%a} {said.day} {said:%B %Y, %H:%M}"


def instant(day: date, minute: int, zone: ZoneInfo, *, fold: int = 0) -> int:
    """A local time of a day, in minutes since midnight, as a moment."""
    if minute == _MIDNIGHT:
        return instant(day + timedelta(days=1), 0, zone, fold=fold)
    said = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=fold)
    return round(said.timestamp() * 1000)


def _spells(since: int, agency: Agency, zone: ZoneInfo) -> Iterator[Spell]:
    """When the team is open from a moment on, in order, for a year."""
    openings = _openings(agency)
    first = datetime.fromtimestamp(since / 1000, zone).date()
    for number in range(_DAYS_AHEAD):
        day = first + timedelta(days=number)
        for spell in _joined(_on(day.weekday(), openings)):
            for opens, closes in _without(agency.closed, _between(day, spell, zone)):
                if closes >= since:
                    yield max(opens, since), closes


def _openings(agency: Agency) -> tuple[Opening, ...]:
    return agency.hours or at(HOURS, "unpublished", _UNKNOWN).openings


def _on(weekday: int, openings: Iterable[Opening]) -> Iterator[Spell]:
    yield from ((one.start, one.end) for one in openings if weekday in one.days and one.start < one.end)


def _joined(spells: Iterable[Spell]) -> list[Spell]:
    """Spells that overlap or touch as one."""
    made: list[Spell] = []
    for start, end in sorted(spells):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _between(day: date, spell: Spell, zone: ZoneInfo) -> Spell:
    """The moments of local hours. An hour that comes twice, or never, is read so that the spell is the shorter one."""
    opens = max(instant(day, spell[0], zone, fold=fold) for fold in (0, 1))
    closes = min(instant(day, spell[1], zone, fold=fold) for fold in (0, 1))
    return opens, closes


def _without(closed: Iterable[Spell], spell: Spell) -> Iterator[Spell]:
    """What closures leave of a spell."""
    opens, closes = spell
    for first, last in sorted(closed):
        if last < opens or first >= closes:
            continue
        if opens < first:
            yield opens, first
        opens = last + 1
    if opens < closes:
        yield opens, closes
