"""What is no subscription is refused with a sentence and a place, and nothing of it is kept."""

import pytest

from tests.api.test_subscriptions_r5 import WANTED
from tests.support.feed import ENDPOINT, ORIGIN, TOPIC, Receiver, receiving, subscribed, subscription, turn
from tests.support.r4 import JSON, R4, issue
from tests.support.world import World


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


REFUSED = {
    "an endpoint that nobody allowed": (subscription(endpoint="https://other.example/hook"), 422, "origin"),
    "another port": (subscription(endpoint="https://ehr.example/hook"), 422, "origin"),
    "plain http": (subscription(endpoint="http://ehr.example:8443/hook"), 422, "origin"),
    "no endpoint": (subscription(endpoint=None), 400, ""),
    "an endpoint with a password": (subscription(endpoint=f"https://u:p@{ORIGIN[8:]}/"), 400, "password"),
    "an endpoint with a fragment": (subscription(endpoint=f"{ENDPOINT}#here"), 400, "fragment"),
    "an endpoint that is none": (subscription(endpoint="file:///etc/passwd"), 400, "https"),
    "a broken port": (subscription(endpoint="https://ehr.example:99999/"), 400, "address"),
    "an endpoint as long as a book": (subscription(endpoint=f"{ENDPOINT}/{'x' * 2000}"), 400, "address"),
    "an unknown topic": (subscription("weather"), 400, "topic"),
    "a search": (subscription(criteria="Task?status=requested"), 400, "search"),
    "an unknown filter": (subscription("task-changed", "Task?colour=red"), 400, "filter"),
    "a filter with a modifier": (subscription("task-changed", "Task?patient:missing=true"), 400, "filter"),
    "a filter of another type": (subscription("task-changed", "Goal?patient=1"), 400, "'goal'"),
    "a filter of no type": (subscription("plan-changed", "Nothing?patient=1"), 400, "'nothing'"),
    "a filter without a value": (subscription("plan-changed", "Goal?patient="), 400, "value"),
    "no filter at all": (subscription("plan-changed", "Goal?"), 400, "written"),
    "an unknown section": (subscription("plan-changed", "Goal?section=kitchen"), 400, "section"),
    "too many filters": (subscription("plan-changed", *(["Goal?patient=1"] * 21)), 400, "filters"),
    "a websocket": (subscription(type="websocket"), 400, "channel"),
    "a mail": (subscription(type="email"), 400, "channel"),
    "XML": (subscription(payload="application/fhir+xml"), 400, "json"),
    "the content of a plan": (subscription(content="full-resource"), 400, "content"),
    "a heartbeat without rest": (subscription(heartbeat=0), 400, "heartbeat"),
    "a negative heartbeat": (subscription(heartbeat=-1), 400, ""),
    "no patience": (subscription(timeout=0), 400, "timeout"),
    "endless patience": (subscription(timeout=3600), 400, "timeout"),
    "no events": (subscription(most=0), 400, ""),
    "fewer than no events": (subscription(most=-5), 400, ""),
    "a header that steers": (subscription(header=["Host: elsewhere"]), 400, "header"),
    "two headers in one": (subscription(header=["Authorization: a\r\nHost: b"]), 400, ""),
    "a header without a name": (subscription(header=["secret"]), 400, "header"),
    "a header without a value": (subscription(header=["Authorization: "]), 400, ""),
    "many headers": (subscription(header=["X-API-Key: a"] * 6), 400, "headers"),
    "an end that is past": (subscription(end="2020-01-01T00:00:00Z"), 400, "end"),
    "a status of its own": (subscription(status="error"), 400, "requested"),
    "a status that is none": (subscription(status="asleep"), 400, ""),
    "no reason": ({name: value for name, value in subscription().items() if name != "reason"}, 400, ""),
}


async def test_what_is_refused_says_why_and_leaves_nothing(world, receiver):
    client = world.client()
    for name, (resource, status, word) in REFUSED.items():
        sent = {**resource, "channel": {k: v for k, v in resource["channel"].items() if v is not None}}
        answer = await client.post(f"{R4}/Subscription", json=sent, headers=JSON)
        found = issue(answer, status)
        assert word in found["details"]["text"].lower(), name
        assert "a\r\nHost" not in answer.text
    assert (await world.database.rows("select count(*) from subscription"))[0][0] == 0


LED_ASTRAY = {
    "this machine": ["127.0.0.1"],
    "this machine again": ["::1"],
    "this machine in disguise": ["::ffff:127.0.0.1"],
    "a neighbour": ["10.1.2.3"],
    "another neighbour": ["192.168.0.1"],
    "the cloud's own address": ["169.254.169.254"],
    "the cloud's own address through a gateway": ["64:ff9b::a9fe:a9fe"],
    "an address inside": ["fd00::1"],
    "a link": ["fe80::1%eth0"],
    "everybody": ["224.0.0.1"],
    "nobody": ["0.0.0.0"],
    "one good and one bad": ["93.184.215.14", "10.0.0.1"],
    "nothing": [],
}


async def test_a_host_that_leads_inside_is_refused(world, receiver):
    client = world.client()
    for name, addresses in LED_ASTRAY.items():
        receiver.looked_up["ehr.example"] = [addresses]
        found = issue(await client.post(f"{R4}/Subscription", json=subscription(), headers=JSON), 422)
        assert "host" in found["details"]["text"], name
    assert receiver.sent == []


async def test_without_an_allowed_origin_there_are_no_subscriptions(world):
    found = issue(await world.client().post(f"{R4}/Subscription", json=subscription(), headers=JSON), 422)
    assert "ONEPLAN_FEED_ORIGINS" in found["details"]["text"]


async def test_an_owner_has_so_many_subscriptions_and_no_more(world, receiver):
    world.service.feed.limit = 3
    client = world.client()
    ids = [await subscribed(client, subscription()) for _ in range(3)]
    found = issue(await client.post(f"{R4}/Subscription", json=subscription(), headers=JSON), 422)
    assert "at most 3" in found["details"]["text"]
    await client.delete(f"{R4}/Subscription/{ids[0]}")
    await subscribed(client, subscription())
    await subscribed(world.client(subject="another"), subscription())


async def test_what_is_asked_of_another_address_or_method_is_told_so(world, receiver):
    client = world.client()
    id_ = await subscribed(client, subscription())
    answer = await client.patch(f"{R4}/Subscription/{id_}", json=[], headers=JSON)
    issue(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, PUT, DELETE"
    issue(await client.get(f"{R4}/Subscription/{id_}/Task"), 404)
    issue(await client.get(f"{R4}/Subscription/{id_}/$replay"), 404)
    issue(await client.get(f"{R4}/SubscriptionTopic"), 404)
    issue(await client.get(f"{R4}/Subscription/{id_}/$resend"), 405)
    headers = {**JSON, "If-None-Exist": "status=active"}
    issue(await client.post(f"{R4}/Subscription", json=subscription(), headers=headers), 400)
    issue(await client.post(f"{R4}/Subscription", json=[], headers=JSON), 400)


async def test_an_update_names_the_version_and_the_subscription(world, receiver):
    client = world.client()
    id_ = await subscribed(client, subscription())
    address = f"{R4}/Subscription/{id_}"
    issue(await client.put(address, json={**subscription(), "id": id_}, headers=JSON), 400)
    issue(await client.put(address, json={**subscription(), "id": "other"}, headers={**JSON, "If-Match": 'W/"1"'}), 400)
    issue(await client.put(address, json={**subscription(), "id": id_}, headers={**JSON, "If-Match": 'W/"7"'}), 412)
    issue(await client.delete(address, headers={"If-Match": 'W/"7"'}), 412)
    answer = await client.put(address, json={**subscription(), "id": id_}, headers={**JSON, "If-Match": 'W/"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == 204
    issue(await client.get(address), 410)
    issue(await client.get(f"{address}/_history/3"), 410)
    issue(await client.get(f"{address}/_history/9"), 404)
    assert (await client.get(f"{address}/_history/1")).json()["status"] == "requested"
    history = (await client.get(f"{address}/_history")).json()
    assert [one["request"]["method"] for one in history["entry"]] == ["DELETE", "PUT", "POST"]


async def test_a_search_finds_what_is_ones_own_page_by_page(world, receiver):
    client = world.client()
    ids = [await subscribed(client, subscription(topic)) for topic in ("task-changed", "flag-changed", "flag-changed")]
    found = (await client.get(f"{R4}/Subscription?topic={TOPIC}/flag-changed&status=requested,active")).json()
    assert {entry["resource"]["id"] for entry in found["entry"]} == set(ids[1:])
    first = (await client.get(f"{R4}/Subscription?_count=2&type=rest-hook")).json()
    assert (first["total"], len(first["entry"])) == (3, 2)
    next_ = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = (await client.get(next_.partition("127.0.0.1")[2])).json()
    assert [entry["resource"]["id"] for entry in second["entry"]] == [ids[0]]
    assert (await client.post(f"{R4}/Subscription/_search", data={"_id": ids[0]})).json()["total"] == 1
    assert (await client.get(f"{R4}/Subscription?url={ENDPOINT}&colour=red&_format=json")).json()["total"] == 3
    assert (await client.get(f"{R4}/Subscription?criteria={TOPIC}/task")).json()["total"] == 1
    issue(await client.get(f"{R4}/Subscription?colour=red", headers={"Prefer": "handling=strict"}), 400)
    issue(await client.get(f"{R4}/Subscription?_count=many"), 400)
    assert (await client.get(f"{R4}/Subscription/{ids[0]}", headers={"If-None-Match": 'W/"1"'})).status_code == 304


async def test_a_secret_goes_to_the_endpoint_and_nowhere_else(world, receiver, caplog):
    client = world.client()
    receiver.fails = [0]
    id_ = await subscribed(client, subscription(header=["Authorization: Bearer a-secret"]))
    await turn(world)
    assert receiver.sent[0].headers["authorization"] == "Bearer a-secret"
    assert receiver.sent[0].headers["host"] == "ehr.example:8443"
    assert "a-secret" not in caplog.text
    assert "a-secret" not in (await client.get(f"{R4}/Subscription/{id_}/$status")).text


async def test_the_answer_of_the_name_server_is_asked_for_once_and_kept_to(world, receiver):
    """No rebinding: the address that was looked at is the one that is connected to; a new one is looked at again."""
    client = world.client()
    receiver.looked_up["ehr.example"] = [["93.184.215.14"], ["93.184.215.15"], ["127.0.0.1"]]
    id_ = await subscribed(client, subscription())
    await turn(world)
    assert receiver.sent[0].url.host == "93.184.215.15"
    assert receiver.sent[0].extensions["sni_hostname"] == "ehr.example"
    resource = (await client.get(f"{R4}/Subscription/{id_}")).json()
    resource["channel"]["endpoint"] += "/new"
    issue(await client.put(f"{R4}/Subscription/{id_}", json=resource, headers=JSON), 422)
    assert len(receiver.sent) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"topic": None, "_topic": {"extension": [{"url": "urn:x", "valueCode": "y"}]}},
        {"filterBy": [{"_filterParameter": {"id": "a"}, "_value": {"id": "b"}}]},
        {"parameter": [{"_name": {"id": "a"}, "_value": {"id": "b"}}]},
    ],
)
async def test_a_value_that_is_an_extension_alone_is_refused_not_broken(world, more):
    receiving(world)
    made = {name: value for name, value in {**WANTED, **more}.items() if value is not None}
    answer = await world.client().post("/fhir/R5/Subscription", json=made, headers=JSON)
    assert answer.status_code in (400, 422), answer.text
