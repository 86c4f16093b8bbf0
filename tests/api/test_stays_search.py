"""Stays and people found by the home that somebody has, by its estate, by hospital and status: REST and FHIR alike."""

from typing import Any

import httpx
import pytest

from tests.support.deeds import count
from tests.support.rest import begun, items, made, problem
from tests.support.world import World

ESTATE, FLAT, OTHER = "100000000001", "100000000012", "100000000013"
HOME = {"type": "home", "lines": ["Flat 12", "Larch Court"], "uprn": FLAT, "parent_uprn": ESTATE}
PAF = {"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType", "code": "PAF"}]}
STAY = {"status": "in_hospital", "admitted": "2026-03-02T10:00:00Z", "number": "V1"}


@pytest.fixture
async def ward(world: World) -> httpx.AsyncClient:
    for agency in ("RX1", "HA1", "LA1"):
        await world.agency(agency)
    return world.client("clinician", "RX1")


async def stays(client: httpx.AsyncClient, **terms: str) -> list[str]:
    """The numbers of the stays that are found."""
    return [one["stay"]["number"] for one in items(await client.get("/v1/stays", params=terms))]


async def entries(client: httpx.AsyncClient, query: str) -> list[str]:
    """The ids of what a FHIR search finds."""
    answer = await client.get(query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json().get("entry", ()))
    return [one["resource"]["id"] for one in answer.json().get("entry", ())]


async def homed(world: World, ward: httpx.AsyncClient, **more: Any) -> str:
    """Somebody in hospital whose home is flat 12, with housing on the team."""
    person = await begun(world, ward, addresses=[HOME], **more)
    await made(ward, f"{person}/stays", **STAY)
    assert (await ward.post(f"{person}/team", json={"agency": "HA1"})).status_code == 201
    return person


TERMS = [
    ({"uprn": FLAT}, True),
    ({"estate": ESTATE}, True),
    ({"uprn": FLAT, "status": "in_hospital", "hospital": "RX1"}, False),
    ({"uprn": FLAT, "status": "in_hospital"}, True),
    ({"uprn": FLAT, "status": "finished"}, False),
    ({"uprn": ESTATE}, False),
    ({"estate": FLAT}, False),
    ({"uprn": OTHER}, False),
]


@pytest.mark.parametrize("terms, found", TERMS)
async def test_stays_are_found_by_the_address_of_the_person(world, ward, terms: dict[str, str], found: bool):
    await homed(world, ward)
    await begun(world, ward, addresses=[{**HOME, "uprn": OTHER, "parent_uprn": "100000000002"}])
    assert await stays(world.client("housing_officer", "HA1"), **terms) == ["V1"] * found


async def test_and_by_the_housing_entry_where_the_address_says_no_uprn(world, ward):
    person = await begun(world, ward, addresses=[{"lines": ["Flat 12"]}])
    await made(ward, f"{person}/stays", **STAY, hospital={"reference": "Organization/RX1"})
    await made(ward, f"{person}/plan/sections/housing/housing", scheme="Larch Court", uprn=FLAT, parent_uprn=ESTATE)
    assert await stays(ward, uprn=FLAT) == await stays(ward, estate=ESTATE) == ["V1"]
    assert await stays(ward, hospital="RX1", estate=ESTATE) == ["V1"]
    assert await stays(ward, hospital="RX2") == []


async def test_what_the_caller_may_not_read_finds_nobody(world, ward):
    """A commissioner sees nothing; an agency without a relation nobody at all."""
    await homed(world, ward)
    assert await stays(world.client("commissioner", "HA1"), uprn=FLAT) == []
    assert await stays(world.client("housing_officer", "HA2"), uprn=FLAT) == []
    by_app = world.client("housing_officer", "HA1", "an-app", "user/Encounter.rs")
    assert await stays(by_app, status="in_hospital") == ["V1"]
    assert await stays(by_app, uprn=FLAT) == [], "an app that may not look at the Patient finds nobody by the home"


async def test_a_sealed_address_finds_nobody_by_either(world, ward):
    person = await homed(world, ward)
    await made(ward, f"{person}/plan/sections/housing/housing", uprn=FLAT, parent_uprn=ESTATE)
    assert await stays(ward, uprn=FLAT) == ["V1"]
    body = {"address": HOME, "restricted_to": ["LA1"]}
    answer = await ward.post(f"{person}/plan/sections/about_me/sealed_address", json=body)
    assert answer.status_code == 201, answer.text
    for client in (ward, world.client("housing_officer", "HA1")):
        assert await stays(client, uprn=FLAT) == await stays(client, estate=ESTATE) == []
        assert await entries(client, f"/fhir/R4/Patient?address-uprn={FLAT}") == []
        assert await entries(client, f"/fhir/R5/Patient?address-parent-uprn={ESTATE}") == []


@pytest.mark.parametrize("base", ["/fhir/R4", "/fhir/R5"])
async def test_fhir_finds_people_and_stays_by_the_same(world, ward, base: str):
    person = (await homed(world, ward)).rpartition("/")[2]
    client = world.client("housing_officer", "HA1")
    assert await entries(client, f"{base}/Patient?address-uprn={FLAT}") == [person]
    assert await entries(client, f"{base}/Patient?address-parent-uprn={ESTATE}") == [person]
    assert await entries(client, f"{base}/Patient?address-uprn={ESTATE}") == []
    assert len(await entries(client, f"{base}/Encounter?patient.address-uprn={FLAT}")) == 1
    assert len(await entries(client, f"{base}/Encounter?patient.address-parent-uprn={ESTATE}&identifier=V1")) == 1


async def test_a_key_of_another_type_is_no_uprn(ward, world):
    key = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey"
    coding = PAF["coding"][0]
    parts = [{"url": "type", "valueCoding": coding}, {"url": "value", "valueString": FLAT}]
    await world.person(
        ward, world.nhs_number(), address=[{"line": ["1"], "extension": [{"url": key, "extension": parts}]}]
    )
    assert await entries(ward, f"/fhir/R4/Patient?address-uprn={FLAT}") == []


async def test_housing_answers_and_planned_discharges_are_found_by_fhir(world, ward):
    person = await begun(world, ward)
    await made(ward, f"{person}/plan/sections/housing/housing", uprn=FLAT, parent_uprn=ESTATE)
    await made(ward, f"{person}/stays", **STAY, planned_discharge="2026-03-06T14:00:00Z")
    assert len(await entries(ward, f"/fhir/R4/QuestionnaireResponse?uprn={FLAT}&parent-uprn={ESTATE}")) == 1
    assert len(await entries(ward, "/fhir/R4/Encounter?planned-discharge=2026-03-06")) == 1
    assert len(await entries(ward, "/fhir/R4/Encounter?planned-discharge=gt2026-03-07")) == 0


@pytest.mark.parametrize(
    "terms", [{"uprn": "12a"}, {"uprn": "1234567890123"}, {"estate": "Larch"}, {"status": "here"}, {"colour": "red"}]
)
async def test_what_is_not_understood_is_refused(ward, terms: dict[str, str]):
    problem(await ward.get("/v1/stays", params=terms), 400, "bad_value")


async def test_pages_follow_one_another(world, ward):
    for n in range(3):
        person = await begun(world, ward)
        await made(ward, f"{person}/stays", **{**STAY, "number": f"V{n}"})
    first = (await ward.get("/v1/stays", params={"limit": "2"})).json()
    rest = (await ward.get("/v1/stays", params={"limit": "2", "cursor": first["next"]})).json()
    assert [one["stay"]["number"] for one in first["items"] + rest["items"]] == ["V0", "V1", "V2"]
    assert "next" not in rest


async def test_an_encounter_that_is_no_stay_is_none(ward, world):
    person = (await begun(world, ward)).rpartition("/")[2]
    visit = {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}}
    visit["subject"] = {"reference": f"Patient/{person}"}
    answer = await ward.post("/fhir/R4/Encounter", json=visit, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code == 201
    assert items(await ward.get("/v1/stays")) == []


async def test_the_audit_names_whoever_is_found(world, ward):
    person = (await homed(world, ward)).rpartition("/")[2]
    await stays(world.client("housing_officer", "HA1"), uprn=FLAT)
    where = "person_id = ? and agency = 'HA1' and action = 'E' and sections = 'transitions'"
    assert await count(world, "audit_event", where, person) == 1
