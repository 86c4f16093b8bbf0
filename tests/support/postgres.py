"""One PostgreSQL server for the whole run, shared by all workers, and databases of their own for those who ask.

`ONEPLAN_TEST_DATABASE_URL` names a server to use instead (`postgresql://user:password@host:port/database`; its user
must be allowed to create databases). Nothing is started before a test asks; without a server these tests fail.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.support.postgres_server import Server, start

GIVEN = "ONEPLAN_TEST_DATABASE_URL"
_SHARED = "ONEPLAN_TEST_SHARED_FOLDER"
ROLES = {"oneplan_test_service": "oneplan_service", "oneplan_test_worker": "oneplan_worker"}
"""Who connects to the databases of tests, and what they are members of."""
_WORD = "a-word-for-tests"


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The server of this run, as `postgresql://...`; its database is only for making others (`fresh_database`)."""
    return server_of_this_run()


def server_of_this_run() -> str:
    """The URL of the server that is given, else of the one that this run shares."""
    return os.environ.get(GIVEN) or _one_for_all(Path(os.environ[_SHARED])).url


def fresh_database(url: str, template: str | None = None) -> str:
    """Create a database on the server of `url`, as a copy of the database `template` if one is named; its URL.

    Nobody may be connected to the template meanwhile. FILE_COPY is the fast way for small ones.
    """
    name = f"t_{secrets.token_hex(8)}"
    copied = f' template "{template}" strategy file_copy' if template else ""
    _execute(url, f'create database "{name}"{copied}')
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def drop_database(url: str) -> None:
    """Drop the database of `url`, whoever is still connected to it."""
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    _execute(urlunsplit(parts._replace(path="/postgres")), f'drop database if exists "{name}" with (force)')


def in_roles(url: str) -> dict[str, Any]:
    """The settings of a service on a database that was migrated by `url`: each part by its own role on PostgreSQL."""
    if not url.startswith("postgresql"):
        return {"database": url}
    service, worker = (as_member(url, name, group) for name, group in ROLES.items())
    return {"database": service, "worker_database": worker, "owner_database": url}


def as_member(url: str, name: str, group: str) -> str:
    """The same database for a role that is a member of another and nothing else; it is made when it is not there."""
    parts = urlsplit(url)
    _make_member(urlunsplit(parts._replace(path="/postgres")), name, group)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{name}:{_WORD}@{host}"))


@cache
def _make_member(server: str, name: str, group: str) -> None:
    """Make the role, which all databases of a server share, unless it is there."""
    made = f"create role {name} login password '{_WORD}' in role {group}"
    _execute(server, f"do $$ begin {made}; exception when duplicate_object or unique_violation then null; end $$")


@contextmanager
def borrowed_database(url: str, template: str | None = None) -> Iterator[str]:
    """`fresh_database` for the time of a `with`: its URL."""
    made = fresh_database(url, template)
    try:
        yield made
    finally:
        drop_database(made)


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run lays out the folder in which its workers find the server."""
    if not hasattr(config, "workerinput"):
        os.environ[_SHARED] = tempfile.mkdtemp(prefix="oneplan-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process outlives its workers, so it stops the server."""
    if hasattr(config, "workerinput"):
        return
    shared = Path(os.environ.pop(_SHARED))
    server = _noted(shared)
    if server:
        server.stop()
    shutil.rmtree(shared)


def _one_for_all(shared: Path) -> Server:
    """The server noted in the shared folder, started and noted by whoever is here first."""
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = _noted(shared)
        if server is None:
            server = start()
            (shared / "server").write_text(f"{server.url}\n{server.programs}\n{server.home}")
    return server


def _noted(shared: Path) -> Server | None:
    note = shared / "server"
    if not note.exists():
        return None
    url, programs, home = note.read_text().splitlines()
    return Server(url, Path(programs), Path(home))


def _execute(url: str, sql: str) -> None:
    """One statement on a connection and in a loop of its own, so that tests may call it inside their loop too."""

    async def execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, execute()).result()
