"""An override is asked for with a reason, by who may and needs it; it opens the plan to requests that say BTG alone."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.deeds import count
from tests.support.overriding import BTG, SHELF, WHY, asking, glass
from tests.support.rest import problem


@pytest.fixture
async def here(world):
    return await glass(world)


@pytest.mark.parametrize("role", ["clinician", "social_worker", "coordinator"])
async def test_it_opens_the_plan_to_requests_that_state_the_purpose_alone(here, role):
    by = here.stranger(role)
    assert await here.read(by) == 404
    said = await here.opened(by)
    assert said.keys() == {"id", "person", "expires"}
    assert await here.read(by) == 200
    assert await here.read(by, here.goal) == 200
    assert await here.read(by, **{"X-Request-ID": "plain"}) == 404
    assert await here.read(by, **{"X-Purpose-Of-Use": "TREAT"}) == 404


async def test_it_is_this_workers_and_of_this_agency(here):
    await here.opened(here.stranger())
    assert await here.read(here.stranger(subject="another")) == 404
    assert await here.read(here.stranger(agency="LA1")) == 404
    assert await here.read(here.stranger("housing_officer")) == 404


async def test_a_token_may_state_the_purpose_itself(here):
    by = here.stranger()
    await here.opened(by)
    visit = here.world.visit("clinician", "ED1", "dana")
    stated = replace(visit, caller=replace(visit.caller, purpose="BTG"))
    assert await here.world.desk.plan(stated, here.person)


@pytest.mark.parametrize("named", ["identifier", "nhs_number", "spaced"])
async def test_a_person_is_named_by_an_identifier_too(here, named):
    nhs = here.nhs
    who = {
        "identifier": {"identifier": f"https://fhir.nhs.uk/Id/nhs-number|{nhs}"},
        "nhs_number": {"nhs_number": nhs},
        "spaced": {"nhs_number": f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}"},
    }[named]
    answer = await here.stranger().post(SHELF, json={"reason": "legal-duty", "text": WHY, **who})
    assert answer.status_code == 201, answer.text
    assert answer.json()["person"] == here.person
    assert answer.headers["location"] == f"{SHELF}/{answer.json()['id']}"


@pytest.mark.parametrize(
    "role",
    ["housing_officer", "benefits_adviser", "care_provider", "carer", "auditor", "commissioner", "administrator"],
)
async def test_other_roles_open_nothing(here, role):
    by = here.stranger(role)
    said = problem(await by.post(SHELF, json=asking(here.person)), 403, "refused")
    assert said["question"] == "charter"
    assert await count(here.world, "override") == 0
    assert await count(here.world, "audit_event", "type = 'override' and person_id = ? and not allowed", here.person)


async def test_a_person_opens_no_plan_by_an_override(here):
    by = here.world.client("person", "PERSON", person="someone-else", scopes="patient/*.cruds")
    problem(await by.post(SHELF, json=asking(here.person)), 403, "refused")


async def test_an_app_needs_leave_to_read_people(here):
    by = here.stranger(scopes="system/Goal.cruds")
    assert problem(await by.post(SHELF, json=asking(here.person)), 403, "refused")["question"] == "token"


@pytest.mark.parametrize("who", [{"person": "nobody"}, {"nhs_number": "9434765919"}, {"identifier": "urn:x|1"}])
async def test_nobody_is_told_of_as_nobody(here, who):
    problem(await here.stranger().post(SHELF, json={"reason": "emergency", "text": WHY, **who}), 404, "not_found")


async def test_who_is_on_the_team_needs_none(here):
    answer = await here.world.client().post(SHELF, json=asking(here.person))
    assert "on this person's team" in problem(answer, 409, "duplicate")["detail"]


async def test_a_second_one_is_not_opened_while_the_first_runs(here):
    by = here.stranger()
    first = await here.opened(by, minutes=5)
    said = problem(await by.post(SHELF, json=asking(here.person)), 409, "duplicate")
    assert said["override"] == first["id"]
    here.world.later(minutes=6)
    assert (await here.opened(by))["id"] != first["id"]


WRONG: dict[str, list[dict[str, Any]]] = {
    "reason": [{"reason": "curiosity"}, {"reason": 7}, {"reason": ""}],
    "text": [{"text": "too short"}, {"text": " " * 20}, {"text": "x" * 1001}, {"text": 1}],
    "minutes": [{"minutes": 0}, {"minutes": 61}, {"minutes": "30"}, {"minutes": 1.5}, {"minutes": True}],
    "person": [{"person": "a b"}, {"person": None}],
    "nhs_number": [{"nhs_number": "9434765919"}],
    "extra": [{"extra": 1}],
}


@pytest.mark.parametrize("where, more", [(where, more) for where, rows in WRONG.items() for more in rows])
async def test_what_is_wrong_is_named_at_its_place(here, where, more):
    body = {**asking(here.person), **more}
    problem(await here.stranger().post(SHELF, json=body), 422, "rule", f"/{where}")
    assert await count(here.world, "override") == 0


@pytest.mark.parametrize(
    "body, pointers",
    [
        ({}, {"/person", "/reason", "/text"}),
        ({"minutes": 99}, {"/person", "/reason", "/text", "/minutes"}),
        ({"person": "p", "nhs_number": "1", "identifier": "2"}, {"/identifier", "/nhs_number", "/reason", "/text"}),
    ],
)
async def test_each_missing_part_is_named(here, body, pointers):
    said = problem(await here.stranger().post(SHELF, json=body), 422, "rule")
    assert {one["pointer"] for one in said["errors"]} == pointers


@pytest.mark.parametrize("named", [{"nhs_number": "1234567890"}, {"identifier": "https://fhir.nhs.uk/Id/nhs-number|1"}])
async def test_an_identifier_that_cannot_be_one_is_named(here, named):
    body = {"reason": "emergency", "text": WHY, **named}
    problem(await here.stranger().post(SHELF, json=body), 422, "rule", f"/{next(iter(named))}")


async def test_an_idempotency_key_opens_once(here):
    by, key = here.stranger(), {"Idempotency-Key": "7a2c"}
    first = await by.post(SHELF, json=asking(here.person), headers=key)
    again = await by.post(SHELF, json=asking(here.person), headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await by.post(SHELF, json=asking(here.person, minutes=3), headers=key)
    problem(other, 422, "idempotency_key_reused")
    assert await count(here.world, "override") == 1


async def test_the_purpose_is_a_code_that_is_known(here):
    by = here.stranger()
    answer = await by.get(f"/v1/people/{here.person}", headers={"X-Purpose-Of-Use": "btg"})
    assert "X-Purpose-Of-Use" in problem(answer, 400, "bad_value")["detail"]
    assert (await by.get("/fhir/R4/Patient", headers={"X-Purpose-Of-Use": ""})).status_code == 400


async def test_opening_is_an_event_of_its_own_and_all_that_follows_says_so(here):
    by = here.stranger()
    one = await here.opened(by)
    await here.read(by)
    await by.get("/fhir/R4/Goal", headers=BTG)
    sql = "select action, type, target from audit_event where person_id = ? and purpose = 'BTG' order by id"
    rows = [tuple(row) for row in await here.world.database.rows(sql, (here.person,))]
    assert rows[0] == ("E", "override", one["id"])
    assert [row[1] for row in rows[1:]] == ["CarePlan", "Goal"]
    assert await count(here.world, "audit_event", "subject = 'dana' and allowed and purpose <> 'BTG'") == 0


async def test_the_leave_that_it_gives_is_explained(here):
    by = here.stranger()
    await here.opened(by)
    said = (await by.get(f"/v1/people/{here.person}/access", headers=BTG)).json()
    assert (said["basis"], said["purpose"]) == ("override", "BTG")
    assert said["sections"]["benefits"]["read"] is False
