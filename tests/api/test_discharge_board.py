"""The discharge board: who is to leave, what holds them back, and nothing of it that the caller may not see."""

from typing import Any

import httpx
import pytest

from auth.access import ask
from db.knowing_across import teams
from plan.discharge_facts import stays
from plan.discharge_items import asked
from tests.support.deeds import count
from tests.support.larch import ESTATE_UPRN, FLAT_UPRN, Larch, larch
from tests.support.rest import MERGE, items, problem
from tests.support.world import World

BOARD, FEED = "/v1/discharges", "/v1/stays/events"


def event(type_: str, when: str, **body: Any) -> dict[str, Any]:
    base = {"id": f"{type_}-{when}", "type": type_, "occurred_at": f"2026-03-{when}:00Z"}
    return {**base, "nhs_number": "9000000009", "stay": "V1", **body}


async def planned(place: Larch, when: str = "06T14:00") -> str:
    """Ada was admitted on Monday and is to go home on Friday; the id of her stay."""
    plan = event("plan_discharge", "04T14:00", planned_discharge=f"2026-03-{when}:00Z")
    answer = await place.client("RX1").post(FEED, json=[event("admit", "02T10:00", ward="4B"), plan])
    return str(items(answer)[1]["stay"])


@pytest.fixture
async def place(world: World) -> Larch:
    return await larch(world, "2026-03-04T14:00:00Z")


async def lines(client: httpx.AsyncClient, **terms: str) -> list[dict[str, Any]]:
    return items(await client.get(BOARD, params=terms))


async def test_d1_a_planned_discharge_stands_on_the_board_with_everything_that_is_open(place):
    stay = await planned(place)
    (line,) = await lines(place.client("HA1"), estate=ESTATE_UPRN)
    assert {name: line[name] for name in ("person", "name", "stay", "hospital", "ward", "planned_discharge")} == {
        "person": place.ada,
        "name": "Ada Test",
        "stay": stay,
        "hospital": "RX1",
        "ward": "4B",
        "planned_discharge": "2026-03-06T14:00:00Z",
    }
    assert (line["gate"], line["short_notice"]) == ("not_ready", False)
    housing = next(one for one in line["waiting_for"] if one["agency"] == "HA1")
    assert {one["item"] for one in housing["items"]} == {"housing.access", "housing.telecare"}
    assert {one["state"] for one in housing["items"]} == {"open"}
    due = sorted(one["due"] for some in line["waiting_for"] for one in some["items"])
    assert line["next_deadline"] == due[0]


async def test_it_says_what_the_gate_of_the_person_says(place):
    await planned(place)
    client = place.client("RX1")
    (line,) = await lines(client)
    known = await place.world.desk.known(place.world.visit("clinician", "RX1"), place.ada)
    wanted = {one.row.code for one in asked(known, stays(known)[0]) if one.blocking}
    assert {one["item"] for some in line["waiting_for"] for one in some["items"]} == wanted


async def test_d6_short_notice_is_said(place):
    await planned(place, "04T16:00")
    (line,) = await lines(place.client("RX1"))
    assert line["short_notice"] is True


async def test_d8_when_the_feed_is_silent_nobody_can_say(place):
    await planned(place)
    place.world.later(minutes=11)
    (line,) = await lines(place.client("RX1"))
    assert (line["gate"], line["reasons"][0]) == ("unknown", "feed_silent:RX1")
    beat = {"id": "beat", "type": "heartbeat", "occurred_at": "2026-03-04T14:11:00Z"}
    await place.client("RX1").post(FEED, json=beat)
    assert (await lines(place.client("RX1")))[0]["gate"] == "not_ready"


@pytest.mark.parametrize(
    "last",
    [
        event("discharge", "04T13:00"),
        event("died", "04T13:00"),
        event("cancel_admission", "04T13:00"),
        event("cancel_discharge", "04T14:01"),
    ],
    ids=lambda last: last["type"],
)
async def test_d7_who_is_not_to_leave_any_more_is_not_on_it(place, last: dict[str, Any]):
    await planned(place)
    assert len(await lines(place.client("RX1"))) == 1
    after = {**last, "occurred_at": "2026-03-04T14:01:00Z"}
    assert items(await place.client("RX1").post(FEED, json=[after]))[0]["outcome"] == "applied"
    assert await lines(place.client("RX1")) == []


@pytest.mark.parametrize(
    "terms, found",
    [
        ({}, True),
        ({"estate": ESTATE_UPRN}, True),
        ({"uprn": FLAT_UPRN}, True),
        ({"hospital": "RX1", "agency": "HA1"}, True),
        ({"hospital": "RX2"}, False),
        ({"estate": FLAT_UPRN}, False),
        ({"uprn": ESTATE_UPRN}, False),
        ({"agency": "BA1"}, False),
    ],
)
async def test_it_is_asked_by_hospital_estate_home_and_agency(place, terms: dict[str, str], found: bool):
    await planned(place)
    assert bool(await lines(place.client("RX1"), **terms)) is found


@pytest.mark.parametrize(
    "terms, code",
    [({"estate": "Larch Court"}, "bad_value"), ({"status": "finished"}, "bad_value"), ({"cursor": "x"}, "bad_value")],
)
async def test_what_it_does_not_understand_is_refused(place, terms: dict[str, str], code: str):
    problem(await place.client("RX1").get(BOARD, params=terms), 400, code)


async def test_it_is_in_the_order_of_time_page_by_page(world, place):
    client = place.client("RX1")
    sent = []
    for n, when in enumerate(["09T10:00", "07T10:00", "08T10:00"]):
        person = await world.person(world.visit("clinician", "RX1"))
        plan = event("plan_discharge", "04T13:00", id=f"p{n}", stay=f"S{n}", planned_discharge=f"2026-03-{when}:00Z")
        sent.append({name: value for name, value in {**plan, "person": person}.items() if name != "nhs_number"})
    assert [one["outcome"] for one in items(await client.post(FEED, json=sent))] == ["applied"] * 3
    seen: list[str] = []
    terms = {"limit": "1"}
    for _ in range(3):
        answer = (await client.get(BOARD, params=terms)).json()
        seen += [one["planned_discharge"] for one in answer["items"]]
        terms["cursor"] = answer.get("next", "")
    assert seen == ["2026-03-07T10:00:00Z", "2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z"]
    assert "next" not in answer


async def test_who_does_not_work_with_somebody_does_not_find_them(world, place):
    await planned(place)
    assert await lines(world.client("housing_officer", "HA9"), estate=ESTATE_UPRN) == []
    assert await lines(world.client("clinician", "RX9"), hospital="RX1") == []


async def test_what_is_restricted_to_others_is_not_on_it(place):
    stay = await planned(place)
    address = f"{place.address}/stays/{stay}"
    hide = {"restricted_to": ["P10001"]}
    answer = await place.client("RX1").patch(address, json=hide, headers={**MERGE, "If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert await lines(place.client("HA1"), estate=ESTATE_UPRN) == []
    assert len(await lines(place.client("P10001"))) == 1


async def test_it_holds_nothing_that_the_role_may_not_read(place):
    await planned(place)
    await place.add("P10001", "health", "need", need="Zosterform rash", status="active")
    answer = await place.client("HA1").get(BOARD)
    assert "Zosterform" not in answer.text
    assert "Heart" not in answer.text


async def test_the_audit_names_everybody_who_is_shown(world, place):
    await planned(place)
    await lines(place.client("HA1"))
    named = "person_id = ? and agency = 'HA1' and allowed and action = ? and sections like '%transitions%'"
    assert await count(world, "audit_event", named, place.ada, "E") == 1
    assert await count(world, "audit_event", named, place.ada, "R") == 1


@pytest.mark.parametrize("scopes", ["user/Goal.rs", "user/Encounter.r", "user/Encounter.s"])
async def test_an_app_without_the_scopes_is_refused(world, place, scopes: str):
    await planned(place)
    problem(await world.client("clinician", "RX1", "an-app", scopes).get(BOARD), 403, "refused")


async def test_an_app_that_may_read_stays_alone_is_shown_no_more_of_anybody(world, place):
    await planned(place)
    (line,) = await lines(world.client("clinician", "RX1", "an-app", "user/Encounter.rs"))
    assert "name" not in line
    assert line["gate"] == "not_ready"


async def test_who_is_on_the_team_in_secret_is_known_to_those_alone_who_may_know(world, place):
    await world.agency("EQ1")
    ward = world.visit("clinician", "RX1")
    await world.desk.add_member(ward, place.ada, "EQ1", "care_provider", "", known_to=["RX1"])
    for agency, role, known in (("RX1", "clinician", True), ("HA1", "housing_officer", False)):
        permit = ask(world.visit(role, agency).caller, world.desk.charter)
        found = await teams(world.service.database, permit, [place.ada], world.clock)
        assert ("EQ1" in {one.party for one in found[place.ada]}) is known
