"""What cannot be taken is refused with a problem that says where and how to mend it, and nothing is changed."""

import gzip
from typing import Any

import pytest

from tests.support.deeds import counts
from tests.support.rest import GOAL, begun, made, problem
from tests.support.world import World

JSON = {"Content-Type": "application/json"}
LIMIT = 1024 * 1024


def _goal(text: str) -> bytes:
    return b'{"goal":' + text.encode() + b',"status":"active"}'


BODIES: list[tuple[str, bytes, int, str]] = [
    ("cut short", b'{"goal":"Walk","status"', 400, "malformed"),
    ("no JSON", b"goal=Walk", 400, "malformed"),
    ("empty", b"", 400, "malformed"),
    ("two values", b"{}{}", 400, "malformed"),
    ("a trailing comma", b'{"goal":"Walk","status":"active",}', 400, "malformed"),
    ("a name twice", b'{"goal":"Walk","goal":"Run","status":"active"}', 400, "malformed"),
    ("too deep", _goal("[" * 70 + "]" * 70), 400, "malformed"),
    ("NaN", _goal("NaN"), 400, "malformed"),
    ("infinity", _goal("-Infinity"), 400, "malformed"),
    ("a number without end", _goal("1e999"), 400, "malformed"),
    ("half a surrogate pair", _goal('"\\ud800"'), 400, "malformed"),
    ("NUL", _goal('"a\\u0000b"'), 400, "malformed"),
    ("a raw NUL", b'{"goal":"a\x00b","status":"active"}', 400, "malformed"),
    ("a raw control character", b'{"goal":"a\x01b","status":"active"}', 400, "malformed"),
    ("Latin-1", '{"goal":"caf\u00e9","status":"active"}'.encode("latin-1"), 400, "malformed"),
    ("UTF-16", '{"goal":"Walk","status":"active"}'.encode("utf-16"), 400, "malformed"),
    ("a list", b"[]", 400, "invalid"),
    ("a text", b'"goal"', 400, "invalid"),
    ("null", b"null", 400, "invalid"),
    ("too large", b'{"goal":"' + b"x" * LIMIT + b'","status":"active"}', 413, "too_large"),
]


@pytest.mark.parametrize("name,body,status,code", BODIES, ids=[row[0] for row in BODIES])
async def test_a_body_that_cannot_be_read_changes_nothing(world: World, name: str, body: bytes, status: int, code: str):
    client = world.client()
    shelf = f"{await begun(world, client)}/plan/sections/health/goal"
    one = (await made(client, shelf)).headers["location"]
    before = await counts(world)
    problem(await client.post(shelf, content=body, headers=JSON), status, code, "")
    problem(await client.put(one, content=body, headers=JSON | {"If-Match": '"1"'}), status, code, "")
    assert await counts(world) == before


FIELDS: list[tuple[str, dict[str, Any], str]] = [
    ("invalid", {"gaol": "Walk"}, "/gaol"),
    ("bad_value", {"importance": "8"}, "/importance"),
    ("bad_value", {"importance": 10**30}, "/importance"),
    ("bad_value", {"needs": []}, "/needs"),
    ("bad_value", {"note": ""}, "/note"),
    ("bad_value", {"note": None}, "/note"),
    ("bad_value", {"code": {}}, "/code"),
    ("bad_value", {"needs": ["Condition/" + "x" * 65]}, "/needs/0"),
    ("bad_value", {"expressed_by": {"reference": "Patient/a/b/c"}}, "/expressed_by/reference"),
    ("bad_value", {"expressed_by": {"reference": "Patient/nobody"}}, "/expressed_by/reference"),
    ("bad_value", {"section": "housing"}, "/section"),
    ("bad_value", {"kind": "need"}, "/kind"),
]


@pytest.mark.parametrize("code,wrong,pointer", FIELDS)
async def test_a_field_that_is_wrong_changes_nothing(world: World, code: str, wrong: dict[str, Any], pointer: str):
    client = world.client()
    shelf = f"{await begun(world, client)}/plan/sections/health/goal"
    one = (await made(client, shelf)).headers["location"]
    before = await counts(world)
    problem(await client.post(shelf, json=GOAL | wrong), 400, code, pointer)
    problem(await client.put(one, json=GOAL | wrong | {"version": 1}), 400, code, pointer)
    problem(await client.put(one, json=GOAL | {"id": "another", "version": 1}), 400, "bad_value", "/id")
    assert await counts(world) == before


@pytest.mark.parametrize(
    "wrong,code,pointer",
    [
        ({"nhs_number": "9434765918"}, "bad_value", "/nhs_number"),
        ({"nhs_number": 9434765919}, "bad_value", "/nhs_number"),
        ({"id": ".."}, "invalid", "/id"),
        ({"name": {}}, "bad_value", "/name"),
        ({"birth_date": "1941-13"}, "bad_value", "/birth_date"),
        ({"identifiers": [{"system": "urn:x"}]}, "required", "/identifiers/0/value"),
    ],
)
async def test_a_person_who_is_not_right_is_not_begun(world: World, wrong: dict[str, Any], code: str, pointer: str):
    before = await counts(world)
    problem(await world.client().post("/v1/people", json={"name": {"family": "X"}} | wrong), 400, code, pointer)
    assert await counts(world) == before


async def test_an_identifier_of_an_unknown_system_is_kept(world: World):
    client = world.client()
    held = [{"system": "urn:x-never-heard-of", "value": "A 7"}, {"value": "B8"}]
    person = await begun(world, client, identifiers=held)
    assert (await client.get(person)).json()["identifiers"] == held


async def test_a_byte_order_mark_is_passed_over(world: World):
    client = world.client()
    body = b"\xef\xbb\xbf" + b'{"name":{"family":"Mark"}}'
    assert (await client.post("/v1/people", content=body, headers=JSON)).status_code == 201


async def test_a_packed_body_is_unpacked_and_bounded(world: World):
    client = world.client()
    packed = JSON | {"Content-Encoding": "gzip"}
    body = gzip.compress(b'{"name":{"family":"Packed"}}')
    assert (await client.post("/v1/people", content=body, headers=packed)).status_code == 201
    bomb = gzip.compress(b" " * (LIMIT + 1))
    problem(await client.post("/v1/people", content=bomb, headers=packed), 413, "too_large", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/fhir+json"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
)
async def test_a_body_of_another_kind_is_not_taken(world: World, headers: dict[str, str]):
    answer = await world.client().post("/v1/people", content=b'{"name":{"family":"X"}}', headers=headers)
    problem(answer, 415, "media_type")


BAD_ADDRESSES = [
    ("/v1/people/%20", 400, "bad_value"),
    ("/v1/people/" + "x" * 65, 400, "bad_value"),
    ("/v1/people/...", 400, "bad_value"),
    ("/v1/people/a_b/plan", 400, "bad_value"),
    ("{person}/plan/sections/kitchen", 404, "not_found"),
    ("{person}/plan/sections/frame", 404, "not_found"),
    ("{person}/plan/sections/health/wish", 404, "not_found"),
    ("{person}/plan/sections/health/stay", 404, "not_found"),
    ("{person}/plan/sections/health/person", 404, "not_found"),
    ("{person}/plan/sections/health/goal/a_b", 400, "bad_value"),
    ("{person}/team/a_b", 400, "bad_value"),
]


@pytest.mark.parametrize("address,status,code", BAD_ADDRESSES)
async def test_an_address_that_cannot_be_is_answered_with_what_can(world: World, address: str, status: int, code: str):
    client = world.client()
    answer = await client.get(address.format(person=await begun(world, client)))
    problem(answer, status, code, "")


@pytest.mark.parametrize(
    "address,words",
    [
        ("{person}/plan/sections/kitchen/goal", "The sections are: about_me, health"),
        ("{person}/plan/sections/health/wish", "The kinds are: need, goal"),
        ("{person}/plan/sections/health/stay", "It stands in: transitions"),
    ],
)
async def test_what_does_not_exist_is_answered_with_the_list_of_what_does(world: World, address: str, words: str):
    client = world.client()
    answer = await client.post(address.format(person=await begun(world, client)), json=GOAL)
    assert problem(answer, 404, "not_found")["errors"][0]["mend"].startswith(words)


@pytest.mark.parametrize("address", ["/v1", "/v2/people", "/v1/people/", "/v1/people/x/plan/", "/docs", "/redoc"])
async def test_an_address_that_is_none_is_a_problem_too(world: World, address: str):
    problem(await world.client().get(address), 404, "not_found")


async def test_what_an_address_does_not_do_is_said_with_what_it_does(world: World):
    client = world.client()
    person = await begun(world, client)
    for method, address, allowed in (
        ("DELETE", "/v1/people", "GET, HEAD, POST"),
        ("POST", f"{person}/plan", "GET, HEAD"),
        ("PATCH", f"{person}/team", "GET, HEAD, POST"),
        ("OPTIONS", f"{person}/plan/sections/health/goal/x", "GET, HEAD, PUT, PATCH, DELETE"),
        ("POST", "/livez", "GET, HEAD"),
    ):
        answer = await client.request(method, address)
        problem(answer, 405, "no_method")
        assert answer.headers["allow"] == allowed


async def test_head_says_what_get_would(world: World):
    client = world.client()
    person = await begun(world, client)
    get, head = await client.get(f"{person}/plan"), await client.head(f"{person}/plan")
    assert (head.status_code, head.headers["etag"]) == (200, get.headers["etag"])


@pytest.mark.parametrize("tag", ["1", '"1", "2"', "*", "W/1"])
async def test_an_if_match_that_is_no_single_tag_is_refused(world: World, tag: str):
    client = world.client()
    one = (await made(client, f"{await begun(world, client)}/plan/sections/health/goal")).headers["location"]
    problem(await client.put(one, json=GOAL, headers={"If-Match": tag}), 400, "bad_value", "")


async def test_an_if_match_of_something_else_is_stale(world: World):
    client = world.client()
    one = (await made(client, f"{await begun(world, client)}/plan/sections/health/goal")).headers["location"]
    for tag in ('"abc"', '"99999999999"', '""'):
        assert problem(await client.put(one, json=GOAL, headers={"If-Match": tag}), 412, "stale")["changed"] == []


async def test_nobody_is_let_in_without_a_good_token(world: World):
    person = await begun(world, world.client())
    for address in ("/v1/people", person, f"{person}/plan", f"{person}/team", f"{person}/changes", "/v1/agencies"):
        answer = await world.anonymous().get(address)
        problem(answer, 401, "no_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    forged = {"Authorization": "Bearer not.a.token"}
    problem(await world.anonymous().get(person, headers=forged), 401, "bad_token")


async def test_the_request_id_comes_back_and_traceparent_is_let_pass(world: World):
    trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    answer = await world.client().get("/v1/people", headers={"X-Request-ID": "mine-7", "X-Correlation-ID": "c"} | trace)
    assert (answer.headers["x-request-id"], answer.headers["x-correlation-id"]) == ("mine-7", "c")
    assert problem(await world.client().get("/v1/nothing", headers={"X-Request-ID": "mine-8"}), 404, "not_found")
