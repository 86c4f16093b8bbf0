"""Lists over many people say where somebody lives and what an item is about, as far as the caller sees it."""

from tests.support.at_work import planned
from tests.support.larch import ESTATE_UPRN
from tests.support.rest import items, problem

HOME = {"scheme": "Larch Court", "estate": ESTATE_UPRN}


async def test_the_list_of_attention_says_where_they_live_and_which_stay_it_is_about(world):
    ada = await planned(world)
    needed = items(await ada.place.client("HA1").get("/v1/attention"))
    telecare = next(one for one in needed if "Telecare" in one["words"])
    assert (telecare["place"], telecare["about"]) == (HOME, f"Encounter/{ada.stay}")


async def test_the_board_says_it_too_and_names_agencies_and_entries(world):
    ada = await planned(world)
    (line,) = items(await ada.place.client("HA1").get("/v1/discharges"))
    assert (line["place"], line["hospital_name"]) == (HOME, "Test Hospital")
    housing = next(one for one in line["waiting_for"] if one["agency"] == "HA1")
    assert housing["name"] == "Test Housing association or landlord"
    tasks = {one["item"]: one["task"] for one in housing["items"]}
    assert tasks["housing.telecare"] == (await ada.item("housing.telecare"))["task"]


async def test_who_may_not_see_the_home_is_not_told_of_it(world):
    ada = await planned(world)
    consent = {"decision": "deny", "status": "active", "to": [{"agency": "BA1"}], "sections": ["housing"]}
    made = await ada.place.client("P10001").post(f"{ada.place.address}/consents", json=consent)
    assert made.status_code == 201, made.text
    client = ada.place.client("BA1")
    for path in ("/v1/discharges", "/v1/attention"):
        listed = items(await client.get(path))
        assert listed
        assert not [one for one in listed if "place" in one]


async def test_an_answer_may_name_the_version_that_it_answers(world):
    ada = await planned(world)
    item = await ada.item("housing.telecare")
    address = f"/v1/people/{ada.place.ada}/stays/{ada.stay}/readiness/housing.telecare"
    client = ada.place.client("HA1")
    read = item["version"]
    first = await client.post(address, json={"status": "confirmed", "version": read})
    assert first.status_code == 200, first.text
    blocked = {"status": "blocked", "reason": {"text": "The line is dead"}}
    for stale in ({"json": {**blocked, "version": read}}, {"json": blocked, "headers": {"If-Match": f'"{read}"'}}):
        problem(await client.post(address, **stale), 412, "stale")
    assert (await ada.item("housing.telecare"))["state"] == "confirmed"
    both = await client.post(address, json={**blocked, "version": read}, headers={"If-Match": f'"{read + 1}"'})
    assert both.status_code == 400
    assert (await client.post(address, json=blocked)).status_code == 200
