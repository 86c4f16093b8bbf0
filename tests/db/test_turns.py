"""Whoever waits for a turn sees what was done while they waited: their moment is that in which their turn comes."""

import asyncio

from auth.access import ask
from tests.support.world import World

WAITING = """select count(*) from pg_locks l join pg_database d on d.oid = l.database
    where not l.granted and d.datname = current_database()"""


async def blocked(world: World) -> None:
    """Until somebody waits; on SQLite nobody begins who would have to."""
    while world.url.startswith("postgresql") and not (await world.database.rows(WAITING))[0][0]:  # noqa: ASYNC110 - the database has no event for it
        await asyncio.sleep(0)


async def test_a_turn_begins_when_the_other_has_ended(world: World):
    world.at("2026-03-02T10:00:00Z")
    store, permit = world.desk.store, ask(world.visit().caller, world.desk.charter)

    async def second() -> int:
        async with store.writing(permit) as writing:
            await writing.in_turn(["the same"])
            return writing.now

    async with store.writing(permit) as writing:
        await writing.in_turn(["the same"])
        began, waiting = writing.now, asyncio.create_task(second())
        await blocked(world)
        world.later(seconds=5)
    assert await waiting == began + 5000
