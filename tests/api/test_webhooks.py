"""Webhooks of partner apps: made, read, changed, tried, rotated and ended, each by its owner alone."""

import asyncio

import pytest

from tests.support.feed import Receiver, receiving, subscribed, subscription, turn
from tests.support.r4 import R4, created, goal, task
from tests.support.webhooks import SHELF, URL, hooked, log, messages, reads, verified, webhook
from tests.support.world import World


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


async def test_a_webhook_is_made_with_its_secret_and_the_secret_is_never_shown_again(world, receiver):
    client = world.client()
    answer = await client.post(SHELF, json=webhook("stay.*", "message.created", description="Our case system"))
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{SHELF}/{made['id']}"
    assert made["secret"].startswith("whsec_")
    assert (made["events"], made["status"], made["url"]) == (["message.created", "stay.*"], "active", URL)
    read = await reads(client, made["id"])
    assert read == {name: value for name, value in made.items() if name != "secret"}
    assert (await client.get(SHELF)).json()["items"] == [read]
    kept = await world.database.rows("select sealed from webhook_secret")
    assert made["secret"] not in kept[0][0]
    assert made["secret"].removeprefix("whsec_") not in kept[0][0]


async def test_it_is_changed_in_the_version_that_was_read_and_what_was_read_may_come_back(world, receiver):
    client = world.client()
    made = await hooked(client, "stay.*")
    read = await reads(client, made["id"])
    read["events"] = ["goal.*"]
    changed = await client.put(f"{SHELF}/{made['id']}", json=read)
    assert (changed.status_code, changed.json()["version"], changed.json()["events"]) == (200, 2, ["goal.*"])
    assert changed.headers["etag"] == '"2"'
    assert (await client.put(f"{SHELF}/{made['id']}", json=read)).status_code == 412
    del read["version"]
    assert (await client.put(f"{SHELF}/{made['id']}", json=read)).status_code == 428
    headers = {"If-Match": '"2"'}
    assert (await client.put(f"{SHELF}/{made['id']}", json=read, headers=headers)).status_code == 200


async def test_what_is_disabled_hears_nothing_until_its_owner_lets_it(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "goal.*", status="disabled")
    await turn(world)
    await created(client, goal(person))
    await turn(world)
    assert receiver.sent == []
    again = webhook("goal.*", status="active", version=1)
    assert (await client.put(f"{SHELF}/{made['id']}", json=again)).json()["status"] == "active"
    await turn(world)
    assert receiver.sent == [], "what happened meanwhile is past"
    await created(client, goal(person))
    await turn(world)
    assert [message["type"] for message in messages(receiver)] == ["goal.created"]


async def test_what_is_deleted_is_gone_and_so_are_its_secrets(world, receiver):
    client = world.client()
    made = await hooked(client)
    stale = {"If-Match": '"7"'}
    assert (await client.delete(f"{SHELF}/{made['id']}", headers=stale)).status_code == 412
    assert (await client.delete(f"{SHELF}/{made['id']}")).status_code == 204
    assert (await client.get(f"{SHELF}/{made['id']}")).status_code == 410
    assert (await client.get(SHELF)).json()["items"] == []
    assert await world.database.rows("select * from webhook_secret") == []
    await turn(world)
    assert await world.database.rows("select * from job where kind = 'notify'") == []


async def test_a_test_call_goes_out_at_once_and_says_what_came_of_it(world, receiver):
    client = world.client()
    made = await hooked(client)
    answer = (await client.post(f"{SHELF}/{made['id']}/test")).json()
    assert answer == {"id": answer["id"], "delivered": True, "status": 200}
    (request,) = receiver.sent
    said = verified(world, request, made["secret"])
    assert (said["type"], said["data"]) == ("webhook.test", {"webhook": made["id"]})
    assert request.headers["webhook-id"] == answer["id"]
    receiver.status = 302
    assert (await client.post(f"{SHELF}/{made['id']}/test")).json()["delivered"] is False
    receiver.fails = [0]
    refused = (await client.post(f"{SHELF}/{made['id']}/test")).json()
    assert (refused["delivered"], "reached" in refused["said"]) == (False, True)
    assert len(receiver.sent) == 3, "no redirect is followed"


async def test_a_rotated_secret_signs_at_once_and_the_one_before_for_a_day_more(world, receiver):
    client = world.client()
    made = await hooked(client)
    new = (await client.post(f"{SHELF}/{made['id']}/rotate-secret")).json()
    assert new["secret"] != made["secret"]
    await client.post(f"{SHELF}/{made['id']}/test")
    for secret in (made["secret"], new["secret"]):
        assert verified(world, receiver.sent[-1], secret)
    world.later(hours=25)
    await client.post(f"{SHELF}/{made['id']}/test")
    assert verified(world, receiver.sent[-1], new["secret"])
    assert len(receiver.sent[-1].headers["webhook-signature"].split()) == 1


async def test_rotated_twice_all_three_sign_until_each_has_had_its_day(world, receiver):
    client = world.client()
    made = await hooked(client)
    url = f"{SHELF}/{made['id']}/rotate-secret"
    one, two = (await client.post(url)).json(), (await client.post(url)).json()
    await client.post(f"{SHELF}/{made['id']}/test")
    for secret in (made["secret"], one["secret"], two["secret"]):
        assert verified(world, receiver.sent[-1], secret)
    statuses = [(await client.post(url)).status_code for _ in range(3)]
    assert statuses == [200, 200, 422], "five at once and no more"
    world.later(hours=25)
    assert (await client.post(url)).status_code == 200
    assert len(await world.database.rows("select * from webhook_secret")) == 2


async def test_the_same_key_makes_one_webhook_and_one_rotation_and_shows_no_secret_again(world, receiver):
    client = world.client()
    key = {"Idempotency-Key": "a-key"}
    first = await client.post(SHELF, json=webhook(), headers=key)
    second = await client.post(SHELF, json=webhook(), headers=key)
    assert second.headers["idempotency-replayed"] == "true"
    assert "secret" not in second.json()
    assert second.json()["id"] == first.json()["id"]
    assert len((await client.get(SHELF)).json()["items"]) == 1
    other = await client.post(SHELF, json=webhook("goal.*"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    url, key = f"{SHELF}/{first.json()['id']}/rotate-secret", {"Idempotency-Key": "another"}
    assert (await client.post(url, headers=key)).json()["secret"]
    again = await client.post(url, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == ({}, "true")
    assert len(await world.database.rows("select * from webhook_secret")) == 2


async def test_at_once_the_same_key_makes_one_webhook(world, receiver):
    client = world.client()
    key = {"Idempotency-Key": "a-key"}
    answers = await asyncio.gather(*(client.post(SHELF, json=webhook(), headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len((await client.get(SHELF)).json()["items"]) == 1


async def test_the_fhir_door_shows_no_webhook_and_this_one_no_subscription(world, receiver):
    client = world.client()
    made = await hooked(client)
    id_ = await subscribed(client, subscription())
    assert (await client.get(f"{R4}/Subscription/{made['id']}")).status_code == 404
    assert (await client.get(f"{R4}/Subscription/{made['id']}/_history")).status_code == 404
    assert (await client.get(f"{R4}/Subscription")).json()["total"] == 1
    assert (await client.get(f"{SHELF}/{id_}")).status_code == 404
    assert [one["id"] for one in (await client.get(SHELF)).json()["items"]] == [made["id"]]


async def test_others_find_no_webhook_and_the_administrator_may_end_it(world, receiver):
    owner, other = world.client(), world.client(subject="another-of-RX1")
    admin = world.client("administrator", "RX1")
    made = await hooked(owner, url=f"{URL}?key=hush", description="ours")
    one = f"{SHELF}/{made['id']}"
    for method, url in (("GET", one), ("DELETE", one), ("POST", f"{one}/test"), ("GET", f"{one}/deliveries")):
        assert (await other.request(method, url)).status_code == 404
    assert (await other.get(SHELF)).json()["items"] == []
    seen = (await admin.get(one)).json()
    assert "hush" not in str(seen)
    assert (await admin.get(SHELF)).json()["items"] == [seen]
    assert (await admin.put(one, json=webhook(version=1))).status_code == 403
    assert (await admin.post(f"{one}/test")).status_code == 403
    assert (await admin.get(f"{one}/deliveries")).status_code == 403
    assert (await admin.post(SHELF, json=webhook())).status_code == 403
    assert (await admin.delete(one)).status_code == 204
    assert receiver.sent == []


@pytest.mark.parametrize("role", ["auditor", "commissioner"])
async def test_who_has_no_plan_to_hear_of_has_no_webhook(world, receiver, role):
    client = world.client(role)
    assert (await client.post(SHELF, json=webhook())).status_code == 403
    assert (await client.get(SHELF)).status_code == 403


async def test_an_app_needs_the_scope_of_subscriptions(world, receiver):
    client = world.client(scopes="system/Goal.cruds")
    assert (await client.post(SHELF, json=webhook())).status_code == 403
    reader = world.client(scopes="system/Subscription.rs system/Goal.rs")
    assert (await reader.get(SHELF)).status_code == 200
    assert (await reader.post(SHELF, json=webhook())).status_code == 403


async def test_every_look_and_change_leaves_its_event(world, receiver):
    client = world.client()
    made = await hooked(client)
    one = f"{SHELF}/{made['id']}"
    await client.get(one)
    await client.get(SHELF)
    await client.get(f"{one}/deliveries")
    await client.post(f"{one}/test")
    await client.post(f"{one}/rotate-secret")
    await client.put(one, json=webhook(version=1))
    await client.post(f"{one}/replay", json={"since": "2026-01-01T00:00:00Z"})
    await client.delete(one)
    rows = await world.database.rows("select action from audit_event where type = 'Subscription' order by at, id")
    assert [row[0] for row in rows] == list("CRERUUUUD")


async def test_the_log_is_read_page_by_page(world, receiver):
    client = world.client()
    person = await world.person(client)
    made = await hooked(client, "action.created")
    for _ in range(5):
        await created(client, task(person))
    await turn(world)
    whole = await log(client, made["id"])
    assert len(whole) == 5
    page = (await client.get(f"{SHELF}/{made['id']}/deliveries?limit=2")).json()
    assert page["items"] == whole[:2]
    page = (await client.get(f"{SHELF}/{made['id']}/deliveries?limit=3&cursor={page['next']}")).json()
    assert (page["items"], "next" in page) == (whole[2:], False)
