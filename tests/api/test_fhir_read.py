"""Reading through the FHIR door: read, vread, history, HEAD."""

import json

import pytest

from tests.support.deeds import count
from tests.support.r4 import JSON, R4, created, goal, issue


@pytest.fixture
async def one(world, client):
    """A goal."""
    return await created(client, goal(await world.person(client)))


@pytest.fixture
def address(one):
    return f"{R4}/Goal/{one['id']}"


async def change(client, address, text):
    was = (await client.get(address)).json()
    answer = await client.put(address, json={**was, "description": {"text": text}}, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_read_gives_what_is_stored(client, one, address):
    answer = await client.get(address)
    assert (answer.status_code, answer.json()) == (200, one)
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"


async def test_a_slash_at_the_end_changes_nothing(client, one, address):
    assert (await client.get(f"{address}/")).json() == one
    assert (await client.get(f"{R4}/Goal/")).json() == (await client.get(f"{R4}/Goal")).json()


@pytest.mark.parametrize("path", ["", "/_history", "/_history/1"])
async def test_head_goes_wherever_get_goes(client, address, path):
    get, head = await client.get(address + path), await client.head(address + path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "last-modified"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize("known", ['W/"1"', '"1"', '"7", W/"1"', "*"])
async def test_who_has_it_already_is_told_so_and_the_audit_too(world, client, address, known):
    before = await count(world, "audit_event")
    answer = await client.get(address, headers={"If-None-Match": known})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", 'W/"1"')
    assert await count(world, "audit_event") == before + 1


async def test_who_has_an_older_version_gets_the_newer_one(client, address):
    await change(client, address, "Walk to the park")
    answer = await client.get(address, headers={"If-None-Match": 'W/"1"'})
    assert (answer.status_code, answer.json()["description"]["text"]) == (200, "Walk to the park")


NOT_THERE = ["Goal/none", "Goal/none/_history", "Goal/none/_history/1", "Nonsense", "Nonsense/1", "Goal/a/b", "goal/1"]
NOT_THERE += ["Goal/a_b", "Goal/%2E%2E", "Goal/...", "Goal/" + "a" * 65, "Goal/%00", "Goal//1", "Goal/1/_history/2/3"]
NOT_THERE += ["Goal/a%20b", "Goal/%C3%A4", "Goal/$op", "metadata/1", "Goal/a%2F1"]


@pytest.mark.parametrize("path", NOT_THERE)
async def test_what_is_not_there_is_not_found(client, path):
    answer = await client.get(f"{R4}/{path}")
    if path == "Goal/%00":
        issue(answer, 400)
    else:
        assert issue(answer, 404)["code"] in ("not-found", "not-supported")


@pytest.mark.parametrize("version", ["0", "2", "x", "99999999999999999999", "-1"])
async def test_a_version_that_never_was_is_not_found(client, address, version):
    issue(await client.get(f"{address}/_history/{version}"), 404)


async def test_a_version_stays_what_it_was(client, one, address):
    await change(client, address, "Walk to the park")
    answer = await client.get(f"{address}/_history/1")
    assert (answer.json(), answer.headers["etag"]) == (one, 'W/"1"')


async def test_what_was_deleted_is_gone_and_its_history_tells(client, address):
    await change(client, address, "Walk to the park")
    assert (await client.delete(address)).status_code == 204
    assert issue(await client.get(address), 410)["code"] == "deleted"
    issue(await client.get(f"{address}/_history/3"), 410)
    history = (await client.get(f"{address}/_history")).json()
    assert (history["type"], history["total"]) == ("history", 3)
    assert [e["request"]["method"] for e in history["entry"]] == ["DELETE", "PUT", "POST"]
    assert "resource" not in history["entry"][0]


@pytest.mark.parametrize("path", ["Goal", "Goal/1", "Goal/1/_history", "Nonsense", ""])
async def test_without_a_token_nothing_is_told(world, path):
    answer = await world.anonymous().get(f"{R4}/{path}")
    assert issue(answer, 401)["code"] == "login"
    assert answer.headers["www-authenticate"].startswith("Bearer")


METHODS = [
    ("DELETE", "", "GET, HEAD, POST"),
    ("POST", "Goal/1", "GET, HEAD, PUT, PATCH, DELETE"),
    ("DELETE", "Goal/_search", "POST"),
    ("GET", "Goal/_search", "POST"),
    ("DELETE", "Goal/1/_history", "GET, HEAD"),
    ("POST", "metadata", "GET, HEAD"),
]


@pytest.mark.parametrize("method, path, allowed", METHODS)
async def test_a_method_that_an_address_does_not_know_is_refused(client, method, path, allowed):
    answer = await client.request(method, f"{R4}/{path}")
    assert issue(answer, 405)["code"] == "not-supported"
    assert answer.headers["allow"] == allowed


async def test_another_agency_sees_neither_the_goal_nor_its_history(world, client, address):
    other = world.client(agency="RX2")
    await world.agency("RX2")
    for path in (address, f"{address}/_history", f"{address}/_history/1"):
        hidden, absent = await other.get(path), await other.get(path.replace(address, f"{R4}/Goal/none"))
        assert issue(hidden, 404) == issue(absent, 404)


async def test_the_directory_is_read_by_everybody_who_is_signed_in(world, client):
    answer = await world.client(agency="RX9").get(f"{R4}/Organization/RX1")
    assert (answer.status_code, answer.json()["id"]) == (200, "RX1")
    history = await client.get(f"{R4}/Organization/RX1/_history")
    assert json.loads(history.content)["entry"][0]["resource"]["id"] == "RX1"
