"""Searching through the FHIR door: what is found, in which order, on which page, and by whom."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.deeds import count
from tests.support.r4 import R4, created, found, goal, ids, issue, patient, task
from tests.support.world import NHS

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def link(bundle, relation):
    return next((one["url"] for one in bundle["link"] if one["relation"] == relation), None)


def self_of(bundle):
    """What the server says it searched for."""
    return parse_qsl(urlsplit(link(bundle, "self")).query)


DIET = {"system": "urn:c", "code": "diet"}
GOALS: dict[str, dict[str, Any]] = {
    "a": {"lifecycleStatus": "active", "startDate": "2026-03-06", "category": [{"coding": [DIET]}]},
    "b": {"lifecycleStatus": "planned", "startDate": "2026-04-01", "category": [{"coding": [{"code": "diet"}]}]},
    "c": {"lifecycleStatus": "active", "startDate": "2025-12-31", "identifier": [{"system": "urn:i", "value": "7|8"}]},
    "d": {"lifecycleStatus": "completed", "meta": {"tag": [{"system": "urn:t", "code": "seen"}]}},
}  # fmt: skip
SEARCHES = [
    ("", "abcd"),
    ("lifecycle-status=active", "ac"),
    ("lifecycle-status=active,planned", "abc"),
    ("lifecycle-status=http://hl7.org/fhir/goal-status|active", "ac"),
    ("lifecycle-status=http://hl7.org/fhir/goal-status|", "abcd"),
    ("lifecycle-status=http://else.where|active", ""),
    ("lifecycle-status=active&category=diet", "a"),
    ("category=diet", "ab"),
    ("category=urn:c|diet", "a"),
    ("category=|diet", "b"),
    ("category=urn:c|", "a"),
    (r"identifier=urn:i|7\|8", "c"),
    ("_tag=urn:t|seen", "d"),
    ("start-date=2026-03-06", "a"),
    ("start-date=2026", "ab"),
    ("start-date=ge2026-03", "ab"),
    ("start-date=lt2026", "c"),
    ("start-date=gt2026-03-06", "b"),
    ("start-date=le2026-03-06T12:00:00Z", "ac"),
    ("start-date=ne2026-04-01", "ac"),
    ("start-date=sa2026-03-06", "b"),
    ("start-date=eb2026-03-06", "c"),
    ("start-date=ap2026-03", "a"),
    ("start-date=ge2026-01-01&start-date=le2026-03-31", "a"),
    ("_lastUpdated=ge2020-01-01", "abcd"),
    ("_lastUpdated=lt2020-01-01", ""),
    ("subject=PERSON", "abcd"),
    ("subject=Patient/PERSON", "abcd"),
    ("subject:Patient=PERSON", "abcd"),
    ("patient=PERSON", "abcd"),
    ("patient=Patient/PERSON", "abcd"),
    ("patient=http://127.0.0.1/fhir/R4/Patient/PERSON", "abcd"),
    ("patient=PERSON,none", "abcd"),
    ("patient=PERSON&patient=none", ""),
    ("patient=none", ""),
    ("patient=https://elsewhere.example/Patient/PERSON", ""),
    ("patient=Group/PERSON", ""),
    ("unknown=1", "abcd"),
    ("category=", "abcd"),
]


@pytest.fixture
async def goals(client, person):
    """Four goals, by name; none of them is changed."""
    return {name: (await created(client, goal(person, name, **more)))["id"] for name, more in GOALS.items()}


async def test_searches_find_what_they_say_by_get_and_by_post(client, person, goals):
    names = {id_: name for name, id_ in goals.items()}
    for text, expected in SEARCHES:
        search = text.replace("PERSON", person)
        by_get = await found(client, f"Goal?{search}")
        assert sorted(names[id_] for id_ in ids(by_get)) == list(expected), text
        assert by_get["total"] == len(expected), text
        assert (by_get["resourceType"], by_get["type"]) == ("Bundle", "searchset")
        posted = await client.post(f"{R4}/Goal/_search", content=search, headers=FORM)
        assert posted.json() == by_get, text


async def test_each_hit_says_where_it_is_and_why_it_is_there(client, goals):
    for one in (await found(client, "Goal"))["entry"]:
        assert one["fullUrl"] == f"http://127.0.0.1{R4}/Goal/{one['resource']['id']}"
        assert one["search"] == {"mode": "match"}


ORDERS = [
    ("_sort=start-date", "cabd"),
    ("_sort=-start-date", "dbac"),
    ("_sort=lifecycle-status,-start-date", "acdb"),
    ("_sort=_id", "abcd"),
    ("_sort=-_lastUpdated", "dcba"),
    ("_sort=-_lastUpdated,_id", "dcba"),
    ("_sort=category,_id", "abcd"),
    ("_sort=-category,_id", "cdab"),
    ("", "dcba"),
]


@pytest.mark.parametrize("size", [1, 3])
async def test_pages_follow_each_other_in_order_without_a_gap(client, goals, size):
    names = {id_: name for name, id_ in goals.items()}
    for order, expected in ORDERS:
        seen, url = [], f"{R4}/Goal?{order}&_count={size}"
        while url:
            page = (await client.get(url)).json()
            assert len(ids(page)) <= size
            seen += ids(page)
            url = link(page, "next")
        assert "".join(names[id_] for id_ in seen) == expected, order


async def test_a_page_after_a_search_by_post_is_got(client, goals):
    first = (await client.post(f"{R4}/Goal/_search?_count=3", content="_sort=_id", headers=FORM)).json()
    assert ("_count", "3") in self_of(first)
    second = (await client.get(link(first, "next"))).json()
    assert ids(first) + ids(second) == [goals[name] for name in "abcd"]


async def test_an_entry_that_comes_between_two_pages_moves_no_other(client, person, goals):
    first = await found(client, "Goal?_count=2")
    await created(client, goal(person, "late"))
    second = (await client.get(link(first, "next"))).json()
    assert sorted(ids(first) + ids(second)) == sorted(goals.values())


TOTALS = [
    ("_count=1", None),
    ("_count=1&_total=accurate", 4),
    ("_count=1&_total=estimate", 4),
    ("_count=1&patient=PERSON", 4),
    ("_count=1&patient=PERSON&_total=none", None),
    ("_total=none", None),
    ("_count=0", 4),
    ("_summary=count", 4),
    ("_summary=count&lifecycle-status=active", 2),
]


@pytest.mark.parametrize("search, total", TOTALS)
async def test_a_total_is_told_where_it_is_known_or_asked_for(client, person, goals, search, total):
    bundle = await found(client, f"Goal?{search.replace('PERSON', person)}")
    assert bundle.get("total") == total


async def test_who_asks_for_a_number_gets_no_entries(client, goals):
    for search in ("_count=0", "_summary=count"):
        assert "entry" not in await found(client, f"Goal?{search}")


async def test_self_tells_what_was_searched_for_and_nothing_else(client, goals):
    sent = "lifecycle-status=active&foo=bar&_include=Goal:subject&_count=5&_format=json&category="
    bundle = await found(client, f"Goal?{sent}")
    assert self_of(bundle) == [("lifecycle-status", "active"), ("_include", "Goal:subject"), ("_count", "5")]


@pytest.mark.parametrize("search", ["foo=bar", "_include=Goal:nothing", "_contained=true", "_filter=a"])
async def test_who_wants_it_strictly_is_told_what_is_not_understood(client, search):
    strict = {"Prefer": "handling=strict"}
    assert issue(await client.get(f"{R4}/Goal?{search}", headers=strict), 400)["code"] == "not-supported"
    assert (await client.get(f"{R4}/Goal?lifecycle-status=active&_format=json", headers=strict)).status_code == 200


REFUSED = [
    ("category:sounds=a", "not-supported"),
    ("patient.nothing=1", "not-supported"),
    ("_summary=nothing", "value"),
    ("_has:Task:patient:status=x", "not-supported"),
    ("_sort=description", "not-supported"),
    ("start-date=soon", "value"),
    ("_page=W10", "value"),
    ("_page=WzUsImlkIiwzXQ", "value"),
    ("category=%FF", "structure"),
    ("category=" + ",".join(map(str, range(101))), "too-costly"),
]


@pytest.mark.parametrize("search, code", REFUSED)
async def test_a_search_that_cannot_be_done_is_refused(client, search, code):
    assert issue(await client.get(f"{R4}/Goal?{search}"), 400)["code"] == code
    assert issue(await client.post(f"{R4}/Goal/_search", content=search, headers=FORM), 400)["code"] == code


@pytest.mark.parametrize("kind", ["application/json", "application/fhir+json", "text/plain"])
async def test_a_search_by_post_is_a_form(client, kind):
    issue(await client.post(f"{R4}/Goal/_search", content="{}", headers={"Content-Type": kind}), 415)


async def test_a_form_that_is_no_text_is_refused(client):
    issue(await client.post(f"{R4}/Goal/_search", content=b"category=\xff", headers=FORM), 400)


async def test_a_person_is_found_by_what_names_them(world, client):
    number = world.nhs_number()
    born = {"name": [{"family": "Ångström", "given": ["Mia"]}], "birthDate": "1950-02-03", "gender": "female"}
    mia = (await created(client, patient(number, **born)))["id"]
    await world.person(client)
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    for search in (
        f"identifier={NHS}|{number}",
        f"identifier={NHS}|{spaced}",
        f"identifier=https://fhir.nhs.uk/id/NHS-number|{number}",
        f"identifier={number}",
        "family=angstr",
        "name=MIA",
        "birthdate=1950-02",
        "gender=female",
        "gender=http://hl7.org/fhir/administrative-gender|female",
        f"_id={mia}",
        f"_id={mia},none",
    ):
        assert ids(await found(client, f"Patient?{search}")) == [mia], search


async def test_open_ended_periods_reach_as_far_as_they_say(client, person):
    made = await created(
        client,
        {
            "resourceType": "EpisodeOfCare",
            "status": "active",
            "patient": {"reference": f"Patient/{person}"},
            "period": {"start": "2024-05-01"},
        },
    )
    for date, there in [("ge2020", 1), ("le2031", 1), ("gt2030", 1), ("eq2031", 0), ("lt2024", 0), ("eb2031", 0)]:
        assert ids(await found(client, f"EpisodeOfCare?date={date}")) == [made["id"]] * there, date


async def test_tasks_are_found_by_what_they_are_tied_to(client, person):
    about = f"Goal/{(await created(client, goal(person)))['id']}"
    one = await created(client, task(person, focus={"reference": about}, owner={"reference": "Organization/RX1"}))
    elsewhere = {"identifier": {"system": "urn:o", "value": "1"}}
    other = await created(client, task(person, status="accepted", owner=elsewhere))
    assert ids(await found(client, f"Task?focus={about}")) == [one["id"]]
    assert ids(await found(client, f"Task?focus:Goal={about.split('/')[1]}")) == [one["id"]]
    assert ids(await found(client, "Task?owner:identifier=urn:o|1")) == [other["id"]]
    both = await found(client, f"Task?patient={person}&status=requested,accepted&_sort=-status")
    assert ids(both) == [one["id"], other["id"]]
    assert ids(await found(client, f"Task?patient={person}&owner=Organization/RX1")) == [one["id"]]


async def test_the_sections_of_a_plan_are_found_under_its_root(client, person):
    root = ids(await found(client, f"CarePlan?patient={person}&category=assess-plan"))
    assert len(root) == 1
    parts = await found(client, f"CarePlan?part-of=CarePlan/{root[0]}")
    assert parts["total"] == 8
    assert (await found(client, f"CareTeam?patient={person}&status=active"))["total"] == 1


async def test_the_directory_is_searched_without_a_person(world, client):
    await world.agency("RX2", "Riverside Homes")
    assert ids(await found(client, "Organization?name=riverside")) == ["RX2"]
    assert sorted(ids(await found(client, "Organization?_sort=_id&_count=1&_total=accurate"))) == ["RX1"]


async def test_two_callers_find_only_what_is_theirs_to_see(world, client, person, goals):
    await world.agency("RX2")
    other = world.client("housing_officer", "RX2")
    theirs = await world.person(other)
    mine = (await created(other, goal(theirs, "Fix the roof")))["id"]
    assert ids(await found(other, "Goal")) == [mine]
    assert sorted(ids(await found(client, "Goal"))) == sorted(goals.values())
    hidden, absent = [await found(other, f"Goal?patient={id_}") for id_ in (person, "none")]
    assert hidden.pop("link") != absent.pop("link")
    assert hidden == absent == {"resourceType": "Bundle", "type": "searchset", "total": 0}


async def test_a_link_of_somebody_else_shows_nothing(world, client, goals):
    first = await found(client, "Goal?_count=2")
    stranger = world.client(agency="RX2")
    page = (await stranger.get(link(first, "next"))).json()
    assert ids(page) == []


async def test_a_search_without_its_scope_is_refused(world, client):
    issue(await world.client(scopes="system/Goal.cru").get(f"{R4}/Goal"), 403)


async def test_every_search_leaves_its_event(world, client, goals):
    before = await count(world, "audit_event")
    await found(client, "Goal?lifecycle-status=none")
    await found(client, "Goal")
    assert await count(world, "audit_event") == before + 2
