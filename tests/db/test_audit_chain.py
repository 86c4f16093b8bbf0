"""Every event is in a link, both engines write links alike, and whatever goes wrong leaves chains that hold."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from db import audit_verify, migrate
from db.audit_chain import Chains, Head, link_hash, linked
from db.engine import Conflict, Database, Unavailable
from plan.problem import Problem
from tests.support.audit import event, execute, looked_at, note, writers, written
from tests.support.postgres import borrowed_database

HERE = [("a", "p1"), ("b", "p2"), ("c", "ü 🐦 \"'\\ \n"), ("d", "p2")]
ONE = "select person_id, 'health' as section, id from whereabouts where id = ?"
MANY = "select person_id, id as section, id from whereabouts order by id desc"
ODD = {"subject": "12:ü,3", "agency": "", "purpose": "🐦\n", "target": "' \" \\ % ? $1", "request": "a:b:c"}


async def links(database: Database) -> list[tuple[str, int, int]]:
    rows = await database.rows("select chain, number, count(*) from audit_event group by chain, number order by 1, 2")
    return [(row[0], row[1], row[2]) for row in rows]


async def whole(url: str) -> None:
    told, _ = await looked_at(url)
    assert told == []


async def test_every_way_to_note_makes_the_next_link_of_one_chain(database_url: str) -> None:
    async with writers(database_url, 1) as [database]:
        async with database.transaction() as transaction:
            await transaction.change({}, {"whereabouts": HERE})
        assert await links(database) == [], "nothing was noted"
        [row] = await database.noted(ONE, ("a",), note(**ODD, by_key=True, refused="relationship"))
        assert tuple(row) == ("p1", "health", "a")
        assert list(await database.noted(ONE, ("z",), note(**ODD, by_key=True, person="p7", refused="token"))) == []
        assert list(await database.noted(ONE, ("z",), note(**ODD, person="p7"))) == []
        rows = await database.noted(MANY, (), note(**ODD, shown=9))
        assert [row[2] for row in rows] == ["d", "c", "b", "a"], "in the order that was asked for"
        await database.noted(MANY, (), note(**ODD, shown=0))  # a search that only counts
        await database.note([event("p2", **ODD), event("p1", **ODD), event("")])
        async with database.transaction() as transaction:
            await transaction.change({}, {"audit_event": [event(**ODD)]})
            await transaction.change({}, {"audit_event": [event(), event()], "identifier": [("s", "v", "p1")]})
        made = await links(database)
    assert [(number, count) for _, number, count in made] == list(enumerate([1, 1, 1, 3, 1, 3, 1, 2], 1))
    assert len({chain for chain, _, _ in made}) == 1
    await whole(database_url)


async def test_the_database_computes_the_hash_that_we_compute(database_url: str) -> None:
    async with writers(database_url, 1) as [database]:
        async with database.transaction() as transaction:
            await transaction.change({}, {"whereabouts": HERE})
        await database.noted(MANY, (), note(**ODD, shown=9))
        rows = await database.rows("select * from audit_event")
        chain, number, hash_ = rows[0][-3:]
    assert number == 1
    assert hash_ == link_hash("", chain, 1, [tuple(row) for row in rows])


def test_no_two_events_are_written_out_alike() -> None:
    one = event()
    said = [(*one[:3], *pair, *one[5:]) for pair in (("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc"), ("1", "2,"))]
    other = [(*one[:13], allowed, *one[14:]) for allowed in (True, False)]
    places = [("c", 1), ("c", 11), ("c1", 1), ("d", 1)]
    hashes = {link_hash("", *place, [change]) for change in (*said, *other) for place in places}
    assert len(hashes) == len(places) * len({*said, *other})
    assert link_hash("a" * 64, "c", 1, [one]) != link_hash("", "c", 1, [one])


def test_the_order_in_which_events_come_does_not_matter() -> None:
    some = [event("p2"), event("p1"), event("p1")]
    assert link_hash("", "c", 1, some) == link_hash("", "c", 1, some[::-1])


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    file = tmp_path / "o.db"
    file.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture
def server_url(postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    with borrowed_database(postgres_template, template=urlsplit(postgres_template).path[1:]) as url:
        yield url


async def test_events_of_one_moment_share_a_link_on_sqlite(sqlite_url: str) -> None:
    async with writers(sqlite_url, 1) as [database]:
        await asyncio.gather(*(database.note([event()]) for _ in range(20)))
        assert [count for _, _, count in await links(database)] == [20]
    await whole(sqlite_url)


async def test_those_who_write_at_the_same_time_have_chains_of_their_own(database_url: str) -> None:
    async with writers(database_url, 3) as databases:
        async with databases[0].transaction() as transaction:
            await transaction.change({}, {"whereabouts": HERE})

        async def work(database: Database) -> None:
            for n in range(10):
                await database.noted(ONE, ("a",), note(by_key=True))
                if n % 3 == 0:
                    async with database.transaction() as transaction:
                        await transaction.change({}, {"audit_event": [event()]})

        await asyncio.gather(*(work(database) for database in databases for _ in range(4)))
        chains = {chain for chain, _, _ in await links(databases[0])}
    assert len(chains) == 3 if database_url.startswith("sqlite") else 3 <= len(chains) <= 12
    assert (await looked_at(database_url))[1].events == 3 * 4 * 14
    await whole(database_url)


async def test_what_was_undone_leaves_no_gap_and_the_chain_goes_on(database_url: str) -> None:
    taken = event()

    async def fail(database: Database, *, before: int) -> None:
        async with database.transaction() as transaction:
            await transaction.change({}, {"audit_event": [event() for _ in range(before)] or [taken]})
            raise ZeroDivisionError

    async with writers(database_url, 1) as [database]:
        with pytest.raises(ZeroDivisionError):
            await fail(database, before=2)
        await database.note([taken])
        with pytest.raises(ZeroDivisionError):
            await fail(database, before=1)
        with pytest.raises(Unavailable):
            await database.note([event(), taken])
        with pytest.raises(Conflict):
            await fail(database, before=0)
        with pytest.raises(Problem):
            await database.note([event(target="\ud800")])
        with pytest.raises((Conflict, Unavailable)):
            await database.noted(ONE.replace("whereabouts", "nowhere"), ("a",), note())
        await database.note([event()])
        made = await links(database)
    assert [number for _, number, _ in made] == [1, 2]
    assert (await looked_at(database_url))[1].events == 2
    await whole(database_url)


async def test_a_chain_whose_last_commit_may_or_may_not_have_been_ends_there(server_url: str) -> None:
    deadly = ONE.replace("'health'", "pg_terminate_backend(pg_backend_pid())::text")
    async with writers(server_url, 1) as [database]:
        async with database.transaction() as transaction:
            await transaction.change({}, {"whereabouts": HERE})
        await database.note([event()])
        with pytest.raises(Unavailable):
            await database.noted(deadly, ("a",), note())
        await database.note([event()])
        assert [number for _, number, _ in await links(database)] == [1, 1], "a chain of its own for what came then"
    await whole(server_url)


async def test_a_commit_that_fails_on_sqlite_leaves_chains_that_hold(sqlite_url: str) -> None:
    async with writers(sqlite_url, 1) as [database]:
        await database.note([event()])
        writer: Any = database._writer  # type: ignore[attr-defined]

        class Broken:
            in_transaction = False

            def __getattr__(self, name: str) -> Any:
                return getattr(writer, name)

            def execute(self, sql: str, *values: Any) -> Any:
                done = writer.execute(sql, *values)
                if sql == "commit":
                    raise OSError("the disk went away after it had everything")
                return done

        database._writer = Broken()  # type: ignore[attr-defined]
        with pytest.raises(OSError, match="went away"):
            await database.note([event()])
        database._writer = writer  # type: ignore[attr-defined]
        await database.note([event()])
        assert len({chain for chain, _, _ in await links(database)}) == 2
    assert (await looked_at(sqlite_url))[1].events == 3
    await whole(sqlite_url)


def test_a_head_that_rested_long_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    chains = Chains()
    for name in "ab":
        chains.give(Head(name, 1, "x"))
    assert chains.take().chain == "b", "the last one first"
    now[0] = 7200.0
    assert chains.take().chain not in ("a", "b")


async def test_links_are_read_whole_however_the_pages_fall(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with writers(database_url, 1) as [database]:
        for size in (1, 3, 1, 1, 7, 2, 3, 1):
            await database.note([event() for _ in range(size)])
    for page in range(1, 9):
        monkeypatch.setattr(audit_verify, "_PAGE", page)
        told, counts = await looked_at(database_url)
        assert (told, counts.links, counts.events) == ([], 8, 19)


async def test_what_was_noted_before_there_were_chains_is_sealed_by_the_upgrade(database_url: str) -> None:
    await written(database_url)
    migrate.downgrade(database_url, "0009")
    before = execute(database_url, "select * from audit_event order by person_id, id")
    migrate.upgrade(database_url)
    after = execute(database_url, "select * from audit_event order by person_id, id")
    assert [tuple(row) for row in before] == [tuple(row)[:17] for row in after]
    told, counts = await looked_at(database_url)
    assert (told, counts.chains, counts.events) == ([], 1, len(before))
    assert execute(database_url, "select id, opener from audit_chain") == [("before-0010", "migration 0010")]


def test_the_columns_that_are_hashed_are_all_but_the_hash() -> None:
    head, rows = linked(Head("c"), [event()])
    assert rows[0][17:] == tuple(head)
    for column in range(17):
        other = [*event()]
        other[column] = not other[column] if column == 13 else 7 if column == 2 else "another"
        same = [*other]
        same[column] = event()[column]
        assert link_hash("", "c", 1, [other]) != link_hash("", "c", 1, [same])
