"""Bulk Data `$export`: asked for now, fetched when it suits, under the leave of the moment it is fetched."""

import json
from typing import Any

import httpx
import pytest

from tests.support.deeds import consent
from tests.support.r4 import JSON, R4, created, goal, issue
from tests.support.world import World

ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}


async def begun(by: httpx.AsyncClient, path: str = "$export", **more: str) -> str:
    """Ask for an export; where its status is."""
    answer = await by.get(f"{R4}/{path}", headers=ASYNC, params=more)
    assert answer.status_code == 202, answer.text
    assert answer.content == b""
    address: str = answer.headers["content-location"]
    return address


async def manifest(by: httpx.AsyncClient, address: str) -> dict[str, Any]:
    answer = await by.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    said: dict[str, Any] = answer.json()
    return said


async def lines(by: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    answer = await by.get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def url_of(said: dict[str, Any], type_: str) -> str:
    (found,) = [one["url"] for one in said["output"] if one["type"] == type_]
    return str(found)


async def test_everything_of_a_caseload_is_exported_and_of_nobody_else(world: World):
    by, other = world.client(), world.client("clinician", "RX2")
    people = [await world.person(by) for _ in range(3)]
    stranger = await world.person(other)
    goals = [await created(by, goal(person)) for person in people]
    await created(other, goal(stranger))
    said = await manifest(by, await begun(by))
    assert said["requiresAccessToken"] is True
    assert said["request"] == f"http://127.0.0.1{R4}/$export"
    assert said["error"] == said["deleted"] == []
    counts = {one["type"]: one["count"] for one in said["output"]}
    assert (counts["Patient"], counts["Goal"], counts["CareTeam"]) == (3, 3, 3)
    found = await lines(by, url_of(said, "Goal"))
    assert sorted(found, key=lambda one: one["id"]) == sorted(goals, key=lambda one: one["id"])
    assert {one["id"] for one in await lines(by, url_of(said, "Patient"))} == set(people)


async def test_a_caller_with_more_people_than_fit_in_a_stretch_gets_them_all(world: World, monkeypatch):
    monkeypatch.setattr("db.exporting.PEOPLE", 2)
    monkeypatch.setattr("db.exporting.ENTRIES", 2)
    by = world.client()
    people = [await world.person(by) for _ in range(5)]
    wanted = {(await created(by, goal(person, str(n))))["id"] for person in people for n in range(3)}
    said = await manifest(by, await begun(by, "Patient/$export", _type="Goal"))
    assert [(one["type"], one["count"]) for one in said["output"]] == [("Goal", 15)]
    found = [one["id"] for one in await lines(by, url_of(said, "Goal"))]
    assert len(found) == 15
    assert set(found) == wanted


async def test_the_system_brings_the_directory_along_and_a_patient_export_does_not(world: World):
    by = world.client()
    await world.person(by)
    await world.agency("RX1", "Hospital")
    whole, people = [await manifest(by, await begun(by, path)) for path in ("$export", "Patient/$export")]
    assert [one["id"] for one in await lines(by, url_of(whole, "Organization"))] == ["RX1"]
    assert "Organization" not in {one["type"] for one in people["output"]}
    url = url_of(people, "Patient").replace("type=Patient", "type=Organization")
    assert issue(await by.get(url), 404)


async def test_a_group_is_the_caseload_of_ones_own_agency(world: World):
    by = world.client()
    person = await world.person(by)
    said = await manifest(by, await begun(by, "Group/RX1/$export", _type="Patient"))
    assert [one["id"] for one in await lines(by, url_of(said, "Patient"))] == [person]
    hidden, absent = [await by.get(f"{R4}/Group/{id_}/$export", headers=ASYNC) for id_ in ("RX2", "nobody")]
    assert issue(hidden, 404) == issue(absent, 404)


async def test_what_came_after_the_moment_is_left_for_the_next_export(world: World):
    by = world.client()
    world.at("2026-03-02T10:00:00Z")
    person = await world.person(by)
    first = await created(by, goal(person, "first"))
    second = await created(by, goal(person, "second"))
    world.later(minutes=1)
    address = await begun(by, _type="Goal")
    said = await manifest(by, address)
    world.later(minutes=1)
    changed = {**first, "description": {"text": "changed"}}
    assert (await by.put(f"{R4}/Goal/{first['id']}", json=changed, headers=JSON)).status_code == 200
    assert (await by.delete(f"{R4}/Goal/{second['id']}")).status_code == 204
    assert await lines(by, url_of(said, "Goal")) == [first, second]
    world.later(minutes=1)
    again = await manifest(by, await begun(by, _type="Goal", _since=said["transactionTime"]))
    assert [one["description"]["text"] for one in await lines(by, url_of(again, "Goal"))] == ["changed"]
    (gone,) = again["deleted"]
    assert gone["count"] == 1
    (bundle,) = await lines(by, gone["url"])
    assert bundle["entry"] == [{"request": {"method": "DELETE", "url": f"Goal/{second['id']}"}}]


async def test_leave_is_asked_again_when_a_file_is_fetched(world: World):
    by, social = world.client(), world.client("social_worker", "LA1")
    person = await world.person(by)
    await world.agency("LA1")
    answer = await by.post(f"/v1/people/{person}/team", json={"agency": "LA1"})
    assert answer.status_code == 201
    held = await created(by, goal(person))
    said = await manifest(social, await begun(social, _type="Goal"))
    assert [one["id"] for one in await lines(social, url_of(said, "Goal"))] == [held["id"]]
    await world.write(world.visit(), consent(person, "deny", ["health"], {"agency": "LA1"}))
    assert await lines(social, url_of(said, "Goal")) == []
    assert (await by.delete(answer.headers["location"])).status_code == 204
    left = (await manifest(social, await begun(social)))["output"]
    assert {one["type"] for one in left} == {"Organization"}


async def test_an_export_is_its_owners_alone_and_is_forgotten(world: World):
    by, other = world.client(), world.client("clinician", "RX2")
    address = await begun(by)
    assert issue(await other.get(address), 404) == issue(await other.get(f"{R4}/$export-status?job=x"), 404)
    assert issue(await other.delete(address), 404)
    assert (await by.delete(address)).status_code == 202
    assert issue(await by.get(address), 404)
    old = await begun(by)
    world.later(hours=25)
    assert issue(await by.get(old), 404)


async def test_a_person_exports_their_own_plan(world: World):
    by = world.client()
    person, _ = await world.person(by), await world.person(by)
    own = world.client("person", "PERSON", person=person, scopes="patient/*.rs")
    said = await manifest(own, await begun(own, _type="Patient"))
    assert [one["id"] for one in await lines(own, url_of(said, "Patient"))] == [person]


async def test_scopes_bound_an_export(world: World):
    by = world.client()
    person = await world.person(by)
    await created(by, goal(person))
    narrow = world.client(scopes="system/Patient.rs")
    said = await manifest(narrow, await begun(narrow))
    assert [one["type"] for one in said["output"]] == ["Patient"]
    refused = await narrow.get(url_of(said, "Patient").replace("type=Patient", "type=Goal"))
    assert issue(refused, 403)["code"] == "forbidden"


async def test_some_people_can_be_named(world: World):
    by, other = world.client(), world.client("clinician", "RX2")
    first, _ = [await world.person(by) for _ in range(2)]
    theirs = await world.person(other)
    asked = [{"name": "patient", "valueReference": {"reference": f"Patient/{one}"}} for one in (first, theirs)]
    body = {"resourceType": "Parameters", "parameter": [*asked, {"name": "_type", "valueString": "Patient"}]}
    answer = await by.post(f"{R4}/Patient/$export", json=body, headers={**JSON, **ASYNC})
    assert answer.status_code == 202, answer.text
    said = await manifest(by, answer.headers["content-location"])
    assert [one["id"] for one in await lines(by, url_of(said, "Patient"))] == [first]


BAD: list[tuple[str, dict[str, str], int, str]] = [
    ("$export", {"Prefer": ""}, 400, "required"),
    ("$export?_since=yesterday", ASYNC, 400, "value"),
    ("$export?_since=2026", ASYNC, 400, "value"),
    ("$export?_type=Bogus", ASYNC, 400, "value"),
    ("$export?_outputFormat=csv", ASYNC, 400, "not-supported"),
    ("$export?_typeFilter=Goal%3Fstatus%3Dx", ASYNC, 400, "not-supported"),
    ("Patient/$export?patient=Patient/1", ASYNC, 400, "not-supported"),
    ("Goal/$export", ASYNC, 404, "not-supported"),
    ("$export-status", {}, 404, "not-found"),
    ("$export-status?job=a&job=b", {}, 404, "not-found"),
    ("$export-file?job=a&type=Goal", {}, 404, "not-found"),
]


@pytest.mark.parametrize("path, headers, status, code", BAD)
async def test_a_bad_export_is_refused(world: World, path, headers, status, code):
    assert issue(await world.client().get(f"{R4}/{path}", headers=headers), status)["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Goal"},
        {"resourceType": "Parameters"},
        {"resourceType": "Parameters", "parameter": [{"name": "patient", "valueReference": {"reference": "Goal/.."}}]},
        {"resourceType": "Parameters", "parameter": [{"name": "patient", "valueString": "Patient/x"}] * 1001},
    ],
)
async def test_bad_parameters_are_refused(world: World, body):
    answer = await world.client().post(f"{R4}/Patient/$export", json=body, headers={**JSON, **ASYNC})
    assert issue(answer, 400)


async def test_a_file_of_a_type_that_was_not_asked_for_is_not_there(world: World):
    by = world.client()
    await world.person(by)
    said = await manifest(by, await begun(by, _type="Patient"))
    url = url_of(said, "Patient")
    for type_ in ("Goal", "Bogus", "Parameters"):
        assert issue(await by.get(url.replace("type=Patient", f"type={type_}")), 404)
    assert (await by.post(url)).status_code == 405
