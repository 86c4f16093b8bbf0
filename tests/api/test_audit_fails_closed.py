"""However the audit refuses to be written, nothing leaves the service: 503 a thousand times, half on each engine."""

import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from db.wall import SERVICE
from tests.support.audit import execute
from tests.support.r4 import created, goal
from tests.support.world import World

TIMES = 500
SECRET = "Zebrafish"
Way = Callable[[World], Any]


def statements(*all_: str) -> Way:
    """Done with all power over the database."""

    async def way(world: World) -> None:
        for sql in all_:
            execute(world.url, sql)

    return way


def session(*all_: str) -> Way:
    """Done on every connection that the service itself has, or could have."""

    async def way(world: World) -> None:
        watched: Any = world.service.database
        database = watched._database
        if world.url.startswith("sqlite"):
            for sql in all_:
                database._writer.execute(sql)
            return
        async with AsyncExitStack() as stack:
            pool = database._pool
            for one in [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())]:
                await one.execute("; ".join(all_))

    return way


async def locked(world: World) -> sqlite3.Connection:
    """Somebody else has begun to write, and does not end."""
    await session("pragma busy_timeout = 0")(world)
    other = sqlite3.connect(world.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("begin immediate")
    return other


GONE = statements("alter table audit_event rename to elsewhere")
WAYS: dict[str, dict[str, Way]] = {
    "sqlite": {
        "the table is gone": GONE,
        "a constraint": statements(
            "alter table audit_event rename to elsewhere",
            "create table audit_event as select * from elsewhere where false",
            "create unique index only_one on audit_event ((1))",
            "insert into audit_event select * from elsewhere limit 1",
        ),
        "read-only": session("pragma query_only = on"),
        "a trigger": statements(
            "create trigger no before insert on audit_event begin select raise(abort, 'no'); end",
        ),
        "another writes and writes": locked,
    },
    "postgresql": {
        "the table is gone": GONE,
        "a constraint": statements("alter table audit_event add constraint no check (false) not valid"),
        "read-only": session("set default_transaction_read_only = on"),
        "no privilege": statements(f"revoke insert on audit_event from {SERVICE}"),
        "a trigger": statements(
            "create function no() returns trigger language plpgsql"
            " as $$ begin raise 'no' using errcode = '53100'; end $$",
            "create trigger no before insert on audit_event for each row execute function no()",
        ),
    },
}


@pytest.mark.parametrize("n", range(5))
async def test_nothing_leaves_the_service_when_its_event_cannot_be_written(world: World, n: int) -> None:
    await world.agency("RX1")
    client = world.client()
    person = await world.person(client)
    made = await created(client, {**goal(person), "description": {"text": SECRET}})
    kind = world.url.partition(":")[0]
    name, way = list(WAYS[kind].items())[n]
    asked = (
        f"/fhir/R4/Goal/{made['id']}",
        f"/fhir/R4/Goal?patient={person}",
        f"/fhir/R4/Goal/{made['id']}/_history",
        f"/v1/people/{person}/plan",
        "/fhir/R4/Goal/no-such-goal",
    )
    assert SECRET in (await client.get(asked[0])).text
    held = await way(world)
    for i in range(TIMES // len(WAYS[kind])):
        answer = await client.get(asked[i % len(asked)])
        assert answer.status_code == 503, (name, asked[i % len(asked)], answer.text)
        assert SECRET not in answer.text
        assert SECRET not in str(answer.headers)
    if held:
        held.close()
