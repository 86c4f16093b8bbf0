"""Chains, `_has`, `:not`, `:missing` and includes against an oracle: what may not be seen counts as if it were absent.

Entries of both shelves refer to each other at random, under random leave; what must be found is worked out here from
the entries that the pure decision shows, without any SQL.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from api.deeds import Visit
from auth.access import Permit, ask
from db import includes
from db.searching import Page
from plan.model import PersonId, Section
from plan.query import Chain, Condition, Has, Include, Point, Query, Token
from tests.db.test_sight import NOW, PERSONS, TYPES, Entry, Fact, Facts, _again, _caller, put
from tests.support.rows import rows as rows_of
from tests.support.world import World

DIRECTORY = ("Organization", "Practitioner")
CODES = ("a", "b")
Ref = tuple[str, str]


@dataclass
class Graph:
    """The entries of both shelves, with a code and references each."""

    chance: random.Random
    facts: Facts
    listed: list[Entry] = field(default_factory=list)
    codes: dict[str, str | None] = field(default_factory=dict)
    refs: dict[str, list[Ref]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # One agency is on every team and few consents close a section, so that there is something to be found.
        self.facts.team += [Fact(person=person, party="RX1", said="team", since=0, until=None) for person in PERSONS]
        del self.facts.consents[20:]
        self.listed = [_listed(self.chance, n) for n in range(12)]
        everything = [*self.facts.entries, *self.listed]
        for entry in everything:
            self.codes[entry.id] = self.chance.choice([*CODES, None])
            near = [one for one in everything if one.person == entry.person]
            targets = self.chance.sample(self.chance.choice([near, everything]), self.chance.choice([0, 1, 2, 3, 4]))
            # Now and then under a type that the target has not.
            self.refs[entry.id] = [
                (self.chance.choice(TYPES) if self.chance.random() < 0.1 else one.type, one.id) for one in targets
            ]

    async def put(self, world: World) -> None:
        await put(world, self.facts)
        batch: dict[str, list[list[Any]]] = {"directory_entry": rows_of("directory_entry", map(_row, self.listed))}
        for entry in (*self.facts.entries, *self.listed):
            shelf = "directory_" if entry.type in DIRECTORY else ""
            at = {"person_id": entry.person, "entry_id": entry.id, "type": entry.type}
            code, refs = self.codes[entry.id], dict.fromkeys(self.refs[entry.id])
            rows = {"token": [{"param": "status", "code": code}] if code else []}
            rows["reference"] = [{"param": "to", "system": system, "code": id_} for system, id_ in refs]
            for family, said in rows.items():
                table = f"{shelf}search_{family}"
                batch.setdefault(table, []).extend(rows_of(table, ({**at, **row} for row in said)))
        async with world.database.transaction() as transaction:
            await transaction.change({}, batch)

    def seen(self, permit: Permit) -> dict[Ref, Entry]:
        """What the permit shows now, by type and id."""
        types = permit.scopes.listed
        listed = [one for one in self.listed if types is None or one.type in types]
        return {(one.type, one.id): one for one in (*self.facts.seen(permit), *listed) if not one.deleted}

    def holds(self, seen: dict[Ref, Entry], one: Entry, condition: Condition) -> bool:
        """Whether a condition holds of an entry that is seen."""
        if condition.missing is not None:
            there = self.codes[one.id] if condition.family == "token" else self.refs[one.id]
            return bool(there) is not condition.missing
        return any(self._is(seen, one, value) for value in condition.any_of) is not condition.negated

    def _is(self, seen: dict[Ref, Entry], one: Entry, value: object) -> bool:
        if isinstance(value, Token):
            return value.code in (self.codes[one.id], one.id)
        if isinstance(value, Point):
            return any(value == Point(id_, value.type and type_) for type_, id_ in self.refs[one.id])
        if isinstance(value, Chain):
            near = [seen[ref] for ref in self.refs[one.id] if ref in seen and ref[0] == value.type]
            return any(self._all(seen, other, value.conditions) for other in near)
        assert isinstance(value, Has)
        near = [other for (type_, _), other in seen.items() if type_ == value.type]
        near = [other for other in near if (one.type, one.id) in self.refs[other.id]]
        return any(self._all(seen, other, value.conditions) for other in near)

    def _all(self, seen: dict[Ref, Entry], one: Entry, conditions: tuple[Condition, ...]) -> bool:
        return all(self.holds(seen, one, condition) for condition in conditions)

    def found(self, permit: Permit, query: Query) -> set[str]:
        seen, types = self.seen(permit), query.types or (query.type,)
        some = [one for (type_, _), one in seen.items() if type_ in types]
        some = [one for one in some if not query.persons or one.person in query.persons]
        return {one.id for one in some if self._all(seen, one, query.conditions)}

    def along(self, permit: Permit, wanted: Sequence[Include], page: Sequence[Ref]) -> set[Ref]:
        """What comes along with a page, in five rounds at most."""
        seen, known, new = self.seen(permit), set(page), set(page)
        for n in range(includes.ROUNDS):
            asked = [one for one in wanted if one.iterate or not n]
            new = {ref for one in asked for ref in self._led(seen, one, new)} - known
            known |= new
        return known - set(page)

    def _led(self, seen: dict[Ref, Entry], one: Include, near: set[Ref]) -> set[Ref]:
        if one.reverse:
            wanted = {ref for ref in near if one.target in (None, ref[0])}
            sources = {ref for ref in seen if one.source in ("*", ref[0])}
            return {ref for ref in sources if wanted & set(self.refs[ref[1]])}
        ids = [id_ for type_, id_ in near if one.source in ("*", type_)]
        refs = {ref for id_ in ids for ref in self.refs[id_] if one.target in (None, ref[0])}
        return refs & seen.keys()


def _listed(chance: random.Random, n: int) -> Entry:
    return Entry(
        person=PersonId(""),
        id=f"d{n}",
        type=chance.choice(DIRECTORY),
        section=Section.FRAME,
        agency=chance.choice(["RX1", "HA1"]),  # type: ignore[arg-type]
        restriction=None,
        deleted=chance.random() < 0.1,
    )


def _row(entry: Entry) -> dict[str, Any]:
    said = {"person_id": "", "id": entry.id, "type": entry.type, "section": "frame", "agency": entry.agency}
    return {**said, "deleted": entry.deleted, "kind": "", "version": 1}


def _condition(graph: Graph, depth: int = 0) -> Condition:
    chance = graph.chance
    kind = chance.choice(["chain", "chain", "has", "has", "token", "point", "missing", "id"])
    negated = chance.random() < 0.2
    if kind == "missing":
        family, param = chance.choice([("token", "status"), ("reference", "to")])
        return Condition(param, missing=chance.random() < 0.5, family=family)
    if kind == "token" or depth > 2:
        return Condition("status", tuple(Token(code) for code in CODES[: chance.choice([1, 2])]), negated)
    if kind == "id":
        return Condition("_id", tuple(Token(chance.choice(list(graph.codes))) for _ in range(60)), negated)
    if kind == "point":
        refs = [ref for some in graph.refs.values() for ref in some]
        pairs = chance.sample(refs, 30)
        return Condition("to", tuple(Point(id_, chance.choice([type_, None])) for type_, id_ in pairs), negated)
    within = tuple(_condition(graph, depth + 1) for _ in range(chance.choice([0, 1, 1])))
    type_ = chance.choice([*TYPES, *DIRECTORY])
    if kind == "has":
        return Condition("_has", (Has(type_, "to", within),), negated)
    others = [Chain(chance.choice(TYPES), within)] if chance.random() < 0.3 else []
    return Condition("to", (Chain(type_, within), *others), negated)


def _query(graph: Graph) -> Query:
    chance = graph.chance
    types = tuple(chance.sample(chance.choice([TYPES, TYPES, DIRECTORY]), chance.choice([1, 1, 2])))
    persons = tuple(chance.sample(PERSONS, 2)) if chance.random() < 0.4 and types[0] not in DIRECTORY else ()
    conditions = tuple(_condition(graph) for _ in range(chance.choice([1, 1, 2])))
    of = {"type": types[0]} if len(types) == 1 else {"type": "", "types": types}
    return Query(**of, persons=persons, conditions=conditions, count=1000, total=True)


@pytest.fixture
async def graph(request: pytest.FixtureRequest, world: World) -> Graph:
    chance = random.Random(request.param)
    made = Graph(chance, Facts(chance))
    world.at("2026-03-02T10:00:00Z")
    assert world.clock == NOW
    await made.put(world)
    return made


def _somebody(world: World, chance: random.Random, n: int) -> Visit:
    """Anybody, and every other time somebody who sees a good part."""
    return Visit(caller=_caller(chance), door="rest", request="r") if n % 2 else world.visit()


async def searched(world: World, visit: Visit, query: Query, n: int) -> Page:
    note = world.desk.note(visit, "E", "Goal", "", shown=1000)
    return await world.desk.store.search(ask(visit.caller, world.desk.charter), query, _again(note, n), "fhir")


@pytest.mark.parametrize("graph", range(3), indirect=True)
async def test_a_search_finds_what_follows_from_what_may_be_seen_and_nothing_else(world: World, graph: Graph) -> None:
    found = some = 0
    for n in range(150):
        visit, query = _somebody(world, graph.chance, n), _query(graph)
        wanted = graph.found(ask(visit.caller, world.desk.charter), query)
        page = await searched(world, visit, query, n)
        assert {hit.id for hit in page.hits} == wanted, query
        counted = await searched(world, visit, replace(query, count=0), n + 1000)
        assert (page.total, counted.total) == (len(wanted), len(wanted)), query
        found, some = found + len(wanted), some + bool(wanted)
    assert found > 100 < 5 * some, f"nearly nothing was found, the test says little: {found}, {some}"


@pytest.mark.parametrize("graph", range(3, 6), indirect=True)
async def test_what_comes_along_is_what_may_be_seen_once_each_and_in_the_audit(world: World, graph: Graph) -> None:
    chance, along = graph.chance, 0
    for n in range(60):
        visit = _somebody(world, chance, n)
        permit, query = ask(visit.caller, world.desk.charter), replace(_query(graph), conditions=(), count=20)
        wanted = [_include(chance) for _ in range(chance.choice([1, 2, 3]))]
        page = await searched(world, visit, query, n)
        note = _again(world.desk.note(visit, "E", "Goal", "", shown=5), n + 1000)
        said = await world.desk.store.included(permit, wanted, page, note, "fhir")
        expected = graph.along(permit, wanted, [(hit.type, hit.id) for hit in page.hits])
        assert sorted((hit.type, hit.id) for hit in said.included) == sorted(expected), wanted
        assert (said.hits, said.total, said.after) == (page.hits, page.total, page.after)
        events = await world.database.rows("select person_id, sections from audit_event where id = ?", (note.id,))
        assert {(row[0], name) for row in events for name in row[1].split(",")} == {
            (hit.person, hit.section) for hit in said.included
        }
        along += len(expected)
    assert along > 30, along


def _include(chance: random.Random) -> Include:
    every = [*TYPES, *DIRECTORY]
    reverse = chance.random() < 0.4
    return Include(
        source=chance.choice(every) if reverse or chance.random() < 0.8 else "*",
        param=chance.choice(["to", "to", "*"]) if not reverse else "to",
        target=chance.choice([None, None, *every]),
        iterate=chance.random() < 0.4,
        reverse=reverse,
    )


@pytest.mark.parametrize("graph", [9], indirect=True)
async def test_what_comes_along_is_cut_where_it_is_too_much_and_the_page_says_so(world: World, graph: Graph) -> None:
    visit = world.visit()
    permit, store = ask(visit.caller, world.desk.charter), world.desk.store
    page = await searched(world, visit, Query(type="Goal", count=1000), 0)
    wanted = [Include("*", "to"), Include("Goal", "to", reverse=True)]
    note = world.desk.note(visit, "E", "Goal", "", shown=1000)
    whole = await store.included(permit, wanted, page, _again(note, 1), "fhir")
    number = len(whole.included)
    assert number > 5
    for most in (0, 1, number - 1, number):
        cut = await store.included(permit, wanted, page, _again(note, most + 2), "fhir", most)
        assert (len(cut.included), cut.cut) == (most, most < number)


async def test_a_reverse_include_by_any_parameter_stays_in_the_plans_of_the_page(world: World) -> None:
    chance = random.Random(11)
    graph = Graph(chance, Facts(chance))
    world.at("2026-03-02T10:00:00Z")
    await graph.put(world)
    visit = world.visit()
    permit = ask(visit.caller, world.desk.charter)
    page = await searched(world, visit, Query(type="Condition", count=1000), 0)
    note = world.desk.note(visit, "E", "Condition", "", shown=1000)
    said = await world.desk.store.included(permit, [Include("Goal", "*", reverse=True)], page, note, "fhir")
    every = graph.along(permit, [Include("Goal", "to", reverse=True)], [(hit.type, hit.id) for hit in page.hits])
    assert said.included
    assert {(hit.type, hit.id) for hit in said.included} <= every
    assert {hit.person for hit in said.included} <= {hit.person for hit in page.hits}
