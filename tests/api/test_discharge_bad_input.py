"""What cannot be so about a stay, an item, an override or a failed discharge is refused at every door."""

import pytest

from tests.api.test_discharge_d4_to_d9 import CAUSES, OVERRIDE, gone, planned
from tests.support.discharges import DOORS, confirmed, entries
from tests.support.larch import larch

both = pytest.mark.parametrize("door", DOORS)


@both
@pytest.mark.parametrize(
    "change",
    [
        {"status": "finished", "discharged": "2026-03-01T10:00:00Z"},
        {"planned_discharge": "2026-03-01T10:00:00Z"},
        {"planned_discharge": "2026-03-04T13:00:00Z"},
    ],
    ids=["discharged before the admission", "planned before the admission", "planned for what is past"],
)
async def test_a_date_that_cannot_be_is_refused(world, door, change):
    place, way, stay = await planned(world, door)
    answer = await way.change(stay, **change)
    assert answer.status_code in (400, 422), answer.text
    kept = (await place.client("RX1").get(f"{place.address}/stays/{stay}")).json()
    assert (kept["status"], kept["planned_discharge"]) == ("in_hospital", "2026-03-06T14:00:00Z")


@both
async def test_two_stays_cannot_overlap(world, door):
    place, way, stay = await planned(world, door)
    with pytest.raises(AssertionError, match="overlaps"):
        await way.admit(admitted="2026-03-03T10:00:00Z")
    assert (await way.change(stay, status="finished", discharged="2026-03-04T13:00:00Z")).status_code == 200
    await way.admit(admitted="2026-03-04T13:30:00Z")
    assert len(await entries(place, "stay")) == 2


@both
async def test_an_item_of_another_agency_is_not_yours_to_answer(world, door):
    _, way, stay = await planned(world, door)
    for agency in ("HC1", "RX1", "HUB1"):
        answer = await way.answer(stay, "housing.access", agency=agency)
        assert answer.status_code == 403, (agency, answer.text)
    assert "housing.access" in (await way.gate(stay))["open"]


@both
async def test_an_item_of_a_stay_that_closed_is_not_answered(world, door):
    place, way, stay = await planned(world, door)
    assert (await way.change(stay, status="cancelled")).status_code == 200
    answer = await way.answer(stay, "housing.access")
    assert answer.status_code in (404, 422), answer.text
    assert {one["status"] for one in await entries(place, "readiness")} == {"asked"}
    await place.turn()
    assert {one["status"] for one in await entries(place, "readiness")} == {"closed"}


@both
async def test_an_item_is_not_confirmed_before_what_it_depends_on(world, door):
    place, way, stay = await planned(world, door)
    early = await way.answer(stay, "gp.reconciled")
    assert early.status_code == 422, early.text
    assert "Discharge summary sent" in early.text
    bed = await place.add("LA1", "social_care", "equipment", item="Hospital bed", status="ordered")
    await place.turn()
    early = await way.answer(stay, "equipment.installed")
    assert early.status_code == 422
    assert "Hospital bed" in early.text
    tested = await place.client("LA1").put(
        f"{place.address}/plan/sections/social_care/equipment/{bed['id']}",
        json={"item": "Hospital bed", "status": "tested", "version": 1},
    )
    assert tested.status_code == 200, tested.text
    assert (await way.answer(stay, "equipment.installed")).status_code == 200


@both
async def test_a_first_visit_too_long_after_the_arrival_does_not_confirm_the_package(world, door):
    _, way, stay = await planned(world, door)
    late = await way.answer(stay, "social_care.package", starts="2026-03-07T08:00:00Z")
    assert late.status_code == 422, late.text
    assert (await way.answer(stay, "social_care.package", starts="2026-03-06T15:30:00Z")).status_code == 200


@both
async def test_a_blocker_says_what_it_is(world, door):
    _, way, stay = await planned(world, door)
    assert (await way.answer(stay, "housing.access", "blocked")).status_code == 422
    assert (await way.answer(stay, "housing.access", "blocked", reason={"text": "Lift outage"})).status_code == 200
    gate = await way.gate(stay)
    assert "blocked:housing.access" in gate["reasons"]
    assert gate["items"]["housing.access"]["state"] == "blocked"
    assert (
        await way.answer(stay, "housing.evacuation", "not_needed", reason={"text": "Ground floor"})
    ).status_code == 200


async def test_what_an_item_asks_and_who_answered_is_not_the_client_s_to_say(world):
    place, way, stay = await planned(world, "rest")
    [one] = [one for one in await entries(place, "readiness") if one["item"] == "housing.access"]
    url, client = f"{place.address}/plan/sections/transitions/readiness/{one['id']}", place.client("HA1")
    forged = {"by": "nobody", "at": "2026-03-04T14:00:00Z", "given_for": "2026-03-06T14:00:00Z"}
    for field, value in (("blocking", False), ("asked_for", "2026-03-07T14:00:00Z"), ("item", "housing.telecare")):
        answer = await client.put(url, json={**one, field: value})
        assert answer.status_code == 422, (field, answer.text)
    answer = await client.put(url, json={**one, "answered": forged})
    assert answer.status_code == 200
    assert "answered" not in answer.json()
    assert "housing.access" in (await way.gate(stay))["open"]
    assert (await client.put(url, json={**answer.json(), "status": "closed"})).status_code == 422
    born = {name: one[name] for name in ("item", "what", "stay", "who")} | {"status": "confirmed", "answered": forged}
    assert (await client.post(url.rsplit("/", 1)[0], json=born)).status_code == 422


async def test_an_item_that_its_agency_takes_away_holds_the_gate_and_is_asked_again(world):
    place, way, stay = await planned(world, "rest")
    await confirmed(way, stay, but=("housing.access",))
    [one] = [one for one in await entries(place, "readiness") if one["item"] == "housing.access"]
    url = f"{place.address}/plan/sections/transitions/readiness/{one['id']}"
    gone_ = await place.client("HA1").delete(url, headers={"If-Match": f'"{one["version"]}"'})
    assert gone_.status_code == 204
    assert (await way.gate(stay, "HA1"))["state"] == "not_ready"
    await place.turn()
    assert [one["status"] for one in await entries(place, "readiness") if one["item"] == "housing.access"] == ["asked"]


@both
async def test_a_discharge_that_failed_did_so_when_it_says(world, door):
    place, way, stay = await gone(world, door)
    world.at("2026-03-12T12:00:00Z")
    for category, at in (
        ("turned_back", "2026-03-01T10:00:00Z"),
        ("turned_back", "2026-03-13T10:00:00Z"),
        ("back_within_48h", "2026-03-09T15:00:00Z"),
    ):
        answer = await way.failed(stay, category=category, at=at, causes=CAUSES)
        assert answer.status_code == 422, (category, answer.text)
    assert await entries(place, "failed_discharge") == []
    answer = await way.failed(stay, category="back_within_7d", at="2026-03-09T15:00:00Z", causes=CAUSES)
    assert answer.status_code == 201


async def test_what_follows_from_a_stay_and_what_was_decided_is_nobody_s_to_change(world):
    place, way, stay = await planned(world, "rest")
    made = await way.override(stay, **OVERRIDE)
    assert made.status_code == 201
    client = place.client("RX1")
    changed = await client.put(made.headers["location"], json={**made.json(), "text": "Something else."})
    assert changed.json()["text"] == OVERRIDE["text"]
    shelf = f"{place.address}/plan/sections/transitions"
    forged = {"stay": f"Encounter/{stay}", "left": "2026-03-04T14:00:00Z", "state": "ready"}
    gate = {"state": "ready", "at": "2026-03-04T14:00:00Z"}
    assert (await client.post(f"{shelf}/departure", json={**forged, "gate": gate})).status_code == 422
    [notice] = await entries(place, "discharge_notice")
    url = f"{shelf}/discharge_notice/{notice['id']}"
    assert (await client.put(url, json={**notice, "status": "withdrawn"})).status_code == 422


async def test_a_stay_of_somebody_else_or_none_at_all_has_no_readiness(world):
    place = await larch(world)
    for path in ("readiness", "override", "failed-discharge"):
        url = f"{place.address}/stays/none/{path}"
        answer = await (place.client("RX1").get(url) if path == "readiness" else place.client("RX1").post(url, json={}))
        assert answer.status_code == 404, answer.text
