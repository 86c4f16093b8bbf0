"""Findings on the pages: both sides beside each other, who settles, and what no rule could read in plain words."""

import re

import pytest

from tests.support.larch import larch
from tests.support.talking import again, care, faults, offered, reader, send, words

FLUIDS = {"topic": "fluids", "status": "active"}


async def found(world):
    """The council encourages to drink and the ward restricts it; the address of the finding."""
    place = await larch(world)
    litres = [{"value": value, "unit": "L/d"} for value in (2, 1.5)]
    await place.add("LA1", "social_care", "instruction", text="Drink", action="encourage", value=litres[0], **FLUIDS)
    held = await place.add("RX1", "health", "instruction", text="Less", action="restrict", value=litres[1], **FLUIDS)
    await place.turn()
    items = (await place.client("RX1").get(f"{place.address}/findings")).json()["items"]
    return place, care(place, f"findings/{items[0]['id']}"), held


async def test_both_sides_stand_beside_each_other(world):
    place, at, held = await found(world)
    doctor = await reader(place, "P10001")
    for path in (care(place, "findings"), at):
        page = await doctor.get(path)
        said = words(page)
        assert "High" in said
        assert "Social worker, Test Adult social care encourage fluids 2 L/d Drink" in said
        assert "Clinician, Test Hospital restrict fluids 1.5 L/d Less" in said
        assert "A clinician says how much the person should drink" in said
        assert f"/entries/health/instruction/{held['id']}" in page.text


async def test_it_is_settled_with_a_reason(world):
    place, at, _ = await found(world)
    doctor = await reader(place, "P10001")
    page = await send(doctor, at, outcome="", reason="")
    assert [field for field, _ in faults(page)] == ["outcome", "reason"]
    page = await again(doctor, at, outcome="resolved", reason="One and a half litres from today")
    assert page.status_code == 303, faults(page)
    said = words(await doctor.follow())
    assert "The finding is settled." in said
    assert re.search(r"Settled 2 March 2026, 09:00, Nurse Test, clinician One and a half litres from today", said)
    assert "To be settled 2 March 2026, 09:00, Oneplan" in said
    assert offered(doctor.page) == []
    assert "Settled (1)" in words(await doctor.get(care(place, "findings")))
    assert "One and a half litres" in words(await doctor.get(care(place, "findings?show=settled")))


@pytest.mark.parametrize("agency, may", [("P10001", True), ("HUB1", True), ("LA1", False), ("HC1", False)])
async def test_a_clinician_or_the_coordinator_settles_it(world, agency, may):
    place, at, _ = await found(world)
    made = await reader(place, agency)
    page = await made.get(at)
    assert offered(page) == (["Settle it"] if may else [])
    if not may:
        page = await again(made, at, outcome="resolved", reason="So", version="1")
        assert page.status_code == 422
        assert "Only a clinician or the coordinator settles a contradiction." in words(page)


async def test_a_version_that_moved_shows_what_it_is_now_and_keeps_what_was_typed(world):
    place, at, _ = await found(world)
    doctor, nurse = await reader(place, "P10001"), await reader(place, "RX1")
    await doctor.get(at)
    opened = doctor.page
    await send(nurse, at, outcome="withdrawn", reason="The rule was wrong")
    doctor.page = opened
    page = await again(doctor, at, outcome="resolved", reason="My own reason")
    assert page.status_code == 422
    assert faults(page)[0][0] == "form"
    assert "The rule was wrong" in words(page)
    assert "My own reason" in words(page)
    assert 'id="form"' in page.text


async def test_what_is_gone_by_itself_says_so(world):
    place, at, held = await found(world)
    address = f"{place.address}/plan/sections/health/instruction/{held['id']}"
    await place.client("RX1").delete(address, headers={"If-Match": '"1"'})
    await place.turn()
    said = words(await (await reader(place, "P10001")).get(at))
    assert "Gone by itself" in said
    assert "What contradicted does so no more." in said
    assert "It is not in the plan any more, or you may not see it" in said


async def test_what_no_rule_can_read_is_said_in_plain_words(world):
    place = await larch(world)
    made = await reader(place, "P10001")
    page = await made.get(care(place, "findings"))
    assert "No rule finds a contradiction in what you may see of this plan." in words(page)
    assert "Everything that the rules are for was compared." in words(page)
    await place.add("LA1", "social_care", "need", need="Help", status="active", note="Never before nine")
    said = words(await made.get(care(place, "findings")))
    assert "Nobody has compared these with the rest of the plan." in said
    assert "Help (need): It has a note in words, which may hold an instruction." in said


async def test_the_most_severe_stands_first(world):
    place, _, _ = await found(world)
    stay = {"status": "in_hospital", "admitted": "2026-03-02T08:00:00Z", "planned_discharge": "2026-03-06T14:00:00Z"}
    await place.add("LA1", "social_care", "need", need="Needs help to bed", status="active")
    visits = {"visits": [{"start": "08:00"}], "period": {"start": "2026-03-07"}}
    await place.add("HC1", "social_care", "service", service="Visits", status="active", **visits)
    await place.add("RX1", "transitions", "stay", **stay)
    await place.turn()
    page = await (await reader(place, "RX1")).get(care(place, "findings"))
    shown = re.findall(r"talk-severity--(\w+)", page.text)
    order = ["blocking", "critical", "high", "warn"]
    assert len(shown) >= 2
    assert shown == sorted(shown, key=order.index)


@pytest.mark.parametrize("end", ["findings", "findings/nothing"])
async def test_whoever_has_no_relationship_finds_nothing(world, end):
    place = await larch(world)
    await world.agency("RX9")
    page = await (await reader(place, "RX9", "clinician")).get(care(place, end))
    assert page.status_code == 404
    assert "Ada" not in page.text
