"""Holding a person and asking how one stands to them is one statement, and says what is true once they are held."""

import asyncio

import pytest

from auth.access import ask
from plan.model import PersonId
from tests.support.world import World

_WAITS = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like ?"


async def test_who_is_not_there_is_not_held(world: World) -> None:
    permit = ask(world.visit().caller, world.desk.charter)
    async with world.desk.store.writing(permit) as writing:
        assert await writing.held(permit, PersonId("nobody")) is None


async def test_what_changed_while_the_lock_was_waited_for_counts(world: World) -> None:
    if not world.database.sharing:
        pytest.skip("SQLite lets one transaction in at a time")
    permit, store = ask(world.visit().caller, world.desk.charter), world.desk.store
    person = PersonId(await world.person(world.client()))

    async def related() -> bool:
        async with store.writing(permit) as writing:
            standing = await writing.held(permit, person)
            return standing is not None and standing.related

    assert await related()
    async with world.database.transaction() as other:
        await other.rows("select 1 from person p where p.person_id = ? for update of p", (person,))
        waiting = asyncio.create_task(related())
        while not (await world.database.rows(_WAITS, ("select p.created%was%",)))[0][0]:
            assert not waiting.done()
        await other.rows("update team_member set until = 1 where person_id = ?", (person,))
        await other.rows("update person set seq = seq + 1 where person_id = ?", (person,))
    assert not await waiting
