"""`oneplan db reindex`: search values as a fresh write leaves them, whatever stood there and whoever writes."""

import asyncio
import logging
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from api import cli, reindex_command
from api.deeds import Deed
from api.service import DUE, started, stopped
from auth.access import Verb
from db import reindexing
from db.engine import Database, Row, Values, columns
from fhir_facade import exact, index, params
from plan.model import IndexRow, PersonId
from tests.support.deeds import again, away, count, goal
from tests.support.world import World

TABLES = [f"{shelf}search_{family}" for shelf in ("", "directory_") for family in ("token", "reference", "string")]
TABLES += [f"{shelf}search_{family}" for shelf in ("", "directory_") for family in ("date", "number")]
DAMAGE = [
    *(f"delete from {table} where param <> '_tag'" for table in TABLES),
    "update search_token set code = 'was', param = 'older' where param = '_tag'",
    "insert into search_string select person_id, id, 'gone', 'of no use', type from entry",
    "insert into directory_search_date select person_id, id, 'gone', 1, 2, type from directory_entry",
]
"""What a release leaves behind that knew fewer, other and older parameters."""


async def a_plan(world: World, goals: int = 4) -> PersonId:
    """A person with a little of everything: numbers, dates, texts, references, something deleted; and an agency."""
    await world.agency("RX1", "Larch Hospital")
    person = await world.person(world.visit(), birthDate="1950-02-03")
    for n in range(goals):
        await world.write(world.visit(), goal(person, f"Walk {n} steps"))
    weight = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Weight"},
        "effectiveDateTime": "2026-03-02",
        "valueQuantity": {
            "value": exact.loads(b"61.5"),
            "unit": "kg",
            "system": "http://unitsofmeasure.org",
            "code": "kg",
        },
        "subject": {"reference": f"Patient/{person}"},
    }
    await world.write(world.visit(), Deed(verb=Verb.CREATE, type="Observation", resource=weight))
    await world.write(world.visit(), away(await world.write(world.visit(), goal(person, "Nothing"))))
    return person


async def values(world: World) -> dict[str, list[Any]]:
    """All search values, in order."""
    return {table: sorted(map(tuple, await world.database.rows(f"select * from {table}"))) for table in TABLES}


async def damage(world: World) -> None:
    async with world.database.transaction() as transaction:
        for sql in DAMAGE:
            await transaction.rows(sql)


async def reindexed(database: Database, indexed: reindexing.Indexed = reindex_command.indexed) -> reindexing.Counts:
    return [counts async for counts in reindexing.walk(database, indexed)][-1]


@pytest.mark.parametrize("stretch", [1, 3, 200])
async def test_what_an_older_release_left_becomes_what_a_fresh_write_leaves(
    world: World, stretch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "STRETCH", stretch)
    for _ in range(2):
        await a_plan(world)
    fresh = await values(world)
    told = [await count(world, table) for table in ("entry_version", "directory_entry_version", "change")]
    clocks = sorted(map(tuple, await world.database.rows("select * from person")))
    await damage(world)
    assert await values(world) != fresh
    counts = await reindexed(world.database)
    assert await values(world) == fresh
    entries = [await count(world, table) for table in ("entry", "directory_entry")]
    assert (counts.entries, counts.changed) == (sum(entries), sum(entries))
    assert told == [await count(world, table) for table in ("entry_version", "directory_entry_version", "change")]
    assert clocks == sorted(map(tuple, await world.database.rows("select * from person")))


class Looking:
    """A database that counts its transactions, and does something after it was asked for search values."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sharing = world.database.sharing
        self.transactions = 0
        self.meanwhile: list[Deed] = []

    async def rows(self, sql: str, values: Values = (), *, limit: float | None = None) -> Sequence[Row]:
        found = await self._world.database.rows(sql, values, limit=limit)
        if "search_" in sql:
            while self.meanwhile:
                await self._world.write(self._world.visit(), self.meanwhile.pop())
        return found

    def transaction(self) -> Any:
        self.transactions += 1
        return self._world.database.transaction()


async def test_nothing_is_written_where_all_is_current(world: World) -> None:
    await a_plan(world)
    looking = Looking(world)
    counts = await reindexed(looking)  # type: ignore[arg-type] # as much of a database as is needed
    assert (counts.changed, counts.came, counts.went, looking.transactions) == (0, 0, 0, 0)


async def test_a_write_between_look_and_hold_stays(world: World) -> None:
    person = await a_plan(world)
    known = await world.write(world.visit(), goal(person, "Old words"))
    agency = {"resourceType": "Organization", "id": "RX1", "active": False, "name": "Renamed"}
    await damage(world)
    looking = Looking(world)
    renamed = Deed(verb=Verb.UPDATE, type="Organization", id=(await world.agency("RX1")), resource=agency)  # type: ignore[arg-type] # an agency's id is its entry's
    looking.meanwhile = [goal(person, "A new one"), again(known, "New words"), renamed]
    await reindexed(looking)  # type: ignore[arg-type] # as above
    assert not looking.meanwhile
    left = await values(world)
    assert (await reindexed(world.database)).changed == 0, "what is there is what the faces say"
    words = {row[3] for row in left["search_string"] if row[2] == "description"} | {
        row[3] for row in left["directory_search_string"] if row[2] == "name"
    }
    assert "renamed" in words


async def test_writes_at_the_same_time_and_reindexing_lose_nothing_of_each_other(world: World) -> None:
    people = [await a_plan(world, goals=2) for _ in range(3)]
    await damage(world)

    async def write(person: PersonId) -> None:
        for n in range(6):
            made = await world.write(world.visit(), goal(person, f"Meanwhile {n}"))
            await world.write(world.visit(), again(made, f"Meanwhile again {n}"))

    await asyncio.gather(reindexed(world.database), *(write(person) for person in people))
    assert (await reindexed(world.database)).changed == 0
    assert await count(world, "entry", "type = 'Goal' and not deleted") == 3 * (2 + 6)


class Killed(Exception):  # noqa: N818 - no fault of anybody
    """The end of a run, at any point."""


async def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "STRETCH", 4)
    await a_plan(world)
    fresh = await values(world)
    calls = 0

    def dying(left: int) -> reindexing.Indexed:
        def indexed(fhir: str) -> Iterable[IndexRow]:
            nonlocal left, calls
            left, calls = left - 1, calls + 1
            if left < 0:
                raise Killed
            return reindex_command.indexed(fhir)

        return indexed

    await damage(world)
    for patience in (1, 5, 7, 13, 20):
        with pytest.raises(Killed):
            await reindexed(world.database, dying(patience))
    finished = await reindexed(world.database)
    assert 0 < finished.changed < finished.entries, "what was done before was not done again"
    assert await values(world) == fresh


async def test_two_runs_at_the_same_time_do_no_harm(world: World) -> None:
    await a_plan(world)
    fresh = await values(world)
    await damage(world)
    await asyncio.gather(*(reindexed(world.database) for _ in range(3)))
    assert await values(world) == fresh


async def test_the_service_says_at_its_start_that_a_run_is_due_and_serves(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            await stopped(await started(world.settings))
        return caplog.messages

    assert await told() == [], "a database without entries is of this version"
    await a_plan(world)
    assert await told() == []
    monkeypatch.setattr(index, "READING", index.READING + 1)
    assert await told() == [DUE]
    assert (await world.anonymous().get("/readyz")).status_code == 200
    said = await reindex_command.run(world.url)
    assert said.endswith(" entries read, 0 changed: 0 search values added, 0 removed.")
    assert await told() == []


async def test_a_database_of_before_there_was_a_mark_is_due(world: World) -> None:
    await world.agency("RX1")
    async with world.database.transaction() as transaction:
        await transaction.rows("delete from built_with")
    assert await reindexing.due(world.database, "1")
    assert await reindexing.due(world.database, "1"), "asking changes nothing"


def test_the_command_says_what_it_did(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["oneplan", "db", "reindex", "--database", database_url])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert capfd.readouterr().out == "0 entries read, 0 changed: 0 search values added, 0 removed.\n"


def test_another_parameter_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    here = index.version()
    assert index.version() == here
    monkeypatch.setattr(index, "COMMON", params.COMMON[1:])
    assert index.version() != here


def test_the_tables_of_the_search_values_are_all_walked() -> None:
    from db.tables import SCHEMA  # noqa: PLC0415 - here alone

    assert {name for name in SCHEMA.tables if "search_" in name} == set(TABLES)
    assert {shelf + table for shelf in reindexing.SHELVES for table in reindexing._TABLES} == set(TABLES)
    assert all(columns(table)[-1] == "type" for table in TABLES)
