"""The life of a subscription: handshake, events with numbers of its own, heartbeat, failure, end. Backport IG, R4."""

import httpx
import pytest

from fhir_facade.validate import validate
from tests.support.feed import ENDPOINT, Receiver, receiving, said, standing, subscribed, subscription, told, turn
from tests.support.r4 import JSON, R4, created, goal, issue, task
from tests.support.world import World


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


async def test_a_subscription_is_active_once_its_endpoint_has_taken_the_handshake(world, receiver):
    client = world.client()
    id_ = await subscribed(client, subscription())
    assert await standing(client, id_) == "requested"
    await turn(world)
    assert receiver.kinds == ["handshake"]
    status = said(receiver.bundles[0])
    assert status["subscription"].endswith(f"{R4}/Subscription/{id_}")
    assert (status["status"], status["events-since-subscription-start"]) == ("requested", "0")
    assert receiver.bundles[0]["entry"][0]["request"]["url"].endswith(f"/Subscription/{id_}/$status")
    assert await standing(client, id_) == "active"
    await turn(world, days=1)
    assert receiver.kinds == ["handshake"], "no heartbeat was asked for"


async def test_an_endpoint_that_refuses_the_handshake_is_an_error_that_says_why(world, receiver):
    client = world.client()
    receiver.fails = [500]
    id_ = await subscribed(client, subscription())
    await turn(world)
    found = (await client.get(f"{R4}/Subscription/{id_}")).json()
    assert (found["status"], found["error"]) == ("error", "The endpoint answered 500.")
    found["status"] = "requested"
    answer = await client.put(f"{R4}/Subscription/{id_}", json=found, headers=JSON)
    assert answer.status_code == httpx.codes.OK, answer.text
    await turn(world)
    found = (await client.get(f"{R4}/Subscription/{id_}")).json()
    assert (found["status"], "error" in found) == ("active", False)


async def test_events_are_counted_for_each_subscription_and_carry_ids_alone(world, receiver):
    client = world.client()
    person = await world.person(client)
    await turn(world)
    await subscribed(client, subscription("task-changed"))
    await turn(world)
    await created(client, goal(person))
    first = await created(client, task(person))
    second = await created(client, task(person))
    await turn(world)
    assert receiver.kinds == ["handshake", "event-notification"]
    bundle = receiver.bundles[-1]
    validate(bundle, "Bundle")
    assert told(bundle) == [(1, f"Task/{first['id']}"), (2, f"Task/{second['id']}")]
    assert said(bundle)["events-since-subscription-start"] == "2"
    assert "requested" not in str(bundle), "the status of the task is no business of a notice"
    await client.delete(f"{R4}/Task/{first['id']}")
    await turn(world)
    assert told(receiver.bundles[-1]) == [(3, f"Task/{first['id']}")]


async def test_a_notice_holds_no_more_events_than_the_subscription_wants(world, receiver):
    client = world.client()
    person = await world.person(client)
    await subscribed(client, subscription("task-changed", most=2, content="empty"))
    await turn(world)
    for _ in range(5):
        await created(client, task(person))
    await turn(world)
    assert [told(bundle) for bundle in receiver.bundles[1:]] == [[(1, ""), (2, "")], [(3, ""), (4, "")], [(5, "")]]


async def test_a_heartbeat_is_sent_when_nothing_was_for_so_long(world, receiver):
    client = world.client()
    person = await world.person(client)
    await subscribed(client, subscription("task-changed", heartbeat=600))
    await turn(world)
    await turn(world, minutes=9)
    await created(client, task(person))
    await turn(world)
    await turn(world, minutes=9)
    assert receiver.kinds == ["handshake", "event-notification"]
    await turn(world, minutes=2)
    assert receiver.kinds[2:] == ["heartbeat"]
    assert said(receiver.bundles[-1])["events-since-subscription-start"] == "1"


async def test_an_endpoint_that_is_gone_switches_the_subscription_off(world, receiver):
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription())
    await turn(world)
    receiver.fails = [410]
    await created(client, task(person))
    await turn(world)
    await turn(world, days=1)
    assert len(receiver.sent) == 2
    assert await standing(client, id_) == "off"


async def test_what_fails_is_sent_again_later_and_later_with_the_same_number_for_three_days(world, receiver):
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription("task-changed"))
    await turn(world)
    receiver.status = 503
    await created(client, task(person))
    await turn(world)
    waits = [2**n for n in range(10)] + [720] * 5
    for n, wait in enumerate(waits, 2):
        await turn(world, minutes=wait - 0.01)
        assert len(receiver.sent) == n, "not before its time"
        await turn(world, minutes=0.02)
        assert len(receiver.sent) == n + 1
    assert {number for number, _ in receiver.events} == {1}
    assert await standing(client, id_) == "error"
    assert sum(waits) > 3 * 24 * 60
    late = await created(client, task(person))
    await turn(world, days=1)
    assert len(receiver.sent) == len(waits) + 2, "nothing is sent to who does not answer"
    receiver.status = 200
    answer = await client.post(f"{R4}/Subscription/{id_}/$resend", json={"resourceType": "Parameters"}, headers=JSON)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert "1 events" in answer.text
    receiver.sent.clear()
    await turn(world)
    assert receiver.kinds == ["handshake", "event-notification", "event-notification"]
    assert [number for number, _ in receiver.events] == [1, 2], "nothing was lost, in order"
    assert receiver.events[1][1] == f"Task/{late['id']}"


async def test_a_failure_that_passes_costs_nothing(world, receiver):
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription("task-changed"))
    await turn(world)
    receiver.fails = [0, 302]
    await created(client, task(person))
    await turn(world)
    await turn(world, minutes=1.1)
    await turn(world, minutes=2.1)
    assert [number for number, _ in receiver.events] == [1, 1, 1]
    assert all(request.url.path == "/hooks/plans" for request in receiver.sent), "no redirect is followed"
    await created(client, task(person))
    await turn(world)
    assert receiver.events[-1][0] == 2
    assert await standing(client, id_) == "active"


async def test_the_owner_switches_off_and_on_again(world, receiver):
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription("task-changed"))
    await turn(world)
    resource = (await client.get(f"{R4}/Subscription/{id_}")).json()
    answer = await client.put(f"{R4}/Subscription/{id_}", json={**resource, "status": "off"}, headers=JSON)
    await created(client, task(person))
    await turn(world)
    assert receiver.kinds == ["handshake"]
    issue(await client.post(f"{R4}/Subscription/{id_}/$resend", json={"resourceType": "Parameters"}, headers=JSON), 422)
    await client.put(f"{R4}/Subscription/{id_}", json={**answer.json(), "status": "requested"}, headers=JSON)
    await turn(world)
    assert receiver.kinds == ["handshake", "handshake"]
    await created(client, task(person))
    await turn(world)
    assert receiver.events[0][0] == 1


async def test_another_endpoint_is_asked_for_a_handshake_of_its_own_and_the_same_is_not(world, receiver):
    client = world.client()
    id_ = await subscribed(client, subscription("task-changed"))
    await turn(world)
    resource = (await client.get(f"{R4}/Subscription/{id_}")).json()
    answer = await client.put(f"{R4}/Subscription/{id_}", json={**resource, "reason": "Another"}, headers=JSON)
    assert answer.json()["status"] == "active"
    moved = answer.json()
    moved["channel"]["endpoint"] = f"{ENDPOINT}/new"
    answer = await client.put(f"{R4}/Subscription/{id_}", json=moved, headers=JSON)
    assert answer.json()["status"] == "requested"
    await turn(world)
    assert [request.url.path for request in receiver.sent] == ["/hooks/plans", "/hooks/plans/new"]


async def test_a_subscription_ends_when_it_says_and_when_its_owner_has_long_not_written_it(world, receiver):
    client = world.client()
    world.at("2026-03-02T10:00:00Z")
    short = await subscribed(client, subscription(end="2026-03-03T10:00:00Z"))
    long = await subscribed(client, subscription(heartbeat=86400))
    await turn(world)
    world.later(days=2)
    await turn(world)
    assert (await standing(client, short), await standing(client, long)) == ("off", "active")
    await turn(world, days=90)
    assert await standing(client, long) == "off"


async def test_what_changes_while_a_notice_is_on_its_way_is_kept(world, receiver):
    """The owner moves to another endpoint while the old one is asked: what it took is not sent twice."""
    client = world.client()
    person = await world.person(client)
    id_ = await subscribed(client, subscription("task-changed"))
    await turn(world)
    await created(client, task(person))

    async def moves() -> None:
        receiver.while_answering = None
        resource = (await client.get(f"{R4}/Subscription/{id_}")).json()
        resource["channel"]["endpoint"] = f"{ENDPOINT}/new"
        await client.put(f"{R4}/Subscription/{id_}", json=resource, headers=JSON)
        await created(client, task(person))

    receiver.while_answering = moves
    await turn(world)
    assert receiver.kinds == ["handshake", "event-notification", "handshake", "event-notification"]
    assert [number for number, _ in receiver.events] == [1, 2]
    assert await standing(client, id_) == "active"
