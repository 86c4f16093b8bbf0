"""A hospital's feed at the REST door: events once, twice, late, wrong, and for people whom it does not work with."""

import json
from itertools import permutations
from random import Random
from typing import Any

import httpx
import pytest

from db import stay_events
from plan.model import AgencyId
from tests.support.deeds import count
from tests.support.rest import begun, items, problem
from tests.support.world import World

FEED = "/v1/stays/events"
NOW = "2026-03-05T09:00:00Z"
NHS = "9000000009"


def event(type_: str, when: str, id_: str = "", **body: Any) -> dict[str, Any]:
    """An event of Ada's visit V1, at a moment of March."""
    base = {"id": id_ or f"{type_}-{when}", "type": type_, "occurred_at": f"2026-03-{when}:00Z"}
    return {**base, "nhs_number": NHS, "stay": "V1", **body}


ADMIT = event("admit", "02T10:00", ward="4B", reason={"text": "Fall"})
PLAN = event("plan_discharge", "03T14:00", planned_discharge="2026-03-06T14:00:00Z")
MOVE = event("transfer", "04T09:00", ward="Rehab")
CHANGE = event("change_discharge", "04T15:00", planned_discharge="2026-03-07T11:00:00Z", pathway=1)
HEARTBEAT = {"id": "beat-1", "type": "heartbeat", "occurred_at": "2026-03-05T08:59:00Z"}


@pytest.fixture
async def hospital(world: World) -> httpx.AsyncClient:
    """RX1's feed, with Ada's plan begun by it."""
    world.at(NOW)
    await world.agency("RX1")
    client = world.client("clinician", "RX1", "feed-of-RX1")
    await begun(world, client, nhs_number=NHS)
    return client


async def send(client: httpx.AsyncClient, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """What came of a list of events."""
    return items(await client.post(FEED, json=list(events)))


async def stays(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every stay that a caller finds, without what the service writes of it."""
    found = [one["stay"] for one in items(await client.get("/v1/stays"))]
    envelope = ("notice", "id", "kind", "section", "version", "updated", "agency", "author")
    return [{name: value for name, value in one.items() if name not in envelope} for one in found]


TOLD = {
    "status": "in_hospital",
    "number": "V1",
    "hospital": {"reference": "Organization/RX1"},
    "ward": "Rehab",
    "admitted": "2026-03-02T10:00:00Z",
    "planned_discharge": "2026-03-07T11:00:00Z",
    "pathway": 1,
    "reason": {"text": "Fall"},
}


async def test_events_come_to_a_stay_and_one_person_s_events_are_one_transaction(world, hospital):
    told = await send(hospital, ADMIT, PLAN, MOVE, CHANGE)
    assert [one["outcome"] for one in told] == ["applied"] * 4
    assert {one["version"] for one in told} == {1}
    assert await stays(hospital) == [TOLD]
    assert await count(world, "stay_event") == 4
    fhir = (await hospital.get(f"/fhir/R4/Encounter/{told[0]['stay']}")).json()
    assert fhir["identifier"] == [{"value": "V1"}]
    assert fhir["status"] == "in-progress"


@pytest.mark.parametrize("order", [*permutations(range(4))][1::5])
async def test_the_order_in_which_events_arrive_is_none_of_the_stay_s(hospital, order: tuple[int, ...]):
    for at in order:
        await send(hospital, [ADMIT, PLAN, MOVE, CHANGE][at])
    assert await stays(hospital) == [TOLD]


async def test_a_month_of_replays_in_any_order_comes_to_the_same_stay(hospital):
    chance = Random(5)
    leaves = event("discharge", "04T20:00", destination={"text": "Home"})
    events = [ADMIT, PLAN, MOVE, CHANGE, event("cancel_discharge", "04T16:00"), leaves]
    arriving = [*events, *chance.choices(events, k=8)]
    chance.shuffle(arriving)
    for one in arriving:
        (told,) = await send(hospital, one)
        assert told["outcome"] in ("applied", "unchanged", "repeated")
    (found,) = await stays(hospital)
    assert (found["status"], found["discharged"]) == ("finished", "2026-03-04T20:00:00Z")
    assert "planned_discharge" not in found


async def test_one_event_alone_is_answered_by_itself(hospital):
    answer = await hospital.post(FEED, json=ADMIT)
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "applied"
    problem(await hospital.post(FEED, json={**ADMIT, "id": "other", "type": "arrive"}), 400, "bad_value", "/type")
    unknown = {**ADMIT, "id": "unknown", "nhs_number": "4000000004"}
    problem(await hospital.post(FEED, json=unknown), 404, "not_found")


async def test_an_event_twice_is_once_and_says_where_it_led(world, hospital):
    first, again = (await send(hospital, ADMIT))[0], (await send(hospital, dict(reversed(ADMIT.items()))))[0]
    assert again == {**first, "outcome": "repeated"}
    both = await send(hospital, PLAN, PLAN)
    assert [one["outcome"] for one in both] == ["applied", "repeated"]
    assert await count(world, "stay_event") == 2
    assert await count(world, "entry_version", "kind = 'stay'") == 2


async def test_the_same_id_with_other_content_is_refused_whoever_it_is_about(world, hospital):
    await send(hospital, ADMIT)
    other = await begun(world, hospital)
    strange = {**ADMIT, "ward": "5A"}, {**event("admit", "02T10:00", person=other.rpartition("/")[2])}
    del strange[1]["nhs_number"]
    for one in strange:
        (told,) = await send(hospital, one)
        assert (told["outcome"], told["problem"]["code"]) == ("refused", "duplicate")
    assert [one["ward"] for one in await stays(hospital)] == ["4B"]


async def test_two_hospitals_may_use_the_same_id_and_the_same_number(world, hospital):
    await world.agency("RX2")
    person = items(await hospital.get("/v1/people"))[0]["id"]
    await hospital.post(f"/v1/people/{person}/team", json={"agency": "RX2"})
    await send(hospital, ADMIT)
    (told,) = await send(world.client("clinician", "RX2"), ADMIT)
    assert told["outcome"] == "applied"
    assert "overlaps" in told["warnings"][0]
    assert len(await stays(hospital)) == 2


async def test_a_late_older_event_is_kept_and_changes_nothing(world, hospital):
    await send(hospital, ADMIT, MOVE)
    (told,) = await send(hospital, event("transfer", "03T09:00", ward="Late news"))
    assert told["outcome"] == "unchanged"
    assert (await stays(hospital))[0]["ward"] == "Rehab"
    assert await count(world, "stay_event") == 3
    assert await count(world, "entry_version", "kind = 'stay'") == 1


async def test_what_somebody_wrote_by_hand_stands_against_what_happened_before(world, hospital):
    (told,) = await send(hospital, ADMIT)
    person, id_ = told["person"], told["stay"]
    world.later(minutes=1)
    patch = {"headers": {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}}
    answer = await hospital.patch(f"/v1/people/{person}/stays/{id_}", content=b'{"ward": "Side room"}', **patch)
    assert answer.status_code == 200
    world.later(minutes=5)
    assert (await send(hospital, MOVE))[0]["outcome"] == "unchanged"
    assert (await stays(hospital))[0]["ward"] == "Side room"
    assert (await send(hospital, event("transfer", "05T09:03", ward="Home ward")))[0]["outcome"] == "applied"
    assert (await stays(hospital))[0]["ward"] == "Home ward"


async def test_a_stay_that_the_hospital_wrote_as_an_encounter_is_the_one_that_its_events_speak_of(hospital):
    person = items(await hospital.get("/v1/people"))[0]["id"]
    body = {"status": "in_hospital", "number": "V1", "admitted": "2026-03-02T10:00:00Z", "method": {"text": "111"}}
    made = await hospital.post(f"/v1/people/{person}/stays", json=body)
    world_later = event("discharge", "05T09:04")
    (told,) = await send(hospital, world_later)
    assert told["stay"] == made.json()["id"]
    assert (await stays(hospital))[0] == {
        **body,
        "status": "finished",
        "discharged": "2026-03-05T09:04:00Z",
        "hospital": {"reference": "Organization/RX1"},
    }


@pytest.mark.parametrize(
    "wrong, code, pointer",
    [
        ({"type": "arrive"}, "bad_value", "/type"),
        ({"occurred_at": "2 March"}, "bad_value", "/occurred_at"),
        ({"occurred_at": "2026-03-05T09:06:00Z"}, "rule", "/occurred_at"),
        ({"ward": 4}, "bad_value", "/ward"),
        ({"nhs_number": "9000000008"}, "bad_value", "/nhs_number"),
        ({"hospital": "RX2"}, "bad_value", "/hospital"),
        ({"colour": "red"}, "invalid", "/colour"),
        ({"id": None}, "bad_value", "/id"),
    ],
)
async def test_what_is_wrong_with_one_event_is_said_and_the_others_are_taken(
    world, hospital, wrong: dict[str, Any], code: str, pointer: str
):
    told = await send(hospital, {**event("transfer", "03T10:00", ward="5A"), **wrong}, ADMIT)
    assert [one["outcome"] for one in told] == ["refused", "applied"]
    assert told[0]["problem"]["code"] == code
    assert told[0]["problem"]["errors"][0]["pointer"] == pointer
    assert told[0]["problem"]["errors"][0]["mend"]
    assert await count(world, "stay_event") == 1


async def test_what_is_refused_may_be_sent_again_when_its_time_has_come(world, hospital):
    early = event("transfer", "05T10:00", ward="5A")
    assert (await send(hospital, ADMIT, early))[1]["outcome"] == "refused"
    world.later(hours=1)
    assert (await send(hospital, early))[0]["outcome"] == "applied"


async def test_a_discharge_before_its_admission_is_refused_and_names_it(hospital):
    told = await send(hospital, ADMIT, event("discharge", "02T09:00"))
    assert told[1]["problem"]["code"] == "rule"
    assert "2026-03-02T10:00:00Z" in told[1]["problem"]["errors"][0]["detail"]
    assert (await stays(hospital))[0]["status"] == "in_hospital"


async def test_what_makes_no_sense_with_what_was_written_by_hand_is_refused(hospital):
    person = items(await hospital.get("/v1/people"))[0]["id"]
    body = {"status": "in_hospital", "number": "V1", "admitted": "2026-03-05T09:02:00Z"}
    await hospital.post(f"/v1/people/{person}/stays", json=body)
    (told,) = await send(hospital, event("discharge", "05T09:01"))
    assert told["problem"]["code"] == "rule"
    assert "discharged" in told["problem"]["errors"][0]["detail"]


async def test_overlapping_stays_are_both_kept_and_said(hospital):
    await send(hospital, ADMIT)
    (told,) = await send(hospital, event("admit", "03T10:00", stay="V2"))
    (other,) = [one["stay"] for one in items(await hospital.get("/v1/stays")) if one["stay"]["number"] == "V1"]
    assert told["outcome"] == "applied"
    assert told["warnings"] == [f"It overlaps another stay of this person, Encounter/{other['id']}."]
    assert len(await stays(hospital)) == 2
    (after,) = await send(hospital, event("discharge", "03T10:00", stay="V1"))
    assert "warnings" not in after, "one ended as the other began"


async def test_nobody_learns_from_the_feed_who_has_a_plan(world, hospital):
    """The same answer for a number that nobody has, an id that is nobody's, and somebody else's patient."""
    stranger = world.client("clinician", "RX9")
    person = items(await hospital.get("/v1/people"))[0]["id"]
    by_id = {name: value for name, value in ADMIT.items() if name != "nhs_number"}
    told = [
        (await send(stranger, {**ADMIT, "id": "x"}))[0],
        (await send(stranger, {**ADMIT, "id": "x", "nhs_number": "4000000004"}))[0],
        (await send(stranger, {**by_id, "id": "x", "person": person}))[0],
        (await send(stranger, {**by_id, "id": "x", "person": "nobody"}))[0],
    ]
    for one in told:
        one["problem"].pop("request_id")
    assert [json.dumps(one) for one in told] == [json.dumps(told[0])] * 4
    assert told[0]["problem"]["code"] == "not_found"
    assert not await count(world, "stay_event")
    refused = "type = 'Encounter' and not allowed and question = 'relationship' and agency = 'RX9'"
    assert await count(world, "audit_event", refused) == 4


async def test_once_the_hospital_is_on_the_team_what_was_refused_is_taken(world, hospital):
    await world.agency("RX9")
    stranger = world.client("clinician", "RX9")
    assert (await send(stranger, ADMIT))[0]["outcome"] == "refused"
    person = items(await hospital.get("/v1/people"))[0]["id"]
    await hospital.post(f"/v1/people/{person}/team", json={"agency": "RX9"})
    assert (await send(stranger, ADMIT))[0]["outcome"] == "applied"


@pytest.mark.parametrize(
    "role, scopes",
    [
        ("administrator", "system/*.cruds"),
        ("commissioner", "system/*.cruds"),
        ("carer", "user/*.cruds"),
        ("clinician", "system/Encounter.rs"),
        ("clinician", "system/Encounter.c"),
    ],
)
async def test_who_may_write_no_stays_sends_no_events(world, hospital, role: str, scopes: str):
    client = world.client(role, "RX1", "somebody", scopes)
    problem(await client.post(FEED, json=[HEARTBEAT]), 403, "refused")
    assert await stay_events.feeds(world.database, ["RX1"]) == {}


@pytest.mark.parametrize("body, code", [([], "invalid"), ([HEARTBEAT] * 201, "too_costly")])
async def test_a_request_brings_some_events_and_not_too_many(hospital, body: Any, code: str):
    problem(await hospital.post(FEED, json=body), 400, code)


@pytest.mark.parametrize("body", ["x", 7, None, [7], [[ADMIT]]])
async def test_what_is_no_event_is_refused(hospital, body: Any):
    json_ = {"Content-Type": "application/json"}
    said = (await hospital.post(FEED, content=json.dumps(body), headers=json_)).json()
    assert said.get("status") == 400 or said["items"][0]["problem"]["status"] == 400


class TestTheFeedIsHeard:
    async def test_by_each_event_and_by_a_heartbeat(self, world, hospital):
        assert await stay_events.feeds(world.database, ["RX1"]) == {}
        assert (await hospital.post(FEED, json=HEARTBEAT)).json() == {"id": "beat-1", "outcome": "heard"}
        first = await stay_events.feeds(world.database, ["RX1", "RX2"])
        assert first == {"RX1": world.clock}
        world.later(minutes=4)
        await send(hospital, {**ADMIT, "nhs_number": "4000000004"})
        assert await stay_events.feeds(world.database, ["RX1"]) == {"RX1": world.clock}

    async def test_and_a_clock_that_steps_back_takes_nothing_back(self, world, hospital):
        await send(hospital, HEARTBEAT)
        heard = world.clock
        world.later(minutes=-30)
        await send(hospital, {**HEARTBEAT, "occurred_at": "2026-03-05T08:00:00Z"})
        assert await stay_events.feeds(world.database, ["RX1"]) == {"RX1": heard}

    async def test_not_by_what_nobody_can_read(self, world, hospital):
        await send(hospital, {"id": "x"})
        assert await stay_events.feeds(world.database, ["RX1"]) == {}

    async def test_of_no_agency_there_is_nothing_to_know(self, world):
        assert await stay_events.feeds(world.database, []) == {}

    async def test_within_any_transaction(self, world):
        async with world.database.transaction() as transaction:
            await stay_events.heard(transaction, AgencyId("RX5"), 7)
            await stay_events.heard(transaction, AgencyId("RX5"), 5)
            assert await stay_events.feeds(transaction, ["RX5"]) == {"RX5": 7}


async def test_the_audit_names_whoever_the_answer_speaks_of(world, hospital):
    (told,) = await send(hospital, ADMIT)
    await send(hospital, ADMIT)
    of_stay = "person_id = ? and target = ? and allowed"
    assert await count(world, "audit_event", f"{of_stay} and action = 'C'", told["person"], told["stay"]) == 1
    assert await count(world, "audit_event", f"{of_stay} and action = 'R'", told["person"], told["stay"]) == 1
    assert await count(world, "change", "person_id = ? and kind = 'stay'", told["person"]) == 1
