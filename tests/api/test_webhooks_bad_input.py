"""What a webhook cannot be, and what is said of it: nothing is lost, and nothing answers 500."""

from typing import Any

import pytest

from tests.support.feed import ORIGIN, Receiver, receiving
from tests.support.webhooks import SHELF, URL, hooked, webhook
from tests.support.world import World


@pytest.fixture
def receiver(world: World) -> Receiver:
    return receiving(world)


BAD: list[tuple[str, dict[str, Any], int, str]] = [
    ("no address", {"events": ["*"]}, 400, "/url"),
    ("no events", {"url": URL}, 400, "/events"),
    ("an empty list", {"url": URL, "events": []}, 400, "/events"),
    ("an unknown kind", webhook("mesage.created"), 400, "/events/0"),
    ("an unknown action", webhook("goal.*", "message.sent"), 400, "/events/1"),
    ("no event type at all", webhook("everything"), 400, "/events/0"),
    ("too many types", webhook(*["*"] * 101), 400, "/events"),
    ("words for an address", webhook(url="our server"), 400, "/url"),
    ("another scheme", webhook(url="ftp://ehr.example:8443/x"), 400, "/url"),
    ("no host", webhook(url="https:///x"), 400, "/url"),
    ("a port that is none", webhook(url="https://ehr.example:port/"), 400, "/url"),
    ("a bracket", webhook(url="https://[bad/"), 400, "/url"),
    ("a user and password", webhook(url="https://us:er@ehr.example:8443/"), 400, "/url"),
    ("a fragment", webhook(url=f"{URL}#part"), 400, "/url"),
    ("a line break", webhook(url=f"{URL}\n"), 400, "/url"),
    ("letters that no address has", webhook(url=f"{ORIGIN}/\u00e9"), 400, "/url"),
    ("a very long address", webhook(url=f"{URL}?{'x' * 2048}"), 400, "/url"),
    ("another origin", webhook(url="https://elsewhere.example/x"), 422, "/url"),
    ("this machine", webhook(url="https://127.0.0.1/x"), 422, "/url"),
    ("an unknown status", webhook(status="paused"), 400, "/status"),
    ("a field that is none", webhook(secret="mine"), 400, "/secret"),
    ("null", webhook(description=None), 400, "/description"),
]


@pytest.mark.parametrize("what, body, status, pointer", BAD, ids=[row[0] for row in BAD])
async def test_what_is_no_webhook_is_refused_with_its_place(world, receiver, what, body, status, pointer):
    client = world.client()
    answer = await client.post(SHELF, json=body)
    assert answer.status_code == status, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await client.get(SHELF)).json()["items"] == []
    made = await hooked(client, "goal.*")
    changed = await client.put(f"{SHELF}/{made['id']}", json={**body, "version": 1})
    assert changed.status_code == status
    assert (await client.get(f"{SHELF}/{made['id']}")).json()["events"] == ["goal.*"]


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1", "fd12::1"])
async def test_a_name_that_leads_to_a_private_address_is_refused(world, receiver, address):
    receiver.looked_up["ehr.example"] = [[address]]
    answer = await world.client().post(SHELF, json=webhook())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")
    assert receiver.sent == []


async def test_a_name_that_leads_inside_later_is_not_followed(world, receiver):
    client = world.client()
    made = await hooked(client)
    receiver.looked_up["ehr.example"] = [["10.0.0.1"]]
    answer = (await client.post(f"{SHELF}/{made['id']}/test")).json()
    assert (answer["delivered"], receiver.sent) == (False, [])
    assert "address" in answer["said"]


async def test_an_owner_has_so_many_subscriptions_of_both_kinds_and_no_more(world, receiver):
    world.service.feed.limit = 2
    client = world.client()
    await hooked(client)
    await hooked(client)
    answer = await client.post(SHELF, json=webhook())
    assert (answer.status_code, "2 subscriptions" in answer.text) == (422, True)
    assert len((await client.get(SHELF)).json()["items"]) == 2


ADDRESSES = ["GET ", "PUT ", "DELETE ", "POST /test", "POST /rotate-secret", "POST /replay", "GET /deliveries"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_what_is_not_there_is_not_found(world, receiver, address):
    method, path = address.split(" ")
    body = {"since": "2026-01-01T00:00:00Z"} if path == "/replay" else webhook(version=1)
    more: dict[str, Any] = {"json": body} if method in ("PUT", "POST") else {}
    assert (await world.client().request(method, f"{SHELF}/nothing{path}", **more)).status_code == 404


@pytest.mark.parametrize(
    "body, status",
    [
        ({}, 400),
        ({"delivery": "msg_x_1", "since": "2026-01-01T00:00:00Z"}, 400),
        ({"since": "yesterday"}, 400),
        ({"until": "2026-01-01"}, 400),
        ({"delivery": 1}, 400),
        ({"delivery": "nonsense"}, 404),
        ({"delivery": "msg_other_1"}, 404),
        ({"delivery": "msg_{id}_1"}, 404),
        ({"delivery": "msg_{id}_0"}, 404),
        ({"since": "2026-01-01T00:00:00Z"}, 200),
    ],
)
async def test_a_replay_of_what_is_not_there_says_so(world, receiver, body, status):
    client = world.client()
    made = await hooked(client)
    body = {name: str(value).format(**made) if isinstance(value, str) else value for name, value in body.items()}
    answer = await client.post(f"{SHELF}/{made['id']}/replay", json=body)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json() == {"count": 0}


async def test_the_log_takes_no_cursor_that_it_did_not_give(world, receiver):
    client = world.client()
    made = await hooked(client)
    for query in ("?cursor=x", "?limit=0", "?state=failed"):
        assert (await client.get(f"{SHELF}/{made['id']}/deliveries{query}")).status_code == 400


async def test_a_webhook_is_read_and_written_with_one_key_of_one_form(world, receiver):
    client = world.client()
    made = await hooked(client)
    bad = {"Idempotency-Key": "two words"}
    for path in ("/test", "/rotate-secret"):
        assert (await client.post(f"{SHELF}/{made['id']}{path}", headers=bad)).status_code == 400
    assert (await client.delete(f"{SHELF}/{made['id']}", headers=bad)).status_code == 400
