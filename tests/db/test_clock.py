"""The clock of the database is the only one: a process whose own is wrong, or is set back, keeps the same time."""

import asyncio

import pytest

from api.feed import Feed
from db.clock import Clock
from db.engine import Unavailable
from db.feed import LEASE
from tests.support.world import World

HOUR = 3_600_000
MINUTE = 60_000


class Other:
    """A database on another machine, with a clock of its own."""

    sharing = " for update of {}"

    def __init__(self, now: int) -> None:
        self.now = now
        self.away = False

    async def rows(self, sql: str) -> list[tuple[int]]:
        if self.away:
            raise Unavailable("gone")
        return [(self.now,)]


class Counter:
    """What a process counts by, set by hand; `takes`: how long a question seems to take."""

    def __init__(self, at: int, takes: int = 0) -> None:
        self.at, self.takes = at, takes

    def __call__(self) -> int:
        self.at += self.takes
        return self.at


def kept(database: object, counter: Counter) -> Clock:
    return Clock(database, counter)  # type: ignore[arg-type]


@pytest.mark.parametrize("own", [0, 10**13], ids=["far behind", "far ahead"])
async def test_a_process_with_a_wrong_clock_keeps_the_time_of_the_database(own):
    there, counter = Other(1_700_000_000_000), Counter(own)
    clock = kept(there, counter)
    await clock.look()
    assert clock() == there.now
    counter.at += 90
    assert clock() == there.now + 90, "between two looks it counts on by itself"


async def test_a_clock_that_is_set_back_is_followed():
    there, counter = Other(1_700_000_000_000), Counter(5)
    clock = kept(there, counter)
    await clock.look()
    there.now -= HOUR
    await clock.look()
    assert clock() == there.now


async def test_what_the_answer_took_does_not_move_it():
    there, counter = Other(1_700_000_000_000), Counter(0)
    clock = kept(there, counter)
    await clock.look()
    counter.takes = 10
    there.now += 6
    before = clock._ahead
    await clock.look()
    assert clock._ahead == before


async def test_a_database_that_is_away_is_asked_again(monkeypatch):
    monkeypatch.setattr("db.clock.EVERY", 0)
    there, stop = Other(1_700_000_000_000), asyncio.Event()
    there.away = True
    clock = kept(there, Counter(0))
    watching = asyncio.create_task(clock.watch(stop))
    while clock() != there.now:
        there.away = False
        await asyncio.sleep(0)
    stop.set()
    await watching
    await clock.watch(stop)


async def test_on_both_databases_a_worker_that_is_three_hours_ahead_does_nothing_too_early(world: World):
    feed = world.service.feed
    right = Clock(world.database)
    await right.look()
    wrong = Counter(right() + 3 * HOUR)
    clock = Clock(world.service.everybody, wrong)
    clock._ahead = 0
    world.desk.store.clock = clock
    worker = Feed(world.desk, world.service.everybody, feed.hook, limit=9, days=9, look=clock.look)
    done: list[str] = []

    async def does(job) -> None:
        done.append(job.id)
        async with worker.store.working() as rows:
            await rows.drop(job)

    worker.kinds = {"try": does}
    async with worker.store.working() as rows:
        await rows.call("try", "in an hour", right() + HOUR)
        await rows.call("try", "a minute ago", right() - MINUTE)
    await worker.turn()
    assert done == ["a minute ago"]
    assert abs(worker.clock() - right()) < MINUTE


@pytest.mark.parametrize("ahead, free", [(LEASE - 1, False), (LEASE + HOUR, True)])
async def test_a_lease_that_was_taken_before_the_clock_was_set_back_holds_nobody(world: World, ahead, free):
    world.at("2026-03-02T09:00:00Z")
    feed = world.service.feed
    async with feed.store.working() as rows:
        await rows.call("try", "x", 0)
    (job,) = await feed.store.due(world.clock, ("try",), 9)
    async with world.database.transaction() as transaction:
        await transaction.rows("update job set lease = ?", (world.clock + ahead,))
    assert bool(await feed.store.due(world.clock, ("try",), 9)) is free
    async with feed.store.working() as rows:
        assert bool(await rows.take(job, rows.now + LEASE)) is free
