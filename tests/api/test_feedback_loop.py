"""Scenarios F1, F2, F3, F5 and F6 of the feedback loop, each by its number, through REST and through FHIR."""

import pytest

from plan.known import HOUSE
from tests.support.feedback import BREATHLESS, DOORS, PRACTICE, SWOLLEN
from tests.support.larch import larch

both_doors = pytest.mark.parametrize("door", DOORS, ids=[door.name for door in DOORS])
MONDAY = "2026-03-02T09:00:00Z"


async def sent(door, agency="HC1", **more):
    """A message that was taken, and delivered by the worker."""
    said = {"urgency": "soon", "concern": SWOLLEN, "to": PRACTICE} | more
    answer = await door.send(agency, **said)
    assert answer.status_code == 201, answer.text
    await door.place.turn()
    return answer.json()["id"]


async def the_thread(door, agency="HC1"):
    [one] = await door.threads(agency)
    return one


async def notices(door, agency, topic):
    """The service's own messages about one thing, as an agency sees them."""
    answer = await door.place.client(agency).get(f"{door.place.address}/messages")
    return [one for one in answer.json()["items"] if one.get("topic", {}).get("code") == topic]


def states(thread):
    return [step["state"] for step in thread["steps"]]


@both_doors
async def test_f1_the_sender_sees_every_state_with_who_and_when(world, door):
    door = door(await larch(world, MONDAY))
    message = await sent(door)
    thread = await the_thread(door)
    assert (thread["state"], states(thread)) == ("delivered", ["sent", "delivered"])
    assert thread["to"]["reference"] == "Organization/P10001"
    assert thread["focus"] == f"Communication/{message}"
    world.later(minutes=10)
    assert (await door.step("P10001", message, "seen")).status_code == 200
    assert states(await the_thread(door))[-1] == "seen"
    world.later(minutes=10)
    assert (await door.step("P10001", message, "acknowledged")).status_code == 200
    world.later(hours=1)
    assert (await door.answer("P10001", message, "visit_booked")).status_code == 201
    await door.place.turn()
    thread = await the_thread(door)
    assert (thread["state"], thread["outcome"]) == ("acted", "visit_booked")
    assert [(step["state"], step["agency"]) for step in thread["steps"]] == [
        ("sent", "HC1"),
        ("delivered", HOUSE),
        ("seen", "P10001"),
        ("acknowledged", "P10001"),
        ("acted", "P10001"),
    ]
    assert [step["by"] for step in thread["steps"]][2:4] == ["clinician-of-P10001"] * 2
    assert [step["at"] for step in thread["steps"]] == sorted(step["at"] for step in thread["steps"])


@both_doors
async def test_f1_an_emergency_is_refused_with_the_number_to_ring(world, door):
    door = door(await larch(world, MONDAY))
    answer = await door.send("HC1", urgency="emergency", to=PRACTICE)
    assert answer.status_code == 422
    assert "ring 999" in answer.text.lower()
    assert (await door.send("HC1", urgency="whenever", to=PRACTICE)).status_code == 400
    assert await door.threads("HC1") == []


@both_doors
@pytest.mark.parametrize(
    "to, says",
    [
        ("PractitionerRole/somebody", "on leave"),
        ("Practitioner/somebody", "Organization/P10001"),
        ("Organization/RX9", "not on this person's team"),
        ("HealthcareService/P10009-team", "not on this person's team"),
    ],
)
async def test_f1_it_goes_to_a_team_of_this_person_and_to_no_worker(world, door, to, says):
    door = door(await larch(world, MONDAY))
    await world.agency("RX9")
    answer = await door.send("HC1", urgency="soon", to=[{"reference": to}])
    assert answer.status_code == 422
    assert says in answer.text
    assert "recipient" in answer.text or "/to/0/reference" in answer.text


@both_doors
@pytest.mark.parametrize("to", [None, [{"reference": "HealthcareService/P10001-team"}]])
async def test_f1_a_concern_without_a_name_goes_to_the_responsible_clinical_team(world, door, to):
    door = door(await larch(world, MONDAY))
    await sent(door, **({"to": to} if to else {}))
    assert (await the_thread(door))["to"]["reference"] == "Organization/P10001"


@both_doors
async def test_f1_seen_is_never_acknowledged_and_states_only_move_forward(world, door):
    door = door(await larch(world, MONDAY))
    message = await sent(door, urgency="urgent")
    assert (await door.step("HC1", message, "acknowledged")).status_code == 403, "who asked does not acknowledge"
    await door.step("P10001", message, "seen")
    await door.place.turn(hours=2)
    assert len(await notices(door, "P10001", "escalation")) == 1, "what was only seen is escalated"
    assert (await door.step("P10001", message, "acknowledged")).status_code == 200
    back = await door.step("P10001", message, "seen")
    assert back.status_code == 422
    assert "forward" in back.text
    assert (await the_thread(door))["state"] == "acknowledged"


@both_doors
async def test_f2_unacknowledged_it_goes_to_the_duty_contact_then_to_the_coordinator_and_the_sender_is_told(
    world, door
):
    door = door(await larch(world, MONDAY))
    await sent(door, urgency="urgent")
    await door.place.turn(minutes=115)
    assert await notices(door, "HC1", "sender-told") == []
    await door.place.turn(minutes=10)
    [duty] = await notices(door, "P10001", "escalation")
    assert duty["to"][0]["reference"] == "HealthcareService/P10001-duty"
    assert BREATHLESS not in str(duty)
    assert len(await notices(door, "HC1", "sender-told")) == 1
    await door.place.turn(minutes=60)
    escalated = await notices(door, "HUB1", "escalation")
    assert [one["to"][0]["reference"] for one in escalated] == [
        "HealthcareService/P10001-duty",
        "HealthcareService/HUB1-duty",
    ]
    told = await notices(door, "HC1", "sender-told")
    assert [one["to"][0]["reference"] for one in told] == ["Organization/HC1"] * 2
    for _ in range(3):
        await door.place.add("LA1", "social_care", "need", need="Help with stairs", status="active")
        await door.place.turn(hours=12)
    assert len(await notices(door, "HC1", "escalation")) == len(await notices(door, "HC1", "sender-told")) == 2


@both_doors
async def test_f2_a_contact_that_does_not_exist_goes_to_the_coordinator_and_is_shown(world, door):
    door = door(await larch(world, MONDAY))
    gone = await door.place.client("P10001").delete("/fhir/R4/HealthcareService/P10001-duty")
    assert gone.status_code in (200, 204)
    await sent(door, urgency="urgent")
    await door.place.turn(hours=2, minutes=1)
    [one] = await notices(door, "HUB1", "escalation")
    assert one["to"][0]["reference"] == "HealthcareService/HUB1-duty"
    asks = (await door.place.client("HC1").get(f"{door.place.address}/messages")).json()["threads"]
    assert "no duty contact" in asks[0]["unreached"][0]


@both_doors
async def test_f3_no_change_needs_a_reason_and_the_loop_closes_when_the_sender_has_understood(world, door):
    door = door(await larch(world, MONDAY))
    message = await sent(door)
    bare = await door.answer("P10001", message, "no_change")
    assert bare.status_code == 400
    assert "reason" in bare.text
    given = await door.answer("P10001", message, "no_change", outcome_reason="Known, weight is stable")
    assert given.status_code == 201, given.text
    await door.place.turn(hours=1)
    assert (await the_thread(door))["state"] == "acted"
    assert (await door.understood("P10001", message)).status_code in (403, 422), "only its sender has understood"
    assert (await door.understood("HC1", message)).status_code == 200
    await door.place.turn()
    thread = await the_thread(door)
    assert (thread["state"], states(thread)[-2:]) == ("closed", ["acted", "closed"])
    assert thread["steps"][-1]["agency"] == "HC1"


@both_doors
async def test_f3_the_loop_closes_by_itself_after_five_days(world, door):
    door = door(await larch(world, MONDAY))
    message = await sent(door)
    await door.answer("P10001", message, "plan_amended")
    await door.place.turn(days=4, hours=23)
    assert (await the_thread(door))["state"] == "acted"
    await door.place.turn(hours=2)
    thread = await the_thread(door)
    assert (thread["state"], thread["steps"][-1]["agency"]) == ("closed", HOUSE)


@both_doors
async def test_f3_an_answer_by_who_was_not_asked_stops_no_clock(world, door):
    door = door(await larch(world, MONDAY))
    message = await sent(door, urgency="urgent")
    assert (await door.answer("LA1", message, "plan_amended")).status_code == 201
    await door.place.turn()
    assert (await the_thread(door))["state"] == "delivered"
    await door.place.turn(hours=2)
    assert len(await notices(door, "P10001", "escalation")) == 1


F5 = [
    ("over the weekend", "2026-03-06T17:00:00Z", "soon", "2026-03-09T17:00:00"),
    ("over Good Friday and Easter Monday", "2026-04-02T15:00:00Z", "soon", "2026-04-07T15:00:00"),
    ("over the beginning of summer time", "2026-03-27T17:00:00Z", "soon", "2026-03-30T16:00:00"),
    ("over the end of summer time", "2026-10-23T16:00:00Z", "soon", "2026-10-26T17:00:00"),
    ("five days over a bank holiday", "2026-04-29T09:00:00Z", "routine", "2026-05-07T09:00:00"),
    ("sent at night", "2026-03-02T22:00:00Z", "soon", "2026-03-03T18:30:00"),
    ("urgent at night", "2026-03-02T22:00:00Z", "urgent", "2026-03-03T00:00:00"),
]


@both_doors
@pytest.mark.parametrize("at, urgency, due", [row[1:] for row in F5], ids=[row[0] for row in F5])
async def test_f5_clocks_run_in_the_teams_hours_unless_urgent(world, door, at, urgency, due):
    door = door(await larch(world, at))
    world.at(at)
    await sent(door, urgency=urgency)
    assert (await the_thread(door))["due"].startswith(due[:16])


@both_doors
async def test_f6_the_same_concern_from_three_workers_is_one_thread_with_a_count(world, door):
    door = door(await larch(world, MONDAY))
    first = await sent(door)
    world.later(minutes=50)
    second = await sent(door, text="Ankles worse than yesterday")
    world.later(minutes=50)
    third = await sent(door, agency="LA1")
    thread = await the_thread(door)
    assert thread["count"] == 3
    assert thread["messages"] == [f"Communication/{id_}" for id_ in (first, second, third)]
    world.later(minutes=50)
    await sent(door)
    assert sorted(one["count"] for one in await door.threads("HC1")) == [1, 3]
    assert (await door.step("P10001", second, "acknowledged")).status_code == 200


@both_doors
async def test_f6_other_concerns_and_other_readers_are_threads_of_their_own(world, door):
    door = door(await larch(world, MONDAY))
    await sent(door)
    await sent(door, concern={**SWOLLEN, "code": "267036007", "text": "Breathless"})
    await sent(door, agency="RX1", section="health")
    assert [one["count"] for one in await door.threads("HC1")] == [1, 1, 1]
