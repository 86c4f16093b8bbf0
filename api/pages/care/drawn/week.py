"""Week: who comes when in one week, as the clock on the wall at the person's home shows it. Plain values, no drawing.

When visits are, which of them clash and when somebody is in hospital, the rules say (plan.rules.rota and visits).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Final

from api.pages.care.wording import Wording
from plan.dates import DATE_ONLY
from plan.known import Entry, Known
from plan.rules import rota, said, spans, visits
from plan.rules.rota import Call
from plan.rules.spans import Spell

DAYS: Final = 7
_OVER: Final = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One visit. `agency`: whose, by id. `paused`: the person is in hospital then. `meets`: who else is there at the
    same time, none of the two visits being marked as joint.
    """

    call: Call
    agency: str
    who: str
    service: Entry
    paused: bool = False
    meets: tuple[str, ...] = ()

    @property
    def joint(self) -> bool:
        """Whether it is meant to meet another."""
        return bool(self.call.visit.get("joint"))

    @property
    def tasks(self) -> str:
        """What is done."""
        return str(self.call.visit.get("tasks", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A part of the week in hospital: on the wall, cut to the week."""

    start: datetime
    end: datetime
    stay: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """When somebody comes home, or is to: `at` on the wall; `planned`: it is not over; `timed`: the hour is known."""

    at: datetime
    planned: bool
    timed: bool
    stay: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week from `monday`. `coming` by their starts; `agencies`: who comes, id and name, each once, by name.

    `clashes`: the pairs of visits that meet by mistake.
    """

    monday: date
    coming: tuple[Coming, ...]
    away: tuple[Away, ...]
    home: tuple[Home, ...]
    agencies: tuple[tuple[str, str], ...]
    clashes: tuple[tuple[Coming, Coming], ...]


def week(known: Known, words: Wording, monday: date) -> Week:
    """What comes in the seven days from a Monday on."""
    spell = Spell(_moment(monday, known), _moment(monday + timedelta(days=DAYS), known) - 1)
    stays = [(stay, cut) for stay in known.of("stay") if (cut := _cut(stay, known, spell))]
    coming = [_paused(one, known, stays) for one in _coming(known, words, spell)]
    clashes = [pair for pair in combinations(coming, 2) if _clash(*pair)]
    return Week(
        monday=monday,
        coming=tuple(_meeting(one, clashes) for one in coming),
        away=tuple(_away(stay, cut, known) for stay, cut in stays),
        home=tuple(_home(known, spell)),
        agencies=tuple(sorted({(one.agency, one.who) for one in coming}, key=lambda pair: (pair[1], pair[0]))),
        clashes=tuple(clashes),
    )


def monday_of(at: int, known: Known) -> date:
    """The Monday of the week of a moment, at the person's home."""
    today = rota.wall(at, known).date()
    return today - timedelta(days=today.weekday())


def _moment(day: date, known: Known) -> int:
    return rota.moment(datetime.combine(day, time()), known)


def _coming(known: Known, words: Wording, spell: Spell) -> list[Coming]:
    """The visits, in order. What had ended before today is seen in the weeks in which it had not."""
    then = replace(known, now=spell.low)
    found = [
        Coming(call=call, agency=said.agency(service), who=_who(service, words), service=service)
        for service in rota.services(then)
        for call in rota.calls(service, then, spell, DAYS)
    ]
    return sorted(found, key=lambda one: (one.call.start, one.agency, one.service.id))


def _who(service: Entry, words: Wording) -> str:
    return str((service.body.get("provider") or {}).get("name") or words.agency(said.agency(service)))


def _paused(one: Coming, known: Known, stays: list[tuple[Entry, Spell]]) -> Coming:
    """Visits rest while somebody is in hospital, but for the hospital's own."""
    at = rota.moment(one.call.start, known)
    inside = any(cut.low <= at <= cut.high and visits.hospital_of(stay) != one.agency for stay, cut in stays)
    return replace(one, paused=inside)


def _clash(one: Coming, other: Coming) -> bool:
    """Whether two agencies come at one time by mistake; who does not come at all meets nobody."""
    return one.agency != other.agency and not (one.paused or other.paused) and visits.clashes(one.call, other.call)


def _meeting(one: Coming, clashes: list[tuple[Coming, Coming]]) -> Coming:
    there = [other.who for pair in clashes if one in pair for other in pair if other is not one]
    return replace(one, meets=tuple(dict.fromkeys(there)))


def _cut(stay: Entry, known: Known, spell: Spell) -> Spell | None:
    """The part of a week that a stay takes; None for none."""
    whole = visits.in_hospital(stay, known)
    if whole is None and stay.body.get("status") == _OVER:
        came, left = (spans.said(stay.body.get(name), known.zone) for name in ("admitted", "discharged"))
        whole = Spell(came.low, left.low - 1) if came and left else None
    cut = whole.cut(spell) if whole else None
    return cut if cut and cut.low <= cut.high else None


def _away(stay: Entry, cut: Spell, known: Known) -> Away:
    return Away(start=rota.wall(cut.low, known), end=rota.wall(cut.high + 1, known), stay=stay)


def _home(known: Known, spell: Spell) -> Iterator[Home]:
    for stay in known.of("stay"):
        over = stay.body.get("status") == _OVER
        text = stay.body.get("discharged" if over else "planned_discharge")
        found = spans.said(text, known.zone)
        if found and spell.low <= found.low <= spell.high and stay.body.get("status") != "cancelled":
            at, timed = rota.wall(found.low, known), len(str(text)) > DATE_ONLY
            yield Home(at=at, planned=not over, timed=timed, stay=stay)
