"""Five hundred overrides, half on each engine, each from its opening to the minute after its end, by a clock that is
moved: what is to be shown is shown, what is to be hidden is hidden, and the audit and the queue miss none.
"""

import random
from typing import Any

import httpx

from api import cursors
from plan.override import REASONS, ROLES
from tests.support.deeds import goal
from tests.support.overriding import BTG, SHELF, WHY
from tests.support.r4 import JSON
from tests.support.rest import items
from tests.support.world import World

TRIALS = 250
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
REASON = "https://oneplan.example/fhir/CodeSystem/override-reason"
STRANGERS = ("ED1", "ED2", "SW1")


class Plan:
    """A person of RX1: what anybody on the team may read, what is for named agencies, and a sealed address."""

    def __init__(self, person: str, shown: str, *hidden: str) -> None:
        self.person, self.shown, self.hidden = person, shown, hidden


async def plans(world: World) -> list[Plan]:
    made, ours = [], world.visit()
    for agency in ("RX1", "RX2", *STRANGERS):
        await world.agency(agency)
    for _ in range(8):
        person = await world.person(ours)
        await world.desk.add_member(ours, person, "RX2", "", "")
        deeds = [
            goal(person, "Walk", "health"),
            goal(person, "Of us two", "health", "RX1", "RX2"),
            goal(person, "Lives at 7 Quiet Row", "housing", "RX1"),
        ]
        made.append(Plan(person, *[(await world.write(ours, deed)).stored.id for deed in deeds]))
    return made


class Trial:
    """One override."""

    def __init__(self, world: World, chance: random.Random, plan: Plan, number: int) -> None:
        self.world, self.plan, self.subject = world, plan, f"worker-{number}"
        self.agency, self.reason = chance.choice(STRANGERS), chance.choice(sorted(REASONS))
        self.minutes = chance.choice([None, None, 60, 2, chance.randint(3, 59)])
        self.base = chance.choice(["", "/fhir/R4", "/fhir/R5"])
        self.by = world.client(chance.choice(sorted(ROLES)), self.agency, self.subject)
        self.auditor = world.client("auditor", chance.choice(["RX1", "RX2", self.agency]), "audrey")

    async def run(self) -> str:
        assert await self.seen() == (404, [404, 404], 404)
        at, id_ = self.world.clock, await self.open()
        lasts = self.minutes or 60
        cursor = cursors.made(at=at - 1, id="")
        assert id_ in [one["id"] for one in items(await self.auditor.get(f"{SHELF}?limit=100&cursor={cursor}"))]
        self.world.later(minutes=lasts - 1)
        assert await self.seen() == (200, [404, 404], 404)
        await self.shows_nothing_hidden()
        self.world.later(minutes=2)
        assert await self.seen() == (404, [404, 404], 404)
        await self.audited(id_)
        return id_

    async def open(self) -> str:
        more: dict[str, Any] = {"minutes": self.minutes} if self.minutes else {}
        if not self.base:
            body = {"person": self.plan.person, "reason": self.reason, "text": WHY, **more}
            answer = await self.by.post(SHELF, json=body)
            assert answer.status_code == httpx.codes.CREATED, answer.text
            return str(answer.json()["id"])
        parts: dict[str, Any] = {
            "patient": {"valueReference": {"reference": f"Patient/{self.plan.person}"}},
            "purpose": {"valueCoding": {"system": ACT_REASON, "code": "BTG"}},
            "reason": {"valueCoding": {"system": REASON, "code": self.reason}},
            "text": {"valueString": WHY},
        }
        parts |= {"minutes": {"valueInteger": self.minutes}} if self.minutes else {}
        body = {"resourceType": "Parameters", "parameter": [{"name": name, **part} for name, part in parts.items()]}
        answer = await self.by.post(f"{self.base}/Patient/$override", json=body, headers=JSON)
        assert answer.status_code == httpx.codes.OK, answer.text
        return next(str(one["valueString"]) for one in answer.json()["parameter"] if one["name"] == "override")

    async def seen(self) -> tuple[int, list[int], int]:
        """The status of what may be shown, of each that stays hidden, and of the first without the purpose."""
        shown, *hidden = [
            (await self.by.get(f"{self.base or '/fhir/R4'}/Goal/{id_}", headers=BTG)).status_code
            for id_ in (self.plan.shown, *self.plan.hidden)
        ]
        plain = await self.by.get(f"/v1/people/{self.plan.person}/plan")
        return shown, hidden, plain.status_code

    async def shows_nothing_hidden(self) -> None:
        whole = await self.by.get(f"/v1/people/{self.plan.person}/plan", headers=BTG)
        assert self.plan.shown in whole.text
        assert not [id_ for id_ in self.plan.hidden if id_ in whole.text]
        assert "Quiet Row" not in whole.text

    async def audited(self, id_: str) -> None:
        """Whatever was shown says BTG; the opening is an event of its own; the queue counts what came after it."""
        sql = """select action, type, purpose from audit_event
            where person_id = ? and subject = ? and agency = ? and allowed order by id"""
        rows = [
            tuple(row) for row in await self.world.database.rows(sql, (self.plan.person, self.subject, self.agency))
        ]
        assert rows == [("E", "override", "BTG"), ("R", "Goal", "BTG"), ("R", "CarePlan", "BTG")]
        told = (await self.auditor.get(f"{SHELF}/{id_}")).json()
        assert (told["events"], told["state"], told["person"]) == (2, "open", self.plan.person)
        assert "health" in told["sections_read"]


async def test_no_override_of_five_hundred_opens_more_or_less_than_it_may(world: World):
    chance = random.Random(12)
    some = await plans(world)
    opened = [await Trial(world, chance, chance.choice(some), n).run() for n in range(TRIALS)]
    by, queued = world.client("auditor", "RX1", "audrey"), []
    cursor: str | None = ""
    while cursor is not None:
        answer = await by.get(f"{SHELF}?limit=100{cursor}")
        queued += [one["id"] for one in items(answer)]
        following = answer.json().get("next")
        cursor = f"&cursor={following}" if following else None
    assert queued == opened, "each stays until somebody has looked into it"
    for id_ in opened[::10]:
        said = {"outcome": "appropriate", "comment": "Ambulance record agrees"}
        assert (await by.post(f"{SHELF}/{id_}/review", json=said)).status_code == httpx.codes.OK
    states = [row[0] for row in await world.database.rows("select count(*) from override where reviewed_at is null")]
    assert states == [TRIALS - len(opened[::10])]
