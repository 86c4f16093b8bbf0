"""A service that PostgreSQL does not hold to its caller's people is told so at its start, and refused in production."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api import reindex_command, worker_command
from api.app import working
from api.service import BLIND, must_see_everybody, started, stopped
from api.settings import Settings
from auth.issuers import Issuer
from db import migrate, wall
from db.engine import Unavailable, opened
from tests.support.postgres import as_member, borrowed_database, in_roles
from tests.support.world import World

OWNER = ("oneplan_test_owner", "pg_monitor")
POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ISSUER = Issuer(issuer="https://id.example", jwks_uri="https://id.example/keys", audience="oneplan")


@POSTGRES
@pytest.mark.parametrize("role", ["owner_database", "worker_database"])
async def test_a_role_that_sees_everybody_does_not_serve_in_production(database_url: str, role: str) -> None:
    url = in_roles(database_url)[role]
    with pytest.raises(ValueError, match="sees every person's rows"):
        await started(Settings(database=url, production=True, issuers=(ISSUER,)))


@POSTGRES
async def test_the_services_own_role_serves_in_production(database_url: str) -> None:
    await stopped(await started(Settings(**in_roles(database_url), production=True, issuers=(ISSUER,))))


@POSTGRES
async def test_one_role_for_everything_is_enough_to_develop_with_and_is_told(
    database_url: str, development_key: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        service = await started(Settings(database=database_url, development_key=development_key))
    await must_see_everybody(service)
    await stopped(service)
    assert "sees every person's rows" in caplog.text


@POSTGRES
async def test_a_worker_that_would_see_nobody_does_not_begin(database_url: str, development_key: Path) -> None:
    url = in_roles(database_url)["database"]
    service = await started(Settings(database=url, development_key=development_key))
    for work in (worker_command.run(service), worker_command.once(service), working(service).__aenter__()):
        with pytest.raises(ValueError, match="ONEPLAN_WORKER_DATABASE"):
            await work
    await stopped(service)
    assert "ONEPLAN_FEED_WORKER=false" in BLIND
    with pytest.raises(ValueError, match="sees nobody's entries"):
        await reindex_command.run(url)


@POSTGRES
async def test_the_services_role_finds_the_schema_current_and_cannot_change_it(world: World) -> None:
    url = world.settings.database
    migrate.upgrade(url)
    await world.database.rows("update alembic_version set version_num = '0001'")
    with pytest.raises(Unavailable, match="oneplan db upgrade"):
        migrate.upgrade(url)


@POSTGRES
async def test_an_upgrade_builds_the_wall_again_where_it_is_another(world: World) -> None:
    sql = "select oid from pg_class where relname = 'caller_team'"
    before = await world.database.rows(sql)
    migrate.upgrade(world.url)
    assert await world.database.rows(sql) == before, "nothing is built twice"
    await world.database.rows("comment on view caller_team is 'of another release'")
    migrate.upgrade(world.url)
    assert await world.database.rows(sql) != before


@pytest.mark.parametrize("there", [True, False])
async def test_an_owner_who_may_make_no_roles_builds_the_wall_where_they_are_there(
    postgres_template: str, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    if not there:
        monkeypatch.setattr(wall, "SERVICE", "oneplan_of_another_server")
    with borrowed_database(postgres_template) as url:
        owner = as_member(url, *OWNER)
        name = urlsplit(url).path[1:]
        migrate.connected(url, lambda held: held.exec_driver_sql(f'alter database "{name}" owner to {OWNER[0]}'))
        migrate.upgrade(owner)
        database = await opened(owner)
        sql = "select count(*) from pg_class where relrowsecurity"
        assert (await database.rows(sql))[0][0] == (len(wall.owned()) if there else 0)
        await database.close()
