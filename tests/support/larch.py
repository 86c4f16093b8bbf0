"""The seed world of the coordination scenarios: Larch Court, its agencies with hours and contacts, and Ada of flat 12.

Ada Test lives alone, has heart failure, and her daughter Bea is her carer. Everybody here is made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from api.deeds import Deed
from auth.access import Verb
from fhir_facade.agencies import AGENCY_KIND, CONTACT_POINT
from plan.known import AGENCY_KINDS
from plan.model import EntryId, PersonId
from tests.support.world import World

ESTATE_UPRN = "100000000001"
FLAT_UPRN = "100000000012"
ADA_NHS = "9000000009"
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
EVERY_DAY = [*WEEKDAYS, "sat", "sun"]

# agency: kind, role of its workers, days, opens, closes
AGENCIES: Mapping[str, tuple[str, str, list[str], str, str]] = {
    "RX1": ("hospital", "clinician", EVERY_DAY, "00:00:00", "23:59:00"),
    "P10001": ("gp_practice", "clinician", WEEKDAYS, "08:00:00", "18:30:00"),
    "LA1": ("social_care", "social_worker", WEEKDAYS, "09:00:00", "17:00:00"),
    "HC1": ("care_provider", "care_provider", EVERY_DAY, "07:00:00", "22:00:00"),
    "BA1": ("benefits", "benefits_adviser", WEEKDAYS, "09:00:00", "17:00:00"),
    "HA1": ("housing", "housing_officer", WEEKDAYS, "09:00:00", "17:00:00"),
    "HUB1": ("discharge_hub", "coordinator", EVERY_DAY, "08:00:00", "20:00:00"),
}
CONTACTS = ("team", "duty", "escalation")


@dataclass(frozen=True, slots=True)
class Larch:
    """The seed world: who Ada is, and clients of everybody at work."""

    world: World
    ada: PersonId

    def client(self, agency: str, **more: Any) -> httpx.AsyncClient:
        """Somebody of an agency, in the role that its workers have."""
        return self.world.client(AGENCIES[agency][1], agency, **more)

    @property
    def address(self) -> str:
        """Ada's address in the native API."""
        return f"/v1/people/{self.ada}"

    async def add(self, agency: str, section: str, kind: str, **body: Any) -> dict[str, Any]:
        """An entry that somebody of an agency writes through REST."""
        answer = await self.client(agency).post(f"{self.address}/plan/sections/{section}/{kind}", json=body)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def turn(self, **later: float) -> int:
        """The worker does what is due, after so much time and the calm that the rules wait for."""
        self.world.later(seconds=2)
        self.world.later(**later)
        return await self.world.service.feed.turn()


async def larch(world: World, at: str = "2026-03-02T09:00:00Z", without: tuple[str, ...] = ()) -> Larch:
    """Larch Court at a moment, with everybody on Ada's team but `without`."""
    world.at(at)
    for id_ in AGENCIES:
        await _directory(world, id_)
    ward = world.visit("clinician", "RX1")
    ada = await world.person(
        ward,
        ADA_NHS,
        name=[{"family": "Test", "given": ["Ada"]}],
        birthDate="1941-05-12",
        address=[{"use": "home", "line": ["Flat 12", "Larch Court"], "city": "Testville"}],
    )
    for id_, (_, role, *_) in AGENCIES.items():
        if id_ not in without and id_ != "RX1":
            await world.desk.add_member(ward, ada, id_, role, "")
    place = Larch(world, ada)
    await place.add(
        "HA1",
        "housing",
        "housing",
        scheme="Larch Court",
        uprn=FLAT_UPRN,
        parent_uprn=ESTATE_UPRN,
        household="Lives alone",
    )
    await place.add("P10001", "health", "need", need="Heart failure", status="active")
    await place.add(
        "LA1",
        "about_me",
        "contact",
        name="Bea Test",
        relationship="daughter",
        roles=["next_of_kin", "unpaid_carer", "daughter"],
        lives_with=False,
        subject="bea-test",
    )
    return place


async def _directory(world: World, id_: str) -> None:
    kind, _, days, opens, closes = AGENCIES[id_]
    await _listed(world, id_, "Organization", id_, _organization(id_, kind))
    for contact in CONTACTS:
        hours = [{"daysOfWeek": days, "availableStartTime": opens, "availableEndTime": closes}]
        service = {
            "resourceType": "HealthcareService",
            "id": f"{id_}-{contact}",
            "active": True,
            "providedBy": {"reference": f"Organization/{id_}"},
            "type": [{"coding": [{"system": CONTACT_POINT, "code": contact}]}],
            "name": f"{AGENCY_KINDS[kind]} {contact}",
            "telecom": [
                {"system": "phone", "value": "020 7946 0000"},
                {"system": "email", "value": f"{contact}@{id_.lower()}.example"},
            ],
        } | ({"availableTime": hours} if contact == "team" else {})
        await _listed(world, id_, "HealthcareService", f"{id_}-{contact}", service)


def _organization(id_: str, kind: str) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "id": id_,
        "active": True,
        "name": f"Test {AGENCY_KINDS[kind]}",
        "type": [{"coding": [{"system": AGENCY_KIND, "code": kind}]}],
    }


async def _listed(world: World, agency: str, type_: str, id_: str, resource: dict[str, Any]) -> None:
    deed = Deed(verb=Verb.CREATE, type=type_, id=EntryId(id_), resource=resource, settled=True)
    await world.desk.write(world.visit("administrator", agency), [deed])
