"""What comes along with a page, at the desk and in the Bundle: each once, what may be seen, noted, never counted."""

from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest

from api import fhir_search
from api.deeds import Deed
from auth.access import Verb
from db.searching import Page
from fhir_facade import query as query_strings
from plan.problem import Trouble
from plan.query import Chain, Condition, Has, Include, Query, Text, Token
from tests.support.deeds import goal, refused
from tests.support.r4 import R4, created, found, ids, task
from tests.support.world import NHS, World

OWNER = Include("Task", "owner")
FOCUS = Include("Task", "focus")
ABOUT = Include("Task", "focus", reverse=True)


@pytest.fixture
async def client(world):
    for id_ in ("RX1", "HA1"):
        await world.agency(id_)
    return world.client()


@pytest.fixture
async def plan(world, client):
    """A goal, a secret goal, and a task for each; somebody of HA1 sees all but the secret."""
    person = await world.person(client)
    await world.desk.add_member(world.visit(), person, "HA1", "", "")
    made = {"P": person}
    made["G"] = (await world.write(world.visit(), goal(person))).stored.id
    made["S"] = (await world.write(world.visit(), goal(person, "Secret", None, "RX1"))).stored.id
    owner = {"reference": "Organization/HA1"}
    for name, about in (("T", "G"), ("U", "S")):
        focus = {"reference": f"Goal/{made[about]}"}
        made[name] = (await created(client, task(person, focus=focus, owner=owner)))["id"]
    return made


def query(type_, *includes, **more):
    return Query(type=type_, includes=includes, count=50, **more)


def named(page: Page, plan):
    """The page and what comes along, by name: `TU+G`."""
    names = {id_: name for name, id_ in plan.items()} | {"HA1": "H"}
    hits, along = ["".join(sorted(names.get(hit.id, "?") for hit in some)) for some in (page.hits, page.included)]
    return f"{hits}+{along}"


THERE = [
    ((FOCUS,), "TU+GS", "TU+G"),
    ((FOCUS, OWNER), "TU+GHS", "TU+GH"),
    ((Include("Task", "*"),), "TU+GHPS", "TU+GHP"),
    ((Include("Task", "focus", "Goal"),), "TU+GS", "TU+G"),
    ((Include("Task", "focus", "CarePlan"),), "TU+", "TU+"),
    ((Include("Task", "patient"), FOCUS), "TU+GPS", "TU+GP"),
    ((FOCUS, Include("Goal", "patient")), "TU+GS", "TU+G"),
    ((FOCUS, Include("Goal", "patient", iterate=True)), "TU+GPS", "TU+GP"),
    ((Include("Goal", "patient", iterate=True),), "TU+", "TU+"),
    ((Include("Nonsense", "focus"), Include("Task", "nonsense")), "TU+", "TU+"),
]


async def test_targets_come_along_as_far_as_they_may_be_seen(world: World, plan) -> None:
    for includes, all_, some in THERE:
        for agency, wanted in (("RX1", all_), ("HA1", some)):
            page = await world.desk.search(world.visit(agency=agency), query("Task", *includes))
            assert named(page, plan) == wanted, (includes, agency)
            assert (page.total, page.cut) == (2, False)


async def test_what_refers_to_a_page_comes_along(world: World, plan) -> None:
    goals = query("Goal", ABOUT)
    assert named(await world.desk.search(world.visit(), goals), plan) == "GS+TU"
    assert named(await world.desk.search(world.visit(agency="HA1"), goals), plan) == "G+T"
    # The owners of what refers here, and everything again from there: it ends.
    around = (replace(ABOUT, iterate=True), replace(FOCUS, iterate=True), replace(OWNER, iterate=True))
    assert named(await world.desk.search(world.visit(), query("Goal", *around)), plan) == "GS+HTU"
    owned = Include("Task", "owner", "Organization", reverse=True)
    page = await world.desk.search(world.visit(agency="HA1"), query("Organization", owned))
    assert named(page, plan) == "?H+TU"


async def test_a_type_that_the_scopes_do_not_allow_is_not_there(world: World, plan) -> None:
    few = world.visit(scopes="system/Task.rs system/Goal.r")
    assert named(await world.desk.search(few, query("Task", FOCUS, OWNER, Include("Task", "patient"))), plan) == "TU+GS"
    only = world.visit(scopes="system/Goal.s")
    assert named(await world.desk.search(only, query("Goal", ABOUT)), plan) == "GS+"
    await refused(world.desk.search(only, query("Task", FOCUS)), Trouble.REFUSED)


async def test_what_comes_along_is_noted_before_it_is_told(world: World, plan) -> None:
    before = {row[0] for row in await world.database.rows("select id from audit_event")}
    await world.desk.search(world.visit(), query("Organization", Include("Task", "owner", reverse=True)))
    rows = await world.database.rows("select id, person_id, sections, type, action from audit_event")
    assert sorted(tuple(map(str, row))[1:] for row in rows if row[0] not in before) == [
        ("", "frame", "Organization", "E"),
        (plan["P"], "health", "Organization", "E"),
    ]


async def test_a_page_without_hits_asks_for_nothing_more(world: World, plan) -> None:
    page = await world.desk.search(
        world.visit(), query("CareTeam", ABOUT, conditions=(Condition("_id", (Token("x"),)),))
    )
    assert (page.hits, page.included) == ((), ())


async def test_a_chain_through_what_is_hidden_finds_nothing(world: World, plan) -> None:
    secret = Condition("focus", (Chain("Goal", (Condition("lifecycle-status", (Token("active"),)),)),))
    tasks = query("Task", conditions=(secret,))
    assert named(await world.desk.search(world.visit(), tasks), plan) == "TU+"
    assert named(await world.desk.search(world.visit(agency="HA1"), tasks), plan) == "T+"
    assert named(await world.desk.search(world.visit(scopes="system/Task.rs"), tasks), plan) == "+"
    has = Condition("_has", (Has("Goal", "patient", (Condition("_id", (Token(plan["S"]),)),)),))
    people = query("Patient", conditions=(has,))
    assert named(await world.desk.search(world.visit(), people), plan) == "P+"
    assert named(await world.desk.search(world.visit(agency="HA1"), people), plan) == "+"
    owner = Condition("owner", (Chain("Organization", (Condition("name", (Text("agency ha"),)),)),))
    assert named(await world.desk.search(world.visit(), query("Task", conditions=(owner,))), plan) == "TU+"
    assert (
        named(await world.desk.search(world.visit(scopes="system/Task.rs"), query("Task", conditions=(owner,))), plan)
        == "+"
    )


async def test_a_conditional_create_may_look_through_a_chain(world: World) -> None:
    await world.agency("RX1")
    number = world.nhs_number()
    person = await world.person(world.visit(), number)
    made = await world.write(world.visit(), goal(person))
    named_ = Condition("patient", (Chain("Patient", (Condition("identifier", (Token(number, NHS),)),)),))
    for unless, did in ((named_, "found"), (replace(named_, negated=True), "created")):
        deed = Deed(verb=Verb.CREATE, type="Goal", resource=goal(person).resource)
        deed.unless = Query(type="Goal", conditions=(unless,), count=1)
        outcome = await world.write(world.visit(), deed)
        assert (outcome.did, outcome.stored.id == made.stored.id) == (did, did == "found")


# in the Bundle


@pytest.fixture
def including(monkeypatch):
    """Let every search through the door bring these along."""

    def bring(*includes):
        parse = query_strings.parse

        def parsed(*args, **more):
            one = parse(*args, **more)
            return replace(one, query=replace(one.query, includes=includes))

        monkeypatch.setattr(fhir_search, "parse", parsed)

    return bring


async def test_in_the_bundle_it_says_why_an_entry_is_there(client, plan, including):
    including(FOCUS, OWNER)
    bundle = await found(client, f"Task?patient={plan['P']}")
    modes = {entry["resource"]["id"]: entry["search"]["mode"] for entry in bundle["entry"]}
    assert modes == {
        plan["T"]: "match",
        plan["U"]: "match",
        plan["G"]: "include",
        plan["S"]: "include",
        "HA1": "include",
    }
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match"] * 2 + ["include"] * 3
    assert bundle["total"] == 2
    assert {urlsplit(entry["fullUrl"]).path.removeprefix(f"{R4}/").partition("/")[0] for entry in bundle["entry"]} == {
        "Task",
        "Goal",
        "Organization",
    }


async def test_each_page_brings_what_belongs_to_its_own_entries(client, plan, including):
    including(FOCUS)
    seen, urls = [], [f"{R4}/Task?_count=1&_sort=_id"]
    while urls:
        page = (await client.get(urls.pop())).json()
        seen.append(ids(page))
        urls += [link["url"] for link in page["link"] if link["relation"] == "next"]
    assert seen == [[plan["T"], plan["G"]], [plan["U"], plan["S"]]]


async def test_a_page_says_when_not_all_of_it_is_there(world, client, plan, including, monkeypatch):
    including(FOCUS)
    monkeypatch.setattr(world.desk.store, "included", partial(world.desk.store.included, most=1))
    bundle = await found(client, "Task")
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "match", "include", "outcome"]
    said = bundle["entry"][-1]["resource"]
    assert (said["resourceType"], said["issue"][0]["severity"]) == ("OperationOutcome", "warning")
