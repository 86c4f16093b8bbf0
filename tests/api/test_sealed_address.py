"""A sealed address: shown to those it names and to nobody else, by no door, in no version, under no search."""

from typing import Any

import httpx
import pytest

from plan.model import PersonId
from tests.support.world import World

LINES = "12 Hidden Lane"
ADDRESS = {"lines": [LINES], "city": "Leeds", "postcode": "LS1 9ZZ"}
FHIR = {"Content-Type": "application/fhir+json"}


async def begun(world: World) -> PersonId:
    """A person whose address stood in the open for two versions; the hospital, housing and the council on the team."""
    for agency in ("RX1", "HA1", "LA1"):
        await world.agency(agency)
    client = world.client("social_worker", "LA1")
    address = [{"line": [LINES], "city": "Leeds", "postalCode": "LS1 9ZZ"}]
    person = await world.person(client, world.nhs_number(), address=address)
    for agency in ("RX1", "HA1"):
        answer = await client.post(f"/v1/people/{person}/team", json={"agency": agency})
        assert answer.status_code == httpx.codes.CREATED
    patient = (await client.get(f"/fhir/R4/Patient/{person}")).json()
    patient["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{LINES}</div>'}
    assert (await client.put(f"/fhir/R4/Patient/{person}", json=patient, headers=FHIR)).status_code == httpx.codes.OK
    return person


async def sealed(world: World, person: str, *named: str) -> dict[str, Any]:
    client = world.client("social_worker", "LA1")
    body = {"address": ADDRESS, "note": "never tell the brother", "restricted_to": list(named)}
    answer = await client.post(f"/v1/people/{person}/plan/sections/about_me/sealed_address", json=body)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    made: dict[str, Any] = answer.json()
    return made


QUESTIONS = (
    "/v1/people/{p}",
    "/v1/people/{p}/plan",
    "/v1/people/{p}/history",
    "/v1/people/{p}/plan/sections/about_me",
    "/v1/people/{p}/plan/sections/about_me/sealed_address",
    "/fhir/R4/Patient/{p}",
    "/fhir/R5/Patient/{p}",
    "/fhir/R4/Patient/{p}/_history",
    "/fhir/R4/Patient/{p}/_history/1",
    "/fhir/R4/Patient/{p}/_history/2",
    "/fhir/R4/Patient/{p}/$everything",
    "/fhir/R4/Basic?patient={p}",
    "/fhir/R4/Patient?address-postalcode=LS1",
    "/fhir/R4/Patient?address=Hidden",
    "/fhir/R4/_history",
)


async def told(world: World, person: str, role: str, agency: str) -> dict[str, tuple[int, str]]:
    client = world.client(role, agency)
    return {
        path: (answer.status_code, answer.text)
        for path in QUESTIONS
        for answer in [await client.get(path.format(p=person))]
    }


async def test_where_somebody_is_sealed_is_told_to_the_named_alone(world: World) -> None:
    person = await begun(world)
    assert "Hidden Lane" in str(await told(world, person, "housing_officer", "HA1"))
    await sealed(world, person, "RX1")
    housing = await told(world, person, "housing_officer", "HA1")
    assert not [path for path, (_, text) in housing.items() if LINES in text or "brother" in text]
    assert housing["/fhir/R4/Patient/{p}"][0] == httpx.codes.OK
    assert housing["/fhir/R4/Patient/{p}/_history/2"][0] == httpx.codes.NOT_FOUND
    assert '"total":0' in housing["/fhir/R4/Patient?address=Hidden"][1].replace(" ", "")
    for role, agency in (("clinician", "RX1"), ("social_worker", "LA1")):
        ours = await told(world, person, role, agency)
        assert "Hidden" in ours["/v1/people/{p}/plan"][1]
        assert "Hidden" in ours["/fhir/R4/Patient/{p}/_history/2"][1]
        assert "Hidden" not in ours["/fhir/R4/Patient/{p}"][1], "the Patient is for all to read"


async def test_no_address_is_written_in_the_open_while_one_is_sealed(world: World) -> None:
    person = await begun(world)
    made = await sealed(world, person, "RX1")
    client = world.client("housing_officer", "HA1")
    patient = (await client.get(f"/fhir/R4/Patient/{person}")).json()
    with_it = {**patient, "address": [{"line": [LINES]}]}
    refused = await client.put(f"/fhir/R4/Patient/{person}", json=with_it, headers=FHIR)
    assert (refused.status_code, "sealed" in refused.text) == (422, True)
    assert "Hidden" not in refused.text
    without = await client.put(f"/fhir/R4/Patient/{person}", json={**patient, "birthDate": "1950-01-01"}, headers=FHIR)
    assert without.status_code == httpx.codes.OK
    away = await world.client("social_worker", "LA1").delete(
        f"/v1/people/{person}/plan/sections/about_me/sealed_address/{made['id']}", headers={"If-Match": 'W/"1"'}
    )
    assert away.status_code == httpx.codes.NO_CONTENT
    patient = (await client.get(f"/fhir/R4/Patient/{person}")).json()
    opened = await client.put(
        f"/fhir/R4/Patient/{person}", json={**patient, "address": [{"city": "York"}]}, headers=FHIR
    )
    assert opened.status_code == httpx.codes.OK


async def test_who_is_named_later_sees_it_and_who_is_no_longer_does_not(world: World) -> None:
    person = await begun(world)
    made = await sealed(world, person, "RX1")
    path = f"/v1/people/{person}/plan/sections/about_me/sealed_address/{made['id']}"
    body = {"address": ADDRESS, "restricted_to": ["HA1"]}
    answer = await world.client("social_worker", "LA1").put(path, json=body, headers={"If-Match": 'W/"1"'})
    assert answer.status_code == httpx.codes.OK
    for role, agency, status in (("housing_officer", "HA1", 200), ("clinician", "RX1", 404)):
        client = world.client(role, agency)
        assert (await client.get(path)).status_code == status
        assert (await client.get(f"/fhir/R4/Patient/{person}/_history/2")).status_code == status


@pytest.mark.parametrize("named", [None, []])
async def test_a_sealed_address_says_who_may_see_it(world: World, named: list[str] | None) -> None:
    person = await begun(world)
    body = {"address": ADDRESS, **({} if named is None else {"restricted_to": named})}
    answer = await world.client("social_worker", "LA1").post(
        f"/v1/people/{person}/plan/sections/about_me/sealed_address", json=body
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/restricted_to")


async def test_an_ehr_seals_an_address_for_its_own_agency(world: World) -> None:
    person = await begun(world)
    made = await sealed(world, person, "RX1")
    doctor = world.client("clinician", "RX1")
    basic = (await doctor.get(f"/fhir/R4/Basic/{made['id']}")).json()
    assert basic["extension"][0]["valueAddress"]["postalCode"] == "LS1 9ZZ"
    own = {name: value for name, value in basic.items() if name not in ("id", "meta")}
    answer = await doctor.post("/fhir/R4/Basic", json=own, headers=FHIR)
    assert answer.status_code == httpx.codes.CREATED
    found = await world.client("social_worker", "LA1").get(f"/fhir/R4/Basic/{answer.json()['id']}")
    assert found.status_code == httpx.codes.NOT_FOUND


async def test_a_basic_of_another_kind_is_no_sealed_address(world: World) -> None:
    person = await begun(world)
    basic = {"resourceType": "Basic", "code": {"text": "Referral"}, "subject": {"reference": f"Patient/{person}"}}
    answer = await world.client("clinician", "RX1").post("/fhir/R4/Basic", json=basic, headers=FHIR)
    assert answer.status_code == httpx.codes.CREATED
    assert (await world.client("social_worker", "LA1").get(f"/fhir/R4/Basic/{answer.json()['id']}")).status_code == 200
    assert "address" in (await world.client("social_worker", "LA1").get(f"/fhir/R4/Patient/{person}")).json()
