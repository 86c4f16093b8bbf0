"""The team, what one may do in a plan and why, and whether the service is there at all, at the REST door."""

import pytest

from api.rest import health
from db import migrate
from db.engine import Unavailable
from tests.support.deeds import consent
from tests.support.rest import GOAL, begun, made, problem
from tests.support.world import World


async def test_an_agency_joins_is_shown_and_leaves(world: World):
    client, other = world.client(), world.client("social_worker", "LA1")
    person = await begun(world, client)
    await world.agency("LA1", "Leeds Council")
    problem(await other.get(f"{person}/plan"), 404, "not_found")
    joining = {"agency": "LA1", "role": "Social work", "worker": "w1"}
    answer = await client.post(f"{person}/team", json=joining, headers={"Idempotency-Key": "join"})
    assert answer.status_code == 201, answer.text
    member = answer.json()
    assert member | joining | {"basis": "added"} == member
    assert answer.headers["location"] == f"{person}/team/{member['id']}"
    assert (await client.get(answer.headers["location"])).json() == member | {"name": "Leeds Council"}
    again = await client.post(f"{person}/team", json=joining)
    assert again.json() == member
    assert (await other.get(f"{person}/plan")).status_code == 200
    team = await client.get(f"{person}/team")
    assert [one["agency"] for one in team.json()["members"]] == ["RX1", "LA1"]
    assert (await client.get(f"{person}/team", headers={"If-None-Match": team.headers["etag"]})).status_code == 304
    for _ in range(2):
        assert (await client.delete(answer.headers["location"])).status_code == 204
    problem(await other.get(f"{person}/plan"), 404, "not_found")
    assert "until" in (await client.get(answer.headers["location"])).json()


async def test_a_joining_that_is_not_right_changes_nothing(world: World):
    client, stranger = world.client(), world.client("housing_officer", "HA1")
    person = await begun(world, client)
    tag = (await client.get(f"{person}/team")).headers["etag"]
    problem(await client.post(f"{person}/team", json={"agency": "NOBODY"}), 400, "bad_value", "/agency")
    problem(await client.post(f"{person}/team", json={"agency": "user:me"}), 400, "bad_value", "/agency")
    problem(await client.post(f"{person}/team", json={"role": "x"}), 400, "required", "/agency")
    problem(await client.post(f"{person}/team", json={"agency": "RX1", "x": 1}), 400, "invalid", "/x")
    problem(await client.delete(f"{person}/team/nobody"), 404, "not_found")
    problem(await client.get(f"{person}/team/nobody"), 404, "not_found")
    problem(await stranger.get(f"{person}/team"), 404, "not_found")
    problem(await stranger.get(f"{person}/team/nobody"), 404, "not_found")
    problem(await stranger.post(f"{person}/team", json={"agency": "HA1"}), 404, "not_found")
    assert (await client.get(f"{person}/team")).headers["etag"] == tag


async def test_a_token_without_the_type_of_a_team_sees_none(world: World):
    person = await begun(world, world.client())
    blind = world.client(scopes="user/CarePlan.rs user/Goal.rs")
    problem(await blind.get(f"{person}/team"), 404, "not_found")
    assert list((await blind.get(f"{person}/plan")).json()) == ["plan", "sections"]


async def test_the_caller_is_told_what_they_may_do_and_what_decided(world: World):
    client = world.client()
    person = await begun(world, client)
    told = (await client.get(f"{person}/access")).json()
    assert (told["role"], told["agency"], told["basis"]) == ("clinician", "RX1", "created")
    assert told["charter"] == world.desk.charter.version
    assert told["frame"] == {"read": True, "write": "any", "decided_by": "charter"}
    assert told["sections"]["health"] == {"read": True, "write": "any", "decided_by": "charter"}
    assert told["sections"]["housing"] == {"read": True, "write": "own", "decided_by": "charter"}
    assert told["sections"]["benefits"] == {"read": False, "write": "none", "decided_by": "charter"}
    deny = consent(person.rpartition("/")[2], "deny", ["legal"], {"agency": "RX1"})
    await world.write(world.visit(), deny)
    told = (await client.get(f"{person}/access")).json()
    assert told["sections"]["legal"] == {"read": False, "write": "none", "decided_by": "consent"}
    reader = (await world.client(scopes="user/*.rs").get(f"{person}/access")).json()
    assert reader["sections"]["health"] == {"read": True, "write": "none", "decided_by": "token"}
    problem(await world.client("housing_officer", "HA1").get(f"{person}/access"), 404, "not_found")
    problem(await client.get("/v1/people/nobody/access"), 404, "not_found")


async def test_a_person_reads_and_writes_their_own_plan(world: World):
    client = world.client()
    person = await begun(world, client)
    own = world.client("person", "PERSON", person=person.rpartition("/")[2], scopes="patient/*.cruds")
    assert (await own.get(f"{person}/access")).json()["basis"] == "self"
    mine = await made(own, f"{person}/plan/sections/health/goal")
    assert (await own.put(mine.headers["location"], json=GOAL | {"note": "x", "version": 1})).status_code == 200
    theirs = await made(client, f"{person}/plan/sections/health/goal")
    refused = await own.put(theirs.headers["location"], json=GOAL | {"version": 1})
    assert problem(refused, 403, "refused")["question"] == "ownership"
    other = await begun(world, client)
    problem(await own.get(f"{other}/plan"), 404, "not_found")


async def test_the_service_is_alive_and_ready(world: World):
    client = world.anonymous()
    assert (await client.get("/livez")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_the_service_is_not_ready_without_its_schema_and_asks_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    client, said = world.anonymous(), iter([False, False, True])
    monkeypatch.setattr(migrate, "is_current", lambda url: next(said))
    for _ in range(2):
        answer = await client.get("/readyz")
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"
    assert (await client.get("/readyz")).status_code == 200
    monkeypatch.setattr(migrate, "is_current", lambda url: False)
    monkeypatch.setattr(health, "KEPT", 0.0)
    assert (await client.get("/readyz")).status_code == 200


async def test_a_database_that_cannot_answer_is_said_once_the_last_answer_is_old(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(health, "KEPT", 0.0)
    client = world.anonymous()
    assert (await client.get("/readyz")).status_code == 200

    async def silent(sql: str, values: object = ()) -> None:
        raise Unavailable("gone away")

    monkeypatch.setattr(world.service.database, "rows", silent)
    problem(await client.get("/readyz"), 503, "unavailable")
    assert (await client.get("/livez")).status_code == 200
