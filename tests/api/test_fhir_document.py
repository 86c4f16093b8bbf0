"""$document through the FHIR door: a Composition or a whole plan as one valid document, of what may be seen."""

from typing import Any

import pytest

from fhir_facade.references import walk
from fhir_facade.validate import validate
from plan.dates import date_range
from tests.support.deeds import consent, count
from tests.support.deeds import goal as goal_deed
from tests.support.r4 import JSON, R4, created, found, goal, ids, issue, task

BASE = f"http://127.0.0.1{R4}"
LOINC = "http://loinc.org"


@pytest.fixture
async def client(world):
    await world.agency("RX1", "The Trust")
    return world.client()


def letter(person: str, **more: Any) -> dict[str, Any]:
    """A Composition of a client's own."""
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "18842-5"}]},
        "subject": {"reference": f"Patient/{person}"},
        "date": "2026-03-02",
        "author": [{"reference": "Organization/RX1"}],
        "title": "Letter",
        **more,
    }


async def documented(client, address: str) -> dict[str, Any]:
    """The document at an address, when it is a valid one."""
    answer = await client.get(f"{R4}/{address}")
    assert answer.status_code == 200, answer.text
    bundle: dict[str, Any] = answer.json()
    validate(bundle, "Bundle")
    assert bundle["type"] == "document"
    assert bundle["identifier"]["system"]
    assert bundle["identifier"]["value"]
    assert date_range(bundle["timestamp"])
    assert bundle["entry"][0]["resource"]["resourceType"] == "Composition"
    addresses = [one["fullUrl"] for one in bundle["entry"]]
    assert len(addresses) == len(set(addresses))
    return bundle


def types(bundle: dict[str, Any]) -> list[str]:
    return [one["resource"]["resourceType"] for one in bundle["entry"]]


async def test_a_composition_comes_with_what_it_refers_to(client, person):
    made = await created(client, goal(person))
    other = await created(client, goal(person, "Not named"))
    section = [{"title": "Goals", "entry": [{"reference": f"Goal/{made['id']}"}]}]
    paper = await created(client, letter(person, section=section, custodian={"reference": "Organization/RX1"}))
    bundle = await documented(client, f"Composition/{paper['id']}/$document")
    assert bundle["entry"][0] == {"fullUrl": f"{BASE}/Composition/{paper['id']}", "resource": paper}
    assert sorted(types(bundle)) == ["Composition", "Goal", "Organization", "Patient"]
    assert other["id"] not in str(bundle)
    assert "meta" not in bundle


async def test_a_composition_may_be_named_in_every_way(client, person):
    paper = await created(client, letter(person))
    for name in (paper["id"], f"Composition/{paper['id']}", f"{BASE}/Composition/{paper['id']}"):
        bundle = await documented(client, f"Composition/$document?id={name}&persist=false")
        assert bundle["entry"][0]["resource"] == paper
        sent = {"resourceType": "Parameters", "parameter": [{"name": "id", "valueUri": name}]}
        posted = await client.post(f"{R4}/Composition/$document", json=sent, headers=JSON)
        assert posted.json()["entry"] == bundle["entry"]


async def test_what_the_caller_may_not_see_stays_out_of_the_document(world, client, person):
    secret = await created(client, goal(person, "secret"))
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    named = [{"title": "Goals", "entry": [{"reference": f"Goal/{secret['id']}"}]}]
    tag = {"system": "https://oneplan.example/fhir/CodeSystem/plan-section", "code": "housing"}
    paper = await created(client, letter(person, section=named, meta={"tag": [tag]}))
    other = world.client("housing_officer", "SC1")
    bundle = await documented(other, f"Composition/{paper['id']}/$document")
    assert sorted(types(bundle)) == ["Composition", "Organization", "Patient"]
    shown = bundle["entry"][0]["resource"]
    assert secret["id"] not in str(shown)
    (section,) = shown["section"]
    assert section["emptyReason"]["coding"][0]["code"] == "withheld"
    assert "Not shown here" in section["text"]["div"]
    assert shown["author"] == paper["author"]


async def test_the_whole_plan_is_one_document(client, person):
    made = await created(client, goal(person, "Walk <to> the shop"))
    await created(client, task(person, description="Ring", owner={"reference": "Organization/RX1"}))
    bundle = await documented(client, f"Composition/$document?subject=Patient/{person}")
    first = bundle["entry"][0]["resource"]
    assert bundle["entry"][0]["fullUrl"] == f"urn:uuid:{first['id']}"
    assert first["title"] == "Care plan"
    assert first["author"] == first["custodian"] or first["author"] == [first["custodian"]]
    assert first["custodian"] == {"reference": f"{BASE}/Organization/RX1"}
    titles = [section["title"] for section in first["section"]]
    assert titles[0] == "Who this is, and the team"
    assert "Health" in titles
    assert "Benefits" not in titles
    health = next(section for section in first["section"] if section["title"] == "Health")
    assert {"reference": f"{BASE}/Goal/{made['id']}"} in health["entry"]
    assert "Walk &lt;to&gt; the shop (active)" in health["text"]["div"]
    addresses = {one["fullUrl"] for one in bundle["entry"]}
    assert {held["reference"] for _, held in walk(first)} <= addresses
    assert types(bundle).count("Organization") == 1


async def test_a_plan_or_a_section_may_be_named_by_its_own_care_plan(client, person):
    plans = (await found(client, f"CarePlan?patient={person}"))["entry"]
    root = next(one["resource"]["id"] for one in plans if "partOf" not in one["resource"])
    whole = await documented(client, f"Composition/$document?id=CarePlan/{root}")
    assert len(whole["entry"][0]["resource"]["section"]) == 9
    health = ids(await found(client, f"CarePlan?patient={person}&category=health"))[0]
    plan = (await client.get(f"{R4}/CarePlan/{health}")).json()
    await client.put(f"{R4}/CarePlan/{health}", json={**plan, "description": "Gets better"}, headers=JSON)
    bundle = await documented(client, f"Composition/$document?id=CarePlan/{health}")
    assert types(bundle) == ["Composition", "Patient", "CarePlan", "Organization"]
    (section,) = bundle["entry"][0]["resource"]["section"]
    assert "Gets better" in section["text"]["div"]


async def test_the_person_is_the_author_of_their_own_document(world, client, person):
    own = world.client("person", "RX1", person=person)
    first = (await documented(own, f"Composition/$document?subject={person}"))["entry"][0]["resource"]
    assert first["author"] == [{"reference": f"{BASE}/Patient/{person}"}]


async def test_an_agency_that_the_directory_does_not_know_is_named_by_its_number(world, client):
    stranger = world.client("clinician", "RX9")
    person = await world.person(stranger)
    first = (await documented(stranger, f"Composition/$document?subject={person}"))["entry"][0]["resource"]
    assert first["author"][0]["identifier"]["value"] == "RX9"


async def test_a_document_is_as_confidential_as_what_is_in_it(world, client, person):
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    await created(client, goal(person, meta={"security": [label, {**label, "code": "N"}]}))
    bundle = await documented(client, f"Composition/$document?subject={person}")
    assert bundle["meta"] == {"security": [label]}
    assert bundle["entry"][0]["resource"]["meta"] == {"security": [label]}
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    other = await documented(world.client("clinician", "SC1"), f"Composition/$document?subject={person}")
    assert "meta" not in other


async def test_hidden_entries_leave_no_mark_on_the_document(world, client, person):
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    other = world.client("housing_officer", "SC1")
    before = await documented(other, f"Composition/$document?subject={person}")
    await world.write(world.visit(), goal_deed(person, "for us", "housing", "RX1"))
    after = await documented(other, f"Composition/$document?subject={person}")
    assert after["entry"][1:] == before["entry"][1:]
    assert after["entry"][0]["resource"]["section"] == before["entry"][0]["resource"]["section"]


async def test_a_document_of_a_narrow_app_has_no_section(world, client, person):
    narrow = world.client(scopes="system/Patient.r system/Composition.r")
    bundle = await documented(narrow, f"Composition/$document?subject={person}")
    assert "section" not in bundle["entry"][0]["resource"]
    assert types(bundle) == ["Composition", "Patient"]


async def test_a_closed_section_has_no_part_in_the_document(world, client, person):
    own = world.visit("person", "", person=person)
    await world.write(own, consent(person, "deny", ["health"], {"agency": "RX1"}))
    first = (await documented(client, f"Composition/$document?subject={person}"))["entry"][0]["resource"]
    assert "Health" not in [section["title"] for section in first["section"]]


async def test_who_has_seen_a_document_is_in_the_audit(world, client, person):
    await documented(client, f"Composition/$document?subject={person}")
    where = "person_id = ? and action = 'R' and sections like '%health%'"
    assert await count(world, "audit_event", where, person) == 1


async def test_a_plan_that_is_too_large_is_refused(client, person, monkeypatch):
    monkeypatch.setattr("api.operations.document.MOST", 3)
    monkeypatch.setattr("api.operations.document._MOST_REFERRED", 0)
    assert issue(await client.get(f"{R4}/Composition/$document?subject={person}"), 400)["code"] == "too-costly"
    paper = await created(client, letter(person))
    assert issue(await client.get(f"{R4}/Composition/{paper['id']}/$document"), 400)["code"] == "too-costly"


REFUSED = [
    ("$document", 400, "required"),
    ("$document?id=a&subject=b", 400, "required"),
    ("$document?id=none", 404, "not-found"),
    ("$document?subject=none", 404, "not-found"),
    ("$document?id=CarePlan/none", 404, "not-found"),
    ("$document?id=Goal/1", 400, "value"),
    ("$document?subject=Group/1", 400, "value"),
    ("$document?id=https://else.where/Composition/1", 400, "value"),
    ("$document?subject=ID&persist=true", 400, "not-supported"),
    ("$document?subject=ID&graph=urn:g", 400, "not-supported"),
    ("none/$document", 404, "not-found"),
    ("none/$document?persist=true", 400, "not-supported"),
    ("none/$document?id=1", 400, "not-supported"),
]


@pytest.mark.parametrize("address, status, code", REFUSED)
async def test_a_document_that_cannot_be_made_is_refused(client, person, address, status, code):
    answer = await client.get(f"{R4}/Composition/{address.replace('ID', person)}")
    assert issue(answer, status)["code"] == code


async def test_an_agencys_own_care_plan_is_no_document_of_ours(client, person):
    own = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": f"Patient/{person}"},
    }
    made = await created(client, own)
    answer = await client.get(f"{R4}/Composition/$document?id=CarePlan/{made['id']}")
    assert issue(answer, 400)["code"] == "not-supported"
