"""Histories through the FHIR door: of an entry, of a type, of everything; what they show, in which order, to whom."""

from typing import Any

import pytest

from api.cursors import made
from tests.support.deeds import count
from tests.support.r4 import JSON, R4, created, goal, issue, task

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def address(client, person):
    return f"{R4}/Goal/{(await created(client, goal(person)))['id']}"


async def change(client, address, text):
    one = (await client.get(address)).json()
    answer = await client.put(address, json={**one, "description": {"text": text}}, headers=JSON)
    assert answer.status_code == 200, answer.text


async def told(client, url):
    """The entries of a history: type, id, version, method; and the address of the next page."""
    answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "history")
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    return [_said(entry) for entry in bundle.get("entry", ())], links.get("next")


def _said(entry: dict[str, Any]) -> tuple[str, str, str]:
    address = entry["fullUrl"].partition(f"{R4}/")[2]
    version = entry["response"]["etag"].removeprefix('W/"').removesuffix('"')
    assert ("resource" in entry) is (entry["request"]["method"] != "DELETE")
    return address, version, entry["request"]["method"]


async def every(client, url):
    """All pages, as one."""
    pages = []
    while url:
        page, url = await told(client, url)
        pages.append(page)
    return pages


async def test_a_history_comes_in_pages(client, address):
    for text in "abcd":
        await change(client, address, text)
    pages = await every(client, f"{address}/_history?_count=2")
    assert [[version for _, version, _ in page] for page in pages] == [["5", "4"], ["3", "2"], ["1"]]


REFUSED = [
    ("_since=soon", "value"),
    ("_since=2026-03", "value"),
    ("_since=gt2026-01-01T00:00:00Z", "value"),
    ("_at=ge2026", "value"),
    ("_at=2026-13", "value"),
    ("_list=List/1", "not-supported"),
    ("_sort=_id", "not-supported"),
    ("_count=0", "value"),
    ("_count=x", "value"),
    ("_page=x", "value"),
    ("_count=1&_count=2", "value"),
    ("_since=2026-01-01T00:00:00Z&_since=2026-01-01T00:00:00Z", "value"),
]


async def test_a_history_is_asked_for_in_no_other_way(client, address):
    for query, code in REFUSED:
        for place in (address, f"{R4}/Goal", R4):
            assert issue(await client.get(f"{place}/_history?{query}"), 400)["code"] == code, (place, query)


async def test_before_the_first_version_there_is_nothing(client, address):
    issue(await client.get(f"{address}/_history?_page={made(before=1)}"), 404)


@pytest.fixture
async def days(world, client):
    """A goal and a task of a person that change day by day."""
    world.at("2026-03-01T10:00:00Z")
    person = await world.person(client)
    world.at("2026-03-02T10:00:00Z")
    first = f"Goal/{(await created(client, goal(person)))['id']}"
    world.at("2026-03-03T10:00:00Z")
    second = f"Task/{(await created(client, task(person)))['id']}"
    world.at("2026-03-04T10:00:00Z")
    await change(client, f"{R4}/{first}", "Walk to the park")
    world.at("2026-03-05T10:00:00Z")
    assert (await client.delete(f"{R4}/{first}")).status_code == 204
    world.at("2026-03-06T10:00:00Z")
    return {"P": f"Patient/{person}", "G": first, "T": second}


def short(entries, days):
    """The versions of the person, the goal and the task, as `G2`; whatever else a plan has is left out."""
    names = {address: name for name, address in days.items()}
    return " ".join(f"{names[address]}{version}" for address, version, _ in entries if address in names)


TOLD = [
    ("Goal/_history", "G3 G2 G1"),
    ("Goal/_history?_since=2026-03-04T10:00:00Z", "G3 G2"),
    ("Goal/_history?_since=2026-03-04T10:00:00.001Z", "G3"),
    ("Goal/_history?_since=2026-03-04T11:00:00+01:00", "G3 G2"),
    ("Goal/_history?_since=2026-03-04T11:00:00%2B01:00", "G3 G2"),
    ("Goal/_history?_at=2026-03-01", ""),
    ("Goal/_history?_at=2026-03-02", "G1"),
    ("Goal/_history?_at=2026-03-03", "G1"),
    ("Goal/_history?_at=2026-03-04", "G2 G1"),
    ("Goal/_history?_at=2026-03-04T12:00:00Z", "G2"),
    ("Goal/_history?_at=2026-03-05", "G3 G2"),
    ("Goal/_history?_at=2026-03-06", ""),
    ("Goal/_history?_at=2026", "G3 G2 G1"),
    ("Goal/_history?_at=2026&_since=2026-03-04T00:00:00Z", "G3 G2"),
    ("Goal/_history?_count=1000000000", "G3 G2 G1"),
    ("Goal/_history/?_format=json&_pretty=", "G3 G2 G1"),
    ("Task/_history", "T1"),
    ("CarePlan/_history?_since=2030-01-01T00:00:00Z", ""),
    ("_history", "G3 G2 T1 G1 P1"),
    ("_history?_since=2026-03-03T00:00:00Z", "G3 G2 T1"),
    ("_history?_at=2026-03-04T12:00:00Z", "G2 T1 P1"),
    ("GOAL/_history", "G3 G2 G1"),
    ("GOAL/_history?_since=2026-03-04T00:00:00Z", "G3 G2"),
    ("GOAL/_history?_since=2030-01-01T00:00:00Z", ""),
    ("GOAL/_history?_at=2026-03-04T12:00:00Z", "G2"),
    ("GOAL/_history?_at=2020", ""),
]


async def test_a_history_tells_what_changed_newest_first_deletions_included(client, days):
    for url, wanted in TOLD:
        whole, next_ = await told(client, f"{R4}/{url.replace('GOAL', days['G'])}")
        assert (short(whole, days), next_) == (wanted, None), url


async def test_the_pages_of_a_history_are_the_whole_without_a_gap(client, days):
    for url in ("Goal/_history", "_history", "_history?_since=2026-03-02T00:00:00Z"):
        whole, _ = await told(client, f"{R4}/{url}")
        for size in (1, 2, 5):
            pages = await every(client, f"{R4}/{url}{'&' if '?' in url else '?'}_count={size}")
            assert [one for page in pages for one in page] == whole
            assert all(len(page) == size for page in pages[:-1])


async def test_what_is_written_in_one_moment_has_an_order_all_the_same(world, client):
    world.at("2026-03-02T10:00:00Z")
    for number in range(3):
        await world.agency(f"HA{number}")
    await world.person(client)
    for url in ("Organization/_history", "_history"):
        whole, _ = await told(client, f"{R4}/{url}")
        pages = await every(client, f"{R4}/{url}?_count=1")
        assert [one for page in pages for one in page] == whole
        assert len(set(whole)) == len(whole) >= 3


async def test_a_history_has_no_total_and_self_says_what_was_asked(client, days):
    bundle = (await client.get(f"{R4}/Goal/_history?_since=2026-03-04T00:00:00Z&_count=1")).json()
    assert "total" not in bundle
    assert bundle["link"][0]["url"].endswith("/Goal/_history?_count=1&_since=2026-03-04T00%3A00%3A00Z")
    second = (await client.get(bundle["link"][1]["url"])).json()
    assert [link["relation"] for link in second["link"]] == ["self"]
    assert "total" not in (await client.get(f"{R4}/_history")).json()


async def test_the_directory_has_its_history_and_stands_in_that_of_everything(world, client):
    await world.agency("HA1")
    one, _ = await told(client, f"{R4}/Organization/_history")
    assert [address for address, *_ in one] == ["Organization/HA1", "Organization/RX1"]
    whole, _ = await told(client, f"{R4}/_history")
    assert set(one) <= set(whole)
    since, _ = await told(client, f"{R4}/Organization/HA1/_history?_since=2020-01-01T00:00:00Z")
    assert since == [("Organization/HA1", "1", "POST")]
    issue(await client.get(f"{R4}/Organization/none/_history?_since=2020-01-01T00:00:00Z"), 404)


async def test_an_empty_history_is_an_answer_and_a_hidden_entry_is_none(world, client, days):
    await world.agency("RX2")
    other = world.client(agency="RX2")
    for url in ("Goal/_history", "Task/_history", "Goal/_history?_at=2026"):
        assert await told(other, f"{R4}/{url}") == ([], None)
    whole, _ = await told(other, f"{R4}/_history")
    assert {address.partition("/")[0] for address, *_ in whole} == {"Organization"}
    for rest in ("", "?_since=2020-01-01T00:00:00Z", "?_at=2026"):
        hidden, absent = [await other.get(f"{R4}/{address}/_history{rest}") for address in (days["G"], "Goal/none")]
        assert issue(hidden, 404) == issue(absent, 404)


async def test_a_next_page_of_somebody_else_shows_what_the_one_who_asks_may_see(world, client, days):
    _, next_ = await told(client, f"{R4}/_history?_count=1")
    stranger = world.client(agency="RX2")
    whole, _ = await told(stranger, next_)
    assert {address.partition("/")[0] for address, *_ in whole} <= {"Organization"}


async def test_scopes_leave_types_out_of_the_history_of_everything(world, client, days):
    some = world.client(scopes="system/Task.rs system/Goal.r")
    whole, _ = await told(some, f"{R4}/_history")
    assert short(whole, days) == "T1"
    issue(await some.get(f"{R4}/Goal/_history"), 403)
    issue(await world.client(scopes="system/Goal.r").get(f"{R4}/_history"), 403)


async def test_every_history_leaves_its_event(world, client, days):
    before = await count(world, "audit_event")
    await told(client, f"{R4}/Goal/_history")
    await told(client, f"{R4}/Goal/_history?_since=2030-01-01T00:00:00Z")
    assert await count(world, "audit_event") == before + 2
    rows = await world.database.rows(
        "select type, sections, target from audit_event where type = 'Goal' and action = 'E'"
    )
    assert {(row[0], row[1], row[2]) for row in rows} == {("Goal", "health", ""), ("Goal", "", "")}


async def test_a_history_knows_no_other_method(client):
    for path in ("Goal/_history", "_history"):
        answer = await client.post(f"{R4}/{path}", content="_count=1", headers=FORM)
        assert issue(answer, 405)["code"] == "not-supported"
