"""Subscriptions through the R5 door: the same subscription, told in R5; topics as resources. R5 subscription.html."""

import httpx
import pytest
from fhir.resources.bundle import Bundle
from fhir.resources.subscription import Subscription

from tests.support.feed import ENDPOINT, TOPIC, Receiver, receiving, standing, turn
from tests.support.r4 import JSON, R4, created, issue, task
from tests.support.world import World

R5 = "/fhir/R5"
WANTED = {
    "resourceType": "Subscription",
    "status": "requested",
    "topic": f"{TOPIC}/task-changed",
    "channelType": {"system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type", "code": "rest-hook"},
    "endpoint": ENDPOINT,
    "content": "id-only",
    "maxCount": 2,
}


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


@pytest.fixture
def client(world: World) -> httpx.AsyncClient:
    return world.client()


async def test_a_subscription_of_r5_is_told_in_r5_and_read_in_r4(world, receiver, client):
    r4 = world.client()
    person = await world.person(r4)
    answer = await client.post(f"{R5}/Subscription", json=WANTED, headers=JSON)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    made = answer.json()
    assert answer.headers["location"].endswith(f"{R5}/Subscription/{made['id']}/_history/1")
    assert {name: made[name] for name in WANTED} == WANTED
    Subscription.model_validate(made)
    await turn(world)
    first = await created(r4, task(person))
    await turn(world)
    handshake, told = receiver.bundles
    for bundle in receiver.bundles:
        Bundle.model_validate(bundle)
        assert bundle["type"] == "subscription-notification"
    assert handshake["entry"][0]["resource"]["type"] == "handshake"
    (event,) = told["entry"][0]["resource"]["notificationEvent"]
    assert event["focus"]["reference"].endswith(f"{R5}/Task/{first['id']}")
    assert told["entry"][1]["fullUrl"].endswith(f"{R5}/Task/{first['id']}")
    assert (await client.get(f"{R5}/Subscription/{made['id']}")).json()["status"] == "active"
    assert await standing(r4, made["id"]) == "active"
    in_r4 = (await r4.get(f"{R4}/Subscription/{made['id']}")).json()
    assert in_r4["criteria"] == WANTED["topic"]
    events = (await client.get(f"{R5}/Subscription/{made['id']}/$events")).json()
    assert events["entry"][0]["resource"]["type"] == "query-event"
    status = (await client.get(f"{R5}/Subscription/{made['id']}/$status")).json()
    assert status["entry"][0]["resource"]["resourceType"] == "SubscriptionStatus"


async def test_an_update_in_r5_stands_in_r5_and_its_faults_too(world, receiver, client):
    made = (await client.post(f"{R5}/Subscription", json=WANTED, headers=JSON)).json()
    changed = {**made, "filterBy": [{"resourceType": "Task", "filterParameter": "section", "value": "health"}]}
    answer = await client.put(f"{R5}/Subscription/{made['id']}", json=changed, headers=JSON)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["filterBy"] == changed["filterBy"]
    found = issue(
        await client.post(f"{R5}/Subscription", json={**WANTED, "content": "full-resource"}, headers=JSON), 400
    )
    assert found["expression"] == ["Subscription.content"]
    history = (await client.get(f"{R5}/Subscription/{made['id']}/_history")).json()
    assert len(history["entry"]) == 2
    minimal = await client.post(f"{R5}/Subscription", json=WANTED, headers={**JSON, "Prefer": "return=minimal"})
    assert minimal.content == b""
    found = (await client.get(f"{R5}/Subscription?topic={TOPIC}/task-changed")).json()
    assert found["total"] == 2
    assert {entry["resource"]["topic"] for entry in found["entry"]} == {WANTED["topic"]}


async def test_the_topics_are_there_to_be_read(client):
    found = (await client.get(f"{R5}/SubscriptionTopic")).json()
    assert found["total"] == 6
    assert (await client.get(f"{R5}/SubscriptionTopic/flag-changed")).json()["url"] == f"{TOPIC}/flag-changed"
    issue(await client.get(f"{R5}/SubscriptionTopic/weather"), 404)
