"""Writing through the FHIR door: create, update, delete, and that what was written is read back to the digit."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from tests.support.deeds import count
from tests.support.r4 import JSON, R4, at, created, found, goal, ids, issue, kept, patient
from tests.support.world import NHS


async def test_a_create_says_where_it_is(client, person):
    answer = await client.post(f"{R4}/Goal/", json=goal(person, id="mine", meta={"versionId": "9"}), headers=JSON)
    made = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, 'W/"1"')
    assert answer.headers["location"] == f"http://127.0.0.1{R4}/Goal/{made['id']}/_history/1"
    assert (made["meta"]["versionId"], made["id"] == "mine") == ("1", False)
    assert (await client.get(urlsplit(answer.headers["location"]).path)).json() == made


async def test_plain_json_is_taken_as_well(client, person):
    answer = await client.post(f"{R4}/Goal", json=goal(person))
    assert answer.status_code == 201


PREFER = [
    ("return=minimal", None),
    ("return=representation", "Goal"),
    ("return=OperationOutcome", "OperationOutcome"),
    ('handling=strict; return="minimal"', None),
    ("respond-async", "Goal"),
]


@pytest.mark.parametrize("prefer, type_", PREFER)
async def test_the_client_says_how_much_of_it_comes_back(client, person, prefer, type_):
    headers = {**JSON, "Prefer": prefer}
    made = await client.post(f"{R4}/Goal", json=goal(person), headers=headers)
    address = urlsplit(made.headers["location"]).path.split("/_history")[0]
    resource = goal(person, "Other", id=address.split("/")[-1])
    changed = await client.put(address, json=resource, headers={**headers, "If-Match": 'W/"1"'})
    for answer, status in ((made, 201), (changed, 200)):
        assert answer.status_code == status
        assert (answer.json()["resourceType"] if answer.content else None) == type_


async def test_an_update_says_which_version_it_changes(client, one):
    by_body = await client.put(at(one), json={**one, "description": {"text": "Two"}}, headers=JSON)
    assert (by_body.status_code, by_body.headers["etag"]) == (200, 'W/"2"')
    by_header = {**one, "description": {"text": "Three"}}
    answer = await client.put(at(one), json=by_header, headers={**JSON, "If-Match": '"2"'})
    assert (answer.status_code, answer.json()["meta"]["versionId"]) == (200, "3")


async def test_if_match_stands_above_the_body(client, one):
    answer = await client.put(at(one), json=one, headers={**JSON, "If-Match": 'W/"7"'})
    assert issue(answer, 412)["code"] == "conflict"


async def test_a_stale_update_is_told_what_changed(client, one):
    await client.put(at(one), json={**one, "description": {"text": "Two"}}, headers=JSON)
    answer = await client.put(at(one), json={**one, "description": {"text": "Three"}}, headers=JSON)
    assert "current_version: 2" in issue(answer, 412)["diagnostics"]
    assert (await client.get(at(one))).json()["description"]["text"] == "Two"


async def test_two_who_change_the_same_version_do_not_overwrite_each_other(client, one):
    answers = await asyncio.gather(
        *(client.put(at(one), json={**one, "description": {"text": text}}, headers=JSON) for text in "abcd")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert (await client.get(at(one))).json()["meta"]["versionId"] == "2"


async def test_a_delete_happens_once_and_is_told_twice(client, one):
    for _ in range(2):
        answer = await client.delete(at(one))
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (204, b"", 'W/"2"')
    assert (await found(client, "Goal"))["total"] == 0


async def test_a_delete_may_say_which_version(client, one):
    issue(await client.delete(at(one), headers={"If-Match": 'W/"3"'}), 412)
    assert (await client.delete(at(one), headers={"If-Match": 'W/"1"'})).status_code == 204


async def test_what_was_deleted_comes_back_by_an_update(client, one):
    await client.delete(at(one))
    answer = await client.put(at(one), json=one, headers={**JSON, "If-Match": 'W/"2"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"3"')
    assert (await client.get(at(one))).status_code == 200
    assert ids(await found(client, "Goal")) == [one["id"]]


async def test_the_frame_of_a_plan_cannot_be_deleted(client, person):
    assert issue(await client.delete(f"{R4}/Patient/{person}"), 405)["code"] == "not-supported"


async def test_what_is_hidden_is_written_as_what_is_absent(world, client, one):
    await world.agency("RX2")
    other = world.client(agency="RX2")
    before = await kept(world)
    for id_ in (one["id"], "none"):
        sent = {**one, "id": id_}
        assert "ids are made here" in issue(await other.put(f"{R4}/Goal/{id_}", json=sent), 405)["details"]["text"]
        gone = await other.delete(f"{R4}/Goal/{id_}")
        assert (gone.status_code, gone.content, gone.headers.get("etag")) == (204, b"", None)
        issue(await other.delete(f"{R4}/Goal/{id_}", headers={"If-Match": 'W/"1"'}), 412)
        about = goal(one["subject"]["reference"].split("/")[1] if id_ != "none" else "none")
        assert issue(await other.post(f"{R4}/Goal", json=about), 400)["expression"] == ["Goal.subject"]
    assert await kept(world) == before


async def test_scopes_bind_each_interaction(world, client, one):
    reader = world.client(scopes="system/Goal.rs")
    assert (await reader.get(at(one))).status_code == 200
    issue(await reader.put(at(one), json=one), 403)
    issue(await reader.delete(at(one)), 403)
    issue(await reader.post(f"{R4}/Goal", json=one), 403)


async def test_the_directory_is_written_by_who_works(client, world):
    made = await created(client, {"resourceType": "Practitioner", "name": [{"family": "Ito"}]})
    changed = await client.put(at(made), json={**made, "name": [{"family": "Sato"}]})
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    for _ in range(2):
        assert (await client.delete(at(made))).headers["etag"] == 'W/"3"'
    issue(await client.get(at(made)), 410)


EXACT = """{"resourceType":"Observation","extension":[{"url":"urn:x","valueDecimal":0.40},{"url":"urn:y","extension":[
{"url":"z","valueDateTime":"2026-03-06T14:00:00.120+01:00"}]}],"status":"final","_status":{"id":"s1"},
"code":{"text":"weight","_text":{"extension":[{"url":"urn:t","valueString":"caf\\u00e9 \\ud83d\\ude00"}]}},
"subject":{"reference":"Patient/PERSON"},"effectiveDateTime":"2026-03","performer":[{"reference":
"https://elsewhere.example/fhir/Practitioner/7"}],"valueQuantity":{"value":72.50,"unit":"kg"},
"referenceRange":[{"low":{"value":1e1},"high":{"value":100.0}}]}"""


async def test_what_was_written_is_read_back_to_the_digit(client, person):
    sent = EXACT.replace("PERSON", person).replace("\n", "")
    made = await client.post(f"{R4}/Observation", content=sent.encode(), headers=JSON)
    assert made.status_code == 201, made.text
    for text in (made.text, (await client.get(urlsplit(made.headers["location"]).path)).text):
        for word in ('"valueDecimal":0.40}', '"value":72.50', '"value":1e1}', "14:00:00.120+01:00", '"2026-03"'):
            assert word in text
        read = json.loads(text)
        assert {k: v for k, v in read.items() if k not in ("id", "meta")} == json.loads(sent)


async def test_our_own_address_is_kept_as_a_relative_one(client, person):
    base = f"http://127.0.0.1{R4}"
    made = await created(client, goal(f"{base}/Patient/{person}"))
    assert made["subject"]["reference"] == f"Patient/{person}"


# one person, once


async def test_a_conditional_create_finds_who_is_there(world, client):
    number = world.nhs_number()
    headers = {**JSON, "If-None-Exist": f"identifier={NHS}|{number}"}
    made = await client.post(f"{R4}/Patient", json=patient(number), headers=headers)
    again = await client.post(f"{R4}/Patient", json=patient(number), headers=headers)
    assert (made.status_code, again.status_code) == (201, 200)
    assert again.headers["location"] == made.headers["location"]
    assert again.json() == made.json()
    quiet = await client.post(f"{R4}/Patient", json=patient(number), headers={**headers, "Prefer": "return=minimal"})
    assert (quiet.status_code, quiet.content) == (200, b"")


async def test_fifty_conditional_creates_at_once_make_one_person(world, client):
    number = world.nhs_number()
    headers = {**JSON, "If-None-Exist": f"identifier={NHS}|{number}"}
    sent = [client.post(f"{R4}/Patient", json=patient(number), headers=headers) for _ in range(50)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {200, 201}
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert await count(world, "person") == 1


@pytest.mark.parametrize("criteria", ["", "nonsense=1", "_count=1", "name:sounds=Sam"])
async def test_criteria_that_are_not_understood_create_nothing(world, client, criteria):
    before = await kept(world)
    issue(await client.post(f"{R4}/Patient", json=patient(), headers={**JSON, "If-None-Exist": criteria}), 400)
    assert await kept(world) == before


async def test_criteria_that_find_more_than_one_create_nothing(world, client):
    for _ in range(2):
        await world.person(client, family="Twin")
    before = await kept(world)
    answer = await client.post(f"{R4}/Patient", json=patient(), headers={**JSON, "If-None-Exist": "family=twin"})
    assert issue(answer, 412)["code"] == "multiple-matches"
    assert await kept(world) == before


async def test_an_identifier_that_is_somebodys_is_not_given_twice(world, client):
    number = world.nhs_number()
    await world.person(client, number)
    await world.agency("RX2")
    for caller, told in ((client, True), (world.client(agency="RX2"), False)):
        said = issue(await caller.post(f"{R4}/Patient", json=patient(number)), 409)
        assert said["code"] == "duplicate"
        assert ("person" in said.get("diagnostics", "")) is told
