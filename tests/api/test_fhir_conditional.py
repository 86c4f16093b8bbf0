"""Conditional read, create, update, patch and delete through the FHIR door, alone and in Bundles."""

import asyncio
import json

from api.desk import Desk
from tests.support.deeds import count
from tests.support.r4 import JSON, R4, at, bundled, created, entry, found, goal, ids, issue, kept, patient
from tests.support.world import NHS

MINE = "identifier=urn:g|1"
NUMBER = [{"system": "urn:g", "value": "1"}]
OTHER = "0190ffff-0000-7000-8000-00000000dead"


def numbered(person, text="Walk", **more):
    return goal(person, text, identifier=NUMBER, **more)


async def put(client, resource, criteria=MINE, **headers):
    return await client.put(f"{R4}/Goal?{criteria}", json=resource, headers={**JSON, **headers})


# read


async def test_a_read_answers_304_to_who_has_it_already(client, person):
    one = await created(client, goal(person))
    first = await client.get(at(one))
    modified = first.headers["last-modified"]
    rows = [
        ({"If-None-Match": 'W/"1"'}, 304),
        ({"If-None-Match": '"7", "1"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": 'W/"2"'}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": modified, "If-None-Match": 'W/"2"'}, 200),
    ]
    for headers, status in rows:
        answer = await client.get(at(one), headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (status, 'W/"1"'), headers
        assert bool(answer.content) is (status == 200)
    url = f"Goal/{one['id']}"
    said = await bundled(
        client, "batch", *[entry("GET", url, ifModifiedSince=f"{y}-01-01T00:00:00Z") for y in (2001, 2100)]
    )
    assert [e["response"]["status"][:3] for e in said.json()["entry"]] == ["200", "304"]


# create


async def test_row_23_concurrent_creates_by_an_identifier_leave_one(world, client):
    number = world.nhs_number()
    headers = {**JSON, "If-None-Exist": f"identifier={NHS}|{number}"}
    said = await asyncio.gather(
        *(client.post(f"{R4}/Patient", json=patient(number), headers=headers) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in said) == [200] * 7 + [201]
    assert len({answer.headers["location"] for answer in said}) == 1
    assert await count(world, "person") == 1


async def test_row_23_concurrent_creates_by_any_criteria_leave_one(world, client, person):
    posts = [
        client.post(f"{R4}/Goal", json=numbered(person), headers={**JSON, "If-None-Exist": MINE}) for _ in range(5)
    ]
    puts = [put(client, numbered(person)) for _ in range(5)]
    sent = entry("POST", "Goal", numbered(person), ifNoneExist=MINE)
    bundles = [bundled(client, "transaction", sent) for _ in range(5)]
    said = await asyncio.gather(*posts, *puts, *bundles)
    assert {answer.status_code for answer in said} <= {200, 201}, [answer.text for answer in said]
    assert len(ids(await found(client, "Goal"))) == 1


async def test_criteria_see_only_what_the_caller_may_see(world, client, person):
    await created(client, numbered(person))
    await world.agency("RX2")
    stranger = world.client(agency="RX2")
    theirs = await world.person(stranger)
    assert (await put(stranger, numbered(theirs))).status_code == 201
    assert (await stranger.delete(f"{R4}/Goal?{MINE}")).status_code == 204
    assert len(ids(await found(client, "Goal"))) == 1


# update


async def test_an_update_by_criteria_makes_one_and_then_changes_it(client, person):
    made = await put(client, numbered(person))
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"')
    assert made.headers["location"].endswith(f"/Goal/{made.json()['id']}/_history/1")
    changed = await put(client, numbered(person, "Swim", meta={"versionId": "77"}))
    assert (changed.status_code, changed.json()["id"], changed.headers["etag"]) == (200, made.json()["id"], 'W/"2"')
    same = await put(client, {**changed.json(), "description": {"text": "Ride"}})
    assert (same.status_code, same.headers["etag"]) == (200, 'W/"3"')


async def test_an_update_by_criteria_says_which_version_where_it_can(client, person):
    made = (await put(client, numbered(person))).json()
    await put(client, numbered(person, "Swim"))
    assert issue(await put(client, made), 412)["code"] == "conflict"
    issue(await put(client, numbered(person), **{"If-Match": 'W/"1"'}), 412)
    assert (await put(client, numbered(person), **{"If-Match": 'W/"2"'})).status_code == 200
    issue(await put(client, numbered(person), "identifier=urn:g|2", **{"If-Match": 'W/"2"'}), 412)


async def test_what_criteria_cannot_mean_changes_nothing(world, client, person):
    await created(client, numbered(person))
    for _ in range(2):
        await created(client, goal(person, identifier=[{"system": "urn:g", "value": "twice"}]))
    before = await kept(world)
    rows = [
        (put(client, numbered(person, id=OTHER)), 400, "invalid"),
        (put(client, goal(person, id=OTHER), "identifier=urn:g|9"), 405, "not-supported"),
        (put(client, goal(person), "identifier=urn:g|twice"), 412, "multiple-matches"),
        (client.delete(f"{R4}/Goal?identifier=urn:g|twice"), 412, "multiple-matches"),
        (change(client, "identifier=urn:g|twice"), 412, "multiple-matches"),
        (change(client, "identifier=urn:g|9"), 404, "not-found"),
        (client.delete(f"{R4}/Goal?{MINE}", headers={"If-Match": 'W/"9"'}), 412, "conflict"),
        (client.delete(f"{R4}/Goal?identifier=urn:g|9", headers={"If-Match": 'W/"9"'}), 412, "not-found"),
    ]
    for answer, status, code in rows:
        assert issue(await answer, status)["code"] == code
    for criteria in ("", "nonsense=1", f"{MINE}&nonsense=1", "_count=1", f"{MINE}&_sort=_id", "_format=json"):
        issue(await put(client, goal(person), criteria), 400)
        issue(await client.delete(f"{R4}/Goal?{criteria}"), 400)
        issue(await change(client, criteria), 400)
    assert await kept(world) == before


async def change(client, criteria, **headers):
    raw = json.dumps([{"op": "replace", "path": "/description/text", "value": "Swim"}])
    kind = {"Content-Type": "application/json-patch+json"}
    return await client.patch(f"{R4}/Goal?{criteria}", content=raw, headers={**kind, **headers})


# patch and delete


async def test_a_patch_by_criteria_changes_the_one_that_they_find(client, person):
    one = await created(client, numbered(person))
    issue(await change(client, MINE, **{"If-Match": 'W/"4"'}), 412)
    answer = await change(client, MINE, **{"If-Match": 'W/"1"'})
    assert (answer.status_code, answer.json()["id"], answer.json()["description"]["text"]) == (200, one["id"], "Swim")


async def test_a_delete_by_criteria_takes_the_one_that_they_find(client, person):
    one = await created(client, numbered(person))
    for _ in range(2):
        answer = await client.delete(f"{R4}/Goal?{MINE}&_format=json")
        assert (answer.status_code, answer.content) == (204, b"")
    issue(await client.get(at(one)), 410)
    told = await client.delete(f"{R4}/Goal?{MINE}", headers={"Prefer": "return=OperationOutcome"})
    assert (told.status_code, told.json()["resourceType"]) == (200, "OperationOutcome")


async def test_leave_is_asked_for_what_criteria_find(world, client, person):
    await created(client, numbered(person))
    reader = world.client(scopes="system/*.rs")
    issue(await put(reader, numbered(person)), 403)
    issue(await change(reader, MINE), 403)
    issue(await reader.delete(f"{R4}/Goal?{MINE}"), 403)


# in Bundles


async def test_criteria_stand_in_bundles(client, person):
    one = await created(client, numbered(person))
    away = await created(client, goal(person, identifier=[{"system": "urn:g", "value": "2"}]))
    sent = (
        entry("PUT", f"Goal?{MINE}", numbered(person, "Swim"), "urn:uuid:g"),
        entry("DELETE", "Goal?identifier=urn:g|2"),
        entry("PUT", "Goal?identifier=urn:g|3", goal(person, identifier=[{"system": "urn:g", "value": "3"}])),
        entry("POST", "Task", {"resourceType": "Task", "status": "requested", "intent": "order",
                               "for": {"reference": f"Patient/{person}"}, "focus": {"reference": f"Goal?{MINE}"}}),
        entry("DELETE", "Goal?identifier=urn:g|none"),
    )  # fmt: skip
    answer = await bundled(client, "transaction", *sent, Prefer="return=representation")
    assert [e["response"]["status"][:3] for e in answer.json()["entry"]] == ["200", "204", "201", "201", "204"]
    assert answer.json()["entry"][3]["resource"]["focus"] == {"reference": f"Goal/{one['id']}"}
    issue(await client.get(at(away)), 410)
    again = await bundled(client, "batch", *(one for one in sent if one["request"]["method"] != "POST"))
    assert [e["response"]["status"][:3] for e in again.json()["entry"]] == ["200", "204", "200", "204"]


async def test_what_a_transaction_deletes_is_found_by_none_of_its_criteria(client, person):
    one = await created(client, numbered(person))
    answer = await bundled(
        client,
        "transaction",
        entry("POST", "Goal", numbered(person), ifNoneExist=MINE),
        entry("DELETE", f"Goal/{one['id']}"),
    )
    assert [e["response"]["status"][:3] for e in answer.json()["entry"]] == ["201", "204"]
    assert one["id"] not in ids(await found(client, "Goal"))


async def test_a_transaction_changes_nothing_twice_by_whatever_name(world, client, person):
    one = await created(client, numbered(person))
    by_id = entry("PUT", f"Goal/{one['id']}", one)
    before = await kept(world)
    overlaps = [
        (by_id, entry("PUT", f"Goal?{MINE}", numbered(person))),
        (by_id, entry("DELETE", f"Goal?{MINE}")),
        (entry("DELETE", f"Goal/{one['id']}"), entry("DELETE", f"Goal?{MINE}")),
        (entry("POST", "Goal", numbered(person), ifNoneExist="identifier=urn:g|4"),) * 2,
        (by_id, by_id),
    ]
    for pair in overlaps:
        said = issue(await bundled(client, "transaction", *pair), 400)
        assert said["expression"] == ["Bundle.entry[1]"]
    assert await kept(world) == before


async def test_a_create_that_was_overtaken_looks_again(world, client, monkeypatch):
    number, tries = world.nhs_number(), []
    work = Desk.attempt

    async def counted(self, *more):
        tries.append(1)
        return await work(self, *more)

    monkeypatch.setattr(Desk, "attempt", counted)
    url = f"{R4}/Patient?identifier={NHS}|{number}"
    said = await asyncio.gather(*(client.put(url, json=patient(number), headers=JSON) for _ in range(4)))
    assert sorted(answer.status_code for answer in said) == [200, 200, 200, 201]
    assert len(tries) == 4
