"""How webhooks are delivered: signed, ids only, under today's leave, tried over days, and never lost from sight."""

import json
from itertools import pairwise

import httpx
import pytest

from api.feed_hook import Reply
from api.webhook_notify import outcome
from api.webhook_signing import SEALED_OTHERWISE, UNSEALABLE
from auth.sign_in.seals import Seals
from db.webhooks import Tried
from plan.webhook import DAY, GIVEN_UP, LONGEST_WAIT, PAUSE, RETRIES
from tests.support.feed import Receiver, receiving, subscribed, subscription, turn
from tests.support.r4 import R4, created, goal, task
from tests.support.webhooks import SHELF, hooked, ids, log, messages, reads, verified, webhook
from tests.support.world import World

SECRET = "Breathless at night"


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


async def test_a_message_is_signed_and_says_who_and_what_but_never_what_anybody_wrote(world, receiver):
    client = world.client()
    person = await world.person(client, family="Okafor")
    made = await hooked(client, "goal.created")
    written = await created(client, goal(person, SECRET))
    await turn(world)
    (request,) = receiver.sent
    said = verified(world, request, made["secret"])
    assert said["type"] == "goal.created"
    assert said["data"] == {
        "person": person,
        "entry": written["id"],
        "kind": "goal",
        "resource": f"Goal/{written['id']}",
        "section": "health",
        "action": "create",
    }
    assert said["timestamp"] == written["meta"]["lastUpdated"]
    assert SECRET.encode() not in request.content
    assert b"Okafor" not in request.content
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == f"msg_{made['id']}_1"


async def test_only_the_types_that_were_named_are_told(world, receiver):
    client = world.client()
    person = await world.person(client)
    await hooked(client, "action.*", "goal.updated")
    await created(client, goal(person))
    await created(client, task(person))
    await turn(world)
    assert [message["type"] for message in messages(receiver)] == ["action.created"]


async def test_an_agency_hears_of_its_own_people_alone(world, receiver):
    mine, other = world.client(), world.client(agency="P10001")
    await hooked(mine, "goal.created")
    await hooked(other, "goal.created")
    person = await world.person(other)
    await created(other, goal(person))
    await turn(world)
    assert {message["data"]["person"] for message in messages(receiver)} == {person}
    assert len(receiver.sent) == 1


async def test_a_message_that_may_not_be_told_any_more_is_withdrawn_between_two_tries(world, receiver):
    owner, other = world.client(), world.client(agency="HC1", role="care_provider")
    await world.agency("HC1")
    person = await world.person(owner)
    joined = await owner.post(f"/v1/people/{person}/team", json={"agency": "HC1"})
    made = await hooked(other, "goal.created")
    receiver.status = 503
    await created(owner, goal(person))
    await turn(world)
    assert len(receiver.sent) == 1
    (before,) = await log(other, made["id"])
    assert (before["state"], before["message"]["data"]["person"]) == ("pending", person)
    assert (await owner.delete(joined.headers["location"])).status_code == 204
    receiver.status = 200
    await turn(world, days=1)
    assert len(receiver.sent) == 1, "nothing more was sent"
    (after,) = await log(other, made["id"])
    assert (after["state"], "message" in after) == ("withdrawn", False)
    replay = await other.post(f"{SHELF}/{made['id']}/replay", json={"delivery": after["id"]})
    assert replay.status_code == 404


async def test_leave_that_was_lost_before_the_first_try_leaves_no_trace(world, receiver):
    owner, other = world.client(), world.client(agency="HC1", role="care_provider")
    await world.agency("HC1")
    person = await world.person(owner)
    joined = await owner.post(f"/v1/people/{person}/team", json={"agency": "HC1"})
    made = await hooked(other, "goal.created")
    await turn(world)
    await created(owner, goal(person))
    assert (await owner.delete(joined.headers["location"])).status_code == 204
    await turn(world)
    assert receiver.sent == []
    assert await log(other, made["id"]) == []


async def test_what_is_not_taken_is_tried_by_the_schedule_with_the_same_id_and_then_given_up(world, receiver):
    world.at("2026-03-02T10:00:00Z")
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")
    receiver.status = 500
    await created(client, goal(person))
    await turn(world, seconds=1)
    for n, wait in enumerate(RETRIES, 1):
        await turn(world, milliseconds=wait - 1)
        assert len(receiver.sent) == n, f"not before try {n + 1} is due"
        await turn(world, milliseconds=2)
    assert len(receiver.sent) == 1 + len(RETRIES)
    assert set(ids(receiver)) == {f"msg_{made['id']}_1"}
    assert len({request.content for request in receiver.sent}) == 1, "to the byte the same"
    stamps = [int(request.headers["webhook-timestamp"]) for request in receiver.sent]
    assert all(one < other for one, other in pairwise(stamps))
    assert verified(world, receiver.sent[-1], made["secret"])
    (logged,) = await log(client, made["id"])
    assert (logged["state"], logged["attempts"], logged["status"]) == ("failed", 10, 500)
    assert "next_attempt" not in logged
    await turn(world, days=2)
    assert len(receiver.sent) == 1 + len(RETRIES)


async def test_the_log_says_when_the_next_try_is(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")
    receiver.fails = [0]
    await created(client, goal(person))
    await turn(world)
    (logged,) = await log(client, made["id"])
    assert (logged["state"], logged["attempts"], "status" in logged) == ("pending", 1, False)
    assert "could not be reached" in logged["said"]
    assert logged["next_attempt"] > logged["last_attempt"]
    assert "failing_since" in await reads(client, made["id"])
    await turn(world, seconds=6)
    (logged,) = await log(client, made["id"])
    assert (logged["state"], logged["attempts"], logged["status"]) == ("delivered", 2, 200)
    read = await reads(client, made["id"])
    assert ("failing_since" in read, "last_delivery" in read) == (False, True)


async def test_one_message_that_is_not_taken_keeps_no_other_from_going_out(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "action.created")
    receiver.fails = [500, 500]
    for _ in range(3):
        await created(client, task(person))
    await turn(world)
    assert len(receiver.sent) == 1, "an endpoint that fails is left alone for a moment"
    await turn(world, milliseconds=PAUSE + 1)
    await turn(world, milliseconds=PAUSE + 1)
    assert {one["state"] for one in await log(client, made["id"])} <= {"delivered", "pending"}
    await turn(world, minutes=6)
    assert [one["state"] for one in await log(client, made["id"])] == ["delivered"] * 3


async def test_news_do_not_make_the_pause_of_a_failing_endpoint_shorter(world, receiver):
    client = world.client()
    person = await world.person(client)
    await hooked(client, "action.created")
    receiver.status = 503
    await created(client, task(person))
    await turn(world)
    await created(client, task(person))
    await turn(world)
    assert len(receiver.sent) == 1
    await turn(world, milliseconds=PAUSE + 1)
    assert len(receiver.sent) > 1


@pytest.mark.parametrize(
    "tries, status, wait, state, due",
    [
        (0, 500, 0, "sending", RETRIES[0]),
        (0, 429, 60_000, "sending", 60_000),
        (0, 503, 10 * DAY, "sending", LONGEST_WAIT),
        (8, 500, 0, "sending", RETRIES[8]),
        (9, 500, 0, "dead", 0),
        (0, 302, 0, "sending", RETRIES[0]),
        (9, 204, 0, "done", 0),
    ],
)
def test_where_a_message_stands_after_an_attempt(tries, status, wait, state, due):
    before = Tried(state="sending", tries=tries, tried=0, due=0, answer=0, said="")
    after = outcome(before, Reply(status, wait=wait), 0)
    assert (after.state, after.tries, after.due, after.answer) == (state, tries + 1, due, status)


@pytest.mark.parametrize("said, milliseconds", [("120", 120_000), ("soon", 0), ("", 0), ("-1", 0)])
async def test_an_endpoint_may_ask_to_be_left_alone(world, receiver, said, milliseconds):
    async def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"retry-after": said})

    hook = receiver.hook()
    hook._transport = httpx.MockTransport(busy)
    assert (await hook.post("https://ehr.example:8443/", (), b"{}", 5)).wait == milliseconds


async def test_an_endpoint_that_is_gone_is_told_nothing_more_and_its_owner_reads_why(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")
    receiver.status = 410
    await created(client, goal(person))
    await turn(world)
    await created(client, goal(person))
    await turn(world, days=10)
    assert len(receiver.sent) == 1
    read = await reads(client, made["id"])
    assert (read["status"], read["error"]) == ("disabled", "The endpoint is gone (410).")
    receiver.status = 200
    again = webhook("goal.created", version=read["version"], status="active")
    changed = await client.put(f"{SHELF}/{made['id']}", json=again)
    assert (changed.json()["status"], "error" in changed.json()) == ("active", False)
    await created(client, goal(person))
    await turn(world)
    assert len(receiver.sent) == 2


async def test_an_endpoint_that_takes_nothing_for_days_is_disabled_and_loses_nothing(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "action.created")
    receiver.status = 500
    for _ in range(4):
        await created(client, task(person))
        await turn(world, milliseconds=GIVEN_UP // 3)
    read = await reads(client, made["id"])
    assert (read["status"], read["error"]) == ("disabled", "The endpoint took nothing for 5 days.")
    sent = len(receiver.sent)
    await created(client, task(person))
    await turn(world, days=1)
    assert len(receiver.sent) == sent
    assert {one["state"] for one in await log(client, made["id"])} == {"failed"}
    receiver.status = 200
    replay = {"since": "2020-01-01T00:00:00Z"}
    assert (await client.post(f"{SHELF}/{made['id']}/replay", json=replay)).status_code == 422
    again = webhook("action.created", version=read["version"])
    assert (await client.put(f"{SHELF}/{made['id']}", json=again)).json()["status"] == "active"
    assert (await client.post(f"{SHELF}/{made['id']}/replay", json=replay)).json() == {"count": 4}
    await turn(world)
    assert len(await log(client, made["id"])) == 5
    assert {one["state"] for one in await log(client, made["id"])} == {"delivered"}


async def test_one_message_is_sent_again_with_its_own_id_or_all_since_a_moment(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "action.created")
    for _ in range(3):
        await created(client, task(person))
        await turn(world, minutes=1)
    first = ids(receiver)[0]
    url = f"{SHELF}/{made['id']}/replay"
    assert (await client.post(url, json={"delivery": first})).json() == {"count": 1}
    assert (await client.post(url, json={"delivery": first})).json() == {"count": 0}, "it is on its way already"
    await turn(world)
    assert ids(receiver)[3:] == [first]
    since = (await log(client, made["id"]))[1]["message"]["timestamp"]
    assert (await client.post(url, json={"since": since})).json() == {"count": 2}
    await turn(world)
    assert sorted(ids(receiver)[4:]) == sorted(ids(receiver)[1:3])


async def test_what_is_changed_while_a_message_is_under_way_is_settled_all_the_same(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")

    async def changes() -> None:
        receiver.while_answering = None
        answer = await client.put(f"{SHELF}/{made['id']}", json=webhook("goal.created", version=1))
        assert answer.status_code == 200

    receiver.while_answering = changes
    await created(client, goal(person))
    await turn(world)
    assert [one["state"] for one in await log(client, made["id"])] == ["delivered"]
    assert len(receiver.sent) == 1


async def test_what_is_given_up_while_a_message_is_under_way_stays_given_up(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")

    async def withdraws() -> None:
        async with world.service.feed.store.working() as rows:
            await rows.give_up(made["id"])

    receiver.while_answering = withdraws
    await created(client, goal(person))
    await turn(world)
    assert [one["state"] for one in await log(client, made["id"])] == ["failed"]


async def test_a_webhook_comes_to_its_end_unless_it_is_written_again(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")
    await turn(world, days=91)
    await created(client, goal(person))
    await turn(world)
    read = await reads(client, made["id"])
    assert (read["status"], read["error"], receiver.sent) == ("disabled", "It has come to its end.", [])


async def test_nothing_goes_out_unsigned(world, receiver, caplog):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.created")
    feed = world.service.feed
    await created(client, goal(person))
    for seals, sentence in ((None, UNSEALABLE), (Seals(b"x" * 32, feed.clock), SEALED_OTHERWISE)):
        ours, feed.seals = feed.seals, seals
        await turn(world, minutes=2)
        assert receiver.sent == []
        refused = await client.post(f"{SHELF}/{made['id']}/test")
        assert (refused.status_code, sentence in refused.text) == (503, True)
        feed.seals = ours
    assert (await client.post(SHELF, json=webhook())).status_code == 201
    feed.seals = None
    assert (await client.post(SHELF, json=webhook())).status_code == 503
    feed.seals = ours
    await turn(world, minutes=2)
    assert len(receiver.sent) == 1, "and it is not lost"


async def test_both_channels_hear_of_the_same_change(world, receiver):
    client = world.client()
    person = await world.person(client)
    await subscribed(client, subscription("plan-changed"))
    await turn(world)
    await hooked(client, "goal.created")
    made = await created(client, goal(person))
    await turn(world)
    webhooks = [request for request in receiver.sent if "webhook-id" in request.headers]
    assert [json.loads(one.content)["data"]["entry"] for one in webhooks] == [made["id"]]
    notices = [one for one in receiver.sent if "webhook-id" not in one.headers]
    assert f"{R4}/Goal/{made['id']}".encode() in notices[-1].content
