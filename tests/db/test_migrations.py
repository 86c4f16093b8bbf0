"""The schema that the migrations make is the schema that the rows say, on both databases, there and back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from db import migrate
from db.engine import Unavailable
from db.tables import SCHEMA
from tests.support.postgres import borrowed_database

VERSIONS = Path(migrate.__file__).parent / "migrations/versions"
COMPARED = {"compare_type": True, "compare_server_default": True}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'o.db'}"
    else:
        with borrowed_database(request.getfixturevalue("postgres_url")) as url:
            yield url


def differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts=COMPARED), SCHEMA))


def tables(url: str) -> set[str]:
    return set(migrate.connected(url, lambda connection: inspect(connection).get_table_names()))


def test_the_migrations_make_exactly_the_schema_that_the_rows_say(empty: str) -> None:
    migrate.upgrade(empty)
    assert migrate.connected(empty, differences) == []
    assert tables(empty) == {*SCHEMA.tables, "alembic_version"}


def test_the_migrations_lead_back_to_nothing_and_there_again(empty: str) -> None:
    migrate.upgrade(empty)
    migrate.downgrade(empty)
    assert tables(empty) == {"alembic_version"}
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert migrate.connected(empty, differences) == []


def test_a_database_is_current_only_after_the_last_migration(empty: str) -> None:
    assert (migrate.current(empty), migrate.is_current(empty)) == (None, False)
    migrate.upgrade(empty)
    assert migrate.is_current(empty)
    assert migrate.current(empty) == max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def test_a_second_upgrade_finds_nothing_to_do(empty: str) -> None:
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    assert migrate.is_current(empty)


async def test_services_that_start_together_migrate_one_after_the_other(empty: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate.upgrade, empty) for _ in range(4)))
    assert migrate.is_current(empty), "and a running loop is no hindrance"


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: str) -> None:
    def half(connection: Connection) -> None:
        connection.exec_driver_sql("create table half (id text)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        migrate.connected(empty, half)
    assert "half" not in tables(empty)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/o.db", "postgresql://a:b@127.0.0.1:1/o"])
def test_a_database_that_does_not_answer_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        migrate.current(url)


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql is no database of ours"):
        migrate.upgrade("mysql://127.0.0.1/o")
