"""What somebody may do, and which question decided, explained to an auditor; to nobody else but of oneself."""

from typing import Any

import pytest

from plan.model import PersonId, Section
from tests.support.deeds import consent
from tests.support.world import World


async def begun(world: World) -> PersonId:
    for agency in ("RX1", "HA1", "LA1", "XX1"):
        await world.agency(agency)
    person = await world.person(world.visit("coordinator"))
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "", "")
    return person


def path(person: str, **who: str) -> str:
    return f"/v1/people/{person}/access?" + "&".join(f"{name}={value}" for name, value in who.items())


async def told(world: World, person: str, **who: str) -> dict[str, Any]:
    answer = await world.client("auditor", "RX1").get(path(person, **who))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_an_auditor_is_told_what_anybody_may_do_and_which_question_decided(world: World) -> None:
    person = await begun(world)
    await world.write(world.visit("social_worker"), consent(person, "deny", ["social_care"], {"agency": "HA1"}))
    housing = await told(world, person, agency="HA1", role="housing_officer")
    assert (housing["basis"], housing["charter"]) == ("added", world.desk.charter.version)
    decided = {name: (one["read"], one["decided_by"]) for name, one in housing["sections"].items()}
    assert decided["housing"] == (True, "charter")
    assert decided["health"] == (False, "charter")
    assert decided["social_care"] == (False, "consent")
    stranger = await told(world, person, agency="XX1", role="clinician")
    assert {one["decided_by"] for one in stranger["sections"].values()} == {"relationship"}
    assert not any(one["read"] for one in stranger["sections"].values())
    own = await told(world, person, agency="HA1", role="person", subject="ada")
    assert own["basis"] == "self"


async def test_who_is_asked_by_a_task_is_told_the_only_entries_that_are_open(world: World) -> None:
    person = await begun(world)
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": f"Patient/{person}"},
        "owner": {"reference": "Organization/LA1"},
    }
    client = world.client("coordinator", "RX1")
    made = await client.post("/fhir/R4/Task", json=task, headers={"Content-Type": "application/fhir+json"})
    own = (await world.client("social_worker", "LA1").get(f"/v1/people/{person}/access")).json()
    assert sorted(own["entries"]) == sorted([person, made.json()["id"]])
    assert own["sections"]["social_care"] == {"read": True, "write": "none", "decided_by": "relationship"}
    assert (await told(world, person, agency="LA1", role="social_worker"))["entries"] == own["entries"]


async def test_asking_leaves_an_event_and_holds_no_plan(world: World) -> None:
    person = await begun(world)
    answer = await told(world, person, agency="HA1", role="housing_officer")
    assert set(answer) == {"role", "agency", "purpose", "charter", "basis", "frame", "sections"}
    assert set(answer["sections"]) == set(Section) - {"frame"}
    sql = "select allowed, type from audit_event where person_id = ? and role = 'auditor'"
    assert [(bool(row[0]), row[1]) for row in await world.database.rows(sql, (person,))] == [(True, "AuditEvent")]


@pytest.mark.parametrize(
    "role, agency, status",
    [("clinician", "RX1", 403), ("coordinator", "RX1", 403), ("clinician", "XX1", 403), ("auditor", "XX1", 404)],
)
async def test_nobody_else_is_told_of_others(world: World, role: str, agency: str, status: int) -> None:
    person = await begun(world)
    who = {"agency": "HA1", "role": "housing_officer"}
    assert (await world.client(role, agency).get(path(person, **who))).status_code == status
    assert (await world.client(role, agency).get(path("nobody", **who))).status_code == status
    narrow = world.client("auditor", "RX1", scopes="user/Patient.rs")
    assert (await narrow.get(path(person, **who))).status_code == 403


@pytest.mark.parametrize(
    "who, pointer",
    [
        ({"agency": "HA1"}, "/role"),
        ({"role": "clinician"}, "/agency"),
        ({"role": "doctor", "agency": "HA1"}, "/role"),
        ({"role": "clinician", "agency": ".."}, "/agency"),
    ],
)
async def test_who_is_meant_must_be_said_in_full(world: World, who: dict[str, str], pointer: str) -> None:
    person = await begun(world)
    answer = await world.client("auditor", "RX1").get(path(person, **who))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
