"""Twenty plans of differing fullness, the same in every run: from one that has hardly begun to one with far too much.

Everybody is made up. A plan's number says how full it is; what stands in it follows from the number alone.
"""

import random
from functools import cache
from typing import Any

from api.deeds import Deed
from api.reading import Reading
from auth.access import Verb
from fhir_facade.faces import FACES
from plan.model import EntryId, PersonId, Section
from tests.browser.care import Care

COUNT = 20
_GIVEN = ("Ada", "Bartholomew", "Cho", "Dagny", "Emeka", "Florence Evangeline", "Gwilym", "Hyacinth", "Ines", "Jo")
_FAMILY = ("Test", "Featherstonehaugh-Cholmondeley", "Ng", "Okonkwo", "Fitzwilliam-Harrington", "Ó Dálaigh", "Ash")
_NEEDS = ("Heart failure", "Falls", "Type 2 diabetes", "Low mood since the bereavement", "Poor sight in both eyes")
_GOALS = (
    "Walk to the shop and back",
    "Cook a meal on Sundays for the whole family without having to sit down in between, as before the operation",
    "Sleep through",
    "Go to the choir on Thursdays",
    "Manage my own tablets",
)
_ITEMS = ("Walking frame", "Hospital bed with a pressure-relieving mattress and two side rails", "Bath board", "Hoist")
_PROSE = (
    "She would like to be asked before anything is moved. The chair stays by the window, and the plants are watered"
    " by her neighbour, who has a key. In the evening she listens to the wireless and does not want to be disturbed. "
)
_SIGNS = ("Ankles swell", "Cannot finish a sentence", "Does not answer the bell", "Two kilograms more in three days")
_HOME_CARE = {"reference": "Organization/HC1", "name": "Test Home Care"}
_COUNCIL = {"reference": "Organization/LA1", "name": "Test Council Adult Social Care"}
_PRACTICE = {"reference": "Organization/P10001", "name": "Test Surgery"}
_HOSPITAL = {"reference": "Organization/RX1", "name": "Test Hospital"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Plan:
    """One plan that grows."""

    def __init__(self, care: Care, number: int) -> None:
        self.care, self.number = care, number
        self.chance = random.Random(number)
        self.goals: list[tuple[EntryId, dict[str, Any]]] = []
        self.person = care.person(
            _GIVEN[number % len(_GIVEN)],
            _FAMILY[number % len(_FAMILY)],
            birth_date=f"{1925 + number * 2}-0{1 + number % 9}-1{number % 10}",
            **self._who(),
        )

    def _who(self) -> dict[str, Any]:
        if self.number % 3 == 0:
            return {}
        needs = "Large print, a slow voice on the left side, and time to answer"
        return {
            "preferred_name": "Bee",
            "communication": {"needs": needs, "interpreter_required": self.number % 2 == 0},
        }

    def add(self, agency: str, kind: str, section: str = "", role: str = "", **body: Any) -> EntryId:
        """An entry."""
        return self.care.add(agency, self.person, kind, section, role, **body)

    def amend(self, agency: str, id_: EntryId, kind: str, section: str, **body: Any) -> None:
        """The second version of an entry."""
        deed = Deed(
            verb=Verb.UPDATE,
            type=FACES[kind].type,
            id=id_,
            person=self.person,
            kind=kind,
            section=Section(section),
            body=body,
            version=1,
            reason="Agreed at the visit with her and her friend" if self.number % 4 == 1 else "",
        )
        self.care.write(self.care.visit(agency), deed)

    def some(self, most: int) -> int:
        """How many of something this plan has: more in the fuller ones."""
        return min(most, self.chance.randint(0, 1) + most * self.number // COUNT)


def plan(care: Care, number: int) -> Plan:
    """The plan of a number from 0 to COUNT - 1."""
    made = Plan(care, number)
    for grow in (_about, _health, _care, _home, _wrong, _asked, _stay):
        grow(made)
    return made


def _about(one: Plan) -> None:
    if one.number:
        said = {"most_important": _PROSE * one.some(3) or "My own front door.", "communication": "Speak up on my left."}
        one.add("LA1", "about_me", **said)
    for at in range(one.some(4)):
        roles = ["unpaid_carer"] if at == 0 else ["friend"]
        one.add("LA1", "contact", name=f"Friend {at} Test", relationship="friend", roles=roles, lives_with=at == 1)


def _health(one: Plan) -> None:
    for at in range(one.some(5)):
        one.add("P10001", "need", "health", need=_NEEDS[at], status="active")
    for at in range(one.some(6)):
        one.add("P10001", "allergy", "health", substance=f"Antibiotic of the {at}. family", status="active")
    for at in range(one.some(10)):
        one.add(
            "P10001", "medicine", "health", medicine=f"Medicine {at} 5 mg tablets", status="active", self_given=at > 5
        )


def _care(one: Plan) -> None:
    for at in range(one.some(5)):
        body: dict[str, Any] = {"goal": _GOALS[at], "status": "active", "importance": 1 + at * 2}
        id_ = one.add("LA1", "goal", "social_care", **body)
        one.goals.append((id_, body))
    for at in range(one.some(6)):
        visits = [{"days": list(_DAYS[at:]), "start": f"{hour:02}:{at}0"} for hour in range(8, 8 + 4 * at, 4)]
        more: dict[str, Any] = {"visits": visits} if visits else {}
        provider = {"name": f"Home Care of the {at}. District"} if at > 1 else _HOME_CARE
        one.add(
            "LA1",
            "service",
            "social_care",
            service=f"Help at home, part {at}",
            status="active",
            provider=provider,
            gives_medicines=at % 2 == 0,
            **more,
        )


def _home(one: Plan) -> None:
    steps = ("tested", "delivered", "ordered", "installed")
    for at in range(one.some(4)):
        one.add("LA1", "equipment", "social_care", item=_ITEMS[at], status=steps[at])
    if one.number % 4:
        household = "Lives alone" if one.number % 2 else "Lives with a friend"
        scheme: dict[str, Any] = {"scheme": "Larch Court", "household": household, "tenancy": {"type": "sheltered"}}
        one.add("HA1", "housing", **scheme)


def _wrong(one: Plan) -> None:
    for at in range(one.some(4)):
        one.add(
            "P10001",
            "contingency",
            plan_name=f"When it gets worse, {at}",
            trigger_factors=[{"text": sign} for sign in _SIGNS],
            what_should_happen=["Ring the surgery the same day", "After hours ring 111", _PROSE.strip()],
            resuscitation="do_not_attempt",
        )
    if one.number > COUNT // 2:
        decision = {"decision": "No ventilation at home", "location": "The drawer of the hall table"}
        one.add("P10001", "legal", advance_decisions=[decision], cpr_decision={"decision": "do_not_attempt"})


def _asked(one: Plan) -> None:
    for at in range(one.some(6)):
        text = f"Concern {at}: {_PROSE if at % 2 else 'breathless on the stairs again.'}"
        urgency = ("routine", "soon", "urgent")[at % 3]
        one.add("HC1", "message", "social_care", text=text, status="sent", urgency=urgency, to=[_PRACTICE])
    for at in range(one.some(4)):
        one.add("LA1", "action", "social_care", what=f"Ring back about part {at}", status="planned", who=_PRACTICE)


def _stay(one: Plan) -> None:
    if one.number % 2:
        one.add(
            "RX1",
            "stay",
            hospital=_HOSPITAL,
            status="in_hospital",
            admitted="2026-11-20T10:00:00Z",
            planned_discharge="2027-03-06T14:00:00Z",
        )


def _later(one: Plan) -> None:
    """What changes afterwards: every other plan was read by the practice before."""
    if one.number % 2:
        visit = one.care.visit("P10001")
        one.care.done(Reading.of(one.care.desk).read_on(visit, one.person, one.care.now))
    one.care.later(seconds=1)
    scored = {"status": "on_hold", "score": -1, "scored_by": {"name": "Social Worker Test"}, "own_words": _PROSE}
    for at, (id_, body) in enumerate(one.goals):
        more = scored if at % 2 else {"goal": f"{body['goal']}, and this with a friend who comes along every time"}
        one.amend("LA1", id_, "goal", "social_care", **(body | more))


@cache
def plans(care: Care) -> tuple[PersonId, ...]:
    """All twenty, with what follows from them by the service's own rules."""
    made = [plan(care, number) for number in range(COUNT)]
    while care.turn():
        pass
    for one in made:
        _later(one)
    return tuple(one.person for one in made)
