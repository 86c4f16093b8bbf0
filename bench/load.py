"""Fills a database with copies of the template people, the fast way of each engine."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

import asyncpg
from sqlalchemy.engine import make_url

from bench.template import Rows, Template
from db.engine import columns

_TOGETHER = 100
"""People whose rows go in one batch."""


async def load(url: str, people: int, made: Sequence[Template], directory: Rows) -> None:
    """Write the directory and this many people."""
    if make_url(url).get_backend_name() == "sqlite":
        _sqlite(str(make_url(url).database), people, made, directory)
    else:
        await _postgres(url, people, made, directory)


def _batches(people: int, made: Sequence[Template], directory: Rows) -> Iterator[Rows]:
    yield directory
    for start in range(0, people, _TOGETHER):
        gathered: dict[str, list[tuple[object, ...]]] = {}
        for number in range(start, min(start + _TOGETHER, people)):
            for table, rows in made[number % len(made)].copied(number).items():
                gathered.setdefault(table, []).extend(rows)
        yield gathered


def _sqlite(file: str, people: int, made: Sequence[Template], directory: Rows) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as held:
        for pragma in ("journal_mode = wal", "synchronous = off", "cache_size = -512000"):
            held.execute(f"pragma {pragma}")
        for rows in _batches(people, made, directory):
            held.execute("begin")
            for table, some in rows.items():
                marks = ", ".join("?" * len(columns(table)))
                held.executemany(f"insert into {table} ({', '.join(columns(table))}) values ({marks})", some)
            held.execute("commit")
        held.execute("pragma wal_checkpoint(truncate)")


async def _postgres(url: str, people: int, made: Sequence[Template], directory: Rows) -> None:
    held = await asyncpg.connect(url)
    try:
        for rows in _batches(people, made, directory):
            for table, some in rows.items():
                await held.copy_records_to_table(table, records=some, columns=columns(table))
        # As autovacuum would leave it in the long run; and what the load wrote is not for the measured to flush.
        await held.execute("vacuum analyze")
        await held.execute("checkpoint")
    finally:
        await held.close()
