"""Stays in hospital and the ways home: notices, answers and silence, dates that move, departures, and what failed."""

from dataclasses import dataclass, field
from typing import Final

from api.simulation.events import spelled
from api.simulation.life import DAY, HOUR, MINUTE, Life
from api.simulation.parameters import PARAMETERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that has to be true at home. `silent`: the parameter by which nobody says so.

    `timed`: it was said for a time, and is worth nothing when that moves. `when`: the trait of whom it concerns.
    """

    item: str
    by: str
    silent: str
    blocking: bool = True
    timed: bool = False
    when: str = ""


STEPS: Final = (
    Step(item="hospital.clinically_ready", by="hospital", silent=""),
    Step(item="hospital.medicines", by="hospital", silent="silent_hospital"),
    Step(item="hospital.summary", by="hospital", silent=""),
    Step(item="hospital.transport", by="hospital", silent="", timed=True),
    Step(item="hospital.coordinator", by="hospital", silent=""),
    Step(item="gp.reconciled", by="gp_practice", silent="silent_gp", blocking=False),
    Step(item="gp.follow_up", by="gp_practice", silent="silent_gp", blocking=False),
    Step(item="social_care.package", by="care_provider", silent="silent_social_care", timed=True),
    Step(item="social_care.access", by="care_provider", silent="silent_social_care"),
    Step(item="social_care.medicines", by="social_care", silent="silent_social_care"),
    Step(item="housing.access", by="housing", silent="silent_housing"),
    Step(item="housing.telecare", by="housing", silent="silent_housing"),
    Step(item="housing.evacuation", by="housing", silent="silent_housing", blocking=False),
    Step(item="equipment.installed", by="equipment", silent="silent_equipment", when="equipment"),
    Step(item="benefits.awards", by="benefits", silent="silent_benefits", blocking=False),
    Step(item="person.carer", by="carer", silent="silent_carer", when="carer"),
    Step(item="person.arrival", by="person", silent="silent_person", timed=True, when="alone"),
)
"""What has to be true, as the simulation knows it: the way home fails for want of these, whoever asks for them."""
TOLD: Final = Step(item="person.agrees", by="person", silent="", timed=True)
"""That the person knows the date and agrees: said by themselves."""

FAILURES: Final = (
    ("turned_back", HOUR),
    ("no_package", 4 * HOUR),
    ("back_within_48h", 30 * HOUR),
    ("back_within_7d", 5 * DAY),
    ("emergency_respite", 2 * DAY),
)
"""How a discharge fails, and how long after the departure that is known."""
RECEIVES: Final = "Scheme manager on call"


@dataclass(slots=True, kw_only=True)
class Way:
    """One way home as it really is: the steps that are true, and for which time they were said."""

    name: str
    planned: int
    notice: int
    said: dict[str, int] = field(default_factory=dict)

    def open(self, life: Life) -> list[Step]:
        """What blocks, and is not true for the time that is planned."""
        return [step for step in steps(life) if step.blocking and not self.stands(step)]

    def stands(self, step: Step) -> bool:
        """Whether a step was said, and for this time if the time matters."""
        planned = self.said.get(step.item)
        return planned is not None and (planned == self.planned or not step.timed)


def steps(life: Life) -> list[Step]:
    """The steps that concern this person."""
    return [TOLD, *(step for step in STEPS if not step.when or getattr(life.who, step.when))]


def owner(step: Step) -> str:
    """The kind of agency whose part it is: the hospital's, where the person or theirs ought to have been asked."""
    return "hospital" if step.by in ("person", "carer") else step.by


def stays(life: Life) -> None:
    """All stays of one life, one after the other."""
    home, number = life.start + DAY, 0
    for day in life.days():
        morning = life.start + day * DAY
        if morning >= home and life.chance("admitted_per_day"):
            number += 1
            admitted = morning + life.dice.randint(0, 14) * HOUR
            home = _stay(life, f"stay-{number}", admitted) + DAY
            life.away.append((admitted, home - DAY))


def _stay(life: Life, name: str, admitted: int) -> int:
    """One stay; when it ends."""
    life.does(admitted, "hospital", "admit", stay=name, ward=f"Ward {life.dice.randint(1, 9)}")
    planned = (admitted + DAY + life.wait("stay_days", DAY)) // DAY * DAY + 14 * HOUR
    hours = 2 if life.chance("short_notice") else PARAMETERS["notice_hours"]
    notice = max(admitted + HOUR, planned - round(hours * HOUR))
    way = Way(name=name, planned=planned, notice=notice)
    life.does(notice, "hospital", "notice", stay=name, planned=spelled(planned))
    if life.chance("died"):
        life.end = min(life.end, (notice + planned) // 2 + MINUTE)
        life.does((notice + planned) // 2, "hospital", "die", stay=name)
        return life.end
    if life.chance("cancelled"):
        life.does((notice + planned) // 2, "hospital", "cancel", stay=name)
        return planned
    _prepare(life, way)
    if life.chance("moves"):
        _move(life, way, way.planned - min(20 * HOUR, (way.planned - way.notice) // 2))
    return _leave(life, way)


def _prepare(life: Life, way: Way) -> None:
    """Who answers, answers in their own time; who is silent, is silent about all that is theirs."""
    silence = {name: life.chance(name) for name in sorted({step.silent for step in STEPS} - {""})}
    for step in steps(life)[1:]:
        if not silence.get(step.silent, False):
            _say(life, way, step, way.notice + life.wait("answers_hours", HOUR))
    early = life.chance("told_in_time") and way.planned - 30 * HOUR > way.notice
    at = way.planned - 30 * HOUR if early else (way.notice + way.planned) // 2
    _tell(life, way, at)


def _say(life: Life, way: Way, step: Step, at: int) -> None:
    """A step is confirmed before the departure, or what is in the way is said first and mended later."""
    if at >= way.planned - MINUTE:
        return
    if life.chance("blocked"):
        life.does(at, step.by, "block", stay=way.name, item=step.item, text="Not yet: waiting for an engineer")
        at += life.wait("answers_hours", HOUR)
    if at < way.planned - MINUTE:
        life.does(at, step.by, "confirm", stay=way.name, item=step.item)
        way.said[step.item] = way.planned


def _tell(life: Life, way: Way, at: int) -> None:
    """The person says that they were told: whom to ring, and when they go home."""
    life.does(at, "person", "told", stay=way.name, item=TOLD.item, contact="Ward coordinator")
    way.said[TOLD.item] = way.planned
    life.truth(at, stay=way.name, told_hours_before=(way.planned - at) // HOUR)


def _move(life: Life, way: Way, at: int) -> None:
    """The date moves by a day; who had answered for a time and still listens, answers again."""
    before = dict(way.said)
    late = [event for event in life.events if event.said.get("stay") == way.name and event.at >= at]
    life.events = [event for event in life.events if event not in late]
    way.planned += DAY
    life.does(at, "hospital", "move", stay=way.name, planned=spelled(way.planned))
    way.said = {name: planned for name, planned in before.items() if name not in {e.said.get("item") for e in late}}
    for event in late:
        if event.do == "confirm":
            step = next(step for step in STEPS if step.item == event.said["item"])
            _again(life, way, step, event.at + HOUR)
    for step in steps(life)[1:]:
        if step.timed and step.item in way.said and life.chance("told_in_time"):
            _again(life, way, step, at + life.wait("answers_hours", HOUR))
    _tell(life, way, at + 2 * HOUR)


def _again(life: Life, way: Way, step: Step, at: int) -> None:
    if at < way.planned - MINUTE:
        life.does(at, step.by, "confirm", stay=way.name, item=step.item)
        way.said[step.item] = way.planned


def _leave(life: Life, way: Way) -> int:
    """The departure: ready, sent home unready, or a day later, when what was missing has been done. When that is."""
    missing = way.open(life)
    if missing and not life.chance("goes_unready"):
        before = way.planned
        _move(life, way, before - HOUR)
        for number, step in enumerate(way.open(life)):
            _again(life, way, step, before + number * MINUTE)
        missing = way.open(life)
    said = {"stay": way.name}
    if missing:
        override = {"reason": "bed_pressure", "text": "The bed is needed", "receiver": RECEIVES}
        mitigation = {"mitigation": "The scheme manager rings at six and at nine"}
        life.does(way.planned, "hospital", "depart", **said, override=override | mitigation)
    else:
        life.does(way.planned, "hospital", "depart", **said)
    life.truth(way.planned, **said, gate="not_ready" if missing else "ready", open=[step.item for step in missing])
    _fail(life, way, missing)
    return way.planned


def _fail(life: Life, way: Way, missing: list[Step]) -> None:
    if not life.chance("fails_unready" if missing else "fails_ready"):
        return
    kind, after = life.dice.choice(FAILURES)
    blamed = life.dice.sample(missing, min(len(missing), int(PARAMETERS["reasons_most"]))) or [STEPS[0]]
    reasons = [{"kind": owner(step), "item": step.item} for step in blamed]
    life.does(way.planned + after, "housing", "fail", stay=way.name, type=kind, reasons=reasons)
    life.truth(way.planned + after, stay=way.name, failed=kind, reasons=[step.item for step in blamed])
