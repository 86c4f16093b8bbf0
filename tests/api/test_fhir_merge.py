"""Patient/$merge and its way back: copy and link, under review, and nobody learns of what they may not see."""

import json
from typing import Any

import pytest

from tests.support.deeds import away, consent, contact, count, counts
from tests.support.deeds import goal as goal_deed
from tests.support.r4 import JSON, R4, created, found, goal, ids, issue, task
from tests.support.two import Two, begun, said, section, words
from tests.support.world import NHS

MERGED_FROM = "https://oneplan.example/fhir/CodeSystem/merged-from"
COPIED_FROM = "https://oneplan.example/fhir/StructureDefinition/copied-from"


@pytest.fixture
async def two(world):
    return await begun(world)


async def test_the_patients_say_who_replaces_whom(two):
    before = await two.patients()
    answer = await two.asked()
    source, target = await two.patients()
    assert source["active"] is False
    (link,) = source["link"]
    assert (link["type"], link["other"]) == ("replaced-by", {"reference": f"Patient/{two.target}"})
    assert target["link"] == [{"other": {"reference": f"Patient/{two.source}"}, "type": "replaces"}]
    assert source["identifier"] == before[0]["identifier"]
    first, second = target["identifier"]
    assert first == before[1]["identifier"][0]
    assert (second["use"], second["value"]) == ("old", source["identifier"][0]["value"])
    assert said(answer)["result"] == target
    assert said(answer)["input"]["parameter"][0]["name"] == "source-patient"


async def test_entries_are_copied_and_point_at_each_other(two):
    first = await created(two.client, goal(two.source, "Walk"))
    serves = {"url": "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal"}
    serves["valueReference"] = {"reference": f"Goal/{first['id']}"}  # type: ignore[assignment]
    await created(two.client, task(two.source, extension=[serves], focus={"reference": f"Goal/{first['id']}"}))
    answer = await two.asked()
    assert "2 entries that you may see (health 2)" in words(answer)
    (copy,) = await two.of_target("Goal?")
    assert copy["id"] != first["id"]
    assert copy["description"] == first["description"]
    assert copy["subject"] == {"reference": f"Patient/{two.target}"}
    assert copy["extension"] == [{"url": COPIED_FROM, "valueReference": {"reference": f"Goal/{first['id']}"}}]
    tags = copy["meta"]["tag"]
    assert {"system": MERGED_FROM, "code": two.source} in tags
    assert "under-review" in [tag["code"] for tag in tags]
    copied = next(one for one in await two.of_target("Task?") if one["intent"] == "order" and "focus" in one)
    assert copied["focus"] in ({"reference": f"Goal/{copy['id']}"}, {"reference": f"Patient/{two.target}"})
    tasks = {one.get("focus", {}).get("reference") for one in await two.of_target("Task?")}
    assert tasks == {f"Goal/{copy['id']}", f"Patient/{two.target}"}
    assert await two.read("Goal", first["id"]) == first


async def test_copies_stand_on_the_lists_of_their_sections(two):
    await created(two.client, goal(two.target, "Here already"))
    await created(two.client, goal(two.source, "Copied"))
    await two.asked()
    goals = sorted(f"Goal/{one['id']}" for one in await two.of_target("Goal?"))
    plans = await two.of_target("CarePlan?category=health&")
    listed = sorted(one["reference"] for plan in plans for one in plan.get("goal", ()))
    assert listed == goals
    assert len(listed) == 2
    (plan,) = await two.of_target("CarePlan?category=transitions&")
    (review,) = [one for one in await two.of_target("Task?") if one["description"].startswith("Two people")]
    assert plan["activity"] == [{"reference": {"reference": f"Task/{review['id']}"}}]


async def test_the_review_is_a_task_of_the_plan(two):
    answer = await two.asked()
    review = said(answer)["task"]
    assert review["status"] == "requested"
    assert review["reasonReference"] == {"reference": f"Patient/{two.source}"}
    assert await two.read("Task", review["id"]) == review
    section = [tag["code"] for tag in review["meta"]["tag"] if tag["system"].endswith("plan-section")]
    assert section == ["transitions"]


async def test_a_preview_writes_nothing(two):
    await created(two.client, goal(two.source))
    before = await counts(two.world)
    answer = await two.asked(preview={"valueBoolean": True})
    assert words(answer).startswith("Preview only, nothing was merged. It would copy 1 entry that you may see (health")
    assert set(said(answer)) == {"input", "outcome"}
    assert await counts(two.world) == before


async def test_what_the_caller_may_not_see_is_carried_and_not_told(two):
    world = two.world
    for person in (two.source, two.target):
        await world.agency("HS1")
        await world.desk.add_member(world.visit(), person, "HS1", "Housing", "")
        await world.agency("BA1")
        await world.desk.add_member(world.visit(), person, "BA1", "Benefits", "")
    officer = world.visit("housing_officer", "HS1")
    await world.write(officer, goal_deed(two.source, "only ours", "housing", "HS1"))
    adviser = world.client("benefits_adviser", "BA1")
    hidden = await created(adviser, {**goal(two.source, "Claim"), "meta": {"tag": [section("benefits")]}})
    answer = await two.asked()
    assert "It copied 0 entries that you may see;" in words(answer)
    assert hidden["id"] not in answer.text
    (copy,) = await two.of_target("Goal?", adviser)
    assert copy["description"] == {"text": "Claim"}
    ours = await two.of_target("Goal?", world.client("housing_officer", "HS1"))
    assert {"text": "only ours"} in [one["description"] for one in ours]
    assert await two.of_target("Goal?") == []
    sql = "select agency, author from entry where person_id = ? and type = 'Goal' order by agency"
    rows = await world.database.rows(sql, (two.target,))
    assert [tuple(row) for row in rows] == [("BA1", "benefits_adviser-of-BA1"), ("HS1", "housing_officer-of-HS1")]


async def test_what_the_one_has_closed_stays_closed_in_the_other(two):
    world = two.world
    await world.agency("SC1")
    for person in (two.source, two.target):
        await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    await created(two.client, goal(two.source))
    own = world.visit("person", "", person=two.source)
    await world.write(own, consent(two.source, "deny", ["health"], {"agency": "SC1"}))
    await two.asked()
    other = world.client("care_provider", "SC1")
    assert await two.of_target("Goal?", other) == []
    assert len(await two.of_target("Goal?")) == 1
    await two.asked("undo-merge")
    await created(two.client, goal(two.target))
    assert len(await two.of_target("Goal?", other)) == 1


async def test_nobody_joins_a_team_by_a_merge(two):
    world = two.world
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), two.source, "SC1", "Care", "")
    await world.write(world.visit(), contact(two.source, subject="carer-1"))
    before = await count(world, "team_member", "person_id = ?", two.target)
    await two.asked()
    assert await count(world, "team_member", "person_id = ?", two.target) == before
    other = world.client("care_provider", "SC1")
    assert issue(await other.get(f"{R4}/Patient/{two.target}"), 404)["code"] == "not-found"
    source = await two.read("Patient", two.source, other)
    assert source["link"][0]["type"] == "replaced-by"


async def test_an_identifier_of_the_one_stays_taken(two):
    await two.asked()
    source = (await two.patients())[0]
    again = {"resourceType": "Patient", "name": [{"family": "Third"}], "identifier": source["identifier"]}
    answer = await two.client.post(f"{R4}/Patient", json=again, headers=JSON)
    assert issue(answer, 409)["code"] == "duplicate"
    value = source["identifier"][0]["value"]
    assert set(ids(await found(two.client, f"Patient?identifier={NHS}|{value}"))) == {two.source, two.target}


async def test_the_target_can_be_changed_as_ever(two):
    await two.asked()
    target = (await two.patients())[1]
    target["gender"] = "female"
    answer = await two.client.put(f"{R4}/Patient/{two.target}", json=target, headers=JSON)
    assert answer.status_code == 200, answer.text
    assert (await two.client.get(f"{R4}/Patient/{two.target}")).json()["link"] == target["link"]


async def test_a_second_merge_is_refused(two):
    await two.asked()
    third = await two.world.person(two.client)
    before = await counts(two.world)
    assert "source has been merged" in issue(await two.asked(), 422)["details"]["text"]
    into_source = Two(two.world, two.client, third, two.source)
    assert "target has been merged" in issue(await into_source.asked(), 422)["details"]["text"]
    assert await counts(two.world) == before


async def test_two_people_may_be_named_by_identifiers(two):
    source, target = await two.patients()
    parts = [
        {"name": "source-patient-identifier", "valueIdentifier": source["identifier"][0]},
        {"name": "target-patient", "valueReference": {"identifier": target["identifier"][0]}},
    ]
    assert said(await two.sent(parts))["result"]["id"] == two.target


async def test_the_client_may_say_how_the_patient_shall_be(two):
    result = (await two.patients())[1]
    result["link"] = [{"other": {"reference": f"Patient/{two.source}"}, "type": "replaces"}]
    result["name"] = [{"family": "Righter"}]
    answer = await two.asked(result_patient={"resource": result})
    stored = said(answer)["result"]
    assert stored["name"] == [{"family": "Righter"}]
    assert stored["link"] == result["link"]
    assert [one.get("use") for one in stored["identifier"]] == [None, "old"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "other"}, "value"),
    ({"link": []}, "invalid"),
    ({"link": [{"other": {"reference": "Patient/TARGET"}, "type": "seealso"}]}, "value"),
    ({"gender": "x"}, "value"),
]


@pytest.mark.parametrize("changes, code", WRONG)
async def test_a_result_that_does_not_fit_is_refused_and_nothing_is_merged(two, changes, code):
    result = {**(await two.patients())[1], **changes}
    before = await counts(two.world)
    answer = await two.asked(result_patient={"resource": result})
    assert issue(answer, 400)["code"] == code
    assert await counts(two.world) == before


async def test_a_deleted_entry_is_not_copied(two):
    outcome = await two.world.write(two.world.visit(), goal_deed(two.source))
    await two.world.write(two.world.visit(), away(outcome))
    await two.asked()
    assert await two.of_target("Goal?") == []


LEAVE = [
    ("housing_officer", "system/*.cruds", 403),
    ("care_provider", "system/*.cruds", 403),
    ("benefits_adviser", "system/*.cruds", 403),
    ("clinician", "system/Patient.cruds", 403),
    ("coordinator", "system/*.cruds", 200),
    ("social_worker", "system/*.cruds", 200),
]


@pytest.mark.parametrize("role, scopes, status", LEAVE)
async def test_only_who_manages_both_frames_may_merge(two, role, scopes, status):
    before = await counts(two.world)
    answer = await two.asked(client=two.world.client(role, scopes=scopes))
    if status == 200:
        assert said(answer)["result"]["id"] == two.target
    else:
        assert issue(answer, status)["code"] == "forbidden"
        assert await counts(two.world) == before


async def test_who_does_not_work_with_both_learns_nothing(two):
    await two.world.agency("SC1")
    other = two.world.client("social_worker", "SC1")
    own = await two.world.person(other)
    hidden = await Two(two.world, other, own, two.target).asked()
    absent = await Two(two.world, other, own, "none").asked()
    assert issue(hidden, 404) == issue(absent, 404)
    assert issue(await Two(two.world, other, two.source, own).asked(), 404) == issue(absent, 404)


def who(name: str, **value: Any) -> dict[str, Any]:
    return {"name": name, **value}


SOURCE = who("source-patient", valueReference={"reference": "Patient/SOURCE"})
TARGET = who("target-patient", valueReference={"reference": "Patient/TARGET"})
REFUSED: list[tuple[list[dict[str, Any]], int, str]] = [
    ([SOURCE], 400, "required"),
    ([TARGET], 400, "required"),
    ([SOURCE, TARGET, who("source-patient-identifier", valueIdentifier={"value": "1"})], 400, "required"),
    ([SOURCE, who("target-patient", valueReference={"reference": "Patient/SOURCE"})], 422, "business-rule"),
    ([SOURCE, who("target-patient", valueReference={"reference": "Goal/1"})], 400, "value"),
    ([SOURCE, who("target-patient", valueReference={"reference": "https://else.where/Patient/1"})], 400, "value"),
    ([SOURCE, who("target-patient-identifier", valueIdentifier={"system": NHS, "value": "1"})], 400, "value"),
    ([SOURCE, who("target-patient-identifier", valueIdentifier={"system": "u", "value": "1"})], 412, "not-found"),
    (
        [SOURCE, who("target-patient-identifier", valueIdentifier={"system": "urn:x", "value": "2"})],
        412,
        "multiple-matches",
    ),
    ([SOURCE, TARGET, who("preview", valueString="perhaps")], 400, "value"),
    ([SOURCE, TARGET, who("more", valueString="x")], 400, "not-supported"),
]


@pytest.mark.parametrize("parts, status, code", REFUSED)
async def test_two_people_must_be_named_so_that_there_is_no_doubt(two, parts, status, code):
    for _ in range(2):
        await two.world.person(two.client, identifier=[{"system": "urn:x", "value": "2"}])
    before = await counts(two.world)
    text = json.dumps(parts).replace("SOURCE", two.source).replace("TARGET", two.target)
    answer = await two.sent(json.loads(text))
    assert issue(answer, status)["code"] == code
    assert await counts(two.world) == before


async def test_a_plan_that_is_too_large_is_refused(two, monkeypatch):
    monkeypatch.setattr("api.merging.MOST", 1)
    for _ in range(2):
        await created(two.client, goal(two.source))
    assert issue(await two.asked(), 400)["code"] == "too-costly"


async def test_both_plans_have_the_merge_in_their_audit(two):
    await created(two.client, goal(two.source))
    await two.asked()
    sql = "select person_id, sections from audit_event where action = 'U' and type = 'Patient' order by sections"
    rows = [tuple(row) for row in await two.world.database.rows(sql)]
    assert rows == [(two.source, "frame"), (two.target, "frame,health,transitions")]
    rows = await two.world.database.rows(
        "select reason from entry_version where person_id = ? and type = 'Goal'", (two.target,)
    )
    assert rows[0][0] == f"merged from Patient/{two.source}"
