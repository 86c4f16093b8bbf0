"""What is written through REST and what the service makes by itself, read through FHIR: valid, and put back as read."""

from typing import Any

import pytest

from api import demonstration
from api.demonstration_plans import RESIDENTS
from fhir_facade import exact
from fhir_facade.release import VersionName
from fhir_facade.validate import validate
from tests.support.r4 import JSON, R4, created, goal, issue
from tests.support.rest import MERGE, begun, problem

R5 = "/fhir/R5"
RESTRICTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
SENSITIVE = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "ETH"}
VERSIONS: tuple[VersionName, ...] = ("R4", "R5")


@pytest.fixture
def client(world):
    return world.client("coordinator", "RX1")


@pytest.fixture
async def person(world, client):
    return (await begun(world, client)).rpartition("/")[2]


async def read(client: Any, version: str, address: str) -> list[dict[str, Any]]:
    """All resources of a search, over all its pages."""
    found, link = [], f"/fhir/{version}/{address}"
    while link:
        answer = await client.get(link)
        assert answer.status_code == 200, answer.text
        bundle = exact.loads(answer.content)
        found += [entry["resource"] for entry in bundle.get("entry", ())]
        link = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), "")
    return found


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_frame_of_a_plan_that_begins_is_valid(client, person, version):
    everything = await read(client, version, f"Patient/{person}/$everything")
    types = [one["resourceType"] for one in everything]
    assert (types.count("Patient"), types.count("CareTeam")) == (1, 1)
    assert types.count("CarePlan") > 1
    for one in everything:
        validate(one, version=version)


async def test_all_of_the_demonstrations_people_is_valid_in_both_versions(world):
    await demonstration.load(world.desk)
    hospital = world.client("clinician", "RX1")
    seen = 0
    for resident in RESIDENTS:
        for version in VERSIONS:
            for one in await read(hospital, version, f"Patient/{resident.id}/$everything?_count=100"):
                validate(one, version=version)
                seen += 1
    assert seen > 100


WRONG = [
    ({"status": "active", "until": "2026-02-03"}, "/until"),
    ({"certainty": "entered_in_error", "status": "active"}, "/status"),
    ({"certainty": "entered_in_error", "until": "2026-02-03"}, "/until"),
    ({"status": "active", "raised_by": {"reference": "Goal/1"}}, "/raised_by/reference"),
    ({"status": "active", "note": "<script>x</script>"}, "/note"),
]


@pytest.mark.parametrize("body,pointer", WRONG)
async def test_a_need_that_has_no_valid_face_is_refused_at_its_field(client, person, body, pointer):
    answer = await client.post(f"/v1/people/{person}/plan/sections/transitions/need", json={"need": "Falls", **body})
    problem(answer, 400, "bad_value", pointer)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("body", [{"status": "resolved", "until": "2026-02-03"}, {"certainty": "entered_in_error"}])
async def test_an_ehr_puts_back_what_it_read_of_a_need(client, person, body, version):
    made = await client.post(f"/v1/people/{person}/plan/sections/transitions/need", json={"need": "Falls", **body})
    address = f"/fhir/{version}/Condition/{made.json()['id']}"
    text = (await client.get(address)).content
    put = await client.put(address, content=text, headers=JSON)
    assert put.status_code == 200, put.text


async def test_a_field_that_an_ehr_relies_on_cannot_be_taken_out_through_rest(client, person):
    letter = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": f"Patient/{person}"},
        "content": [{"attachment": {"title": "Letter", "contentType": "text/plain", "data": "aGk="}}],
    }
    made = await created(client, letter)
    address = f"/v1/people/{person}/plan/sections/transitions/document/{made['id']}"
    etag = (await client.get(address)).headers["etag"]
    refused = await client.patch(address, json={"content_type": None}, headers={**MERGE, "If-Match": etag})
    problem(refused, 400, "invalid", "/content_type")


async def test_our_own_definitions_keep_their_whole_address(client, person):
    url = f"http://127.0.0.1{R4}/StructureDefinition/mine"
    made = await created(client, goal(person, extension=[{"url": url, "valueUrl": f"http://127.0.0.1{R4}/Goal/1"}]))
    assert made["extension"] == [{"url": url, "valueUrl": "Goal/1"}]


# a restriction that is lifted


async def lift(client: Any, person: str, made: dict[str, Any]) -> Any:
    address = f"/v1/people/{person}/plan/sections/transitions/goal/{made['id']}"
    etag = (await client.get(address)).headers["etag"]
    return await client.patch(address, json={"restricted_to": None}, headers={**MERGE, "If-Match": etag})


async def test_lifting_a_restriction_takes_its_label_away_and_it_does_not_come_back(client, person):
    made = await created(client, goal(person, meta={"security": [RESTRICTED, SENSITIVE]}))
    lifted = await lift(client, person, made)
    assert lifted.status_code == 200, lifted.text
    now = (await client.get(f"{R4}/Goal/{made['id']}")).json()
    assert "security" not in now["meta"], "what closed it would close it again"
    put = await client.put(f"{R4}/Goal/{made['id']}", json={**now, "priority": {"text": "High"}}, headers=JSON)
    assert put.status_code == 200, put.text
    assert "security" not in put.json()["meta"]
    address = f"/v1/people/{person}/plan/sections/transitions/goal/{made['id']}"
    assert "restricted_to" not in (await client.get(address)).json()


async def test_only_who_manages_the_section_lifts_what_a_label_closed(world, client, person):
    await world.agency("SC1")
    await world.desk.add_member(world.visit("coordinator", "RX1"), person, "SC1", "Care", "")
    nurse, manager = world.client("clinician", "SC1"), world.client("coordinator", "SC1")
    where = {"tag": [{"system": "https://oneplan.example/fhir/CodeSystem/plan-section", "code": "transitions"}]}
    made = await created(nurse, goal(person, meta={**where, "security": [RESTRICTED]}))
    problem(await lift(nurse, person, made), 403, "refused")
    assert issue(await client.get(f"{R4}/Goal/{made['id']}"), 404)["code"] == "not-found"
    assert (await lift(manager, person, made)).status_code == 200
    assert (await client.get(f"{R4}/Goal/{made['id']}")).status_code == 200


async def test_who_restricts_through_rest_lifts_it_too(world, client, person):
    shelf = f"/v1/people/{person}/plan/sections/transitions/goal"
    nurse = world.client("clinician", "RX1")
    made = await nurse.post(shelf, json={"goal": "Walk", "status": "active", "restricted_to": ["RX1"]})
    assert (await lift(nurse, person, made.json())).status_code == 200
