"""The measures at the desk: who may have which numbers, of whom, and for which period.

A commissioner has everybody's and nobody's: added up, small numbers suppressed, by whole months, so that no two answers
differ by one person's day. Who works with people, and the person, have the numbers of what they may see. All others
have none. Numbers of everybody are counted by the worker's role; nothing but the sums leaves the store.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from api.deeds import Visit
from api.desk import Desk
from auth.access import Permit, Question, Verb, refusal
from db import measures, wall
from db.measure_parts import Scope
from plan.feedback_table import ROLE_OF
from plan.measures import MEASURES, SMALL, Figure, Measure, Tally, figures
from plan.model import PersonId, Role
from plan.outcomes import rounded
from plan.problem import Fault, Problem, Trouble

TYPE: Final = "MeasureReport"
"""The FHIR type that scopes speak of."""
FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "estate": ("estate",),
    "hospital": ("hospital",),
    "agency_pair": ("from", "to"),
}
"""What a measure may be asked by, and the words of its groups that these are."""
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which measures (none named: all), of whom, from when until before when (milliseconds since 1970 UTC).

    `only`: by a name of FILTERS, the words that the groups must have.
    """

    names: tuple[str, ...] = ()
    person: PersonId | None = None
    since: int | None = None
    until: int | None = None
    only: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of it, for a period."""

    since: int
    until: int
    found: Sequence[tuple[Measure, Sequence[Figure]]]


async def measured(desk: Desk, visit: Visit, wanted: Wanted) -> Measured:
    """The figures. Raises NOT_FOUND for an unknown measure or person, BAD_VALUE, REFUSED, UNAVAILABLE."""
    rows = _rows(wanted)
    permit = await desk.leave(visit, Verb.READ, TYPE, ",".join(wanted.names))
    since, until = _period(wanted, desk.store.clock())
    if visit.caller.role is Role.COMMISSIONER:
        _must_be_whole(wanted, since, until)
    elif not permit.letters:
        raise refusal(Question.CHARTER, "Your role has no measures.", "A commissioner has, and who works with people.")
    elif wanted.person:
        await desk.access(visit, wanted.person)
    note = replace(desk.note(visit, "R", TYPE, "", person=wanted.person or ""), refused="")
    await desk.store.database.note([note.event(wanted.person or "", "", found=True)])
    everybody = visit.caller.role is Role.COMMISSIONER
    found = [(row, await _figures(desk, row, wanted, (since, until), None if everybody else permit)) for row in rows]
    return Measured(since=since, until=until, found=found)


async def _figures(
    desk: Desk, row: Measure, wanted: Wanted, period: tuple[int, int], permit: Permit | None
) -> list[Figure]:
    now = desk.store.clock()
    if permit is None:
        database = desk.feed.store.everybody
        if not await wall.sees_everybody(database):
            raise Problem(Trouble.UNAVAILABLE, "Numbers of everybody need the worker's database on this service.")
        scope: Scope = measures.everybody(*period, now)
    else:
        database = desk.store.database
        scope = measures.of_permit(permit, *period, now, wanted.person or "")
    counted = map(_with_role, await measures.tallies(database, row.name, scope))
    kept = [tally for tally in counted if _is_wanted(tally, wanted)]
    return figures(row, kept, fewest=0 if permit else SMALL)


def _with_role(tally: Tally) -> Tally:
    """In which role an agency of this kind receives."""
    role = ROLE_OF.get(tally.group.get("kind", ""))
    return Tally(group={**tally.group, "role": role.value}, counts=tally.counts) if role else tally


def _is_wanted(tally: Tally, wanted: Wanted) -> bool:
    return all(
        tally.group.get(word) == said
        for name, words in wanted.only.items()
        for word, said in zip(FILTERS[name], words, strict=True)
    )


def _rows(wanted: Wanted) -> list[Measure]:
    """The measures that are asked for; of all, those that can be asked so."""
    asked = [_row(name) for name in wanted.names]
    for row in asked:
        for name in wanted.only:
            if not set(FILTERS[name]) <= set(row.by):
                what = f"{row.name} is not counted by {name}"
                mend = f"It is counted by: {', '.join(row.by)}."
                raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
    words = {word for name in wanted.only for word in FILTERS[name]}
    return asked or [row for row in MEASURES.values() if words <= set(row.by)]


def _row(name: str) -> Measure:
    found = MEASURES.get(name)
    if found is None:
        what = f"{name[:64]!r} is no measure"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=f"The measures are: {', '.join(MEASURES)}."),))
    return found


def _period(wanted: Wanted, now: int) -> tuple[int, int]:
    """The period; where nobody says, the twelve months that end with this one."""
    this = datetime.fromtimestamp(now / 1000, UTC)
    until = _month(this.year, this.month + 1) if wanted.until is None else wanted.until
    end = datetime.fromtimestamp(until / 1000, UTC)
    since = _month(end.year, end.month - _MONTHS) if wanted.since is None else wanted.since
    if since >= until:
        what = "the period ends before it begins"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Give from before to."),))
    return since, until


def _month(year: int, month: int) -> int:
    """The first moment of a month, counted on from January of a year."""
    years, months = divmod(year * 12 + month - 1, 12)
    return round(datetime(years, months + 1, 1, tzinfo=UTC).timestamp()) * 1000


def _must_be_whole(wanted: Wanted, *ends: int) -> None:
    """A commissioner asks of nobody in particular, and by months. Raises REFUSED, BAD_VALUE."""
    if wanted.person:
        raise refusal(Question.CHARTER, "A commissioner has the numbers of everybody, not of one.", "Leave person out.")
    for end in ends:
        day = datetime.fromtimestamp(end / 1000, UTC)
        if _month(day.year, day.month) != end:
            what = "from and to are not the first of a month"
            raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Give whole months, as 2026-03-01."),))


def spread(figures_: Iterable[Figure]) -> list[dict[str, object]]:
    """Figures as plain rows: the words of the group, then the numbers; what is suppressed has none."""
    return [_spread(one) for one in figures_]


def _spread(one: Figure) -> dict[str, object]:
    group = {("agency_" + name if name in ("from", "to") else name): word for name, word in one.group.items()}
    if one.suppressed:
        return {**group, "suppressed": True}
    numbers = {"total": one.total, "count": one.count, "value": one.value, "low": one.low, "high": one.high}
    told = {**group, **{name: said for name, said in {**numbers, **one.more}.items() if said not in (None, "")}}
    steps = [{"hours": step.hours, "waiting": rounded(step.left, 4)} for step in one.curve]
    return told | ({"curve": steps} if steps else {})
