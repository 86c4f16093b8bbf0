"""C11: equipment that the person needs at home and that will not stand there tested when they come."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from plan.known import Entry, Known
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.spans import Spell, said
from plan.rules.stays import home, homeward, leaving

STAGES = ("delivered", "installed", "tested")
BOOKED: Mapping[str, str] = {
    "delivered": "delivery_booked",
    "installed": "installation_booked",
    "tested": "test_booked",
}
REACHED: Mapping[str, int] = {"requested": 0, "ordered": 0, "delivered": 1, "installed": 2}
"""How many stages a status has behind it. What is on hold, cancelled, returned or tested waits for none."""


class Late(NamedTuple):
    """A stage that comes after it is needed: which, and when, as it was written."""

    stage: str
    when: str


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every item of which a stage is still to come after the discharge, and after the day that it is needed by."""
    for stay in homeward(known):
        planned = leaving(stay, known)
        if planned is None:
            continue
        for item in known.of("equipment"):
            needed = _needed(item, planned, known)
            late = [stage for stage, when in _coming(item, known) if when.low > needed.high]
            if late:
                yield _hit(item, stay, late)


def _needed(item: Entry, planned: Spell, known: Known) -> Spell:
    """From when the plan relies on it: the discharge, or the later day that the item itself names."""
    by = said(item.body.get("needed_by"), known.zone)
    return max(planned, by, key=lambda spell: spell.high) if by else planned


def _coming(item: Entry, known: Known) -> Iterator[tuple[Late, Spell]]:
    reached = REACHED.get(item.body.get("status", ""), len(STAGES))
    waits = reached < len(STAGES)
    for number, stage in enumerate(STAGES):
        done, booked = (str(item.body.get(name, "")) for name in (stage, BOOKED[stage]))
        when = said(done or booked, known.zone)
        past = when is not None and bool(done) and when.low <= known.now
        if waits and when and not past and (done or number >= reached):
            yield Late(stage, done or booked), when


def _hit(item: Entry, stay: Entry, late: list[Late]) -> Hit:
    stages = ", ".join(f"{one.stage} {one.when}" for one in late)
    name = item.body.get("item", "Equipment")
    return Hit(
        sides=(item, stay),
        says=(f"{name}: {stages}", home(stay)),
        detail=f"{name} will be {stages}, and the {home(stay)}.",
        proposal="Bring the equipment forward, lend something in its place, or move the discharge.",
    )


ROW = Row(
    id="c11-equipment",
    title="Equipment after the discharge",
    find=find,
    reads={
        "equipment": ("item", "status", "needed_by", *STAGES, *BOOKED.values()),
        "stay": ("status", "planned_discharge", "discharged", "destination"),
    },
    severity=Severity.BLOCKING,
    source="Coordination design C11; NICE NG27: equipment and adaptations are in place at the discharge",
    owner="Clinical safety lead",
    since=date(2026, 1, 1),
)
