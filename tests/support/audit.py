"""An audit of several chains on either engine, and a hand that has all power over its rows."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from db import migrate
from db.audit_anchors import Anchors, heads, starts
from db.audit_chain import link_hash
from db.audit_verify import Counts, verify
from db.engine import Database, Note, columns, opened

WORDS = ("subject", "agency", "role", "purpose", "client", "door", "type", "target", "charter", "request")
_COUNTER = itertools.count(1)


def note(**more: Any) -> Note:
    """What an audit says of a read; every time another."""
    n = next(_COUNTER)
    said: dict[str, Any] = {**dict.fromkeys(WORDS, "x"), "id": f"n{n:06}", "at": 1_000 * n, "action": "R", **more}
    return Note(**said)


def event(person: str = "p1", **more: Any) -> tuple[Any, ...]:
    """An event of its own."""
    return note(**more).event(person, "health", found=True)


@asynccontextmanager
async def writers(url: str, count: int) -> AsyncIterator[list[Database]]:
    """Services of their own on one database: each writes chains of its own."""
    made = [await opened(url) for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            await one.close()


async def written(url: str, chains: int = 3, links: int = 6) -> list[str]:
    """The names of chains that were just made, each with so many links of two events, in the order of their names."""
    async with writers(url, chains) as databases:
        for _ in range(links):
            for database in databases:
                await database.note([event("p1"), event("p2")])
        rows = await databases[0].rows("select id from audit_chain order by id")
    return [row[0] for row in rows]


def execute(url: str, sql: str, **values: Any) -> Sequence[Any]:
    """One statement with all power over the database; its rows."""

    def work(connection: Any) -> Sequence[Any]:
        done = connection.execute(text(sql), values)
        return list(done.all()) if done.returns_rows else []

    return migrate.connected(url, work)


def seal(url: str, chain: str) -> None:
    """Make all hashes of a chain anew, as somebody can who has read how it is done."""
    before = ""
    names = ", ".join(columns("audit_event"))
    numbers = execute(url, "select distinct number from audit_event where chain = :chain order by number", chain=chain)
    for (number,) in numbers:
        where = "where chain = :chain and number = :number"
        events = execute(url, f"select {names} from audit_event {where}", chain=chain, number=number)
        before = link_hash(before, chain, number, [tuple(row) for row in events])
        execute(url, f"update audit_event set hash = :hash {where}", chain=chain, number=number, hash=before)


async def looked_at(url: str, anchors: Anchors | None = None) -> tuple[list[str], Counts]:
    """What `verify` says of a database."""
    told: list[str] = []
    async with writers(url, 1) as [database]:
        counts = await verify(database, anchors, told.append)
    return told, counts


async def anchor(url: str, anchors: Anchors, retained: dict[str, int] | None = None, at: int = 0) -> None:
    """Add an anchor of the database as it is to those that there are."""
    async with writers(url, 1) as [database]:
        now, away = await heads(database), {**await starts(database), **(retained or {})}
    line = anchors.line(now, at or 60_000 * next(_COUNTER), "test", away, retention=retained is not None)
    if line:
        anchors.add(line)
