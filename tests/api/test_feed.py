"""The worker: who does what is due, in which order, and what it leaves behind."""

import asyncio

import pytest

from api.feed import KEPT, TIDY, Feed
from api.feed_notify import BACKOFF
from db.engine import Conflict, Unavailable
from db.feed import Job
from plan.model import PersonId
from tests.support.feed import Receiver, receiving, subscribed, subscription, turn
from tests.support.r4 import R4, created, goal, task
from tests.support.world import World


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


async def jobs(world: World) -> list[tuple[str, int]]:
    rows = await world.database.rows(
        "select kind, count(*) from job where kind <> 'coordinate' group by kind order by kind"
    )
    return [(row[0], row[1]) for row in rows]


async def test_a_change_leaves_one_job_for_its_person_and_the_worker_takes_it_away(world):
    client = world.client()
    one, other = await world.person(client), await world.person(client)
    await created(client, goal(one))
    await created(client, task(other))
    assert await jobs(world) == [("spread", 2)]
    await turn(world)
    assert await jobs(world) == []
    assert (await world.database.rows("select count(*) from delivery"))[0][0] == 0


async def test_news_that_nobody_wants_to_hear_are_forgotten_together_and_those_that_somebody_wants_stay(
    world, receiver
):
    client, stranger = world.client(), world.client(agency="HOME2", role="care_provider")
    for _ in range(3):
        await created(stranger, goal(await world.person(stranger)))
    await subscribed(client, subscription("task-changed"))
    await turn(world)
    person = await world.person(client)
    await created(stranger, goal(await world.person(stranger)))
    async with world.service.feed.store.working() as rows:
        assert await rows.unheard(10) == 1
        assert await rows.unheard(10) == 0
    assert await world.database.rows("select person_id from job where kind = 'spread'") == [(person,)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_news_that_somebody_adds_to_just_now_are_not_forgotten(world):
    """On SQLite there is one writer at a time, so that nobody can add meanwhile."""
    person = await world.person(world.client())
    world.later(seconds=5)
    async with world.database.transaction() as writer:
        await writer.change({}, {"job": [(person, "spread", "", world.clock, 0, 0, 0)]})
        async with world.service.feed.store.working() as rows:
            assert await rows.unheard(10) == 0
    assert await jobs(world) == [("spread", 1)]
    async with world.service.feed.store.working() as rows:
        assert await rows.unheard(10) == 1


async def test_news_are_forgotten_so_many_at_a_time(world, monkeypatch):
    monkeypatch.setattr("api.feed._UNHEARD_AT_ONCE", 2)
    client = world.client()
    for _ in range(5):
        await world.person(client)
    assert await world.service.feed.turn() == 0
    assert await jobs(world) == []


async def test_a_job_shows_that_somebody_added_to_it(world):
    client = world.client()
    person = await world.person(client)
    before = await world.database.rows("select due, since from job where kind = 'spread'")
    await created(client, goal(person))
    after = await world.database.rows("select due, since from job where kind = 'spread'")
    assert [tuple(row) for row in after] == [(before[0][0] + 1, before[0][1])]


async def test_a_write_that_fails_leaves_no_job(world):
    client = world.client()
    person = await world.person(client)
    await turn(world)
    answer = await client.post(f"{R4}/Goal", json={**goal(person), "lifecycleStatus": "none"})
    assert answer.status_code >= 400
    assert await jobs(world) == []


async def test_a_long_feed_is_spread_in_stretches(world, receiver, monkeypatch):
    monkeypatch.setattr("api.feed_spread.AT_ONCE", 2)
    client = world.client()
    person = await world.person(client)
    await turn(world)
    await subscribed(client, subscription("task-changed"))
    await turn(world)
    made = [f"Task/{(await created(client, task(person)))['id']}" for _ in range(5)]
    await turn(world)
    assert [focus for _, focus in receiver.events] == made


async def test_a_subscription_that_cannot_be_read_any_more_keeps_nobody_else_from_theirs(world, receiver):
    client = world.client()
    person = await world.person(client)
    old = await subscribed(client, subscription("flag-changed"))
    await subscribed(client, subscription("task-changed"))
    await turn(world)
    async with world.database.transaction() as transaction:
        await transaction.rows("update subscription set fhir = replace(fhir, 'flag-', 'old-') where id = ?", (old,))
    await created(client, task(person))
    await turn(world)
    assert len(receiver.events) == 1


async def test_a_person_whom_somebody_else_holds_is_looked_at_a_moment_later(world, receiver):
    job = Job(PersonId("nobody"), "spread", "", 0, 0, 0)
    async with world.database.transaction() as transaction:
        await transaction.change({}, {"job": [("nobody", "spread", "", 0, 0, 0, 0)]})
    await world.service.feed.do(job)
    rows = await world.database.rows("select due > 0, lease from job where person_id = 'nobody'")
    assert [(bool(due), lease) for due, lease in rows] == [(True, 0)]


async def test_the_filters_narrow(world, receiver):
    client = world.client()
    one, other = await world.person(client), await world.person(client)
    await subscribed(client, subscription("plan-changed", f"Resource?patient=Patient/{one}&section=health"))
    await subscribed(client, subscription("plan-changed", f"patient={other}", "Task?type=Task", most=1))
    await turn(world)
    for person in (one, other):
        await created(client, goal(person))
        await created(client, task(person))
    await turn(world)
    focuses = [focus.partition("/")[0] for _, focus in receiver.events]
    assert sorted(set(focuses)) == ["CarePlan", "Goal", "Task"], "the section's list is an entry of the section"
    assert focuses.count("Task") == 2


async def test_several_workers_send_each_event_once_and_a_persons_in_order(world, receiver):
    client = world.client()
    people = [await world.person(client) for _ in range(3)]
    for _ in range(2):
        await subscribed(client, subscription("task-changed", most=2))
    await turn(world)
    made = {person: [f"Task/{(await created(client, task(person)))['id']}" for _ in range(4)] for person in people}
    others = [Feed(world.desk, world.service.everybody, world.service.feed.hook, limit=9, days=9) for _ in range(3)]
    while await world.service.feed.store.due(world.clock, tuple(world.service.feed.kinds), 1):
        await asyncio.gather(*(feed.turn() for feed in others))
        world.later(seconds=1)
    receiver_events = receiver.events
    assert len(receiver_events) == 2 * 12
    by_subscription: dict[str, list[str]] = {}
    for bundle in receiver.bundles:
        reference = str(bundle["entry"][0]["resource"]["parameter"][0]["valueReference"]["reference"])
        seen = [part["valueReference"]["reference"].partition(f"{R4}/")[2]
                for one in bundle["entry"][0]["resource"]["parameter"] if "part" in one
                for part in one["part"] if part["name"] == "focus"]  # fmt: skip
        by_subscription.setdefault(reference, []).extend(seen)
    assert len(by_subscription) == 2
    for seen in by_subscription.values():
        for mine in made.values():
            assert [focus for focus in seen if focus in mine] == mine


async def test_a_job_that_breaks_is_tried_again_and_stops_no_other(world, receiver, caplog):
    client = world.client()
    person = await world.person(client)
    feed = world.service.feed
    async with feed.store.working() as rows:
        await rows.call("broken", "x", rows.now)
        await rows.call("nobody's", "x", rows.now)

    async def breaks(_: Job) -> None:
        raise ValueError("no")

    feed.kinds = {**feed.kinds, "broken": breaks}
    await created(client, task(person))
    await turn(world)
    assert await jobs(world) == [("broken", 1), ("nobody's", 1)]
    assert "broke" in caplog.text
    caplog.clear()
    await turn(world)
    assert "broke" not in caplog.text, "not before its time"
    await turn(world, minutes=2)
    assert "broke" in caplog.text


async def test_a_job_that_another_worker_got_in_the_way_of_is_done_a_moment_later(world, receiver):
    await subscribed(world.client(), subscription())
    feed = world.service.feed
    was = feed.kinds

    async def conflicts(_: Job) -> None:
        feed.kinds = was
        raise Conflict("at the same time")

    feed.kinds = {**was, "notify": conflicts}
    await turn(world)
    assert receiver.sent == []
    await turn(world, seconds=2)
    assert receiver.kinds == ["handshake"]


async def test_a_database_that_is_away_is_waited_for(world, receiver, caplog, monkeypatch):
    feed = world.service.feed

    async def away(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(world.service.everybody, "rows", away)
    assert await feed.turn() == 0
    assert "cannot answer" in caplog.text

    def no_transaction() -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(world.service.everybody, "transaction", no_transaction)
    await feed.do(Job(PersonId(""), "notify", "x", 0, 0, 0))
    assert "waits" in caplog.text


async def test_a_job_that_another_worker_holds_is_left_alone(world, receiver):
    client = world.client()
    await subscribed(client, subscription())
    feed = world.service.feed
    (job,) = await feed.store.due(feed.clock(), ("notify",), 10)
    async with feed.store.working() as rows:
        assert await rows.take(job, rows.now + 1000)
    await feed.do(job)
    assert receiver.sent == []
    await turn(world, seconds=2)
    assert receiver.kinds == ["handshake"]


async def test_what_was_taken_long_ago_is_forgotten_and_what_was_not_is_kept(world, receiver):
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription("task-changed"))
    await turn(world)
    await created(client, task(person))
    await turn(world)
    receiver.status = 503
    await created(client, task(person))
    for wait in (0, *BACKOFF):
        await turn(world, milliseconds=wait + 1)
    async with world.service.feed.store.working() as rows:
        await rows.call(TIDY, "", rows.now)
    await turn(world, milliseconds=KEPT)
    rows_left = await world.database.rows("select state from delivery where subscription_id = ?", (id_,))
    assert [row[0] for row in rows_left] == ["dead"]


async def test_the_worker_runs_beside_the_doors_until_it_is_told_to_stop(world, receiver):
    client = world.client()
    person = await world.person(client)
    await subscribed(client, subscription("task-changed"))
    await created(client, task(person))
    stop, arrived = asyncio.Event(), asyncio.Event()

    async def tells() -> None:
        arrived.set()

    receiver.while_answering = tells
    running = asyncio.create_task(world.service.feed.run(stop))
    await asyncio.wait_for(arrived.wait(), 20)
    stop.set()
    await asyncio.wait_for(running, 20)
    assert receiver.kinds == ["handshake"]
    assert ("tidy", 1) in await jobs(world)
