"""Patient/$match through the FHIR door: the likely ones of those whom the caller may see, and of nobody else."""

from typing import Any

import pytest

from tests.support.deeds import count
from tests.support.r4 import JSON, R4, issue, patient
from tests.support.world import NHS

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
ADA: dict[str, Any] = {
    "name": [{"family": "Testington", "given": ["Ada"]}],
    "birthDate": "1950-03-07",
    "gender": "female",
}


async def asked(client, resource=None, **more):
    """The answer to a match; `more` are values of further parameters."""
    parts = [{"name": "resource", "resource": patient(**(resource or ADA))}]
    for name, value in more.items():
        member = "valueBoolean" if isinstance(value, bool) else "valueInteger"
        parts.append({"name": name, member: value})
    sent = {"resourceType": "Parameters", "parameter": parts}
    return await client.post(f"{R4}/Patient/$match", json=sent, headers=JSON)


def grades(answer) -> list[tuple[str, str]]:
    """The matches with their grades, when they are written as they must be."""
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    said = []
    for one in bundle.get("entry", ()):
        search = one["search"]
        assert search["mode"] == "match"
        assert 0 < search["score"] <= 1
        (grade,) = search["extension"]
        assert grade["url"] == GRADE
        said.append((one["resource"]["id"], grade["valueCode"]))
    return said


async def test_the_likeliest_comes_first(world, client):
    number = world.nhs_number()
    certain = await world.person(client, number, **ADA)
    probable = await world.person(client, **ADA)
    possible = await world.person(client, **{**ADA, "birthDate": "1950-03-17"})
    await world.person(client, **{**ADA, "name": [{"family": "Else"}], "birthDate": "1950-03-07"})
    answer = await asked(client, {**ADA, "identifier": [{"system": NHS, "value": number}]})
    assert grades(answer) == [(certain, "certain"), (probable, "probable"), (possible, "possible")]
    scores = [one["search"]["score"] for one in answer.json()["entry"]]
    assert scores[0] == 1
    assert scores == sorted(scores, reverse=True)
    assert answer.json()["total"] == 3


PHONE = {"system": "phone", "value": "0113 496 0000"}
FINDS: list[dict[str, Any]] = [
    {"name": [{"family": "TESTINGTON", "given": ["Ada"]}], "birthDate": "1950-03-07"},
    {"name": [{"family": "Testyngton", "given": ["Ada"]}], "birthDate": "1950-03-07"},
    {"name": [{"family": "Testington", "given": ["Ada"]}], "birthDate": "1950-07-03"},
    {"name": [{"family": "Testington", "given": ["Ada"]}], "gender": "female", "birthDate": "1950"},
    {"name": [{"family": "Tedtington", "given": ["Ada"]}], "gender": "female", "birthDate": "1950-03-17"},
    {"birthDate": "1950-03-07", "address": [{"postalCode": "LS1 4AP"}]},
    {"name": [{"given": ["Ada"]}], "address": [{"postalCode": "LS1 4AP"}], "telecom": [PHONE]},
]


@pytest.mark.parametrize("resource", FINDS)
async def test_people_are_found_by_what_is_known_of_them(world, client, resource):
    more = {"address": [{"postalCode": "LS1 4AP"}], "telecom": [PHONE]}
    person = await world.person(client, **ADA, **more)
    await world.person(client)
    assert [id_ for id_, _ in grades(await asked(client, resource))] == [person]


async def test_only_certain_matches_are_given_when_only_these_are_wanted(world, client):
    number = world.nhs_number()
    certain = await world.person(client, number, **ADA)
    await world.person(client, **ADA)
    resource = {**ADA, "identifier": [{"system": NHS, "value": number}]}
    assert grades(await asked(client, resource, onlyCertainMatches=True)) == [(certain, "certain")]
    assert grades(await asked(client, ADA, onlyCertainMatches=True)) == []


async def test_two_certain_matches_are_none(world, client):
    numbers = [world.nhs_number(), world.nhs_number()]
    for number in numbers:
        await world.person(client, number)
    both = {"identifier": [{"system": NHS, "value": number} for number in numbers]}
    bundle = (await asked(client, both, onlyCertainMatches=True)).json()
    (entry,) = bundle["entry"]
    assert entry["search"] == {"mode": "outcome"}
    assert entry["resource"]["issue"][0]["code"] == "multiple-matches"
    assert bundle["total"] == 0
    assert len(grades(await asked(client, both))) == 2


async def test_so_many_are_given_as_are_wanted(world, client):
    for _ in range(3):
        await world.person(client, **ADA)
    assert len(grades(await asked(client, ADA, count=2))) == 2


async def test_a_patient_may_be_sent_alone(world, client):
    person = await world.person(client, **ADA)
    answer = await client.post(f"{R4}/Patient/$match?count=5", json=patient(**ADA), headers=JSON)
    assert grades(answer) == [(person, "probable")]


async def test_nobody_whom_the_caller_may_not_see_is_ever_compared(world, client):
    number = world.nhs_number()
    resource = {**ADA, "identifier": [{"system": NHS, "value": number}]}
    await world.agency("SC1")
    other = world.client("social_worker", "SC1")
    before = await asked(other, resource)
    hidden = await world.person(client, number, **ADA)
    after = await asked(other, resource)
    assert after.json() == before.json()
    assert grades(after) == []
    assert await count(world, "audit_event", "person_id = ? and agency = 'SC1'", hidden) == 0


async def test_the_audit_names_whom_the_answer_shows(world, client):
    person = await world.person(client, **ADA)
    unlike = await world.person(client, birthDate="1950-03-07", name=[{"family": "Else"}], gender="male")
    await asked(client)
    rows = "person_id = ? and action = 'E' and target = '$match'"
    assert await count(world, "audit_event", rows, person) == 1
    assert await count(world, "audit_event", rows, unlike) == 0


REFUSED = [
    ({"resourceType": "Parameters"}, "required"),
    ({"resourceType": "Patient", "gender": "female"}, "required"),
    ({"resourceType": "Patient", "birthDate": "soon"}, "value"),
    ({"resourceType": "Parameters", "parameter": [{"name": "resource", "valueString": "x"}]}, "value"),
    (
        {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {"resourceType": "Goal"}}]},
        "invalid",
    ),
    ({"resourceType": "Parameters", "parameter": [{"name": "count", "valueInteger": 0}]}, "value"),
]


@pytest.mark.parametrize("sent, code", REFUSED)
async def test_what_cannot_be_matched_is_refused(client, sent, code):
    answer = await client.post(f"{R4}/Patient/$match", json=sent, headers=JSON)
    assert issue(answer, 400)["code"] == code


async def test_an_app_that_may_not_search_for_people_may_not_match_them(world):
    client = world.client(scopes="system/Goal.cruds")
    assert issue(await asked(client), 403)["code"] == "forbidden"
