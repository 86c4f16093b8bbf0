"""Every family of values, every modifier and every prefix, against rows put straight into the tables."""

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from auth.access import ask
from db import conditions, search
from db.sight import Look
from plan.number import HIGHEST, LOWEST, key
from plan.problem import Problem, Trouble
from plan.query import Amount, Chain, Condition, Has, Point, Prefix, Query, Sort, Text, Token, Value, When
from tests.support.rows import rows
from tests.support.world import World

# entry: param, family, values by column
VALUES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("g1", "url", "token", {"code": "http://a.example/b"}),
    ("g2", "url", "token", {"code": "http://a.example/b/c"}),
    ("g3", "url", "token", {"code": "http://a.example/bc"}),
    ("g4", "url", "token", {"code": "urn:oid:1.2"}),
    ("g1", "title", "string", {"code": "walk to the shop"}),
    ("g2", "title", "string", {"code": "the shop"}),
    ("g3", "title", "string", {"code": "a%b_c"}),
    ("g1", "title:exact", "string", {"code": "Walk to the Shop"}),
    ("g1", "weight", "number", {"low": "70.5", "high": "70.5", "system": "ucum", "code": "kg"}),
    ("g2", "weight", "number", {"low": "60", "high": "80", "system": "ucum", "code": "kg"}),
    ("g3", "weight", "number", {"low": "-5", "high": "-5", "system": "", "code": "stone"}),
    ("g4", "weight", "number", {"low": "100", "high": None, "system": "ucum", "code": "[lb_av]"}),
]
ALL = {"g1", "g2", "g3", "g4", "g5"}


class Searched:
    def __init__(self, world: World) -> None:
        self.world = world
        self.permit = ask(world.visit().caller, world.desk.charter)
        self.asked = 0

    async def fill(self) -> None:
        at = {"person_id": "p1", "type": "Goal"}
        said: dict[str, list[dict[str, Any]]] = {
            "person": [at],
            "team_member": [{**at, "id": "m", "party": "RX1", "basis": "added"}],
            "whereabouts": [{**at, "id": id_} for id_ in sorted(ALL)],
            "entry": [{**at, "id": id_, "section": "health", "agency": "RX1", "version": 1} for id_ in sorted(ALL)],
        }
        for id_, param, family, value in VALUES:
            if family == "number":
                ends = {"low": _key(value["low"], LOWEST), "high": _key(value["high"], HIGHEST)}
            else:
                ends = {}
            said.setdefault(f"search_{family}", []).append({**at, "entry_id": id_, "param": param, **value, **ends})
        async with self.world.database.transaction() as transaction:
            await transaction.change({}, {table: rows(table, some) for table, some in said.items()})

    async def found(self, *conditions_: Condition, **more: Any) -> list[str]:
        self.asked += 1
        note = replace(self.world.desk.note(self.world.visit(), "E", "Goal", ""), id=f"n{self.asked}")
        query = Query(type="Goal", conditions=conditions_, count=1000, **more)
        page = await self.world.desk.store.search(self.permit, query, note, "fhir")
        return [hit.id for hit in page.hits]


def _key(number: str | None, otherwise: str) -> str:
    return otherwise if number is None else key(Decimal(number))


@pytest.fixture
async def searched(world: World) -> Searched:
    made = Searched(world)
    await made.fill()
    return made


def amount(prefix: Prefix, low: str, high: str, system: str | None = None, code: str | None = None) -> Amount:
    return Amount(key(Decimal(low)), key(Decimal(high)), prefix, system, code)


def url(text: str, match: Any) -> Condition:
    return Condition("url", (Text(text, match),), family="token")


FOUND: list[tuple[Condition, set[str]]] = [
    (url("http://a.example/b", "exact"), {"g1"}),
    (url("http://a.example/b", "below"), {"g1", "g2"}),
    (url("http://a.example/b/", "below"), {"g2"}),
    (url("http://a.example/", "below"), {"g1", "g2", "g3"}),
    (url("http://a.example/b/c/d", "above"), {"g1", "g2"}),
    (url("http://a.example/b", "above"), {"g1"}),
    (url("urn:oid:1.2", "above"), {"g4"}),
    (url("example/b", "contains"), {"g1", "g2", "g3"}),
    (url("EXAMPLE", "contains"), set()),
    (Condition("title", (Text("the shop"),)), {"g2"}),
    (Condition("title", (Text("the shop", "contains"),)), {"g1", "g2"}),
    (Condition("title", (Text("%", "contains"),)), {"g3"}),
    (Condition("title", (Text("_", "contains"), Text("walk"))), {"g1", "g3"}),
    (Condition("title:exact", (Text("Walk to the Shop", "exact"),)), {"g1"}),
    (Condition("title:exact", (Text("walk to the shop", "exact"),)), set()),
    (Condition("title", (Text("the", "contains"),), negated=True), {"g3", "g4", "g5"}),
    (Condition("title", missing=True, family="string"), {"g4", "g5"}),
    (Condition("title", missing=False, family="string"), {"g1", "g2", "g3"}),
    (Condition("weight", missing=True, family="number"), {"g5"}),
    (Condition("weight", (amount("eq", "70.45", "70.55"),)), {"g1"}),
    (Condition("weight", (amount("eq", "70.45", "70.55", "ucum", "kg"),)), {"g1"}),
    (Condition("weight", (amount("eq", "70.45", "70.55", None, "kg"),)), {"g1"}),
    (Condition("weight", (amount("eq", "70.45", "70.55", "ucum", "g"),)), set()),
    (Condition("weight", (amount("eq", "70.45", "70.55", "urn:other"),)), set()),
    (Condition("weight", (amount("ne", "70.45", "70.55"),)), {"g2", "g3", "g4"}),
    (Condition("weight", (amount("ap", "63", "77"),)), {"g1", "g2"}),
    (Condition("weight", (amount("gt", "79", "79"),)), {"g2", "g4"}),
    (Condition("weight", (amount("sa", "79", "79"),)), {"g4"}),
    (Condition("weight", (amount("lt", "-4", "-4"),)), {"g3"}),
    (Condition("weight", (amount("eb", "65", "65"),)), {"g3"}),
    (Condition("weight", (amount("ge", "60", "80"),)), {"g1", "g2", "g4"}),
    (Condition("weight", (amount("le", "60", "80"),)), {"g1", "g2", "g3"}),
    (Condition("weight", (amount("le", "60", "80"),), negated=True), {"g4", "g5"}),
    (Condition("_id", (Token("g1"), Token("g2"), Token("none"))), {"g1", "g2"}),
    (Condition("_id", (Token("g1"),), negated=True), ALL - {"g1"}),
    (Condition("_id", (Text("g1"),)), set()),
    (Condition("_id", missing=True, family="token"), set()),
    (Condition("_lastUpdated", missing=False, family="date"), ALL),
    (Condition("_lastUpdated", (When(0, 0),), negated=True), set()),
    (Condition("_lastUpdated", (When(0, 0), When(5, 5))), ALL),
    (Condition("to", (Chain("Goal", ()),)), set()),
    (Condition("_has", (Has("Goal", "to", ()),), negated=True), ALL),
]


async def test_each_condition_finds_what_it_says_wherever_it_stands(searched: Searched) -> None:
    everybody = Condition("_lastUpdated", (When(0, 0),))
    first = Condition("_id", tuple(Token(id_) for id_ in sorted(ALL)))
    for condition, wanted in FOUND:
        assert set(await searched.found(condition)) == wanted, condition
        assert set(await searched.found(condition, persons=("p1",))) == wanted, condition
        assert set(await searched.found(everybody, condition)) == wanted, condition
        assert set(await searched.found(first, condition)) == wanted, condition
        assert await searched.found(condition, persons=("p2",)) == []


ORDERS = [
    (Sort("weight", "number"), ["g3", "g2", "g1", "g4", "g5"]),
    (Sort("title", "string"), ["g3", "g2", "g1", "g4", "g5"]),
    (Sort("url", "token"), ["g1", "g2", "g3", "g4", "g5"]),
]


async def test_what_has_no_value_stands_after_all_that_has_one_and_the_other_way_round(searched: Searched) -> None:
    for sort, order in ORDERS:
        assert await searched.found(sort=(sort, Sort("_id", "token"))) == order
        down = (replace(sort, descending=True), Sort("_id", "token", descending=True))
        assert await searched.found(sort=down) == order[::-1]


async def test_of_several_values_the_one_that_comes_first_in_the_order_counts(searched: Searched) -> None:
    async with searched.world.database.transaction() as transaction:
        at = {"person_id": "p1", "type": "Goal", "entry_id": "g2", "param": "title"}
        await transaction.change({}, {"search_string": rows("search_string", [{**at, "code": "zzz"}])})
    ids = [id_ for id_ in await searched.found(sort=(Sort("title", "string"),)) if id_ in ("g1", "g2", "g3")]
    assert ids == ["g3", "g2", "g1"]
    ids = [id_ for id_ in await searched.found(sort=(Sort("title", "string", descending=True),)) if id_ < "g4"]
    assert ids == ["g2", "g1", "g3"]


RARE: list[tuple[Condition, ...]] = [
    (Condition("_id", (Token("a"),)),),
    (Condition("identifier", (Token("a"),)),),
    (Condition("subject", (Point("a"),)),),
    (Condition("subject", (Chain("Patient", ()),)),),
    (Condition("_has", (Has("Task", "focus", ()),)),),
    (Condition("title", (Text("a"),)),),
    (Condition("status", (Token("a"),)),),
    (Condition("date", (When(1, 2),)), Condition("weight", (amount("eq", "1", "2"),))),
    (
        Condition("title", missing=True, family="string"),
        Condition("status", (Token("a"),), negated=True),
        Condition("_lastUpdated", (When(1, 2),)),
    ),
]


def test_a_search_begins_with_what_is_likely_to_be_rare() -> None:
    ranks = [{conditions.leader(condition) for condition in some} for some in RARE]
    assert all(len(some) == 1 for some in ranks)
    order = [some.pop() for some in ranks]
    assert order == sorted(set(order))


BEGINS: list[tuple[tuple[Condition, ...], str]] = [
    ((Condition("patient", (Chain("Patient", (Condition("identifier", (Token("1", "s"),)),)),)),), "code=?"),
    ((Condition("status", (Token("a"),)), Condition("identifier", (Token("1", "s"),))), "code=?"),
]


@pytest.mark.parametrize("some, how", BEGINS)
async def test_a_search_across_people_begins_at_its_identifier(
    world: World, some: tuple[Condition, ...], how: str
) -> None:
    look = Look(ask(world.visit().caller, world.desk.charter), 1, world.desk.store.directory)
    sql, values = search.statement(look, Query(type="CarePlan", conditions=some), "fhir")
    if world.url.startswith("sqlite"):
        plan = [row[3] for row in await world.database.rows(f"explain query plan {sql}", values)]
        scans = {step for step in plan if step.startswith("SCAN")}
        assert scans <= {"SCAN k", "SCAN k1"}, plan
        assert any(how in step for step in plan), plan


SLOW = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000) select max(i) from n"


async def test_a_statement_that_takes_too_long_is_given_up_and_the_next_one_works(world: World) -> None:
    for run in (
        lambda: world.database.rows(SLOW, limit=0.05),
        lambda: world.database.noted(
            SLOW.replace("max(i)", "'' as person_id, '' as section, max(i)"), (), _note(world), limit=0.05
        ),
    ):
        began = time.monotonic()
        with pytest.raises(Problem) as raised:
            await run()
        assert raised.value.trouble is Trouble.TOO_COSTLY
        assert time.monotonic() - began < 2
    with pytest.raises(Problem) as raised:
        async with world.database.transaction() as transaction:
            await transaction.rows(SLOW, limit=0.05)
    assert raised.value.trouble is Trouble.TOO_COSTLY
    assert (await world.database.rows("select 1", limit=0.05))[0][0] == 1


def _note(world: World) -> Any:
    return world.desk.note(world.visit(), "E", "Goal", "")


async def test_too_many_things_within_each_other_are_too_costly_and_nothing_worse(searched: Searched) -> None:
    condition = Condition("url", (Token("a"),))
    for _ in range(30):
        condition = Condition("to", (Chain("Goal", (condition,)),))
    if searched.world.url.startswith("sqlite"):
        with pytest.raises(Problem) as raised:
            await searched.found(condition)
        assert raised.value.trouble is Trouble.TOO_COSTLY
    else:
        assert await searched.found(condition) == []


async def test_too_many_values_are_too_costly(searched: Searched) -> None:
    many: tuple[Value, ...] = tuple(Token(str(n)) for n in range(40_000))
    with pytest.raises(Problem) as raised:
        await searched.found(Condition("url", many))
    assert raised.value.trouble is Trouble.TOO_COSTLY
