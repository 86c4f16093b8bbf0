"""A worker that is killed anywhere has lost nothing: every event arrives, in order, the same number twice at worst."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from api.feed_hook import Hook, Terms
from tests.house.tree import ROOT
from tests.support.feed import standing, subscribed, subscription, told
from tests.support.feed_process import POINTS
from tests.support.r4 import created, task
from tests.support.served import environment
from tests.support.taking import Taken, taking
from tests.support.world import World

SCRIPT = ROOT / "tests/support/feed_process.py"
LEASE = 150_000


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Taken]]]:
    with taking() as there:
        yield there


async def worked(world: World, origin: str, shift: int, point: str = "") -> int:
    """How a worker of its own process ended that did what was due."""
    command = [sys.executable, str(SCRIPT), world.url, origin, str(shift), *([point] if point else [])]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, env=environment(), check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


async def test_whenever_the_worker_is_killed_nothing_is_lost_and_nothing_renamed(world, endpoint):
    origin, taken = endpoint
    world.service.feed.hook = Hook(Terms(frozenset({origin}), loopback=True))
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription("task-changed", endpoint=f"{origin}/hook", most=2))
    await world.service.feed.turn()
    assert await standing(client, id_) == "active"
    made: list[str] = []
    for n, point in enumerate(POINTS):
        made += [f"Task/{(await created(client, task(person)))['id']}" for _ in range(3)]
        assert await worked(world, origin, n * LEASE, point) == -signal.SIGKILL, point
    assert await worked(world, origin, len(POINTS) * LEASE) == 0
    events = [pair for _, raw in taken for pair in told(json.loads(raw))]
    named = dict(events)
    assert len(set(events)) == len(named), "a number stands for one event for ever"
    assert [named[number] for number in sorted(named)] == made, "everything, in order"
    assert sorted(named) == list(range(1, len(made) + 1)), "without a gap"
    assert list(named) == sorted(named), "in order when they first came"
    assert len(events) <= len(made) + 2 * len(POINTS), "the same twice at worst, once for each death"
