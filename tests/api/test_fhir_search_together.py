"""Searches of several types at once through the FHIR door: everything, and the plan of one person (its compartment)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.deeds import count
from tests.support.r4 import R4, created, found, goal, ids, issue, task

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def some(client, person):
    """Two goals and a task of a person."""
    return {
        (await created(client, goal(person, "Walk", lifecycleStatus="active")))["id"]: "g",
        (await created(client, goal(person, "Swim", lifecycleStatus="planned")))["id"]: "h",
        (await created(client, task(person)))["id"]: "t",
    }


def names(bundle, some):
    return "".join(sorted(some[id_] for id_ in ids(bundle) if id_ in some))


def link(bundle, relation):
    return next((one["url"] for one in bundle["link"] if one["relation"] == relation), None)


FOUND = [
    ("Patient/PERSON/Goal", "gh"),
    ("Patient/PERSON/Goal?lifecycle-status=active", "g"),
    ("Patient/PERSON/Goal?patient=PERSON&lifecycle-status=planned", "h"),
    ("Patient/PERSON/Goal?patient=none", ""),
    ("Patient/PERSON/Goal?patient=none,PERSON", "gh"),
    ("Patient/PERSON/Task", "t"),
    ("Patient/PERSON/Observation", ""),
    ("Patient/PERSON/*", "ght"),
    ("Patient/PERSON/*?_type=Goal", "gh"),
    ("Patient/PERSON/*?_type=Goal,Task&_lastUpdated=ge2020", "ght"),
    ("Patient/PERSON/*?_lastUpdated=lt2020", ""),
    ("Patient/none/Goal", ""),
    ("Patient/none/*", ""),
    ("?_type=Goal", "gh"),
    ("?_type=Goal&lifecycle-status=active", "g"),
    ("?_type=Goal,Task", "ght"),
    ("?_type=Goal,Task&_id=none", ""),
    ("?_lastUpdated=ge2020", "ght"),
    ("", "ght"),
]


async def test_several_types_are_searched_at_once_by_get_and_by_post(client, person, some):
    for text, wanted in FOUND:
        search = text.replace("PERSON", person)
        by_get = await found(client, search)
        assert names(by_get, some) == wanted, text
        assert (by_get["type"], by_get["total"]) == ("searchset", len(ids(by_get))), text
        path, _, query = search.partition("?")
        posted = await client.post(f"{R4}/{path}/_search".replace("//", "/"), content=query, headers=FORM)
        assert posted.json() == by_get, text


async def test_the_plan_of_a_person_holds_the_person_and_the_frame(client, person, some):
    everything = await found(client, f"Patient/{person}/*?_count=100")
    types = {one["resource"]["resourceType"] for one in everything["entry"]}
    assert types == {"Patient", "CarePlan", "CareTeam", "Goal", "Task"}
    assert ids(await found(client, f"Patient/{person}/Patient")) == [person]


async def test_pages_of_several_types_are_the_whole_without_a_gap(client, person, some):
    for search in (f"Patient/{person}/*", "", f"Patient/{person}/Goal", "?_type=Goal,Task&_sort=_id"):
        mark = "&" if "?" in search else "?"
        whole = ids(await found(client, f"{search}{mark}_count=100"))
        seen, url = [], f"{R4}/{search}{mark}_count=2"
        while url:
            page = (await client.get(url)).json()
            seen += ids(page)
            url = link(page, "next")
        assert seen == whole, search


async def test_self_says_what_was_searched(client, person):
    bundle = await found(client, f"Patient/{person}/*?_type=Goal,Task&_count=5&foo=bar")
    said = urlsplit(link(bundle, "self"))
    assert said.path == f"{R4}/Patient/{person}/*"
    assert parse_qsl(said.query) == [("_type", "Goal,Task"), ("_count", "5")]
    said = urlsplit(link(await found(client, "?_type=Organization&name=Agency"), "self"))
    assert (said.path, parse_qsl(said.query)) == (R4, [("_type", "Organization"), ("name", "Agency")])


async def test_the_directory_is_searched_by_itself(world, client):
    assert ids(await found(client, "?_type=Organization,Practitioner")) == ["RX1"]
    assert issue(await client.get(f"{R4}?_type=Organization,Goal"), 400)["code"] == "not-supported"


REFUSED = [
    ("?_type=Goal&_type=Task", 400, "value"),
    ("?_type=Nonsense", 400, "not-supported"),
    ("?_type=Goal,Nonsense", 400, "not-supported"),
    ("?_type=Goal,Task&_sort=lifecycle-status", 400, "not-supported"),
    ("Patient/PERSON/Organization", 400, "not-supported"),
    ("Patient/PERSON/*?_type=Organization", 400, "not-supported"),
    ("Encounter/1/Goal", 400, "not-supported"),
    ("Practitioner/1/*", 400, "not-supported"),
    ("Patient/PERSON/Nonsense", 404, "not-supported"),
    ("Patient/a_b/Goal", 404, "not-found"),
]


async def test_what_cannot_be_searched_together_is_refused(client, person):
    for search, status, code in REFUSED:
        said = issue(await client.get(f"{R4}/{search.replace('PERSON', person)}"), status)
        assert said["code"] in (code, "not-found"), search


async def test_several_types_have_only_what_every_type_has(client, some):
    strict = {"Prefer": "handling=strict"}
    bundle = await found(client, "?_type=Goal,Task&lifecycle-status=active")
    assert names(bundle, some) == "ght"
    assert "lifecycle-status" not in link(bundle, "self")
    issue(await client.get(f"{R4}?_type=Goal,Task&lifecycle-status=active", headers=strict), 400)


async def test_two_callers_find_only_what_is_theirs_to_see(world, client, person, some):
    await world.agency("RX2")
    other = world.client(agency="RX2")
    for search in ("?_lastUpdated=ge2020", f"Patient/{person}/*", f"Patient/{person}/Goal"):
        hidden = await found(other, search)
        absent = await found(other, search.replace(person, "none"))
        assert (
            {**hidden, "link": 0}
            == {**absent, "link": 0}
            == {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": 0,
                "link": 0,
            }
        )


async def test_types_that_the_scopes_do_not_allow_are_left_out(world, client, person, some):
    few = world.client(scopes="system/Task.rs system/Goal.r")
    for search in ("", f"Patient/{person}/*", "?_type=Goal,Task"):
        assert names(await found(few, search), some) == "t"
    issue(await few.get(f"{R4}/Patient/{person}/Goal"), 403)
    issue(await few.get(f"{R4}?_type=Goal"), 403)
    issue(await world.client(scopes="system/Goal.r").get(R4), 403)


async def test_every_search_leaves_its_event(world, client, person, some):
    before = await count(world, "audit_event")
    await found(client, f"Patient/{person}/*")
    await found(client, f"Patient/{person}/Goal")
    assert await count(world, "audit_event") == before + 2
    rows = await world.database.rows(
        "select type, sections from audit_event where person_id = ? and action = 'E' order by at, id", (person,)
    )
    assert [row[0] for row in rows] == ["*", "Goal"]
    assert "frame" in rows[0][1].split(",")
