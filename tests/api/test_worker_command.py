"""`oneplan worker`, and the worker inside `oneplan serve`, as processes of their own."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from api import worker_command
from api.app import working
from api.settings import Settings
from tests.support.feed import receiving, subscribed, subscription
from tests.support.served import environment
from tests.support.world import World

ONEPLAN = [sys.executable, "-m", "api.cli"]


def jobs(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        found: int = connection.execute("select count(*) from job where kind = 'spread'").fetchone()[0]
        return found


def test_a_worker_does_what_is_due_once_or_until_it_is_told_to_stop(tmp_path, sqlite_template):
    file = tmp_path / "o.db"
    file.write_bytes(sqlite_template.read_bytes())
    command = [*ONEPLAN, "worker", "--database", f"sqlite:///{file}"]
    more = {"cwd": tmp_path, "env": environment(ONEPLAN_DEVELOPMENT_KEY=str(tmp_path / "key.json"))}
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("insert into person values ('p', 0, 0, 0)")
        connection.execute("insert into job values ('p', 'spread', '', 0, 0, 0, 0)")
    done = subprocess.run([*command, "--once"], check=True, capture_output=True, text=True, **more)
    # Nobody has subscribed: the news is forgotten, which is no job (decision 35).
    assert (done.stdout, jobs(file)) == ("0 jobs done.\n", 0)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **more) as running:
        assert running.stderr
        assert "the worker runs" in running.stderr.readline()
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


async def test_the_command_works_until_it_is_stopped(world: World, monkeypatch):
    receiver = receiving(world)
    await subscribed(world.client(), subscription())
    assert await worker_command.once(world.service) == 1
    assert receiver.kinds == ["handshake"]

    async def stopped(stop):
        signal.raise_signal(signal.SIGTERM)
        await stop.wait()

    monkeypatch.setattr(world.service.feed, "run", stopped)
    await worker_command.run(world.service)


async def test_the_service_works_off_what_is_due_unless_it_is_told_not_to(world: World):
    receiver = receiving(world)
    await subscribed(world.client(), subscription())
    async with working(world.service):
        """The world's settings switch it off."""
    assert receiver.sent == []
    world.service.settings = world.settings.model_copy(update={"feed_worker": True})
    arrived = asyncio.Event()

    async def tells() -> None:
        arrived.set()

    receiver.while_answering = tells
    async with working(world.service):
        await asyncio.wait_for(arrived.wait(), 20)
    assert receiver.kinds == ["handshake"]


def test_production_sends_no_notice_to_itself():
    with pytest.raises(ValidationError, match="FEED_LOOPBACK"):
        Settings(production=True, feed_loopback=True)
