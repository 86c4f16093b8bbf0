"""An auditor sees the history of consents and the review queue, and nothing of any plan by any way in."""

import json

import pytest

from plan.model import AgencyId
from tests.support.deeds import consent, count, goal, native
from tests.support.overriding import BTG, glass
from tests.support.r4 import JSON
from tests.support.rest import items, problem

SECRET = "marrowbone"
"""It stands in everything of the plan that somebody wrote."""


@pytest.fixture
async def here(world):
    made = await glass(world)
    visit = world.visit()
    await world.write(visit, goal(made.person, SECRET, "health"))
    body = {"name": SECRET, "relationship": SECRET}
    await world.write(visit, native(made.person, "contact", "RelatedPerson", "about_me", **body))
    return made


def history(here) -> str:
    return f"/v1/people/{here.person}/consent-history"


async def decided(here):
    """A consent with words beside it."""
    more = {"reason": SECRET, "recorded_how": SECRET, "start": "2026-01-01", "basis": "consent"}
    made = consent(here.person, "deny", ["health"], {"agency": "LA1"}, **more)
    return (await here.world.write(here.world.visit(), made)).stored


ADDRESSES = [
    "/v1/people/{p}", "/v1/people/{p}/plan", "/v1/people/{p}/plan/sections", "/v1/people/{p}/plan/sections/health",
    "/v1/people/{p}/plan/sections/health/goal", "/v1/people/{p}/plan/sections/health/goal/{g}",
    "/v1/people/{p}/plan/sections/health/goal/{g}/versions", "/v1/people/{p}/plan/diff?from=2020-01-01T00:00:00Z",
    "/v1/people/{p}/history", "/v1/people/{p}/changes", "/v1/people/{p}/team", "/v1/people/{p}/stays",
    "/v1/people/{p}/messages", "/v1/people/{p}/consents", "/v1/people", "/v1/people?name=Test",
    "/fhir/R4/Patient/{p}", "/fhir/R4/Patient", "/fhir/R4/Goal", "/fhir/R4/Goal/{g}", "/fhir/R4/Goal/{g}/_history",
    "/fhir/R4/CarePlan", "/fhir/R4/CareTeam", "/fhir/R4/Consent", "/fhir/R4/Patient/{p}/$everything",
    "/fhir/R4/Patient/$everything", "/fhir/R4/_history", "/fhir/R4/Goal/_history", "/fhir/R5/Goal/{g}",
    "/fhir/R4/Composition/$document?subject=Patient/{p}", "/fhir/R4/Goal/{g}/$meta", "/fhir/R4/Patient/{p}/Goal",
]  # fmt: skip


@pytest.mark.parametrize("headers", [{}, BTG], ids=["plainly", "under BTG"])
async def test_no_address_shows_an_auditor_anything_of_a_plan(here, headers):
    await decided(here)
    own, by = here.world.client(), here.auditor()
    for address in (one.format(p=here.person, g=here.goal) for one in ADDRESSES):
        assert (await own.get(address)).status_code == 200, address
        answer = await by.get(address, headers=headers)
        assert answer.status_code in (200, 403, 404), (address, answer.text)
        for mark in (SECRET, here.goal, here.nhs):
            assert mark not in answer.text, address
        if answer.status_code == 200:
            said = answer.json()
            assert said.get("items", []) == [], address
            shown = {one.get("resource", {}).get("resourceType") for one in said.get("entry", ())}
            assert shown <= {"Organization"}, "the directory is open to all"


async def test_an_auditor_exports_and_matches_nobody(here):
    by = here.auditor()
    patient = {"resourceType": "Patient", "name": [{"family": "Test"}]}
    answer = await by.post("/fhir/R4/Patient/$match", json=patient, headers=JSON)
    assert answer.json().get("entry", []) == []
    begun = await by.get("/fhir/R4/$export", headers={"Prefer": "respond-async"})
    output = (await by.get(begun.headers["content-location"])).json()["output"]
    assert {one["type"] for one in output} <= {"Organization"}


async def test_the_history_of_consents_is_told_in_facts(here):
    stored = await decided(here)
    here.world.later(minutes=5)
    own = here.world.client()
    address = f"/v1/people/{here.person}/consents/{stored.id}"
    body = (await own.get(address)).json() | {"status": "withdrawn", "end": "2026-05-05"}
    assert (await own.put(address, json=body)).status_code == 200
    assert (await own.delete(address, headers={"If-Match": '"2"'})).status_code == 204
    answer = await here.auditor().get(history(here))
    first, second, third = items(answer)
    assert {name: value for name, value in first.items() if name != "at"} == {
        "consent": stored.id,
        "version": 1,
        "recorded_by": {"subject": "clinician-of-RX1", "role": "clinician", "agency": "RX1"},
        "deleted": False,
        "decision": "deny",
        "status": "active",
        "to": [{"agency": "LA1"}],
        "sections": ["health"],
        "start": "2026-01-01",
        "basis": "consent",
    }
    assert (second["status"], second["end"], third["deleted"]) == ("withdrawn", "2026-05-05", True)
    assert third.keys() == {"consent", "version", "at", "recorded_by", "deleted"}
    assert SECRET not in answer.text


async def test_the_person_reads_the_same(here):
    await decided(here)
    own = here.world.client("person", "PERSON", person=here.person, scopes="patient/*.cruds")
    assert (await own.get(history(here))).text == (await here.auditor().get(history(here))).text
    other = here.world.client("person", "PERSON", person="someone", scopes="patient/*.cruds")
    problem(await other.get(history(here)), 404, "not_found")


async def test_an_agency_that_was_on_the_team_may_look_and_one_that_never_was_may_not(here):
    await decided(here)
    desk, visit = here.world.desk, here.world.visit()
    member = await desk.add_member(visit, here.person, "LA1", "", "")
    await desk.end_member(visit, here.person, member.id)
    here.world.later(minutes=1)
    assert len(items(await here.auditor("LA1").get(history(here)))) == 1
    await here.opened(here.stranger())
    for by in (here.auditor("ED1"), here.auditor("XX9")):
        there, never = await by.get(history(here)), await by.get("/v1/people/nobody/consent-history")
        problem(there, 404, "not_found")
        assert there.json() | {"request_id": 0} == never.json() | {"request_id": 0}


@pytest.mark.parametrize("role", ["clinician", "carer", "housing_officer", "administrator", "commissioner"])
async def test_the_history_is_for_no_other_role(here, role):
    said = problem(await here.world.client(role).get(history(here)), 403, "refused")
    assert said["question"] == "charter"
    assert await count(here.world, "audit_event", "type = 'Consent' and not allowed and person_id = ?", here.person)


async def test_it_needs_the_scope_and_leaves_its_event(here):
    await decided(here)
    by = here.world.client("auditor", scopes="system/AuditEvent.rs")
    assert problem(await by.get(history(here)), 403, "refused")["question"] == "token"
    await here.auditor().get(history(here))
    where = "subject = 'audrey' and type = 'Consent' and allowed and person_id = ?"
    assert await count(here.world, "audit_event", where, here.person) == 1


async def test_a_consent_for_named_agencies_is_shown_to_theirs(here):
    made = consent(here.person, "deny", ["health"], {"role": "carer"})
    made.restriction = frozenset({AgencyId("RX1")})
    await here.world.write(here.world.visit(), made)
    await here.world.desk.add_member(here.world.visit(), here.person, "LA1", "", "")
    assert items(await here.auditor("LA1").get(history(here))) == []
    assert len(items(await here.auditor("RX1").get(history(here)))) == 1


async def test_a_long_history_comes_page_by_page(here):
    ids = []
    for _ in range(5):
        ids.append((await decided(here)).id)
        here.world.later(seconds=1)
    by, found = here.auditor(), []
    cursor: str | None = ""
    while cursor is not None:
        answer = await by.get(f"{history(here)}?limit=2{cursor}")
        found += [one["consent"] for one in items(answer)]
        following = json.loads(answer.content).get("next")
        cursor = f"&cursor={following}" if following else None
    assert found == ids
    problem(await by.get(f"{history(here)}?cursor=x"), 400, "bad_value")


async def test_a_consent_with_no_native_form_says_what_is_known_of_it(here):
    resource = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
        "category": [{"text": SECRET}],
        "policyRule": {"text": SECRET},
        "patient": {"reference": f"Patient/{here.person}"},
    }
    answer = await here.world.client().post("/fhir/R4/Consent", json=resource, headers=JSON)
    assert answer.status_code == 201, answer.text
    said = await here.auditor().get(history(here))
    (one,) = items(said)
    assert one["status"] == "active"
    assert SECRET not in said.text
