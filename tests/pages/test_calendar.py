"""Calendars at the door: an address is a secret of one account, asked leave for at each fetch, and ends with either."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.calendars import parts as events
from tests.support.calendars import repeats
from tests.support.larch import Larch, larch
from tests.support.sign_in import Browser, account, browser
from tests.support.world import World

ADDRESS = re.compile(r'value="(http://127\.0\.0\.1/care/calendar/[\w-]{43}\.ics)"')
ALL = "user/*.cruds"


async def place_of(world: World) -> Larch:
    """Ada with a service, and a planned discharge."""
    place = await larch(world)
    await place.add(
        "HC1",
        "social_care",
        "service",
        service="Washing and dressing",
        status="active",
        provider={"reference": "Organization/HC1"},
        visits=[{"days": ["mon", "fri"], "start": "08:30", "minutes": 30}],
        period={"start": "2026-03-02"},
    )
    return place


async def reading(world: World, login: str = "nurse1", **more: Any) -> Browser:
    """Somebody who has signed in."""
    await account(world, login, **more)
    made = browser(world)
    await made.sign_in(login)
    return made


async def made(world: World, login: str = "clinician-of-RX1", **more: Any) -> str:
    """The address that a client makes of Ada, through the API."""
    await account(world, login, **more)
    place = await place_of(world)
    answer = await place.client("RX1").post(f"{place.address}/calendars", json={"details": False})
    assert answer.status_code == 201, answer.text
    address: str = answer.json()["address"]
    return address


async def test_a_calendar_is_fetched_by_its_address_alone(world: World):
    answer = await world.anonymous().get(await made(world))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    (visit,) = events(answer.content)
    assert visit["summary"] == "Home care visit"
    assert b"Ada" not in answer.content
    assert b"Washing" not in answer.content
    week = repeats(visit, datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC))
    assert [f"{one:%a %H:%M}" for one in week] == ["Mon 08:30", "Fri 08:30"]


async def test_the_secret_is_kept_nowhere(world: World):
    address = await made(world)
    token = address.rpartition("/")[2].removesuffix(".ics")
    for table in ("calendar_feed", "whereabouts", "audit_event", "idempotency_key"):
        rows = await world.database.rows(f"select * from {table}")
        assert token not in str([tuple(row) for row in rows])


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "..", "%2e%2e", "a" * 4000])
async def test_another_address_leads_nowhere(world: World, token: str):
    await made(world)
    answer = await world.anonymous().get(f"/care/calendar/{token}.ics")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_it_ends_with_its_time_and_is_renewed(world: World):
    address = await made(world)
    nurse = world.client("clinician", "RX1")
    shelf = "/v1/people/{}/calendars".format((await world.database.rows("select person_id from calendar_feed"))[0][0])
    world.later(days=89)
    (one,) = (await nurse.get(shelf)).json()["items"]
    assert one["expires"].startswith("2026-05-31")
    renewed = await nurse.post(f"{shelf}/{one['id']}/renew")
    assert renewed.json()["expires"].startswith("2026-08-28")
    world.later(days=2)
    assert (await world.anonymous().get(address)).status_code == 200
    world.later(days=90)
    assert (await world.anonymous().get(address)).status_code == 404


async def test_it_ends_when_its_owner_ends_it(world: World):
    address = await made(world)
    nurse = world.client("clinician", "RX1")
    shelf = "/v1/people/{}/calendars".format((await world.database.rows("select person_id from calendar_feed"))[0][0])
    (one,) = (await nurse.get(shelf)).json()["items"]
    assert (await nurse.delete(f"{shelf}/{one['id']}")).status_code == 204
    assert (await world.anonymous().get(address)).status_code == 404
    assert (await nurse.get(shelf)).json()["items"] == []
    assert (await nurse.delete(f"{shelf}/{one['id']}")).status_code == 404


@pytest.mark.parametrize("change", [{"active": False}, {"stamp": "another"}])
async def test_it_ends_when_its_account_is_locked_or_changed(world: World, change: dict[str, Any]):
    address = await made(world)
    kept = world.service.sign_in.kept
    login = await kept.find("clinician-of-RX1")
    assert login
    await kept.put(replace(login, **change))
    assert (await world.anonymous().get(address)).status_code == 404


async def test_it_ends_when_its_account_is_removed(world: World):
    address = await made(world)
    await world.service.sign_in.kept.remove("clinician-of-RX1")
    assert (await world.anonymous().get(address)).status_code == 404


async def test_it_ends_when_its_agency_leaves_the_team(world: World):
    place = await place_of(world)
    await account(world, "care_provider-of-HC1", role="care_provider", agency="HC1")
    answer = await place.client("HC1").post(f"{place.address}/calendars", json={"details": False})
    address = answer.json()["address"]
    assert (await world.anonymous().get(address)).status_code == 200
    sql = "select id from team_member where person_id = ? and party = 'HC1'"
    member = (await world.database.rows(sql, (place.ada,)))[0][0]
    ended = await place.client("RX1").delete(f"{place.address}/team/{member}")
    assert ended.status_code == 204, ended.text
    world.later(seconds=1)
    assert (await world.anonymous().get(address)).status_code == 404


async def test_what_the_app_might_not_see_stands_in_no_calendar_that_it_made(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    narrow = "user/CarePlan.rs user/Patient.rs"
    client = world.client("clinician", "RX1", scopes=narrow)
    answer = await client.post(f"{place.address}/calendars", json={"details": False})
    assert answer.status_code == 201, answer.text
    assert events((await world.anonymous().get(answer.json()["address"])).content) == []


async def test_a_visit_that_is_cancelled_vanishes(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    address = (await place.client("RX1").post(f"{place.address}/calendars", json={"details": False})).json()["address"]
    shelf = f"{place.address}/plan/sections/social_care/service"
    (one,) = (await place.client("HC1").get(shelf)).json()["items"]
    changed = await place.client("HC1").put(f"{shelf}/{one['id']}", json=one | {"status": "cancelled"})
    assert changed.status_code == 200, changed.text
    assert events((await world.anonymous().get(address)).content) == []


async def test_what_changes_keeps_its_name_and_counts_on(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    address = (await place.client("RX1").post(f"{place.address}/calendars", json={"details": False})).json()["address"]
    (before,) = events((await world.anonymous().get(address)).content)
    shelf = f"{place.address}/plan/sections/social_care/service"
    (one,) = (await place.client("HC1").get(shelf)).json()["items"]
    visits = [{"days": ["tue"], "start": "09:00"}]
    await place.client("HC1").put(f"{shelf}/{one['id']}", json=one | {"visits": visits})
    (after,) = events((await world.anonymous().get(address)).content)
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)


async def test_each_fetch_stands_in_the_log_of_the_person(world: World):
    address = await made(world)
    await world.anonymous().get(address)
    sql = "select subject, agency, role, allowed, person_id from audit_event where door = 'calendar'"
    ((subject, agency, role, allowed, person),) = [tuple(row) for row in await world.database.rows(sql)]
    assert (subject, agency, role, bool(allowed)) == ("clinician-of-RX1", "RX1", "clinician", True)
    ada = world.client("person", "PERSON", "ada", "patient/*.cruds", person)
    log = (await ada.get(f"/v1/people/{person}/access-log")).json()["items"]
    assert "a calendar that they keep" in {line["by"] for line in log}
    assert "made a link that shows your visits in a calendar" in {line["what"] for line in log}


async def test_who_asks_too_often_waits_for_the_next_hour(world: World):
    address = await made(world)
    client = world.anonymous()
    answers = [(await client.get(address)).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert int((await client.get(address)).headers["retry-after"]) <= 3600
    world.later(hours=1)
    assert (await client.get(address)).status_code == 200


async def test_the_same_key_makes_it_once_and_shows_the_address_once(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    client, key = place.client("RX1"), {"Idempotency-Key": "k1"}
    first = await client.post(f"{place.address}/calendars", json={"details": False}, headers=key)
    again = await client.post(f"{place.address}/calendars", json={"details": False}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {name: value for name, value in first.json().items() if name != "address"}
    other = await client.post(f"{place.address}/calendars", json={"details": True}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body, status",
    [({}, 400), ({"details": "no"}, 400), ({"details": False, "x": 1}, 400), ({"details": True}, 422), ([], 400)],
)
async def test_what_is_no_calendar_is_not_made(world: World, body: Any, status: int):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    answer = await place.client("RX1").post(f"{place.address}/calendars", json=body)
    assert answer.status_code == status, answer.text
    assert (await place.client("RX1").get(f"{place.address}/calendars")).json()["items"] == []


async def test_an_account_has_ten_calendars_of_a_person_at_most(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    client = place.client("RX1")
    found = [(await client.post(f"{place.address}/calendars", json={"details": False})).status_code for _ in range(11)]
    assert found == [201] * 10 + [422]


async def test_who_has_no_account_here_has_no_calendar(world: World):
    place = await place_of(world)
    answer = await place.client("RX1").post(f"{place.address}/calendars", json={"details": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "refused")
    await account(world, "clinician-of-RX1", active=False)
    answer = await place.client("RX1").post(f"{place.address}/calendars", json={"details": False})
    assert answer.status_code == 403


async def test_an_emergency_makes_no_calendar(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    headers = {"X-Purpose-Of-Use": "BTG"}
    client = place.client("RX1")
    answer = await client.post(f"{place.address}/calendars", json={"details": False}, headers=headers)
    assert answer.status_code in (403, 404)


async def test_another_s_calendar_is_not_there(world: World):
    place = await place_of(world)
    await account(world, "clinician-of-RX1")
    made_ = (await place.client("RX1").post(f"{place.address}/calendars", json={"details": False})).json()
    for other in (place.client("P10001"), world.client("clinician", "RX1", subject="somebody-else")):
        assert (await other.get(f"{place.address}/calendars")).json()["items"] == []
        assert (await other.delete(f"{place.address}/calendars/{made_['id']}")).status_code == 404
        assert (await other.post(f"{place.address}/calendars/{made_['id']}/renew")).status_code == 404


async def test_a_plan_that_is_closed_to_one_has_no_calendars(world: World):
    place = await place_of(world)
    await world.agency("RX9")
    await account(world, "clinician-of-RX9", agency="RX9")
    stranger = world.client("clinician", "RX9")
    assert (await stranger.get(f"{place.address}/calendars")).status_code == 404
    assert (await stranger.post(f"{place.address}/calendars", json={"details": False})).status_code == 404


# the page


async def test_somebody_makes_renews_and_ends_an_address_on_the_page(world: World):
    place = await place_of(world)
    nurse = await reading(world)
    at = f"/care/people/{place.ada}/calendar"
    await nurse.get(at)
    assert "With details" not in nurse.page.text
    shown = await nurse.post(at, does="make", key="key-1")
    found = ADDRESS.search(shown.text)
    assert found
    assert (await world.anonymous().get(found[1])).status_code == 200
    again = await nurse.post(at, does="make", key="key-1")
    assert "This address was made already" in again.text
    id_ = re.search(r'value="renew ([\w.-]+)"', again.text)
    assert id_
    assert (await nurse.post(at, does=f"renew {id_[1]}", key="key-2")).status_code == 303
    assert "served for another 90 days" in (await nurse.follow()).text
    assert (await nurse.post(at, does=f"end {id_[1]}", key="key-3")).status_code == 303
    assert "leads nowhere any more" in (await nurse.follow()).text
    assert (await world.anonymous().get(found[1])).status_code == 404
    assert (await nurse.post(at, does=f"end {id_[1]}", key="key-4")).status_code == 404


@pytest.mark.parametrize("does", ["", "end", "burn x"])
async def test_a_form_that_says_nothing_does_nothing(world: World, does: str):
    place = await place_of(world)
    nurse = await reading(world)
    at = f"/care/people/{place.ada}/calendar"
    await nurse.get(at)
    assert (await nurse.post(at, does=does, key="key-1")).status_code in (404, 422)


async def test_the_person_may_have_the_details_and_nobody_else(world: World):
    place = await place_of(world)
    ada = await reading(world, "ada", role="person", agency="PERSON", person=place.ada)
    at = f"/care/people/{place.ada}/calendar"
    await ada.get(at)
    assert "With details" in ada.page.text
    shown = await ada.post(at, does="make", details="yes", key="key-1")
    found = ADDRESS.search(shown.text)
    assert found
    (visit,) = events((await world.anonymous().get(found[1])).content)
    assert visit["summary"] == "Washing and dressing"
    nurse = await reading(world)
    await nurse.get(at)
    refused = await nurse.post(at, does="make", details="yes", key="key-2")
    assert refused.status_code == 422
    assert ADDRESS.search(refused.text) is None
