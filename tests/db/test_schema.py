"""The rules that let any engine which shards by key take the schema as it is, and what both engines are set to."""

from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects import postgresql

from db.engine import REPLACED, columns, insert_head, insert_tail, keys, opened
from db.tables import CROSSING, SCHEMA
from tests.support.world import World

OWNED = [table for name, table in SCHEMA.tables.items() if name not in CROSSING]


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_the_person_comes_first_in_every_key_of_a_table_that_is_a_persons(table: Table) -> None:
    for constraint in table.constraints:
        assert isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint)
        assert next(iter(constraint.columns)).name == "person_id", constraint.name
        if isinstance(constraint, ForeignKeyConstraint):
            assert constraint.elements[0].column.name == "person_id"


def test_the_tables_that_cross_people_are_exactly_these() -> None:
    crossing = {name for name, table in SCHEMA.tables.items() if next(iter(table.primary_key)).name != "person_id"}
    assert crossing == set(CROSSING)


def test_no_unique_rule_hides_in_an_index() -> None:
    assert [index.name for table in SCHEMA.tables.values() for index in table.indexes if index.unique] == []


def test_the_person_of_a_row_is_never_rewritten() -> None:
    for table in REPLACED - CROSSING:
        assert "person_id = excluded" not in insert_tail(table)


def test_every_text_compares_by_code_point() -> None:
    for table in SCHEMA.tables.values():
        for column in table.columns:
            if isinstance(column.type, Text):
                variant = column.type.dialect_impl(postgresql.dialect())
                assert getattr(variant, "collation", None) == "C", f"{table.name}.{column.name}"


def test_an_insert_names_every_column_once() -> None:
    assert insert_head("whereabouts") == "insert into whereabouts (id, person_id)"
    assert (columns("whereabouts"), keys("whereabouts")) == (["id", "person_id"], ["id"])


async def test_no_database_has_a_trigger(world: World) -> None:
    asked = {
        "sqlite": "select name from sqlite_master where type = 'trigger'",
        "postgresql": "select tgname from pg_trigger where not tgisinternal",
    }
    assert list(await world.database.rows(asked[world.url.split(":")[0]])) == []


async def test_sqlite_writes_ahead_and_waits_for_the_disk(tmp_path: Path) -> None:
    database = await opened(f"sqlite:///{tmp_path / 'o.db'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
    assert {name: (await database.rows(f"pragma {name}"))[0][0] for name in wanted} == wanted
    await database.close()


async def test_postgres_is_of_a_version_that_is_kept_and_waits_for_the_disk(postgres_template: str) -> None:
    database = await opened(postgres_template)
    number, jit = (await database.rows("select current_setting('server_version_num')::int, current_setting('jit')"))[0]
    await database.close()
    assert number >= 150000
    assert jit == "off"


@pytest.mark.parametrize("table", ["search_string", "directory_search_string"])
async def test_a_search_for_the_beginning_of_a_word_is_a_stretch_of_an_index(world: World, table: str) -> None:
    sql = f"select 1 from {table} s where s.type = 'Patient' and s.param = 'name' and s.code >= 'ab' and s.code < 'ac'"
    if world.url.startswith("sqlite"):
        plan = " ".join(row[3] for row in await world.database.rows(f"explain query plan {sql}"))
        assert "code>? AND code<?" in plan
    else:
        async with world.database.transaction() as transaction:
            await transaction.rows("set local enable_seqscan = off")
            plan = " ".join(row[0] for row in await transaction.rows(f"explain {sql}"))
        assert "code >= 'ab'" in plan.split("Index Cond")[1]


async def test_on_sqlite_only_the_tables_of_long_rows_have_a_second_tree(sqlite_template: Path) -> None:
    database = await opened(f"sqlite:///{sqlite_template}")
    rows = await database.rows("select name, wr from pragma_table_list where type = 'table'")
    await database.close()
    second = {name for name, without_rowid in rows if name in SCHEMA.tables and not without_rowid}
    assert second == {"entry", "entry_version", "directory_entry", "directory_entry_version"}
