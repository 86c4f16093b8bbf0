"""A month at Larch Court with the eight discharges that failed, each for a reason that is known from elsewhere.

They are played as they went without the gate: nobody asks it, and the ward sends everybody home at the hour that was
planned. What the gate says at that moment, and whom the service had told before, is the service's own answer.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from api.simulation import homes, talk
from api.simulation.events import Event, moment
from api.simulation.life import DAY, HOUR, MINUTE, Life
from api.simulation.stays import STEPS, owner, stays, steps
from api.simulation.stream import BEGINS
from api.simulation.town import FLATS, Estate, Resident, residents

ESTATE: Final = Estate(number=1)
DAYS: Final = 31
STAY: Final = "stay-1"
_BMJ: Final = "Healthwatch England, BMJ 2015;351:h3974"
_FRANCIS: Final = "Francis inquiry, recommendation 239"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One discharge that failed. `item`: what was not true, and nobody had said so; all else was confirmed in time.

    `leaves`: when the ward sent them home; `category` and `after`: how it failed, and how many hours later. `before`:
    what had been written into the plan: by whom, kind, name, section, body. `tries`: a confirmation that was tried.
    `story`, `source`: what happened, and where such a failure is told of.
    """

    flat: int
    item: str
    leaves: str
    category: str
    after: int
    story: str
    source: str
    alone: bool = True
    carer: bool = False
    equipment: bool = False
    before: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = ()
    tries: dict[str, Any] = field(default_factory=dict)


_BED: Final = {"item": "Hospital bed", "status": "ordered", "reason": "Cannot get up from a low bed"}

CASES: Final[tuple[Case, ...]] = (
    Case(
        flat=3,
        item="housing.access",
        leaves="2026-03-05T14:00:00Z",
        category="back_within_48h",
        after=20,
        story="The heating was off for works, and nobody had asked",
        source=f"{_BMJ}: no safe home on record at more than half of the trusts",
    ),
    Case(
        flat=7,
        item="social_care.access",
        leaves="2026-03-09T15:00:00Z",
        category="turned_back",
        after=1,
        story="Nobody had a key: the ambulance took her back",
        source="Queen's Nursing Institute, Discharge planning, 2016",
    ),
    Case(
        flat=9,
        item="housing.telecare",
        leaves="2026-03-11T13:00:00Z",
        category="back_within_48h",
        after=30,
        story="The pendant was still switched off; she fell and lay until morning",
        source="MHCLG and DHSC, safety and welfare check on the day of discharge",
    ),
    Case(
        flat=14,
        item="social_care.package",
        leaves="2026-03-13T14:00:00Z",
        category="no_package",
        after=6,
        story="Home on Friday at two; the first visit was on Saturday at eight",
        source=_FRANCIS,
        tries={"starts": "2026-03-14T08:00:00Z"},
    ),
    Case(
        flat=18,
        item="equipment.installed",
        leaves="2026-03-20T11:00:00Z",
        category="emergency_respite",
        after=5,
        story="The bed was to come on Monday; home on Friday, and no way to get up",
        source="NICE NG27: equipment in place",
        equipment=True,
        before=(("hospital", "equipment", "bed", "health", _BED),),
        tries={"item": "equipment.installed"},
    ),
    Case(
        flat=22,
        item="hospital.medicines",
        leaves="2026-03-17T12:00:00Z",
        category="back_within_7d",
        after=4 * 24,
        story="The water tablet had been stopped; nobody was told, and she went on taking it",
        source=f"{_BMJ}: notes on new medicines not passed on at one trust in three",
    ),
    Case(
        flat=27,
        item="person.night",
        leaves="2026-03-24T23:00:00Z",
        category="turned_back",
        after=1,
        story="Sent home at eleven at night; the door was locked and nobody was up",
        source=f"{_FRANCIS}; Parliamentary and Health Service Ombudsman, unsafe discharge, 2016",
    ),
    Case(
        flat=31,
        item="person.carer",
        leaves="2026-03-26T14:00:00Z",
        category="emergency_respite",
        after=8,
        story="The daughter was abroad that week; nobody had asked her",
        source="Carers UK: 56 % of carers not involved",
        carer=True,
    ),
)
"""The eight."""


def people() -> list[Resident]:
    """Everybody at Larch Court; the eight are as their cases say."""
    cases = {case.flat: case for case in CASES}
    made = []
    for who in residents(FLATS, seed=1):
        case = cases.get(who.flat)
        made.append(_as_told(who, case) if case else who)
    return made


def _as_told(who: Resident, case: Case) -> Resident:
    return replace(who, alone=case.alone, carer=case.carer, equipment=case.equipment)


def events(seed: int) -> list[Event]:
    """The month: the eight as they went, and everybody else as the dice have it."""
    cases = {case.flat: case for case in CASES}
    lived: list[Event] = []
    for who in people():
        case = cases.get(who.flat)
        dice = Random(f"{seed}/larch-court/{who.number}")
        one = Life(who=who, start=BEGINS, end=BEGINS + DAYS * DAY, dice=dice)
        homes.begin(one)
        if case:
            _told(one, case)
        else:
            stays(one)
            talk.concerns(one)
        lived += one.events
    return sorted(lived, key=lambda event: event.at)


def _told(life: Life, case: Case) -> None:
    """One of the eight: admitted, planned, everything confirmed but the one thing, sent home, and what came of it."""
    leaves = moment(case.leaves)
    admitted, notice = leaves - 72 * HOUR, leaves - 48 * HOUR
    for number, (by, kind, name, section, body) in enumerate(case.before):
        life.does(admitted - HOUR + number * MINUTE, by, "write", kind=kind, name=name, section=section, body=body)
    life.does(admitted, "hospital", "admit", stay=STAY, ward="Ward 7")
    life.does(notice, "hospital", "notice", stay=STAY, planned=case.leaves)
    for number, step in enumerate(steps(life)):
        if step.item != case.item:
            life.does(notice + (number + 1) * 20 * MINUTE, step.by, "confirm", stay=STAY, item=step.item)
    if case.tries:
        step = next(step for step in STEPS if step.item == case.item)
        life.does(notice + 8 * HOUR, step.by, "confirm", **{"stay": STAY, "item": case.item, **case.tries})
    life.does(leaves, "hospital", "depart", stay=STAY)
    reasons = [{"kind": _owner(case.item), "item": case.item, "text": case.story}]
    life.does(leaves + case.after * HOUR, "housing", "fail", stay=STAY, type=case.category, reasons=reasons)
    life.truth(leaves, stay=STAY, failed=case.category, item=case.item)


def _owner(item: str) -> str:
    """The kind of agency whose part it was: the hospital's, where somebody ought to have been asked."""
    return next((owner(step) for step in STEPS if step.item == item), "hospital")
