"""Parts of resources by read and vread: `_summary` and `_elements`."""

from typing import Any

import pytest

from tests.support.r4 import R4, created, goal, issue

STRICT = {"Prefer": "handling=strict"}


@pytest.fixture
async def address(world, client):
    more: dict[str, Any] = {"startDate": "2026-03-01", "note": [{"text": "a"}]}
    text = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Walk</div>'}
    one = await created(client, goal(await world.person(client), **more) | {"text": text})
    return f"{R4}/Goal/{one['id']}"


MUST = {"resourceType", "id", "meta", "lifecycleStatus", "description", "subject"}
PARTS = [
    ("_summary=true", MUST | {"startDate"}),
    ("_summary=text", MUST | {"text"}),
    ("_summary=data", MUST | {"startDate", "note"}),
    ("_elements=note", MUST | {"note"}),
    ("_elements=note,nonsense&_pretty=true", MUST | {"note"}),
    ("_elements=start", MUST | {"startDate"}),
]
WHOLE = ["", "_summary=false", "_summary=", "_elements=", "_elements=nonsense", "_summary=count"]


async def test_a_part_says_that_it_is_one(client, address):
    for path in (address, f"{address}/_history/1"):
        for query, names in PARTS:
            answer = await client.get(f"{path}?{query}")
            assert answer.json().keys() == names, query
            assert [tag["code"] for tag in answer.json()["meta"]["tag"]][-1:] == ["SUBSETTED"]
            assert answer.headers["etag"] == 'W/"1"'


async def test_the_whole_says_nothing(client, address):
    whole = (await client.get(address)).json()
    for query in WHOLE:
        assert (await client.get(f"{address}?{query}")).json() == whole, query
    assert "SUBSETTED" not in str(whole)


async def test_what_is_no_part_is_refused(client, address):
    assert issue(await client.get(f"{address}?_summary=all"), 400)["code"] == "value"
    said = issue(await client.get(f"{address}?_elements=note,nonsense", headers=STRICT), 400)
    assert "nonsense" in said["details"]["text"]
    assert (await client.get(f"{address}?_elements=note", headers=STRICT)).status_code == 200
