"""A worker that is killed anywhere: every message arrives under one id, and an escalation happens once."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from api.feed_hook import Hook, Terms
from api.service import milliseconds
from tests.api.test_feed_killed import LEASE, SCRIPT
from tests.support.feed_process import TICK, WEBHOOK_POINTS
from tests.support.larch import larch
from tests.support.r4 import created, goal
from tests.support.served import environment
from tests.support.taking import Taken, taking
from tests.support.webhooks import hooked, log
from tests.support.world import World

KILLS = 5
"""How often a worker is killed while it escalates."""
SEED = 2
"""Where in the turn that is: the same places each time, so that a failure can be had again."""
FURTHEST = 70
"""The last place that it is killed at: past the end of a turn in which nothing else happens."""


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Taken]]]:
    with taking() as there:
        yield there


def command(world: World, origin: str, point: str = "") -> tuple[list[str], dict[str, str]]:
    """A worker of its own process, whose clock is that of the world, and whose secret seals the same."""
    shift = world.clock - milliseconds()
    words = [sys.executable, str(SCRIPT), world.url, origin, str(shift), *([point] if point else [])]
    return words, environment(ONEPLAN_DEVELOPMENT_KEY=str(world.settings.development_key))


async def worked(world: World, origin: str, point: str = "") -> int:
    """How a worker ended that did what was due."""
    words, env = command(world, origin, point)
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, env=env, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


def killed_at(words: list[str], env: dict[str, str], place: int) -> int:
    """A worker that is killed once it has come so far; how it ended."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env) as worker:
        assert worker.stdout
        for _ in range(place):
            if not worker.stdout.read(1):
                break
        else:
            os.kill(worker.pid, signal.SIGKILL)
        worker.stdout.close()
        return worker.wait()


async def test_whenever_the_worker_is_killed_every_message_arrives_under_one_id(world, endpoint):
    origin, taken = endpoint
    world.service.feed.hook = Hook(Terms(frozenset({origin}), loopback=True))
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created", url=f"{origin}/hook")
    goals: list[str] = []
    for point in WEBHOOK_POINTS:
        goals += [(await created(client, goal(person)))["id"] for _ in range(2)]
        assert await worked(world, origin, point) == -signal.SIGKILL, point
        world.later(milliseconds=LEASE)
    assert await worked(world, origin) == 0
    entries: dict[str, set[str]] = {}
    for headers, raw in taken:
        entries.setdefault(headers["webhook-id"], set()).add(json.loads(raw)["data"]["entry"])
    assert all(len(named) == 1 for named in entries.values()), "an id stands for one event for ever"
    assert sorted(named for some in entries.values() for named in some) == sorted(goals)
    assert len(taken) <= len(goals) + len(WEBHOOK_POINTS), "twice at worst, once for each death"
    assert [one["state"] for one in await log(client, made["id"], "?limit=100")] == ["delivered"] * len(goals)


async def test_f2_an_escalation_happens_once_however_often_the_worker_is_killed(world, endpoint):
    origin, taken = endpoint
    world.service.feed.hook = Hook(Terms(frozenset({origin}), loopback=True))
    place = await larch(world)
    team = {"reference": "HealthcareService/P10001-team"}
    asked = {"text": "Breathless, ankles swollen", "status": "sent", "urgency": "urgent", "to": [team]}
    sent = await place.client("HC1").post(f"{place.address}/messages?section=social_care", json=asked)
    assert sent.status_code == 201, sent.text
    await place.turn()
    await hooked(place.client("LA1"), "message.created", url=f"{origin}/hook")
    before = await written(world)
    world.later(hours=2, minutes=1)
    places = random.Random(SEED)
    for _ in range(KILLS):
        words, env = command(world, origin, TICK)
        await asyncio.to_thread(killed_at, words, env, places.randint(1, FURTHEST))
        world.later(milliseconds=LEASE)
    while await worked(world, origin) or await waiting(world):
        world.later(milliseconds=LEASE)
    made = [one for one in await written(world) if one not in before]
    assert made, "it did escalate"
    assert {version for _, version in made} == {1}, "each was written once"
    told: dict[str, str] = {headers["webhook-id"]: json.loads(raw)["data"]["entry"] for headers, raw in taken}
    assert sorted(told.values()) == sorted(id_ for id_, _ in made), "one id for each, and none for anything else"


async def written(world: World) -> list[tuple[str, int]]:
    """The messages in the plan, each with its version."""
    rows = await world.database.rows("select id, version from entry where kind = 'message' order by id")
    return [(row[0], row[1]) for row in rows]


async def waiting(world: World) -> bool:
    """Whether something is still to be told."""
    sql = "select 1 from delivery where state in ('waiting', 'sending')"
    return bool(await world.database.rows(sql))
