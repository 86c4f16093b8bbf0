"""What tests of overrides begin with: a plan of one agency, strangers who open it, and auditors."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.deeds import goal
from tests.support.world import World

BTG = {"X-Purpose-Of-Use": "BTG"}
SHELF = "/v1/overrides"
WHY = "Found at home, not responding"


@dataclass(slots=True)
class Glass:
    """A plan of RX1 with an open goal and one that only RX1 may see; ED1 has nothing to do with the person."""

    world: World
    person: str
    nhs: str
    goal: str
    hidden: str

    def stranger(self, role: str = "clinician", subject: str = "dana", agency: str = "ED1", **more: Any) -> Any:
        return self.world.client(role, agency, subject, **more)

    def auditor(self, agency: str = "RX1", subject: str = "audrey") -> httpx.AsyncClient:
        return self.world.client("auditor", agency, subject)

    async def opened(self, by: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
        """An override that is open."""
        answer = await by.post(SHELF, json=asking(self.person, **more))
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def queue(self, by: httpx.AsyncClient, state: str = "open") -> list[dict[str, Any]]:
        answer = await by.get(f"{SHELF}?state={state}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def read(self, by: httpx.AsyncClient, what: str = "", **headers: str) -> int:
        """The status of a read of the plan, or of a goal, under the purpose BTG unless told otherwise."""
        address = f"/fhir/R4/Goal/{what}" if what else f"/v1/people/{self.person}/plan"
        return (await by.get(address, headers=headers or BTG)).status_code


def asking(person: str, **more: Any) -> dict[str, Any]:
    """What an override is asked for with."""
    return {"person": person, "reason": "emergency", "text": WHY, **more}


async def glass(world: World) -> Glass:
    """Begin it."""
    for agency in ("RX1", "ED1", "LA1"):
        await world.agency(agency)
    nhs = world.nhs_number()
    person = await world.person(world.visit(), nhs)
    shown = await world.write(world.visit(), goal(person, "Walk", "health"))
    hidden = await world.write(world.visit(), goal(person, "For us alone", "health", "RX1"))
    return Glass(world, person, nhs, shown.stored.id, hidden.stored.id)
