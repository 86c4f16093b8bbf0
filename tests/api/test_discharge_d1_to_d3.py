"""D1 to D3 through REST and FHIR: everybody is asked, silence escalates once, what depended on a date is stale."""

import json

import pytest

from tests.support.discharges import DOORS, PLANNED, confirmed, entries, messages
from tests.support.larch import larch

both = pytest.mark.parametrize("door", DOORS)
MOVED = "2026-03-05T11:00:00Z"
BY_TIME = {
    "hospital.transport",
    "gp.follow_up",
    "social_care.package",
    "person.agrees",
    "person.carer",
    "person.arrival",
}


async def noticed(world, door, at="2026-03-04T14:00:00Z", **more):
    """RX1 posts the notice at T-48 h."""
    place = await larch(world)
    way = DOORS[door](place)
    world.at("2026-03-02T10:00:00Z")
    stay = await way.admit(**more)
    await place.turn()
    world.at(at)
    answer = await way.change(stay, planned_discharge=PLANNED)
    assert answer.status_code == 200, answer.text
    await place.turn()
    return place, way, stay


@both
async def test_d1_every_agency_has_its_items_at_once_and_the_gate_is_ready_when_all_is_confirmed(world, door):
    place, way, stay = await noticed(world, door)
    gate = await way.gate(stay)
    assert gate["state"] == "not_ready"
    asked = {one["who"]["reference"] for one in await entries(place, "readiness")}
    assert asked == {f"Organization/{id_}" for id_ in ("RX1", "P10001", "LA1", "HC1", "BA1", "HA1")}
    assert {"person.agrees", "person.carer", "person.arrival"} <= gate["items"].keys()
    assert "equipment.installed" not in gate["items"]
    await confirmed(way, stay)
    await place.turn()
    gate = await way.gate(stay)
    assert (gate["state"], gate["open"], gate["stale"], gate["reasons"]) == ("ready", [], [], [])
    assert f"Encounter/{stay}/_history/2" in gate["evaluated_on"]
    for one in gate["items"].values():
        assert f"{one['task']}/_history/" in " ".join(gate["evaluated_on"])
    notice = [one for one in await entries(place, "discharge_notice") if one["stay"] == f"Encounter/{stay}"]
    assert [(one["status"], one["planned"], "short_notice" in one) for one in notice] == [("active", PLANNED, False)]


@both
async def test_d1_the_notice_to_housing_holds_its_items_and_no_diagnosis_medicine_or_goal(world, door):
    place, _, _ = await noticed(world, door)
    await place.add("P10001", "health", "goal", goal="Walk to the shop", status="active")
    told = [one for one in await messages(place, "HA1") if one["to"][0]["reference"] == "HealthcareService/HA1-team"]
    [one] = told
    for secret in ("Heart failure", "Walk", "medicine", "reconciled", "Clinically"):
        assert secret not in json.dumps(one)
    assert "Flat accessible" in one["text"]
    shown = json.dumps((await place.client("HA1").get(f"{place.address}/plan")).json())
    assert "Heart failure" not in shown
    assert "Walk to the shop" not in shown
    tasks = [one for one in await entries(place, "action", "HA1") if one["who"]["reference"] == "Organization/HA1"]
    assert [one["what"] for one in tasks] == ["Get ready for the discharge"]


@both
async def test_d1_an_agency_s_task_is_done_with_its_last_item_and_open_again_with_the_first_that_is_not(world, door):
    place, way, stay = await noticed(world, door)

    async def task():
        tasks = await entries(place, "action")
        return next(one["status"] for one in tasks if one["who"]["reference"] == "Organization/HC1")

    assert await task() == "planned"
    await confirmed(way, stay)
    await place.turn()
    assert await task() == "done"
    assert (await way.answer(stay, "social_care.access", "asked")).status_code == 200
    await place.turn()
    assert await task() == "accepted"


def to(told, agency):
    """What was sent to a contact point, by its topic."""
    return [one["topic"]["text"] for one in told if one["to"][0]["reference"] == f"HealthcareService/{agency}"]


@both
async def test_d2_silent_housing_is_reminded_escalated_and_named_at_the_hub_each_once(world, door):
    place, way, stay = await noticed(world, door)
    await confirmed(way, stay, but=("housing.access",))
    await place.turn()
    before = len(await messages(place))
    for hours, whom in ((24, "HA1-team"), (12, "HA1-escalation"), (8, "HUB1-team")):
        assert to((await messages(place))[before:], whom) == []
        await place.turn(hours=hours)
        told = (await messages(place))[before:]
        assert len(to(told, whom)) == 1, told
        await place.turn(minutes=30)
        assert len(to((await messages(place))[before:], whom)) == 1
        before = len(await messages(place))
    world.at(PLANNED)
    await place.turn()
    assert len(await messages(place)) == before
    gate = await way.gate(stay)
    assert (gate["state"], gate["open"], gate["reasons"]) == ("not_ready", ["housing.access"], ["open"])
    assert "HA1-escalation" in json.dumps(await messages(place, "HC1"))


async def test_d2_an_escalation_contact_that_does_not_exist_goes_to_the_coordinator_and_is_shown(world):
    place, way, stay = await noticed(world, "rest")
    await confirmed(way, stay, but=("housing.access",))
    gone = await world.client("administrator", "HA1").delete(
        "/fhir/R4/HealthcareService/HA1-escalation", headers={"If-Match": 'W/"1"'}
    )
    assert gone.status_code == 204, gone.text
    before = len(await messages(place))
    await place.turn(hours=36)
    told = (await messages(place))[before:]
    [one] = [one for one in told if one["topic"]["text"] == "Escalation"]
    assert one["to"][0]["reference"] == "HealthcareService/HUB1-team"
    assert "has no escalation contact" in one["text"]


@both
async def test_d3_when_the_date_moves_what_depended_on_it_is_stale_and_asked_again(world, door):
    place, way, stay = await noticed(world, door)
    await place.add("LA1", "social_care", "equipment", item="Hospital bed", status="tested")
    await place.turn()
    await confirmed(way, stay)
    await place.turn()
    assert (await way.gate(stay))["state"] == "ready"
    world.at("2026-03-04T15:00:00Z")
    assert (await way.change(stay, planned_discharge=MOVED)).status_code == 200
    at_once = await way.gate(stay)
    await place.turn()
    for gate in (at_once, await way.gate(stay)):
        assert gate["state"] == "not_ready"
        assert set(gate["stale"]) == BY_TIME - {"gp.follow_up"}
        assert gate["items"]["gp.follow_up"]["state"] == "stale"
        assert gate["items"]["equipment.installed"]["state"] == "confirmed"
        assert gate["items"]["housing.access"]["due"].startswith("2026-03-05T01:00:00")
    again = {one["item"] for one in await entries(place, "readiness") if one["status"] == "asked"}
    assert again == {code for code in BY_TIME if not code.startswith("person.")}
    await confirmed(way, stay)
    assert (await way.gate(stay))["state"] == "ready"


@both
async def test_d3_an_answer_for_the_date_before_is_refused_until_the_item_was_asked_again(world, door):
    place, way, stay = await noticed(world, door)
    assert (await way.change(stay, planned_discharge=MOVED)).status_code == 200
    early = await way.answer(stay, "social_care.package")
    assert early.status_code == 409, early.text
    assert "moved" in early.text
    await place.turn()
    assert (await way.answer(stay, "social_care.package")).status_code == 200


@both
async def test_d3_a_date_that_moves_and_moves_back_has_to_be_confirmed_again(world, door):
    _, way, stay = await noticed(world, door)
    await confirmed(way, stay)
    for planned in (MOVED, PLANNED):
        world.later(minutes=1)
        assert (await way.change(stay, planned_discharge=planned)).status_code == 200
    assert (await way.gate(stay))["state"] == "not_ready"
    assert set((await way.gate(stay))["stale"]) == BY_TIME - {"gp.follow_up"}


async def test_the_operation_answers_alike_of_a_plan_and_of_a_stay_that_is_named(world):
    place, way, stay = await noticed(world, "fhir")
    client = place.client("RX1")
    plans = (await client.get(f"/fhir/R4/CarePlan?patient={place.ada}")).json()["entry"]
    url = f"/fhir/R4/CarePlan/{plans[0]['resource']['id']}/$discharge-readiness"
    named = (await client.get(f"/fhir/R4/CarePlan/$discharge-readiness?stay=Encounter/{stay}")).json()
    assert (await client.get(url)).json() == named
    assert (await client.get(f"{url}?stay=Encounter/{stay}")).json() == named
    assert (await client.get("/fhir/R4/CarePlan/$discharge-readiness")).status_code == 400
    assert (await client.get("/fhir/R4/CarePlan/$discharge-readiness?stay=Patient/1")).status_code == 400
    assert (await client.get("/fhir/R4/CarePlan/$discharge-readiness?stay=Encounter/none")).status_code == 404
    assert (await way.gate(stay))["state"] == "not_ready"
