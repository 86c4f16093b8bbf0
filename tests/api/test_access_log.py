"""The access log of a person: who may read it, what it says, and that reading it is written down as well."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from api.rest.examples import EXAMPLES
from plan.log_words import REASONS
from plan.model import PersonId
from tests.support.r4 import JSON
from tests.support.rest import GOAL, items, problem
from tests.support.world import World


async def plan(world: World) -> PersonId:
    """A person whom Test Hospital works with; its sister is in the directory, the council's worker is not."""
    await world.agency("RX1", "Test Hospital")
    keeper = world.client("administrator", "RX1")
    sister = {"resourceType": "Practitioner", "name": [{"text": "Ward Sister Test"}]}
    made = await keeper.post("/fhir/R4/Practitioner", json=sister, headers=JSON)
    assert made.status_code == 201, made.text
    role = {"resourceType": "PractitionerRole", "organization": {"reference": "Organization/RX1"}}
    role["practitioner"] = {"reference": f"Practitioner/{made.json()['id']}"}
    made = await keeper.post("/fhir/R4/PractitionerRole", json=role, headers=JSON)
    assert made.status_code == 201, made.text
    world.sister = made.json()["id"]  # type: ignore[attr-defined]
    return await world.person(world.visit())


def themself(world: World, person: str) -> httpx.AsyncClient:
    return world.client("person", "HOME", person=person)


async def log(world: World, person: str, query: str = "") -> list[dict[str, Any]]:
    """What the person reads."""
    return items(await themself(world, person).get(f"/v1/people/{person}/access-log{query}"))


async def test_the_person_reads_who_looked_and_what_they_did_in_plain_words(world: World) -> None:
    person = await plan(world)
    sister = world.client("clinician", "RX1", subject=world.sister)  # type: ignore[attr-defined]
    await sister.post(f"/v1/people/{person}/plan/sections/health/goal", json=GOAL)
    looked = await sister.get(f"/fhir/R4/Goal?patient={person}", headers={"X-Request-Id": "look-1"})
    assert looked.json()["total"] == 1
    await world.client("housing_officer", "HA9").get(f"/v1/people/{person}")
    refused, searched, added, began = await log(world, person)
    assert (refused["who"], refused["what"]) == (
        {"role": "a housing officer", "agency": "HA9"},
        f"tried to look at your plan, and was refused. {REASONS['relationship']}",
    )
    assert searched["who"] == {
        "name": "Ward Sister Test",
        "role": "a doctor, nurse or therapist",
        "agency": "Test Hospital",
    }
    assert searched["what"] == "searched and was shown part of your plan: health"
    assert (searched["why"], searched["by"]) == ("your care and treatment", "their own record system")
    assert searched["request"] == "look-1"
    assert (added["what"], added["by"]) == ("added to part of your plan: health", "an app that works with this service")
    assert began["what"] == "began your plan"
    codes = searched["codes"]
    assert (codes["action"], codes["sections"], codes["allowed"], codes["purpose"], codes["door"]) == (
        "E", ["health"], True, "TREAT", "fhir-r4",
    )  # fmt: skip
    assert codes["charter"] == world.desk.charter.version
    assert refused["codes"]["question"] == "relationship"


async def test_reading_the_log_is_written_down_and_stands_in_the_next_page_of_it(world: World) -> None:
    person = await plan(world)
    first = await log(world, person)
    second = await log(world, person)
    assert len(second) == len(first) + 1
    assert (second[0]["who"], second[0]["what"]) == ({"role": "you", "agency": "HOME"}, "read this list of who looked")


async def test_pages_are_the_newest_first_and_between_the_moments_that_are_asked_for(world: World) -> None:
    person = await plan(world)
    for _ in range(5):
        await world.client().get(f"/v1/people/{person}")
    client, address = themself(world, person), f"/v1/people/{person}/access-log?limit=2"
    whole = await log(world, person)
    found: list[dict[str, Any]] = []
    page = (await client.get(address)).json()
    while "next" in page:
        found += page["items"]
        page = (await client.get(f"{address}&cursor={page['next']}")).json()
    found += page["items"]
    assert [one["id"] for one in found if one["codes"]["type"] != "AuditEvent"] == [one["id"] for one in whole]
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    third = whole[2]
    between = await log(world, person, f"?from={third['at']}&to={third['at']}")
    assert third["id"] in {one["id"] for one in between}
    assert {one["at"] for one in between} == {third["at"]}
    assert await log(world, person, "?to=2020-01-01T00:00:00Z") == []


MAY: tuple[tuple[str, str, int], ...] = (
    # role, agency, status
    ("auditor", "RX1", 200),
    ("auditor", "LA1", 200),
    ("auditor", "HA9", 404),
    ("clinician", "RX1", 403),
    ("coordinator", "RX1", 403),
    ("clinician", "HA9", 404),
    ("commissioner", "RX1", 404),
    ("administrator", "RX1", 404),
    ("carer", "RX1", 404),
)


@pytest.mark.parametrize("role, agency, status", MAY)
async def test_who_else_may_read_it(world: World, role: str, agency: str, status: int) -> None:
    """LA1 was on the team and is no more; HA9 only tried."""
    person = await plan(world)
    await world.agency("LA1")
    gp = world.client()
    joined = await gp.post(f"/v1/people/{person}/team", json={"agency": "LA1"})
    left = await gp.delete(f"/v1/people/{person}/team/{joined.json()['id']}")
    assert left.status_code == 204, left.text
    await world.client("clinician", "HA9").get(f"/v1/people/{person}")
    await world.client("clinician", "HA9").get(f"/fhir/R4/Goal?patient={person}")
    answer = await world.client(role, agency).get(f"/v1/people/{person}/access-log")
    assert answer.status_code == status, answer.text
    fhir = await world.client(role, agency).get(f"/fhir/R4/AuditEvent?patient={person}")
    assert fhir.status_code == status, fhir.text
    if status == 403:
        assert "Ask the person, or the auditor of your agency." in problem(answer, 403, "refused")["detail"]
    last = (await log(world, person))[0]["codes"]
    assert (last["role"], last["agency"], last["allowed"]) == (role, agency, status == 200)


async def test_a_hidden_person_and_nobody_are_the_same_to_who_asks(world: World) -> None:
    person = await plan(world)
    for role, agency in (("auditor", "HA9"), ("clinician", "HA9"), ("person", "HOME")):
        client = world.client(role, agency, person="somebody-else" if role == "person" else None)
        hidden, absent = [await client.get(f"/v1/people/{who}/access-log") for who in (person, "nobody")]
        assert hidden.status_code == absent.status_code == 404
        assert [{**one.json(), "request_id": ""} for one in (hidden,)] == [{**absent.json(), "request_id": ""}]


async def test_a_token_without_the_scope_is_refused(world: World) -> None:
    person = await plan(world)
    client = world.client("person", "HOME", scopes="patient/Goal.rs", person=person)
    answer = await client.get(f"/v1/people/{person}/access-log")
    assert problem(answer, 403, "refused")["question"] == "token"


async def test_the_person_is_told_nothing_of_a_section_that_is_kept_from_them(world: World) -> None:
    person = await plan(world)
    made = await world.client().post(f"/v1/people/{person}/plan/sections/safeguarding/need", json=EXAMPLES["need"])
    assert made.status_code == 201, made.text
    await world.client().get(f"/fhir/R4/Condition?patient={person}")
    mine = await log(world, person)
    assert [one["what"] for one in mine[:2]] == [
        "searched and was shown part of your plan",
        "added to part of your plan",
    ]
    assert "safeguarding" not in str(mine)
    assert not [one for one in mine if one["codes"].get("type") == "Condition"]
    auditors = items(await world.client("auditor", "RX1").get(f"/v1/people/{person}/access-log"))
    assert "safeguarding" in str(auditors)
    assert "Condition" in str(auditors)


BAD: Mapping[str, str] = {
    "from=yesterday": "bad_value",
    "to=2026-01-01": "bad_value",
    "limit=0": "bad_value",
    "limit=101": "bad_value",
    "cursor=nonsense": "bad_value",
    "colour=red": "bad_value",
    "from=": "bad_value",
}


@pytest.mark.parametrize("query", BAD)
async def test_what_is_not_understood_is_refused(world: World, query: str) -> None:
    person = await plan(world)
    answer = await themself(world, person).get(f"/v1/people/{person}/access-log?{query}")
    problem(answer, 400, BAD[query])


async def test_an_auditor_is_not_told_of_an_agency_that_theirs_may_not_know_of(world: World) -> None:
    for agency in ("RX1", "HA1", "LA1"):
        await world.agency(agency)
    person = await world.person(world.visit("coordinator"))
    await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "Refuge", "", [])
    assert await world.desk.plan(world.visit("housing_officer", "HA1"), person)
    for agency, told in (("RX1", True), ("LA1", False), ("HA1", True)):
        auditor = world.client("auditor", agency)
        log = await auditor.get(f"/v1/people/{person}/access-log")
        events = await auditor.get(f"/fhir/R4/AuditEvent?patient={person}")
        assert (log.status_code, events.status_code) == (200, 200)
        assert ("HA1" in log.text, "HA1" in events.text) == (told, told), agency
        theirs = [one["id"] for one in log.json()["items"] if one["codes"]["agency"] == "HA1"]
        assert bool(theirs) == told
        for id_ in theirs:
            for role, who, status in (("auditor", agency, 200), ("auditor", "LA1", 404)):
                assert (await world.client(role, who).get(f"/fhir/R4/AuditEvent/{id_}")).status_code == status


async def test_the_auditor_of_an_agency_that_is_only_asked_reads_no_log(world: World) -> None:
    for agency in ("RX1", "LA1"):
        await world.agency(agency)
    person = await world.person(world.visit("coordinator"))
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": f"Patient/{person}"},
        "owner": {"reference": "Organization/LA1"},
    }
    made = await world.client("coordinator", "RX1").post("/fhir/R4/Task", json=task, headers=JSON)
    assert made.status_code == httpx.codes.CREATED
    auditor = world.client("auditor", "LA1")
    for path in (f"/v1/people/{person}/access-log", f"/v1/people/{person}/access?agency=RX1&role=clinician"):
        assert (await auditor.get(path)).status_code == httpx.codes.NOT_FOUND
    await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    assert (await auditor.get(f"/v1/people/{person}/access-log")).status_code == httpx.codes.OK
