"""D4 to D9 through REST and FHIR: the gate is no lock, nights, short notice, ends, a silent feed, and what failed."""

from typing import Any

import pytest

from db import stay_events
from plan.model import AgencyId
from tests.support.discharges import DOORS, PLANNED, confirmed, entries, messages
from tests.support.larch import larch

both = pytest.mark.parametrize("door", DOORS)
OVERRIDE = {
    "role": "Ward sister",
    "reason": {"code": "persons_wish"},
    "text": "She wishes to be at home for her birthday.",
    "receives": {"name": "Bea Test"},
    "mitigation": "Bea stays with her until the heating works.",
}


async def planned(world, door, planned=PLANNED, at="2026-03-04T14:00:00Z", **more):
    place = await larch(world)
    way = DOORS[door](place)
    world.at("2026-03-02T10:00:00Z")
    stay = await way.admit()
    world.at(at)
    assert (await way.change(stay, planned_discharge=planned, **more)).status_code == 200
    await place.turn()
    return place, way, stay


async def consented(place):
    """Ada's consent: her daughter may know of stays."""
    answer = await place.client("P10001").post(
        f"{place.address}/consents",
        json={
            "decision": "permit",
            "status": "active",
            "to": [{"subject": "bea-test"}],
            "sections": ["transitions", "about_me"],
        },
    )
    assert answer.status_code == 201, answer.text


@both
async def test_d4_the_ward_overrides_and_every_agency_with_something_open_is_told(world, door):
    place, way, stay = await planned(world, door)
    await consented(place)
    await confirmed(way, stay, but=("housing.access", "social_care.access"))
    await place.turn()
    before = len(await messages(place))
    made = await way.override(stay, **OVERRIDE)
    assert made.status_code == 201, made.text
    await place.turn()
    told = (await messages(place))[before:]
    assert {one["to"][0]["reference"].split("/")[1] for one in told} >= {"HA1-team", "HC1-team"}
    assert {one["topic"]["text"] for one in told} == {"Discharge although not ready"}
    assert sum("Bea Test" in str(one["to"]) for one in told) == 1
    [kept] = await entries(place, "discharge_override")
    assert kept["gate"]["state"] == "not_ready"
    assert kept["gate"]["open"] == ["social_care.access", "housing.access"]
    assert kept["gate"]["evaluated_on"]
    assert (kept["decided"]["by"], kept["decided"]["role"]) == ("clinician-of-RX1", "clinician")
    assert (await way.gate(stay))["state"] == "not_ready"
    checks = [one for one in await entries(place, "action") if one["what"].startswith("Ask how it goes")]
    assert sorted(one["start"] for one in checks) == [
        "2026-03-07T14:00:00+00:00",
        "2026-03-09T14:00:00+00:00",
        "2026-03-13T14:00:00+00:00",
    ]


@both
@pytest.mark.parametrize("part", OVERRIDE)
async def test_d4_an_override_without_one_of_its_parts_is_refused_and_says_which(world, door, part):
    place, way, stay = await planned(world, door)
    answer = await way.override(stay, **{name: value for name, value in OVERRIDE.items() if name != part})
    assert answer.status_code == 422, answer.text
    assert part in answer.text
    assert await entries(place, "discharge_override") == []


@both
async def test_d4_nobody_overrides_for_the_hospital_or_a_gate_that_is_ready(world, door):
    _, way, stay = await planned(world, door)
    assert (await way.override(stay, "HA1", **OVERRIDE)).status_code == 403
    await confirmed(way, stay)
    answer = await way.override(stay, **OVERRIDE)
    assert answer.status_code == 422
    assert "ready" in answer.text


@both
async def test_d4_the_gate_at_departure_is_kept_whatever_is_confirmed_afterwards(world, door):
    place, way, stay = await planned(world, door)
    await confirmed(way, stay, but=("housing.access",))
    await way.override(stay, **OVERRIDE)
    world.at("2026-03-06T14:30:00Z")
    left = "2026-03-06T14:20:00Z"
    assert (await way.change(stay, status="finished", discharged=left)).status_code == 200
    await place.turn()
    [kept] = await entries(place, "departure")
    assert (kept["left"], kept["state"], kept["gate"]["open"]) == (left, "not_ready", ["housing.access"])
    assert kept["override"].startswith("Task/")
    closed = {one["item"]: one["status"] for one in await entries(place, "readiness")}
    assert (closed["housing.access"], closed["hospital.summary"]) == ("closed", "confirmed")
    late = await way.answer(stay, "housing.access") if door != "rest" else None
    assert late is None or late.status_code == 422
    await place.turn(hours=200)
    assert [one["version"] for one in await entries(place, "departure")] == [1]


@both
async def test_d5_who_lives_alone_does_not_arrive_at_night_unless_it_is_their_own_wish(world, door):
    place, way, stay = await planned(world, door, planned="2026-03-06T21:30:00Z")
    await confirmed(way, stay, but=("person.night",))
    gate = await way.gate(stay)
    assert (gate["state"], gate["open"]) == ("not_ready", ["person.night"])
    ada = world.client("person", "self", "ada-test", person=place.ada)
    answer = await way.answer(stay, "person.night", client=ada)
    assert answer.status_code == 200, answer.text
    gate = await way.gate(stay)
    assert gate["state"] == "ready"
    said = [one for one in await about_me(place) if one["item"] == "person.night"]
    assert [(one["answered"]["by"], one["answered"]["role"]) for one in said] == [("ada-test", "person")]


async def about_me(place):
    answer = await place.client("HUB1").get(f"{place.address}/plan/sections/about_me/readiness")
    return answer.json()["items"]


@both
async def test_d5_the_carer_answers_what_they_are_asked_and_nothing_else(world, door):
    place, way, stay = await planned(world, door)
    await consented(place)
    bea = world.client("carer", "self", "bea-test")
    assert (await way.answer(stay, "person.carer", client=bea)).status_code == 200
    assert (await way.answer(stay, "person.agrees", client=bea)).status_code == 403
    assert (await way.answer(stay, "housing.access", client=bea)).status_code == 403


@both
async def test_d6_at_short_notice_the_steps_are_compressed_and_none_is_left_out(world, door):
    place, way, stay = await planned(world, door, at="2026-03-06T12:00:00Z")
    await confirmed(way, stay, but=("housing.access",))
    await place.turn()
    [notice] = await entries(place, "discharge_notice")
    assert notice["short_notice"] is True
    seen = len(await messages(place))
    topics = []
    for at in ("12:59:00", "13:00:01", "13:29:00", "13:30:01", "13:59:00"):
        world.at(f"2026-03-06T{at}Z")
        await place.turn()
        told = (await messages(place))[seen:]
        seen += len(told)
        topics.append(sorted(one["topic"]["text"] for one in told))
    assert topics == [[], ["Reminder"], [], ["Escalation", "Escalation to the discharge hub"], []]


ENDS: dict[str, tuple[dict[str, Any], str]] = {
    "cancelled": ({"status": "cancelled"}, "cancelled"),
    "died": (
        {"status": "finished", "discharged": "2026-03-05T10:00:00Z", "discharge_method": {"code": "4"}},
        "died",
    ),
    "self-discharge": (
        {"status": "finished", "discharged": "2026-03-05T10:00:00Z", "discharge_method": {"code": "2"}},
        "self_discharge",
    ),
}


@both
@pytest.mark.parametrize("end", ENDS)
async def test_d7_items_close_with_the_reason_and_nothing_more_is_sent(world, door, end):
    place, way, stay = await planned(world, door)
    await consented(place)
    world.at("2026-03-05T11:00:00Z")
    change, reason = ENDS[end]
    assert (await way.change(stay, **change)).status_code == 200
    await place.turn()
    shown = [*await entries(place, "readiness"), *await about_me(place)]
    assert {(one["status"], one["reason"]["code"]) for one in shown} == {("closed", reason)}
    tasks = {one["status"] for one in await entries(place, "action") if one["what"].startswith("Get ready")}
    assert tasks == {"cancelled"}
    [notice] = await entries(place, "discharge_notice")
    assert notice["status"] == ("completed" if reason == "self_discharge" else "withdrawn")
    before = len(await messages(place))
    for hours in (1, 12, 24, 200):
        await place.turn(hours=hours)
    assert len(await messages(place)) == before


@both
async def test_d7_after_a_death_nothing_is_ever_sent_to_the_person_or_the_family(world, door):
    place, way, stay = await planned(world, door)
    await consented(place)
    world.at("2026-03-05T11:00:00Z")
    died = {"status": "finished", "discharged": "2026-03-05T10:00:00Z", "discharge_method": {"code": "4"}}
    assert (await way.change(stay, **died)).status_code == 200
    before = len(await messages(place))
    world.at("2026-03-06T11:00:00Z")
    again = await way.admit(admitted="2026-03-06T10:00:00Z")
    await way.change(again, planned_discharge="2026-03-08T14:00:00Z")
    await place.turn(hours=60)
    whom = [one["to"][0].get("reference", "") for one in (await messages(place))[before:]]
    assert not [one for one in whom if one.startswith(("Patient/", "RelatedPerson/"))]


@both
async def test_d7_another_ward_is_asked_anew_and_the_stay_goes_on(world, door):
    place, way, stay = await planned(world, door, ward="Ward 7")
    await confirmed(way, stay)
    assert (await way.gate(stay))["state"] == "ready"
    assert (await way.change(stay, ward="Ward 9")).status_code == 200
    await place.turn()
    gate = await way.gate(stay)
    assert set(gate["open"]) == {code for code in gate["items"] if code.startswith("hospital.")}
    assert gate["items"]["housing.access"]["state"] == "confirmed"
    items = [one for one in await entries(place, "readiness") if one["item"] == "hospital.summary"]
    shown = sorted((one["ward"], one["status"], one.get("reason", {}).get("code")) for one in items)
    assert shown == [("Ward 7", "closed", "moved_ward"), ("Ward 9", "asked", None)]


@both
async def test_d8_the_gate_is_unknown_when_the_hospital_s_feed_is_silent_for_ten_minutes(world, door):
    _, way, stay = await planned(world, door)
    await confirmed(way, stay)
    assert (await way.gate(stay))["state"] == "ready"
    async with world.database.transaction() as transaction:
        await stay_events.heard(transaction, AgencyId("RX1"), world.clock)
    world.later(minutes=9, seconds=59)
    assert (await way.gate(stay))["state"] == "ready"
    world.later(seconds=1)
    gate = await way.gate(stay)
    assert (gate["state"], gate["reasons"]) == ("unknown", ["feed_silent:RX1"])
    async with world.database.transaction() as transaction:
        await stay_events.heard(transaction, AgencyId("RX1"), world.clock)
    assert (await way.gate(stay))["state"] == "ready"


CAUSES = [
    {"reason": {"text": "The lift was out of order"}, "agency": "Organization/HA1"},
    {"reason": {"text": "No medicines came along"}, "agency": "Organization/RX1"},
]


async def gone(world, door):
    place, way, stay = await planned(world, door)
    await confirmed(way, stay, but=("housing.access",))
    world.at("2026-03-06T14:30:00Z")
    change = {"status": "finished", "discharged": "2026-03-06T14:20:00Z"}
    assert (await way.change(stay, **change)).status_code == 200
    await place.turn()
    return place, way, stay


@both
async def test_d9_any_agency_records_what_failed_and_every_involved_one_has_something_to_learn(world, door):
    place, way, stay = await gone(world, door)
    world.at("2026-03-06T17:00:00Z")
    answer = await way.failed(stay, category="turned_back", at="2026-03-06T15:30:00Z", causes=CAUSES)
    assert answer.status_code == 201, answer.text
    await place.turn()
    [kept] = await entries(place, "failed_discharge")
    assert [cause["agency"] for cause in kept["causes"]] == ["Organization/HA1", "Organization/RX1"]
    assert (kept["gate"]["state"], kept["gate"]["open"]) == ("not_ready", ["housing.access"])
    assert kept["recorded"]["agency"] == "HA1"
    learning = [one for one in await entries(place, "action") if one["what"].startswith("Learn from")]
    involved = {one["who"]["reference"].split("/")[1] for one in learning}
    assert involved == {"RX1", "P10001", "LA1", "HC1", "BA1", "HA1"}
    assert {one["focus"] for one in learning} == {f"AdverseEvent/{kept['id']}"}
    await place.turn(hours=24)
    again = [one for one in await entries(place, "action") if one["what"].startswith("Learn from")]
    assert len(again) == len(learning)


@both
async def test_d9_the_person_records_it_too(world, door):
    place, way, stay = await gone(world, door)
    world.at("2026-03-06T17:00:00Z")
    ada = world.client("person", "self", "ada-test", person=place.ada)
    if door == "rest":
        body = {"category": "no_package", "at": "2026-03-06T16:00:00Z", "causes": CAUSES[:1]}
        answer = await ada.post(f"{place.address}/stays/{stay}/failed-discharge", json=body)
    else:
        answer = await way.failed(stay, category="no_package", at="2026-03-06T16:00:00Z", causes=CAUSES[:1], client=ada)
    assert answer.status_code == 201, answer.text
    await place.turn()
    learning = [one for one in await entries(place, "action") if one["what"].startswith("Learn from")]
    assert "Organization/HA1" in {one["who"]["reference"] for one in learning}
