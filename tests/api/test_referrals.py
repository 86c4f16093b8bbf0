"""Referrals: an agency is asked, answers, and nothing is handed over silently; by REST and by FHIR alike.

Gravity SDOH Clinical Care 3.0.0, closed-loop referral; issue 5, part 5.
"""

from typing import Any

import httpx
import pytest

from plan.known import derived
from tests.support.larch import Larch, larch
from tests.support.reviews import DOORS, FHIR

STATUSES = {"accepted": "accepted", "refused": "rejected", "doing": "in-progress", "paused": "on-hold",
            "done": "completed", "not_achieved": "failed", "cancelled": "cancelled"}  # fmt: skip
at_both_doors = pytest.mark.parametrize("door", DOORS)


def order(place: Larch, to: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "3457005"}]}],
        "code": {"text": "Welfare check"},
        "subject": {"reference": f"Patient/{place.ada}"},
        "performer": [{"reference": f"Organization/{to}"}],
        **more,
    }


def task(place: Larch, focus: str, to: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "focus": {"reference": focus},
        "for": {"reference": f"Patient/{place.ada}"},
        "owner": {"reference": f"Organization/{to}"},
        "description": "Welfare check",
        **more,
    }


async def refer(
    door: str, place: Larch, by: str, to: str, section: str = "transitions", old: str = ""
) -> httpx.Response:
    """One agency asks another. The answer holds the referral, or says why not."""
    client = place.client(by)
    if door == "rest":
        body = {"referral": "Welfare check", "status": "active", "section": section,
                "to": {"reference": f"Organization/{to}"}}  # fmt: skip
        return await client.post(
            f"{place.address}/referrals", json=body | ({"instead_of": f"ServiceRequest/{old}"} if old else {})
        )
    tag = {"meta": {"tag": [{"system": "https://oneplan.example/fhir/CodeSystem/plan-section", "code": section}]}}
    replaces = {"replaces": [{"reference": f"ServiceRequest/{old}"}]} if old else {}
    sent = [(order(place, to, **tag, **replaces), "urn:uuid:s"), (task(place, "urn:uuid:s", to, **tag), "urn:uuid:t")]
    entries = [
        {"fullUrl": url, "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
        for one, url in sent
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = await client.post("/fhir/R4", json=bundle, headers=FHIR)
    if answer.status_code != 200:
        return answer
    where = answer.json()["entry"][0]["response"]["location"].split("/ServiceRequest/")[1].split("/")[0]
    return await client.get(f"{place.address}/referrals/{where}")


async def answer(door: str, place: Larch, by: str, id_: str, status: str, reason: str = "") -> httpx.Response:
    """Somebody moves the referral's task on."""
    client = place.client(by)
    if door == "rest":
        body = {"status": status} | ({"reason": reason} if reason else {})
        return await client.post(f"{place.address}/referrals/{id_}/answer", json=body)
    found = await client.get(f"/fhir/R4/Task?patient={place.ada}&focus=ServiceRequest/{id_}")
    [hit] = found.json()["entry"]
    moved = {**hit["resource"], "status": STATUSES[status]} | ({"statusReason": {"text": reason}} if reason else {})
    return await client.put(f"/fhir/R4/Task/{moved['id']}", json=moved, headers=FHIR)


async def asked(door: str, world, without: tuple[str, ...] = ("HC1",), to: str = "HC1", by: str = "HA1"):
    place = await larch(world, without=without)
    made = await refer(door, place, by, to)
    assert made.status_code in (200, 201), made.text
    return place, made.json()["id"]


async def is_there(place: Larch, agency: str) -> bool:
    return (await place.client(agency).get(f"{place.address}/plan/sections/social_care")).status_code == 200


async def status_of(place: Larch, id_: str, by: str = "LA1") -> str:
    return str((await place.client(by).get(f"{place.address}/referrals/{id_}")).json()["status"])


async def messages(place: Larch, by: str = "HUB1"):
    items = (await place.client(by).get(f"{place.address}/messages")).json()["items"]
    return [one for one in items if one.get("topic", {}).get("text") == "Referral"]


@at_both_doors
async def test_who_is_asked_sees_what_is_asked_joins_by_accepting_and_leaves_when_it_is_done(world, door):
    place, id_ = await asked(door, world)
    assert not await is_there(place, "HC1")
    read = await place.client("HC1").get(f"{place.address}/referrals/{id_}")
    assert read.json()["referral"] == "Welfare check"
    for status, there in (("accepted", True), ("doing", True), ("paused", True), ("doing", True), ("done", False)):
        moved = await answer(door, place, "HC1", id_, status)
        assert moved.status_code == 200, moved.text
        assert await is_there(place, "HC1") is there, status
    assert await status_of(place, id_) == "completed"


@at_both_doors
async def test_a_refusal_carries_a_reason(world, door):
    place, id_ = await asked(door, world)
    bare = await answer(door, place, "HC1", id_, "refused")
    assert bare.status_code == 422, bare.text
    assert "efusal carries a reason" in bare.text
    assert (await answer(door, place, "HC1", id_, "refused", "No carer for this street")).status_code == 200
    assert not await is_there(place, "HC1")
    assert await status_of(place, id_) == "active"
    [one] = (await place.client("HA1").get(f"{place.address}/plan/sections/transitions/action")).json()["items"]
    assert (one["status"], one["status_reason"]) == ("refused", "No carer for this street")


@at_both_doors
async def test_an_agency_that_does_not_exist_cannot_be_asked(world, door):
    place = await larch(world)
    refused = await refer(door, place, "HA1", "NOWHERE")
    assert refused.status_code == 400, refused.text
    assert "Organization/NOWHERE is no agency in the directory" in refused.text


MOVES = [
    ("HC1", ["done"], 422),
    ("HC1", ["doing"], 422),
    ("HC1", ["accepted", "done"], 422),
    ("HC1", ["accepted", "refused"], 422),
    ("LA1", ["refused", "accepted"], 422),
    ("LA1", ["accepted", "doing", "done", "doing"], 422),
    ("HC1", ["cancelled"], 403),
    ("HA1", ["accepted"], 403),
    ("HA1", ["refused"], 403),
    ("HA1", ["cancelled"], 200),
    ("HC1", ["accepted", "not_achieved"], 200),
]


@at_both_doors
@pytest.mark.parametrize("by,steps,status", MOVES, ids=[" ".join([by, *steps]) for by, steps, _ in MOVES])
async def test_only_the_steps_of_the_state_machine_are_taken_each_by_whose_it_is(world, door, by, steps, status):
    place, id_ = await asked(door, world, to="LA1" if by == "LA1" else "HC1")
    for step in steps[:-1]:
        assert (await answer(door, place, by, id_, step, "because")).status_code == 200
    last = await answer(door, place, by, id_, steps[-1], "because")
    assert last.status_code == status, last.text


async def test_a_referral_that_is_taken_on_at_once_or_goes_to_another_by_its_task_is_refused(world):
    place, id_ = await asked("fhir", world)
    housing = place.client("HA1")
    at_once = task(place, f"ServiceRequest/{id_}", "LA1", status="accepted")
    refused = await housing.post("/fhir/R4/Task", json=at_once, headers=FHIR)
    assert refused.status_code == 422, refused.text
    assert "begins with asking" in refused.text
    found = await housing.get(f"/fhir/R4/Task?patient={place.ada}&focus=ServiceRequest/{id_}")
    one = found.json()["entry"][0]["resource"]
    other = {**one, "owner": {"reference": "Organization/LA1"}}
    silent = await housing.put(f"/fhir/R4/Task/{one['id']}", json=other, headers=FHIR)
    assert silent.status_code == 422, silent.text
    assert "not handed over by changing its task" in silent.text


@at_both_doors
async def test_a_referral_that_is_withdrawn_takes_its_task_and_the_leave_with_it(world, door):
    place, id_ = await asked(door, world)
    assert (await answer(door, place, "HC1", id_, "accepted")).status_code == 200
    housing, address = place.client("HA1"), f"{place.address}/referrals/{id_}"
    one = (await housing.get(address)).json()
    fields = {name: one[name] for name in ("referral", "to")}
    gone = await housing.put(
        address, json={**fields, "status": "cancelled"}, headers={"If-Match": f'"{one["version"]}"'}
    )
    assert gone.status_code == 200, gone.text
    assert not await is_there(place, "HC1")
    [action] = (await housing.get(f"{place.address}/plan/sections/transitions/action")).json()["items"]
    assert (action["status"], action["status_reason"]) == ("cancelled", "The referral was cancelled")


@at_both_doors
async def test_a_handover_leaves_who_has_it_until_the_next_has_accepted_and_tells_both(world, door):
    place, id_ = await asked(door, world, without=("HC1", "BA1"))
    for status in ("accepted", "doing"):
        assert (await answer(door, place, "HC1", id_, status)).status_code == 200
    made = await refer(door, place, "HA1", "BA1", old=id_)
    assert made.status_code in (200, 201), made.text
    new = made.json()["id"]
    await place.turn()
    assert await is_there(place, "HC1")
    [told] = await messages(place)
    assert [to["reference"] for to in told["to"]] == ["Organization/HC1"]
    assert "stays with you until they accept" in told["text"]
    assert (await answer(door, place, "BA1", new, "accepted")).status_code == 200
    assert not await is_there(place, "HC1")
    assert await is_there(place, "BA1")
    assert await status_of(place, id_) == "completed"
    await place.turn()
    [_, both] = await messages(place)
    assert [to["reference"] for to in both["to"]] == ["Organization/HC1", "Organization/BA1"]
    await place.turn(hours=1)
    assert len(await messages(place)) == 2


@at_both_doors
async def test_nobody_hands_over_what_another_has(world, door):
    place, id_ = await asked(door, world, without=("HC1", "BA1"))
    assert (await answer(door, place, "HC1", id_, "accepted")).status_code == 200
    taken = await refer(door, place, "LA1", "BA1", old=id_)
    assert taken.status_code == 403, taken.text
    nothing = await refer(door, place, "HA1", "BA1", old="0192a9f0-0000-7000-8000-000000000001")
    assert nothing.status_code == 400, nothing.text
    assert "no referral of this plan" in nothing.text


@at_both_doors
async def test_an_unanswered_referral_goes_to_the_escalation_contact_and_then_to_the_coordinator_once_each(world, door):
    place, _ = await asked(door, world)
    await place.turn(hours=119)
    assert await messages(place) == []
    await place.turn(hours=1)
    [first] = await messages(place)
    assert [to["reference"] for to in first["to"]] == ["HealthcareService/HC1-escalation"]
    assert "Welfare" not in str(first)
    await place.turn(hours=59)
    assert len(await messages(place)) == 1
    await place.turn(hours=1)
    [_, second] = await messages(place)
    assert [to["reference"] for to in second["to"]] == ["Organization/HUB1"]
    await place.turn(hours=100)
    assert len(await messages(place)) == 2


async def test_an_answered_referral_escalates_to_nobody(world):
    place, id_ = await asked("rest", world)
    assert (await answer("rest", place, "HC1", id_, "accepted")).status_code == 200
    await place.turn(days=30)
    assert await messages(place) == []


async def test_an_answer_to_nothing_and_a_referral_to_nobody_are_refused(world):
    place = await larch(world)
    housing = place.client("HA1")
    nothing = await housing.post(
        f"{place.address}/referrals/0192a9f0-0000-7000-8000-000000000001/answer", json={"status": "accepted"}
    )
    assert nothing.status_code == 404
    nobody = await housing.post(f"{place.address}/referrals", json={"referral": "Check", "status": "active"})
    assert nobody.status_code == 400
    assert "/to/reference" in nobody.text
    unknown = await housing.post(f"{place.address}/referrals/x/answer", json={"status": "seen"})
    assert unknown.status_code == 400


async def test_the_same_key_asks_once(world):
    place = await larch(world, without=("HC1",))
    housing = place.client("HA1")
    body = {"referral": "Check", "status": "active", "to": {"reference": "Organization/HC1"}}
    headers = {"Idempotency-Key": str(derived(place.ada, "key"))}
    one, two = [await housing.post(f"{place.address}/referrals", json=body, headers=headers) for _ in range(2)]
    assert one.json()["id"] == two.json()["id"]
    assert two.headers["Idempotency-Replayed"] == "true"
    items = (await housing.get(f"{place.address}/plan/sections/transitions/action")).json()["items"]
    assert len(items) == 1
