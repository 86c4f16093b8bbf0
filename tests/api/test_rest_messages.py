"""The addresses of messages and their steps at the REST door, and what both doors refuse of asks."""

from typing import Any

import pytest

from tests.support.feedback import PRACTICE, SWOLLEN, Rest
from tests.support.larch import larch
from tests.support.r4 import JSON, R4
from tests.support.rest import MERGE, problem

SENT: dict[str, Any] = {"urgency": "soon", "concern": SWOLLEN, "to": PRACTICE}


async def delivered(world, **more):
    door = Rest(await larch(world))
    message = (await door.send("HC1", **(SENT | more))).json()["id"]
    await door.place.turn()
    return door, message


async def test_the_list_holds_the_messages_of_a_section_and_the_threads_of_those(world):
    door, _ = await delivered(world)
    await door.send("HC1", section="transitions", text="Thank you")
    client, shelf = door.place.client("HC1"), f"{door.place.address}/messages"
    both = (await client.get(shelf)).json()
    assert (len(both["items"]), len(both["threads"])) == (2, 1)
    one = (await client.get(f"{shelf}?section=transitions")).json()
    assert ([item["text"] for item in one["items"]], one["threads"]) == (["Thank you"], [])
    problem(await client.get(f"{shelf}?section=kitchen"), 400, "bad_value")
    empty = (await client.get(f"{shelf}?section=legal")).json()
    assert empty == {"items": [], "threads": []}
    landlord = (await door.place.client("BA1").get(f"{shelf}?section=benefits")).json()
    assert landlord["threads"] == []


async def test_the_thread_of_a_message_is_there_once_it_is_delivered(world):
    door = Rest(await larch(world))
    message = (await door.send("HC1", **SENT)).json()["id"]
    client, thread = door.place.client("HC1"), f"{door.place.address}/messages/{message}/thread"
    problem(await client.get(thread), 409, "conflict")
    await door.place.turn()
    found = await client.get(thread)
    assert (found.status_code, found.json()["state"]) == (200, "delivered")
    assert (await client.get(thread, headers={"If-None-Match": found.headers["etag"]})).status_code == 304
    problem(await client.get(f"{door.place.address}/messages/nothing/thread"), 404, "not_found")


async def test_a_step_that_is_taken_twice_is_taken_once(world):
    door, message = await delivered(world)
    first = await door.step("P10001", message, "acknowledged")
    again = await door.step("P10001", message, "acknowledged")
    assert (again.status_code, again.content) == (200, first.content)
    key = {"Idempotency-Key": "k"}
    client, shelf = door.place.client("P10001"), f"{door.place.address}/messages/{message}/answer"
    said = {"outcome": "referred", "text": "To the heart nurse"}
    once = await client.post(shelf, json=said, headers=key)
    assert once.headers["location"] == f"{door.place.address}/messages/{once.json()['id']}"
    assert (await client.post(shelf, json=said, headers=key)).json() == once.json()


@pytest.mark.parametrize(
    "body, code, pointer",
    [
        ({"text": "Seen"}, "required", "/outcome"),
        ({"outcome": "shrug", "text": "Seen"}, "bad_value", "/outcome"),
        ({"outcome": "referred"}, "required", "/text"),
        ({"outcome": "no_change", "text": "Seen"}, "required", "/outcome_reason"),
    ],
)
async def test_an_answer_says_what_came_of_it(world, body, code, pointer):
    door, message = await delivered(world)
    client = door.place.client("P10001")
    problem(await client.post(f"{door.place.address}/messages/{message}/answer", json=body), 400, code, pointer)


async def test_nothing_is_understood_before_it_is_answered(world):
    door, message = await delivered(world)
    problem(await door.understood("HC1", message), 422, "rule")


async def test_of_several_teams_each_takes_its_own_steps(world):
    door, message = await delivered(world, to=[*PRACTICE, {"reference": "Organization/LA1"}])
    assert (await door.step("LA1", message, "acknowledged")).status_code == 200
    states = {one["to"]["reference"]: one["state"] for one in await door.threads("HC1")}
    assert states == {"Organization/P10001": "delivered", "Organization/LA1": "acknowledged"}


async def test_a_restricted_message_is_answered_for_its_readers_alone(world):
    door, message = await delivered(world, restricted_to=["P10001"])
    await door.answer("P10001", message, "referred")
    await door.place.turn(days=2)
    shelf = f"{door.place.address}/messages"
    seen = {agency: (await door.place.client(agency).get(shelf)).json() for agency in ("HC1", "P10001", "LA1", "HUB1")}
    assert {agency: len(one["items"]) for agency, one in seen.items()} == {"HC1": 2, "P10001": 2, "LA1": 0, "HUB1": 0}
    assert [one["state"] for one in seen["HC1"]["threads"]] == ["acted"]
    assert seen["LA1"]["threads"] == seen["HUB1"]["threads"] == []
    outsider = await door.send("HC1", **SENT, restricted_to=["LA1"])
    problem(outsider, 422, "rule", "/to/0/reference")


async def test_what_is_escalated_from_health_never_reaches_the_landlord(world):
    place = await larch(world)
    door = Rest(place)
    sent = await door.send("RX1", section="health", urgency="urgent", to=PRACTICE, concern=SWOLLEN)
    assert sent.status_code == 201
    await place.turn(hours=4)
    seen = (await place.client("HA1").get(f"{place.address}/plan")).text
    assert "ankles" not in seen.lower()
    assert "has not acknowledged" not in seen
    assert len((await place.client("P10001").get(f"{place.address}/messages?section=health")).json()["items"]) == 5


async def test_an_ask_keeps_what_the_service_says_of_it_at_both_doors(world):
    door, message = await delivered(world)
    client = door.place.client("P10001")
    [ask] = await door.threads("P10001")
    one = f"{door.place.address}/plan/sections/social_care/ask/{ask['id']}"
    later = {"due": "2027-01-01", "version": ask["version"]}
    problem(await client.patch(one, json=later, headers=MERGE), 422, "rule", "/due")
    task = (await client.get(f"{R4}/Task/{ask['id']}")).json()
    for change, says in [
        ({"status": "rejected"}, "Task.status"),
        ({"status": "completed"}, "needs an answer"),
        ({"code": {"text": "Something else"}}, "not to be changed"),
    ]:
        answer = await client.put(f"{R4}/Task/{ask['id']}", json=task | change, headers=JSON)
        assert answer.status_code == 422, answer.text
        assert says in answer.text
    taken = await client.put(f"{R4}/Task/{ask['id']}", json=task | {"status": "in-progress"}, headers=JSON)
    assert taken.json()["businessStatus"]["coding"][0]["code"] == "acknowledged"
    assert (await door.threads("HC1"))[0]["messages"] == [f"Communication/{message}"]


async def test_a_task_becomes_an_ask_only_from_its_beginning(world):
    place = await larch(world)
    client = place.client("P10001")
    patient = {"reference": f"Patient/{place.ada}"}
    made = {"resourceType": "Task", "status": "accepted", "intent": "order", "for": patient, "description": "Look"}
    task = (await client.post(f"{R4}/Task", json=made, headers=JSON)).json()
    mark = {"coding": [{"system": "https://oneplan.example/fhir/CodeSystem/entry-kind", "code": "ask"}]}
    refused = await client.put(f"{R4}/Task/{task['id']}", json=task | {"code": mark}, headers=JSON)
    assert refused.status_code == 422
    assert "begins as sent" in refused.text
    begun = await client.put(f"{R4}/Task/{task['id']}", json=task | {"code": mark, "status": "requested"}, headers=JSON)
    assert begun.status_code == 200
    assert begun.json()["extension"][0]["extension"][0] == {"url": "state", "valueCode": "sent"}
