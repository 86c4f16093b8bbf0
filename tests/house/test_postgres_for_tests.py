"""The PostgreSQL of the tests is a real one, is shared, and is missed loudly (docs/decisions/0003)."""

import os
import socket
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support import postgres_server
from tests.support.postgres import GIVEN, borrowed_database, fresh_database, server_of_this_run


async def ask(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_the_server_is_recent_enough(postgres_url):
    assert int(await ask(postgres_url, "show server_version_num")) >= 150_000


async def test_a_fresh_database_is_empty_and_goes_away(postgres_url):
    with borrowed_database(postgres_url) as url:
        assert await ask(url, "select count(*) from pg_stat_user_tables") == 0
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(url, "select 1")


async def test_a_fresh_database_can_be_a_copy(postgres_url):
    with borrowed_database(postgres_url) as pattern:
        await ask(pattern, "create table kept as select 42 as it")
        with borrowed_database(postgres_url, urlsplit(pattern).path[1:]) as copy:
            assert await ask(copy, "select it from kept") == 42


async def test_a_database_that_does_not_exist_is_no_template(postgres_url):
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        fresh_database(postgres_url, "nowhere")


@pytest.mark.skipif(GIVEN in os.environ, reason="that server's settings are its owner's")
async def test_the_shared_server_is_fast_and_listens_on_loopback_only(postgres_url):
    assert await ask(postgres_url, "show fsync") == "off"
    assert await ask(postgres_url, "show listen_addresses") == "127.0.0.1"


async def test_a_durable_server_writes_through_and_leaves_nothing_behind():
    server = postgres_server.start(durable=True)
    try:
        assert await ask(server.url, "show fsync") == "on"
        assert await ask(server.url, "show synchronous_commit") == "on"
    finally:
        server.stop()
    assert not server.home.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(server.url).port)) != 0


async def test_a_wrong_password_is_refused():
    server = postgres_server.start()
    try:
        guessed = f"postgresql://postgres:guess@127.0.0.1:{urlsplit(server.url).port}/postgres"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(guessed, "select 1")
    finally:
        server.stop()


def test_without_any_postgres_the_tests_fail_with_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres_server, "candidates", lambda: iter([tmp_path]))
    with pytest.raises(postgres_server.NoPostgresError, match=r"need PostgreSQL .*ONEPLAN_TEST_DATABASE_URL"):
        postgres_server.start()


def test_a_server_that_is_given_is_used(monkeypatch):
    monkeypatch.setenv(GIVEN, "postgresql://given.example/oneplan")
    assert server_of_this_run() == "postgresql://given.example/oneplan"


def test_all_who_ask_get_the_same_server(postgres_url):
    assert server_of_this_run() == postgres_url
