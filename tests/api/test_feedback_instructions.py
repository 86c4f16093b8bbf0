"""Scenario F4: a clinician's instruction to carers is read before the next visit, through REST and through FHIR."""

import httpx
import pytest

from tests.support.feedback import DOORS
from tests.support.larch import larch
from tests.support.r4 import JSON, R4

both_doors = pytest.mark.parametrize("door", DOORS, ids=[door.name for door in DOORS])
MONDAY = "2026-03-02T09:00:00Z"
UNTIL_FRIDAY = {"start": "2026-03-02", "end": "2026-03-06"}
CARERS = [{"reference": "Organization/HC1"}]
HEALTH = "health"


async def visited(door, start="17:30"):
    """The visits of the home-care provider; the reference of the service, which an instruction may change."""
    place = door.place
    visits = [{"start": "08:00", "minutes": 30}, {"start": start, "minutes": 30}]
    made = await place.add("HC1", "social_care", "service", service="Two visits", status="active", visits=visits)
    return f"ServiceRequest/{made['id']}"


async def reads(door, agency="HC1"):
    """The asks to read instructions, natively, wherever they stand."""
    shelf = f"{door.place.address}/plan/sections/social_care/ask"
    answer = await door.place.client(agency).get(shelf)
    assert answer.status_code == httpx.codes.OK, answer.text
    return [one for one in answer.json()["items"] if one["focus"].startswith("ServiceRequest/")]


async def read(door, ask):
    """A carer says that they have read it."""
    client = door.place.client("HC1")
    if door.name == "rest":
        shelf = f"{door.place.address}/plan/sections/social_care/ask/{ask['id']}"
        body = {"state": "acknowledged", "version": ask["version"]}
        return await client.patch(shelf, json=body, headers={"Content-Type": "application/merge-patch+json"})
    task = (await client.get(f"{R4}/Task/{ask['id']}")).json()
    return await client.put(f"{R4}/Task/{ask['id']}", json=task | {"status": "accepted"}, headers=JSON)


async def escalated(door, agency="HC1"):
    answer = await door.place.client(agency).get(f"{door.place.address}/messages?section={HEALTH}")
    found = [one for one in answer.json()["items"] if one.get("topic", {}).get("code") == "escalation"]
    return [one["to"][0]["reference"] for one in found]


@both_doors
async def test_f4_carers_acknowledge_reading_it_before_the_next_visit(world, door):
    door = door(await larch(world, MONDAY))
    changes = await visited(door)
    answer = await door.instruct("P10001", changes=changes, period=UNTIL_FRIDAY, to=CARERS)
    assert answer.status_code == 201, answer.text
    await door.place.turn()
    [ask] = await reads(door)
    assert (ask["due"], ask["state"]) == ("2026-03-02T17:30:00.000Z", "delivered")
    assert ask["focus"] == f"ServiceRequest/{answer.json()['id']}"
    assert "litres" not in str(ask)
    assert (await read(door, ask)).status_code == 200
    [ask] = await reads(door)
    assert [(step["state"], step["agency"]) for step in ask["steps"]][2:] == [("acknowledged", "HC1")]
    await door.place.turn(hours=24)
    assert await escalated(door) == []


@both_doors
async def test_f4_unread_at_the_visit_the_providers_manager_is_told_once(world, door):
    door = door(await larch(world, MONDAY))
    changes = await visited(door)
    await door.instruct("P10001", changes=changes, period=UNTIL_FRIDAY)
    await door.place.turn()
    await door.place.turn(hours=8)
    assert await escalated(door) == []
    for _ in range(3):
        await door.place.turn(hours=1)
    assert await escalated(door) == ["HealthcareService/HC1-escalation"]


@both_doors
async def test_f4_a_new_version_is_read_again_and_one_that_is_over_is_not_asked_any_more(world, door):
    door = door(await larch(world, MONDAY))
    changes = await visited(door)
    made = (await door.instruct("P10001", changes=changes, period=UNTIL_FRIDAY)).json()
    await door.place.turn()
    [first] = await reads(door)
    await read(door, first)
    shelf = f"{door.place.address}/plan/sections/{HEALTH}/instruction/{made['id']}"
    patch = {"text": "At most 1.2 litres a day", "version": 1}
    media = {"Content-Type": "application/merge-patch+json"}
    changed = await door.place.client("P10001").patch(shelf, json=patch, headers=media)
    assert changed.status_code == 200, changed.text
    await door.place.turn()
    assert [(one["focus_version"], one["state"]) for one in await reads(door)] == [
        (1, "acknowledged"),
        (2, "delivered"),
    ]
    patch = {"status": "completed", "version": 2}
    await door.place.client("P10001").patch(shelf, json=patch, headers=media)
    await door.place.turn()
    assert [one["focus_version"] for one in await reads(door)] == [1]


@both_doors
@pytest.mark.parametrize(
    "without, says",
    [("changes", "what it changes"), ("period", "until when")],
)
async def test_f4_it_is_bounded_in_time_and_names_what_it_changes(world, door, without, says):
    door = door(await larch(world, MONDAY))
    whole = {"changes": await visited(door), "period": UNTIL_FRIDAY, "to": CARERS}
    answer = await door.instruct("P10001", **{name: value for name, value in whole.items() if name != without})
    assert answer.status_code == 400
    assert says in answer.text


@both_doors
async def test_f4_what_it_changes_is_there_and_who_is_told_gives_care(world, door):
    door = door(await larch(world, MONDAY))
    nothing = await door.instruct("P10001", changes="ServiceRequest/nothing", period=UNTIL_FRIDAY)
    assert nothing.status_code == 422
    changes = await visited(door)
    landlord = [{"reference": "Organization/HA1"}]
    answer = await door.instruct("P10001", changes=changes, period=UNTIL_FRIDAY, to=landlord)
    assert answer.status_code == 422
    assert "Organization/HC1" in answer.text
