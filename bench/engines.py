"""The two databases of a run: a file in a folder that goes, and a PostgreSQL server of its own."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.load import load
from bench.report import Loaded
from bench.template import Rows, Template
from db.migrate import upgrade
from tests.support import postgres_server

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Engine:
    """A database that runs. `process` is where all of its processes come from; None: it runs inside the service."""

    name: str
    url: str
    version: str
    process: int | None

    def filled(self, people: int, made: Sequence[Template], directory: Rows) -> Loaded:
        """Make the schema and load the people."""
        start = time.perf_counter()
        upgrade(self.url)
        asyncio.run(load(self.url, people, made, directory))
        seconds = time.perf_counter() - start
        what = "people copied from templates"
        return Loaded(engine=self.name, version=self.version, count=people, what=what, seconds=seconds)


@contextmanager
def running(name: str, folder: Path) -> Iterator[Engine]:
    """One of ENGINES, empty. PostgreSQL waits for the disk at every commit, as it does out of the box."""
    if name == "sqlite":
        yield Engine(name, f"sqlite:///{folder / 'plans.db'}", sqlite3.sqlite_version, None)
        return
    server = postgres_server.start(durable=True)
    try:
        process = int((server.home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        yield Engine(name, server.url, asyncio.run(_version(server.url)), process)
    finally:
        server.stop()


async def _version(url: str) -> str:
    held = await asyncpg.connect(url)
    try:
        return str(await held.fetchval("show server_version"))
    finally:
        await held.close()
