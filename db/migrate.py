"""Brings a database to the schema of this version: alembic, run from the package, with no file of settings beside it.

Works from an installed wheel, and from inside a running event loop too: PostgreSQL is reached through asyncpg, in a
thread and a loop of their own. One process migrates at a time; the others wait and then find nothing left to do.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db import wall
from db.engine import Unavailable

SCRIPTS = Path(__file__).with_name("migrations")
_LOCK = "select pg_advisory_xact_lock(hashtext('oneplan migrations'))"
BEHIND = "The schema is behind, and this role may not change it: run `oneplan db upgrade` as the owner of the database."
Made = TypeVar("Made")


def upgrade(url: str, to: str = "head") -> None:
    """Bring the database at a SQLAlchemy URL to a revision, all of the way or not at all, and build its wall.

    A role that may not change the schema finds it current and leaves it so. Raises Unavailable.
    """
    connected(url, lambda connection: _upgraded(connection, to))


def downgrade(url: str, to: str = "base") -> None:
    """Take the database back to a revision; what only later ones hold is lost. Raises Unavailable."""
    connected(url, lambda connection: _downgraded(connection, to))


def _upgraded(connection: Connection, to: str) -> None:
    if not _walled(connection):
        command.upgrade(_config(connection), to)
        return
    if not wall.is_allowed(connection):
        if _at(connection) != _head():
            raise Unavailable(BEHIND)
        return
    if _at(connection) not in (None, _head()):
        wall.lower(connection)  # a column that a policy names cannot be changed under it
    command.upgrade(_config(connection), to)
    wall.build(connection)


def _downgraded(connection: Connection, to: str) -> None:
    if _walled(connection):
        wall.lower(connection)
    command.downgrade(_config(connection), to)


def _walled(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def current(url: str) -> str | None:
    """The revision that the database is at; None before the first. Raises Unavailable."""
    return connected(url, _at)


def is_current(url: str) -> bool:
    """Whether the database has exactly the schema that this version of the service works with."""
    return current(url) == _head()


def _at(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def connected(url: str, work: Callable[[Connection], Made]) -> Made:
    """Do schema work in one transaction that holds everybody else's off. Raises Unavailable, ValueError."""
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    try:
        if kind == "sqlite":
            return _on_sqlite(parsed, work)
        if kind == "postgresql":
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, _on_postgres(parsed, work)).result()
    except (OperationalError, OSError) as error:
        raise Unavailable(str(error)) from error
    raise ValueError(f"{kind} is no database of ours: use sqlite:///FILE or postgresql://...")


def _on_sqlite(url: URL, work: Callable[[Connection], Made]) -> Made:
    engine = create_engine(url.set(drivername="sqlite"), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _transactions_are_ours(raw: sqlite3.Connection, _: object) -> None:
        raw.isolation_level = None  # else the driver commits before every change of the schema

    @event.listens_for(engine, "begin")
    def _alone(connection: Connection) -> None:
        connection.exec_driver_sql("begin immediate")

    with engine.begin() as connection:
        return work(connection)


async def _on_postgres(url: URL, work: Callable[[Connection], Made]) -> Made:
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(_LOCK)
        return await connection.run_sync(work)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
