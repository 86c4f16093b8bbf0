"""HEAD, conditional reads, the statement's mode, the ids of requests, and web pages of other origins."""

import re

import pytest
from pydantic import ValidationError

from api.settings import Settings
from tests.support.r4 import JSON, R4, created, goal, issue

APP = "https://app.example.org"


@pytest.fixture
async def address(world, client):
    world.at("2026-03-02T10:00:00.500Z")
    one = await created(client, goal(await world.person(client)))
    return f"{R4}/Goal/{one['id']}"


UNLIKE = {"x-request-id"}


async def test_head_says_what_get_says_without_its_body(client, address):
    paths = ["", "/", "?_format=xml", "?_summary=true", "?_pretty=true", "/_history", "/_history/1", "/_history/7"]
    others = [f"{R4}/metadata", f"{R4}/Goal", f"{R4}/Goal/", f"{R4}/Goal/none", f"{R4}/Nonsense", "/fhir/STU3/Goal"]
    fixed = {"X-Request-Id": "one"}
    for path in [*(address + path for path in paths), *others]:
        get, head = await client.get(path, headers=fixed), await client.head(path, headers=fixed)
        assert head.status_code == get.status_code, path
        assert head.content == b"", path
        assert dict(head.headers) == dict(get.headers), path


async def test_an_address_is_the_same_with_a_slash_at_its_end(client, address):
    for path in (address, f"{R4}/Goal", f"{address}/_history", f"{R4}/metadata"):
        one, other = await client.get(path), await client.get(f"{path}/")
        assert (one.status_code, one.json()) == (200, other.json()), path
    made = await client.post(f"{R4}/Goal/", json=(await client.get(address)).json(), headers=JSON)
    assert made.status_code == 201


SINCE = [
    ({"If-Modified-Since": "Mon, 02 Mar 2026 10:00:00 GMT"}, 304),
    ({"If-Modified-Since": "Mon, 02 Mar 2026 10:00:01 GMT"}, 304),
    ({"If-Modified-Since": "Mon, 02 Mar 2026 09:59:59 GMT"}, 200),
    ({"If-Modified-Since": "Monday, 02-Mar-26 10:00:00 GMT"}, 304),
    ({"If-Modified-Since": "yesterday"}, 200),
    ({"If-Modified-Since": ""}, 200),
    ({"If-Modified-Since": "Mon, 99 Mar 99999999 10:00:00 GMT"}, 200),
    ({"If-Modified-Since": "Mon, 02 Mar 2026 10:00:00 GMT", "If-None-Match": 'W/"7"'}, 200),
    ({"If-Modified-Since": "Mon, 02 Mar 2020 10:00:00 GMT", "If-None-Match": 'W/"1"'}, 304),
]


async def test_who_has_it_already_is_told_so(client, address):
    for path in (address, f"{address}/_history/1"):
        for headers, status in SINCE:
            answer = await client.get(path, headers=headers)
            assert answer.status_code == status, headers
            assert answer.headers["etag"] == 'W/"1"'
            assert answer.headers["last-modified"] == "Mon, 02 Mar 2026 10:00:00 GMT"
            assert bool(answer.content) is (status == 200)


MODES = [("full", 200, ""), ("normative", 200, ""), ("", 200, ""), ("terminology", 400, "not-supported")]


async def test_the_statement_knows_its_modes(world):
    client = world.anonymous()
    for mode, status, code in [*MODES, ("bogus", 400, "value")]:
        answer = await client.get(f"{R4}/metadata?mode={mode}")
        assert answer.status_code == status, mode
        assert not code or issue(answer, status)["code"] == code


async def test_the_statement_is_not_sent_twice(world):
    client = world.anonymous()
    first = await client.get(f"{R4}/metadata")
    again = await client.get(f"{R4}/metadata", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (await client.get(f"{R4}/metadata", headers={"If-None-Match": 'W/"other"'})).status_code == 200


IDS = [
    ({}, "own", None),
    ({"X-Request-Id": "abc-1.2_3"}, "abc-1.2_3", None),
    ({"X-Request-Id": "a/b:c"}, "own", "a/b:c"),
    ({"X-Request-Id": "x" * 65}, "own", "x" * 65),
    ({"X-Request-Id": "x" * 201}, "own", None),
    ({"X-Request-Id": "two words"}, "own", None),
    ({"X-Request-Id": "caf\u00e9".encode()}, "own", None),
    ({"X-Request-Id": "ok", "X-Correlation-Id": "journey/7"}, "ok", "journey/7"),
    ({"X-Request-Id": "a/b", "X-Correlation-Id": "journey"}, "own", "a/b"),
    ({"X-Correlation-Id": "journey"}, "own", "journey"),
]


async def test_a_request_has_its_own_id_or_one_of_ours(client):
    for headers, id_, correlation in IDS:
        for path in (f"{R4}/metadata", f"{R4}/Goal/none", "/v1/people"):
            answer = await client.get(path, headers=headers)
            said = answer.headers["x-request-id"]
            assert said == id_ or (id_ == "own" and re.fullmatch(r"[0-9a-f-]{36}", said)), headers
            assert answer.headers.get("x-correlation-id") == correlation, headers


@pytest.fixture
def open_to_app(world):
    world.settings = world.settings.model_copy(update={"origins": frozenset({APP})})


ASKS = {
    "Origin": APP,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,if-match",
}


@pytest.mark.usefixtures("open_to_app")
async def test_a_web_page_of_a_known_origin_may_use_the_doors(world, client):
    for path in (f"{R4}/Goal/1", "/v1/people"):
        asked = await world.anonymous().options(path, headers=ASKS)
        assert (asked.status_code, asked.content) == (204, b"")
        assert asked.headers["access-control-allow-origin"] == APP
        assert "PUT" in asked.headers["access-control-allow-methods"]
        assert {"Authorization", "If-Match", "Content-Type", "Prefer"} <= words(asked, "allow-headers")
        assert "x-request-id" in asked.headers
        answer = await client.get(path, headers={"Origin": APP})
        assert answer.headers["access-control-allow-origin"] == APP
        assert {"ETag", "Location", "Last-Modified", "Content-Location", "X-Request-Id"} <= words(
            answer, "expose-headers"
        )
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers


def words(answer, name):
    return set(answer.headers[f"access-control-{name}"].split(", "))


@pytest.mark.usefixtures("open_to_app")
async def test_other_origins_are_told_nothing(client):
    for origin in ("https://evil.example.org", f"{APP}.evil.org", "null", ""):
        answer = await client.get(f"{R4}/metadata", headers={"Origin": origin})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert issue(await client.options(f"{R4}/Goal", headers=ASKS | {"Origin": origin}), 405)


async def test_by_itself_no_web_page_may(client):
    answer = await client.get(f"{R4}/metadata", headers={"Origin": APP})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert issue(await client.options(f"{R4}/Goal", headers=ASKS), 405)


@pytest.mark.parametrize("origin", ["*", "app.example.org", f"{APP}/", "https://a b", "javascript:x"])
def test_an_origin_is_an_address_and_nothing_else(origin):
    with pytest.raises(ValidationError):
        Settings(origins=frozenset({origin}))
