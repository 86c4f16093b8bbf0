"""Searches against rows put straight into the tables: every condition, every order, every page."""

import random
from dataclasses import replace
from typing import Any

import pytest

from auth.access import Permit, ask
from db.store import Page
from plan.model import PersonId
from plan.query import Condition, Point, Query, Sort, Text, Token, Value, When
from tests.support.rows import row
from tests.support.world import World

PERSONS = ("p1", "p2", "p3")


@pytest.fixture
async def searched(world: World) -> "Searched":
    """Forty goals of three people, with values of every family; many share one."""
    made = Searched(world)
    await made.fill()
    return made


class Searched:
    def __init__(self, world: World) -> None:
        self.world = world
        self.permit: Permit = ask(world.visit().caller, world.desk.charter)
        self.goals: dict[str, dict[str, Any]] = {}
        self._asked = 0

    async def fill(self) -> None:
        chance = random.Random(7)
        goals = [
            {
                "id": f"g{chance.randrange(10**6):06}",
                "person_id": PERSONS[n % 3],
                "updated": chance.randrange(6),
                "status": chance.choice(["active", "done"]),
                "words": chance.choice([None, "walk", "walker", "Walk", "über", "zoo", "a_b", "a%b"]),
                "low": (low := chance.choice([None, 10, 20, 30])),
                "high": None if low is None else low + chance.choice([0, 5, 20]),
                "need": chance.choice(["n1", "n2"]),
            }
            for n in range(40)
        ]
        self.goals = {str(goal["id"]): goal for goal in goals}
        batch: dict[str, list[list[Any]]] = {"person": [row("person", person_id=person) for person in PERSONS]}
        batch["team_member"] = [
            row("team_member", person_id=p, id=f"m{p}", party="RX1", basis="added") for p in PERSONS
        ]
        common = {"type": "Goal", "kind": "goal", "section": "health", "agency": "RX1", "version": 1}
        batch["whereabouts"] = [row("whereabouts", **goal) for goal in goals]
        batch["entry"] = [row("entry", **common, **goal, fhir=f"<{goal['id']}>") for goal in goals]
        for goal in goals:
            at = {"person_id": goal["person_id"], "entry_id": goal["id"], "type": "Goal"}
            values = {
                "search_token": {"param": "lifecycle-status", "system": "urn:s", "code": goal["status"]},
                "search_reference": {"param": "addresses", "system": "Condition", "code": goal["need"]},
                "search_string": goal["words"] and {"param": "words", "code": goal["words"]},
                "search_date": goal["high"] and {"param": "due", "low": goal["low"], "high": goal["high"]},
            }
            for table, said in values.items():
                if said:
                    batch.setdefault(table, []).append(row(table, **at, **said))
        async with self.world.database.transaction() as transaction:
            await transaction.change({}, batch)

    async def page(self, query: Query) -> Page:
        self._asked += 1
        note = replace(self.world.desk.note(self.world.visit(), "E", "Goal", ""), id=f"n{self._asked}")
        return await self.world.desk.store.search(self.permit, query, note, "fhir")

    async def ids(self, *conditions: Condition, persons: tuple[str, ...] = ()) -> set[str]:
        whose = tuple(PersonId(person) for person in persons)
        page = await self.page(Query(type="Goal", conditions=conditions, persons=whose, count=1000, total=True))
        assert page.total == len(page.hits)
        return {hit.id for hit in page.hits}


ORDERS = [
    (),
    (Sort("_id", "token"),),
    (Sort("_lastUpdated", "date"),),
    (Sort("lifecycle-status", "token"), Sort("due", "date", descending=True)),
    (Sort("words", "string"),),
    (Sort("words", "string", descending=True), Sort("_lastUpdated", "date")),
    (Sort("due", "date"),),
    (Sort("due", "date", descending=True),),
    (Sort("addresses", "reference"), Sort("words", "string", descending=True)),
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: ",".join(f"{'-' * s.descending}{s.param}" for s in order))
async def test_all_pages_together_are_the_whole_once(searched: Searched, order: tuple[Sort, ...]) -> None:
    whole = [hit.id for hit in (await searched.page(Query(type="Goal", sort=order, count=1000))).hits]
    assert set(whole) == set(searched.goals)
    query, pages = Query(type="Goal", sort=order, count=7, total=True), []
    while True:
        page = await searched.page(query)
        pages.append([hit.id for hit in page.hits])
        assert page.total == 40
        if not page.after:
            break
        query = replace(query, after=page.after)
    assert [id_ for page in pages for id_ in page] == whole
    assert [len(page) for page in pages] == [7] * 5 + [5]


async def test_the_order_is_that_of_the_values_and_what_has_none_stands_at_the_end_of_dates(searched: Searched) -> None:
    page = await searched.page(Query(type="Goal", sort=(Sort("due", "date"), Sort("_id", "token")), count=1000))
    goals = [searched.goals[hit.id] for hit in page.hits]
    assert [goal["low"] for goal in goals] == sorted((g["low"] for g in goals), key=lambda low: (low is None, low or 0))


async def test_words_stand_in_the_order_of_their_code_points_on_every_database(searched: Searched) -> None:
    page = await searched.page(Query(type="Goal", sort=(Sort("words", "string"),), count=1000))
    words = [searched.goals[hit.id]["words"] or "\U0010ffff" for hit in page.hits]
    assert words == sorted(words)


async def test_a_page_gives_what_an_answer_needs(searched: Searched) -> None:
    page = await searched.page(Query(type="Goal", count=1))
    [hit] = page.hits
    goal = searched.goals[hit.id]
    assert (hit.person, hit.text, hit.at, hit.version) == (goal["person_id"], f"<{hit.id}>", goal["updated"], 1)
    assert (hit.type, hit.section, hit.slot) == ("Goal", "health", None)
    assert page.total is None, "nobody asked to count"


TOKENS = [
    (Token("active"), lambda goal: goal["status"] == "active"),
    (Token("active", "urn:s"), lambda goal: goal["status"] == "active"),
    (Token("active", "urn:other"), lambda goal: False),
    (Token("active", ""), lambda goal: False),
    (Token(None, "urn:s"), lambda goal: True),
    (Token(None), lambda goal: True),
]


@pytest.mark.parametrize("value,wanted", TOKENS)
async def test_a_code_is_found_with_or_without_its_system(searched: Searched, value: Value, wanted: Any) -> None:
    found = await searched.ids(Condition("lifecycle-status", (value,)))
    assert found == {id_ for id_, goal in searched.goals.items() if wanted(goal)}


TEXTS = ["walk", "walker", "Walk", "a_b", "a%b", "a", "", "\u00fc", "zoos", "_", "%"]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_text_is_found_by_how_it_begins_and_nothing_in_it_is_a_pattern(searched: Searched, text: str) -> None:
    found = await searched.ids(Condition("words", (Text(text),)))
    assert found == {id_ for id_, goal in searched.goals.items() if goal["words"] and goal["words"].startswith(text)}


@pytest.mark.parametrize(
    "value,code", [(Point("n1"), "n1"), (Point("n1", "Condition"), "n1"), (Point("n1", "Goal"), None)]
)
async def test_a_reference_is_found_with_or_without_its_type(
    searched: Searched, value: Value, code: str | None
) -> None:
    found = await searched.ids(Condition("addresses", (value,)))
    assert found == {id_ for id_, goal in searched.goals.items() if goal["need"] == code}


# How the stretch of the value must lie to the stretch that is asked for (FHIR R4 search.html, prefixes).
PREFIXES: dict[str, Any] = {
    "eq": lambda low, high, a, b: a >= low and b <= high,
    "ne": lambda low, high, a, b: not (a >= low and b <= high),
    "gt": lambda low, high, a, b: b > high,
    "lt": lambda low, high, a, b: a < low,
    "ge": lambda low, high, a, b: b > high or (a >= low and b <= high),
    "le": lambda low, high, a, b: a < low or (a >= low and b <= high),
    "sa": lambda low, high, a, b: a > high,
    "eb": lambda low, high, a, b: b < low,
    "ap": lambda low, high, a, b: a <= high and b >= low,
}


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_date_is_found_as_its_prefix_says(searched: Searched, prefix: Any) -> None:
    for low, high in ((10, 10), (10, 15), (20, 40), (0, 9), (31, 100), (15, 15)):
        wanted = {
            id_
            for id_, goal in searched.goals.items()
            if goal["low"] is not None and PREFIXES[prefix](low, high, goal["low"], goal["high"])
        }
        assert await searched.ids(Condition("due", (When(low, high, prefix),))) == wanted, (low, high)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_the_moment_of_the_last_change_is_a_date_like_the_others(searched: Searched, prefix: Any) -> None:
    wanted = {id_ for id_, goal in searched.goals.items() if PREFIXES[prefix](2, 3, goal["updated"], goal["updated"])}
    assert await searched.ids(Condition("_lastUpdated", (When(2, 3, prefix),))) == wanted


async def test_ids_are_found_one_or_several(searched: Searched) -> None:
    one, two, *_ = searched.goals
    assert await searched.ids(Condition("_id", (Token(one), Token(two), Token("nothing")))) == {one, two}
    assert await searched.ids(Condition("_id", (Text(one),))) == set(), "an id is no text"


async def test_either_of_the_values_of_one_condition_and_all_conditions_must_hold(searched: Searched) -> None:
    either = await searched.ids(Condition("words", (Text("walk"), Text("zoo"))))
    assert either == await searched.ids(Condition("words", (Text("walk"),))) | await searched.ids(
        Condition("words", (Text("zoo"),))
    )
    both = await searched.ids(Condition("words", (Text("walk"),)), Condition("lifecycle-status", (Token("done"),)))
    assert both == either & {
        id_ for id_, goal in searched.goals.items() if goal["status"] == "done"
    } - await searched.ids(Condition("words", (Text("zoo"),)))


async def test_a_search_that_is_bound_to_people_finds_theirs_alone(searched: Searched) -> None:
    for persons in (("p1",), ("p1", "p3"), ("p9",)):
        wanted = {id_ for id_, goal in searched.goals.items() if goal["person_id"] in persons}
        assert await searched.ids(persons=persons) == wanted
        active = {id_ for id_ in wanted if searched.goals[id_]["status"] == "active"}
        assert await searched.ids(Condition("lifecycle-status", (Token("active"),)), persons=persons) == active


async def test_the_directory_is_searched_like_everything_else(world: World) -> None:
    for id_, name in (("HA1", "Larch Homes"), ("HA2", "Larch Gardens"), ("RX1", "Royal")):
        await world.agency(id_, name)
    query = Query(type="Organization", conditions=(Condition("name", (Text("larch"),)),), total=True)
    page = await world.desk.search(world.visit("commissioner", "ICB"), query)
    assert ({hit.id for hit in page.hits}, page.total) == ({"HA1", "HA2"}, 2)
    first = await world.desk.search(world.visit(), Query(type="Organization", count=1, total=True))
    assert (len(first.hits), first.total) == (1, 3)
    rest = await world.desk.search(world.visit(), Query(type="Organization", count=5, after=first.after))
    assert {hit.id for hit in (*first.hits, *rest.hits)} == {"HA1", "HA2", "RX1"}
