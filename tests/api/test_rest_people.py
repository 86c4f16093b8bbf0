"""People at the REST door: begun once, found by what they are known by, changed in the version that was read."""

import asyncio

import pytest

from tests.support.deeds import count
from tests.support.rest import begun, items, problem
from tests.support.world import World


async def test_a_person_is_begun_and_read_back(world: World):
    client = world.client()
    body = {"name": {"given": ["Mary"], "family": "Okafor"}, "nhs_number": "943 476 5919", "birth_date": "1941-05"}
    answer = await client.post("/v1/people", json=body)
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    person = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/people/{person}"
    assert answer.json() | body == answer.json() | {"nhs_number": "943 476 5919"}
    assert answer.json()["nhs_number"] == "9434765919"
    again = await client.get(f"/v1/people/{person}")
    assert again.content == answer.content
    assert again.headers["etag"] == '"1"'


async def test_what_is_known_already_is_not_sent_again(world: World):
    client = world.client()
    person = await begun(world, client)
    for tag in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = await client.get(person, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == '"1"'
    assert (await client.get(person, headers={"If-None-Match": '"2"'})).status_code == 200


async def test_the_same_nhs_number_begins_no_second_plan(world: World):
    client, number = world.client(), world.nhs_number()
    person = await begun(world, client, nhs_number=number)
    body = {"name": {"family": "Other"}, "nhs_number": number}
    said = problem(await client.post("/v1/people", json=body), 409, "duplicate")
    assert person.endswith(said["person"])
    stranger = world.client("housing_officer", "HA1")
    assert "person" not in problem(await stranger.post("/v1/people", json=body), 409, "duplicate")


async def test_people_are_found_among_those_one_may_see(world: World):
    client, other, number = world.client(), world.client("housing_officer", "HA1"), world.nhs_number()
    tenant = {"system": "urn:x-landlord", "value": "T-1"}
    person = await begun(
        world,
        client,
        name={"given": ["M\u00e1ry", "Ann"], "family": "van der Berg"},
        nhs_number=number,
        birth_date="1941-05-17",
        identifiers=[tenant],
    )
    await begun(world, client, name={"family": "Smith"}, birth_date="1950-01-01")
    for query in (
        {"nhs_number": f"{number[:3]} {number[3:6]} {number[6:]}"},
        {"identifier": f"https://fhir.nhs.uk/Id/nhs-number|{number}"},
        {"identifier": "urn:x-landlord|T-1"},
        {"identifier": "T-1"},
        {"name": "mary van"},
        {"name": "van der berg"},
        {"birth_date": "1941"},
        {"birth_date": "1941-05-17", "name": "MARY"},
    ):
        found = items(await client.get("/v1/people", params=query))
        assert [person.endswith(one["id"]) for one in found] == [True], query
        assert items(await other.get("/v1/people", params=query)) == []
    for query in ({"identifier": "|T-1"}, {"name": "berg"}, {"name": "100%"}, {"birth_date": "1942"}):
        assert items(await client.get("/v1/people", params=query)) == []


async def test_a_page_goes_on_where_the_one_before_ended(world: World):
    client = world.client()
    people = [await begun(world, client) for _ in range(5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get("/v1/people", params={"limit": "2", **cursor})
        found += [one["id"] for one in items(answer)]
        if "next" not in answer.json():
            break
        cursor = {"cursor": answer.json()["next"]}
    assert [f"/v1/people/{id_}" for id_ in found] == people
    stranger = world.client("housing_officer", "HA1")
    assert items(await stranger.get("/v1/people", params=cursor)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"nhs_number": "9434765918"},
        {"nhs_number": "943"},
        {"identifier": "system|"},
        {"identifier": "https://fhir.nhs.uk/Id/nhs-number|12"},
        {"birth_date": "soon"},
        {"birth_date": "1941-05-17T10:00:00Z"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"cursor": "e30"},
        {"cursor": "bm9uc2Vuc2U"},
        {"name": ""},
        {"surname": "Smith"},
    ],
)
async def test_a_search_that_is_not_understood_is_refused(world: World, query: dict[str, str]):
    said = problem(await world.client().get("/v1/people", params=query), 400, "bad_value", "")
    assert len(said["errors"]) == 1


async def test_a_parameter_that_stands_twice_is_refused(world: World):
    problem(await world.client().get("/v1/people?name=a&name=b"), 400, "bad_value", "")


async def test_a_person_is_changed_in_the_version_that_was_read(world: World):
    client = world.client()
    person = await begun(world, client)
    body = (await client.get(person)).json()
    body["preferred_name"] = "Sammy"
    answer = await client.put(person, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 2
    assert answer.headers["etag"] == '"2"'
    stale = problem(await client.put(person, json=body), 412, "stale")
    assert stale["current_version"] == 2
    assert stale["changed"] == ["/preferred_name"]
    del body["version"]
    problem(await client.put(person, json=body), 428, "version_required", "/version")
    both = await client.put(person, json=body | {"version": 2}, headers={"If-Match": '"1"'})
    problem(both, 400, "bad_value", "/version")
    assert (await client.put(person, json=body, headers={"If-Match": 'W/"2"'})).json()["version"] == 3


async def test_a_person_is_not_deleted(world: World):
    client = world.client()
    person = await begun(world, client)
    answer = await client.delete(person)
    problem(answer, 405, "no_method")
    assert answer.headers["allow"] == "GET, HEAD, PUT"


async def test_sixteen_posts_of_one_key_begin_one_plan(world: World):
    client, key = world.client(), {"Idempotency-Key": "one-and-the-same"}
    body = {"name": {"family": "Once"}}
    answers = await asyncio.gather(*(client.post("/v1/people", json=body, headers=key) for _ in range(16)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in done}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
    assert await count(world, "person") == 1
    again = await client.post("/v1/people", json=body, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == done[0].headers["location"]


async def test_a_repetition_reads_as_it_did_the_first_time(world: World):
    client, key = world.client(), {"Idempotency-Key": "first"}
    body = {"name": {"family": "Before"}}
    first = await client.post("/v1/people", json=body, headers=key)
    changed = {"name": {"family": "After"}, "version": 1}
    assert (await client.put(first.headers["location"], json=changed)).status_code == 200
    again = await client.post("/v1/people", json=body, headers=key)
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, '"1"')


async def test_a_key_belongs_to_one_action_of_one_caller(world: World):
    client, key = world.client(), {"Idempotency-Key": "mine"}
    assert (await client.post("/v1/people", json={"name": {"family": "A"}}, headers=key)).status_code == 201
    answer = await client.post("/v1/people", json={"name": {"family": "B"}}, headers=key)
    problem(answer, 422, "idempotency_key_reused")
    other = world.client("social_worker", "LA1")
    assert (await other.post("/v1/people", json={"name": {"family": "B"}}, headers=key)).status_code == 201
    bad = await client.post("/v1/people", json={"name": {"family": "A"}}, headers={"Idempotency-Key": "a b"})
    problem(bad, 400, "bad_value", "")


async def test_the_directory_is_read_by_everybody_who_is_signed_in(world: World):
    for id_, name in (("RX1", "Leeds Hospital"), ("HA1", "Quarry Housing")):
        await world.agency(id_, name)
    client = world.client("benefits_adviser", "CA9")
    assert [one["id"] for one in items(await client.get("/v1/agencies"))] == ["HA1", "RX1"]
    assert [one["title"] for one in items(await client.get("/v1/agencies?name=quarry"))] == ["Quarry Housing"]
    assert (await client.get("/v1/agencies/RX1")).json()["title"] == "Leeds Hospital"
    page = (await client.get("/v1/agencies?limit=1")).json()
    after = await client.get("/v1/agencies", params={"limit": "1", "cursor": page["next"]})
    assert [one["id"] for one in items(after)] == ["RX1"]
    assert items(await client.get("/v1/workers?agency=RX1")) == []
    problem(await client.get("/v1/workers?agency=.."), 400, "bad_value", "")
    problem(await client.get("/v1/workers/nobody"), 404, "not_found")
    problem(await world.anonymous().get("/v1/agencies"), 401, "no_token")
