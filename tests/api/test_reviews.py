"""Reviews: a signature names the version it saw, who, when and for whom; by REST and by FHIR alike."""

import json

import pytest

from tests.support.larch import Larch, larch
from tests.support.reviews import DOORS, FHIR, provenance, sign, version_of

at_both_doors = pytest.mark.parametrize("door", DOORS)


async def reviews(place: Larch, agency: str):
    answer = await place.client(agency).get(f"{place.address}/reviews")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def person(place: Larch):
    return place.world.client("person", "PERSON", "ada", person=place.ada)


@at_both_doors
async def test_who_when_for_whom_and_what_is_filled_in_whichever_door_it_came_by(world, door):
    place = await larch(world)
    practice = place.client("P10001", name="Dr Test")
    seen = await version_of(practice, place, "health")
    answer = await sign(door, practice, place, "health", seen, outcome="no_change")
    assert answer.status_code == 201, answer.text
    [one] = await reviews(place, "LA1")
    assert one["signed"] == seen
    assert one["signed_for"]["reference"] == "Organization/P10001"
    assert one["signed_by"] == {"name": "Dr Test"}
    assert one["signed_at"] == one["updated"]
    assert (one["section"], one["agency"], one["outcome"]) == ("health", "P10001", "no_change")
    fhir = (await practice.get(f"/fhir/R4/Provenance/{one['id']}")).json()
    [signature] = fhir["signature"]
    assert (signature["when"], signature["who"]) == (fhir["recorded"], fhir["agent"][0]["who"])
    assert signature["type"][0]["code"] == ("1.2.840.10065.1.12.1.13" if door == "rest" else "1.2.840.10065.1.12.1.5")
    assert fhir["target"] == [{"reference": seen}]
    hits = await practice.get(f"/fhir/R4/CarePlan?_id={seen.split('/')[1]}&_revinclude=Provenance:target")
    assert one["id"] in {entry["resource"]["id"] for entry in hits.json()["entry"]}


async def test_a_worker_of_the_directory_signs_by_name(world):
    place = await larch(world)
    role = {"resourceType": "PractitionerRole", "organization": {"reference": "Organization/P10001"}}
    practice = place.client("P10001")
    made = (await practice.post("/fhir/R4/PractitionerRole", json=role, headers=FHIR)).json()
    who = {"reference": f"PractitionerRole/{made['id']}", "name": "Dr Test"}
    answer = await sign("rest", practice, place, "health", signed_by=who)
    assert answer.status_code == 201, answer.text
    assert answer.json()["signed_by"] == who


@at_both_doors
async def test_a_section_that_has_moved_on_is_not_signed_and_the_answer_says_what_differs(world, door):
    place = await larch(world)
    practice = place.client("P10001")
    seen = await version_of(practice, place, "health")
    await place.add("P10001", "health", "goal", goal="Walk to the shop", status="active")
    stale = await sign(door, practice, place, "health", seen)
    assert stale.status_code == 412, stale.text
    now = await version_of(practice, place, "health")
    assert f"at version {now.rpartition('/')[2]} now" in stale.text
    assert await reviews(place, "P10001") == []
    assert (await sign(door, practice, place, "health", now)).status_code == 201


@at_both_doors
async def test_a_signature_that_says_when_the_section_was_read_is_of_its_entries_as_they_were_then(world, door):
    place = await larch(world)
    practice = place.client("P10001")
    [need] = (await practice.get(f"{place.address}/plan/sections/health/need")).json()["items"]
    world.later(minutes=5)
    changed = await practice.put(
        f"{place.address}/plan/sections/health/need/{need['id']}",
        json={"need": "Heart failure, worse", "status": "active"},
        headers={"If-Match": '"1"'},
    )
    assert changed.status_code == 200, changed.text
    stale = await sign(door, practice, place, "health", seen="2026-03-02T09:04:00Z")
    assert stale.status_code == 412, stale.text
    if door == "rest":
        assert stale.json()["changed"] == [f"Condition/{need['id']}"]
    assert (await sign(door, practice, place, "health", seen="2026-03-02T09:10:00Z")).status_code == 201
    assert (await sign(door, practice, place, "health", seen="2026-03")).status_code == 201


WHO = [
    ("P10001", "health", "", 201),
    ("P10001", "social_care", "", 201),
    ("P10001", "housing", "", 403),
    ("P10001", "transitions", "", 403),
    ("LA1", "social_care", "change_needed", 201),
    ("LA1", "contingency", "", 201),
    ("LA1", "health", "", 403),
    ("HC1", "social_care", "", 403),
    ("HA1", "housing", "plan_amended", 201),
    ("HA1", "social_care", "", 403),
    ("HUB1", "transitions", "", 201),
    ("HUB1", "social_care", "", 403),
    ("P10001", "health", "agreed", 422),
    ("LA1", "social_care", "disagreed", 422),
]


@at_both_doors
@pytest.mark.parametrize("agency,section,outcome,status", WHO)
async def test_who_manages_a_section_signs_it_and_who_must_be_heard_on_it(
    world, door, agency, section, outcome, status
):
    place = await larch(world)
    more = {"outcome": outcome} if outcome else {}
    answer = await sign(door, place.client(agency), place, section, who=f"Organization/{agency}", **more)
    assert answer.status_code == status, answer.text


@at_both_doors
async def test_the_person_agrees_or_disagrees_with_what_they_may_write_in_and_says_which(world, door):
    place = await larch(world)
    for section, outcome, status in (
        ("social_care", "agreed", 201),
        ("about_me", "disagreed", 201),
        ("health", "agreed", 403),
        ("social_care", "no_change", 422),
        ("social_care", "", 422),
    ):
        more = {"outcome": outcome} if outcome else {}
        answer = await sign(door, person(place), place, section, **more)
        assert answer.status_code == status, (section, outcome, answer.text)
    [mine, *_] = await reviews(place, "LA1")
    assert mine["signed_by"] == {"reference": f"Patient/{place.ada}"}
    assert "signed_for" not in mine


REFUSED = [
    ("no version", {"target": [{"reference": "CarePlan/{id}"}]}, 400, "version"),
    ("a version that is not there yet", {"target": [{"reference": "CarePlan/{id}/_history/99"}]}, 400, "no version 99"),
    ("two sections", {"target": [{"reference": "{now}"}, {"reference": "{now}"}]}, 422, "by itself"),
    ("somebody else", {"agent": [{"who": {"reference": "Organization/LA1"}}]}, 422, "signs for oneself"),
    (
        "for another agency",
        {"agent": [{"who": {"display": "x"}, "onBehalfOf": {"reference": "Organization/LA1"}}]},
        422,
        "signs for oneself",
    ),
]


@pytest.mark.parametrize("change,status,said", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_what_cannot_be_signed_is_refused_in_words(world, change, status, said):
    place = await larch(world)
    practice = place.client("P10001")
    now = await version_of(practice, place, "health")
    words = json.dumps(change).replace("{id}", now.split("/")[1]).replace("{now}", now)
    answer = await practice.post("/fhir/R4/Provenance", json={**provenance(now), **json.loads(words)}, headers=FHIR)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert await reviews(place, "P10001") == []


async def test_a_review_of_what_is_no_section_of_the_plan_is_refused(world):
    place = await larch(world)
    practice = place.client("P10001")
    for reference in ("CarePlan/nobody/_history/1", f"CarePlan/{place.ada}/_history/1"):
        answer = await sign("rest", practice, place, "health", reference)
        assert answer.status_code == 422, answer.text
        assert "a section of this plan" in answer.text


async def test_a_section_that_one_may_not_read_is_as_one_that_is_not_there(world):
    place = await larch(world)
    hidden = await version_of(place.client("P10001"), place, "health")
    absent = "CarePlan/0192a9f0-0000-7000-8000-000000000001/_history/1"
    answers = [await sign("rest", place.client("HA1"), place, "housing", one) for one in (hidden, absent)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert len({answer.json()["detail"] for answer in answers}) == 1


async def test_a_review_is_not_changed_and_may_be_taken_back(world):
    place = await larch(world)
    practice = place.client("P10001")
    one = (await sign("rest", practice, place, "health")).json()
    address = f"{place.address}/reviews/{one['id']}"
    body = {"signed": one["signed"], "outcome": "change_needed"}
    changed = await practice.put(address, json=body, headers={"If-Match": '"1"'})
    assert changed.status_code == 422, changed.text
    assert "signed is not changed" in changed.text
    assert (await practice.delete(address, headers={"If-Match": '"1"'})).status_code == 204
    assert await reviews(place, "P10001") == []


async def test_a_signature_that_comes_with_a_change_of_the_section_signs_the_version_that_it_makes(world):
    place = await larch(world)
    practice = place.client("P10001")
    id_ = (await version_of(practice, place, "health")).split("/")[1]
    plan = (await practice.get(f"/fhir/R4/CarePlan/{id_}")).json()
    sent = {name: value for name, value in provenance("x").items() if name != "target"}
    headers = {**FHIR, "X-Provenance": json.dumps(sent)}
    answer = await practice.put(f"/fhir/R4/CarePlan/{id_}", json={**plan, "description": "Stable."}, headers=headers)
    assert answer.status_code == 200, answer.text
    [one] = await reviews(place, "P10001")
    assert one["signed"] == f"CarePlan/{id_}/_history/{answer.json()['meta']['versionId']}"


async def test_a_signature_of_anything_else_and_a_plain_provenance_of_a_section_stay_what_they_are(world):
    place = await larch(world)
    practice = place.client("P10001")
    now = await version_of(practice, place, "health")
    plain = {name: value for name, value in provenance(now).items() if name != "signature"}
    [need] = (await practice.get(f"{place.address}/plan/sections/health/need")).json()["items"]
    other = {**provenance(now), "target": [{"reference": f"Condition/{need['id']}"}]}
    for sent in (plain, other):
        made = await practice.post("/fhir/R4/Provenance", json=sent, headers=FHIR)
        assert made.status_code == 201, made.text
        back = made.json()
        assert {name: back[name] for name in sent} == sent
    assert await reviews(place, "P10001") == []
