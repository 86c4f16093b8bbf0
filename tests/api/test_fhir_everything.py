"""$everything through the FHIR door: all that may be seen of a person, page by page, and what the directory adds."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.deeds import away, consent, count
from tests.support.deeds import goal as goal_deed
from tests.support.r4 import JSON, R4, created, found, goal, ids, issue, task
from tests.support.world import NHS


def modes(bundle: dict[str, Any]) -> dict[str, list[str]]:
    """The types of the entries by search mode."""
    said: dict[str, list[str]] = {}
    for one in bundle.get("entry", ()):
        said.setdefault(one["search"]["mode"], []).append(one["resource"]["resourceType"])
    return said


def link(bundle, relation):
    return next((one["url"] for one in bundle["link"] if one["relation"] == relation), None)


async def worker(client) -> dict[str, str]:
    """A role in the directory, with the worker and the place that it leads to; the ids by type."""
    there = await created(client, {"resourceType": "Location", "name": "Ward"})
    who = await created(client, {"resourceType": "Practitioner", "name": [{"family": "Test"}]})
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": f"Practitioner/{who['id']}"},
        "organization": {"reference": "Organization/RX1"},
        "location": [{"reference": f"Location/{there['id']}"}],
    }
    return {one["resourceType"]: one["id"] for one in (there, who, await created(client, role))}


async def test_everything_of_a_person_comes_in_one_bundle_the_patient_first(client, person):
    made = await created(client, goal(person))
    bundle = await found(client, f"Patient/{person}/$everything")
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    matches = modes(bundle)["match"]
    assert matches[0] == "Patient"
    assert matches.count("CarePlan") == 9
    assert {"CareTeam", "Goal"} <= set(matches)
    assert bundle["total"] == len(matches) == 12
    assert link(bundle, "self") == f"http://127.0.0.1{R4}/Patient/{person}/$everything"
    by_id = {one["resource"]["id"]: one for one in bundle["entry"]}
    assert by_id[made["id"]]["resource"] == made
    assert by_id[made["id"]]["fullUrl"] == f"http://127.0.0.1{R4}/Goal/{made['id']}"


async def test_what_the_directory_says_of_those_who_are_named_comes_along(client, person):
    known = await worker(client)
    owner = {"reference": f"PractitionerRole/{known['PractitionerRole']}"}
    await created(client, task(person, owner=owner))
    bundle = await found(client, f"Patient/{person}/$everything")
    included = modes(bundle)["include"]
    assert sorted(included) == ["Location", "Organization", "Practitioner", "PractitionerRole"]
    assert bundle["total"] == 12


async def test_an_app_gets_the_types_that_its_scopes_name_and_no_others(world, client, person):
    await created(client, task(person, owner={"reference": "Organization/RX1"}))
    narrow = world.client(scopes="system/Patient.r system/Task.r")
    bundle = await found(narrow, f"Patient/{person}/$everything")
    assert modes(bundle) == {"match": ["Patient", "Task"]}
    blind = world.client(scopes="system/Task.r")
    assert issue(await blind.get(f"{R4}/Patient/{person}/$everything"), 403)["code"] == "forbidden"


TYPES = [
    ("_type=Goal", ["Goal"]),
    ("_type=Goal,Task", ["Goal", "Task"]),
    ("_type=Goal&_type=Task", ["Goal", "Task"]),
    ("_type=Encounter", []),
    ("_type=Task,Organization", ["Organization", "Task"]),
]


@pytest.mark.parametrize("asked, types", TYPES)
async def test_only_the_types_that_are_asked_for_come(client, person, asked, types):
    await created(client, goal(person))
    await created(client, task(person, owner={"reference": "Organization/RX1"}))
    bundle = await found(client, f"Patient/{person}/$everything?{asked}")
    kinds = [kind for some in modes(bundle).values() for kind in some]
    assert sorted(set(kinds)) == types


async def test_pages_follow_each_other_without_a_gap_whatever_comes_between(client, person):
    texts = [f"Goal {at}" for at in range(6)]
    for text in texts:
        await created(client, goal(person, text))
    whole = ids(await found(client, f"Patient/{person}/$everything"))
    seen: list[str] = []
    url = f"{R4}/Patient/{person}/$everything?_count=4"
    while url:
        page = (await client.get(url)).json()
        matched = [one for one in page["entry"] if one["search"]["mode"] == "match"]
        assert len(matched) <= 4
        assert "total" not in page
        seen += [one["resource"]["id"] for one in matched]
        assert parse_qsl(urlsplit(link(page, "self")).query) == [("_count", "4")]
        url = link(page, "next")
        if len(seen) == 4:
            await created(client, goal(person, "late"))
    assert seen[:-1] == [id_ for id_ in whole if id_ in set(seen)]
    assert len(seen) == len(set(seen)) == 18


async def test_leave_is_asked_again_on_every_page(world, client, person):
    await world.agency("SC1")
    member = await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    other = world.client("care_provider", "SC1")
    first = await found(other, f"Patient/{person}/$everything?_count=2")
    await world.desk.end_member(world.visit(), person, member.id)
    assert issue(await other.get(link(first, "next")), 404)["code"] == "not-found"


async def test_only_what_has_changed_since_comes(world, client, person):
    await created(client, goal(person, "old"))
    world.later(hours=2)
    made = await created(client, goal(person, "new"))
    since = made["meta"]["lastUpdated"]
    world.later(hours=1)
    last = await created(client, goal(person, "newest"))
    bundle = await found(client, f"Patient/{person}/$everything?_type=Goal&_since={since}")
    assert ids(bundle) == [last["id"]]
    assert parse_qsl(urlsplit(link(bundle, "self")).query) == [("_type", "Goal"), ("_since", since)]


CARE = [
    ("start=2026-03-01", ["march", "undated"]),
    ("end=2026-02-28", ["january", "undated"]),
    ("start=2026-01-01&end=2026-01-31", ["january", "undated"]),
    ("start=2027-01-01", ["undated"]),
]


@pytest.mark.parametrize("asked, texts", CARE)
async def test_dates_of_care_are_a_stretch_and_what_has_none_is_kept(client, person, asked, texts):
    await created(client, goal(person, "january", startDate="2026-01-15"))
    await created(client, goal(person, "march", startDate="2026-03-15"))
    await created(client, goal(person, "undated"))
    bundle = await found(client, f"Patient/{person}/$everything?{asked}")
    goals = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Goal"]
    assert [one["description"]["text"] for one in goals] == texts
    assert modes(bundle)["match"][0] == "Patient"


async def test_a_stay_comes_with_its_person_and_what_refers_to_it(client, person):
    stay = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{person}"},
        "serviceProvider": {"reference": "Organization/RX1"},
    }
    made = await created(client, stay)
    await created(client, task(person, encounter={"reference": f"Encounter/{made['id']}"}))
    await created(client, task(person))
    bundle = await found(client, f"Encounter/{made['id']}/$everything")
    assert modes(bundle) == {"match": ["Patient", "Encounter", "Task"], "include": ["Organization"]}
    first = await found(client, f"Encounter/{made['id']}/$everything?_count=2")
    assert modes((await client.get(link(first, "next"))).json())["match"] == ["Task"]


async def test_the_parameters_may_come_in_a_body(client, person):
    await created(client, goal(person))
    sent = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Goal"}]}
    answer = await client.post(f"{R4}/Patient/{person}/$everything", json=sent, headers=JSON)
    assert answer.status_code == 200, answer.text
    assert modes(answer.json()) == {"match": ["Goal"]}


async def test_everything_of_everybody_is_of_those_whom_the_caller_works_with(world, client, person):
    second = await world.person(client)
    await world.agency("SC1")
    stranger = await world.person(world.client("social_worker", "SC1"))
    bundle = await found(client, "Patient/$everything?_type=Patient")
    assert ids(bundle) == [person, second]
    assert "total" not in bundle
    own = world.client("person", "SC1", person=stranger)
    assert ids(await found(own, "Patient/$everything?_type=Patient")) == [stranger]
    nobody = world.client("clinician", "NOBODY")
    assert "entry" not in await found(nobody, "Patient/$everything")


async def test_everything_of_everybody_goes_on_person_by_person(world, client):
    people = [await world.person(client) for _ in range(23)]
    seen, url = [], f"{R4}/Patient/$everything?_type=Patient&_count=15"
    pages = 0
    while url:
        page = (await client.get(url)).json()
        seen += ids(page)
        url = link(page, "next")
        pages += 1
    assert seen == people
    assert pages == 2


async def test_what_is_hidden_leaves_no_mark_on_everything(world, client, person):
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    other = world.client("housing_officer", "SC1")
    before = await other.get(f"{R4}/Patient/{person}/$everything")
    secret = await created(client, goal(person, "secret"))
    restricted = await world.write(world.visit(), goal_deed(person, "for us", "housing", "RX1"))
    after = await other.get(f"{R4}/Patient/{person}/$everything")
    assert after.content == before.content
    seen = ids(await found(client, f"Patient/{person}/$everything"))
    assert {secret["id"], restricted.stored.id} <= set(seen)


async def test_what_the_person_has_closed_does_not_come(world, client, person):
    await created(client, goal(person))
    own = world.visit("person", "", person=person)
    await world.write(own, consent(person, "deny", ["health"], {"agency": "RX1"}))
    assert "Goal" not in modes(await found(client, f"Patient/{person}/$everything"))["match"]


async def test_what_is_deleted_does_not_come(world, client, person):
    outcome = await world.write(world.visit(), goal_deed(person))
    await world.write(world.visit(), away(outcome))
    assert "Goal" not in modes(await found(client, f"Patient/{person}/$everything"))["match"]


async def test_each_page_is_in_the_audit_with_the_sections_that_it_showed(world, client, person):
    await created(client, goal(person))
    await found(client, f"Patient/{person}/$everything?_type=Goal")
    sql = "select sections, allowed from audit_event where person_id = ? and action = 'R' order by id"
    rows = await world.database.rows(sql, (person,))
    assert [(row[0], bool(row[1])) for row in rows] == [("frame", True), ("health", True)]


async def test_nobody_learns_of_a_person_whom_they_do_not_work_with(world, client, person):
    await world.agency("SC1")
    other = world.client("social_worker", "SC1")
    hidden = await other.get(f"{R4}/Patient/{person}/$everything")
    absent = await other.get(f"{R4}/Patient/none/$everything")
    assert issue(hidden, 404) == issue(absent, 404)
    assert await count(world, "audit_event", "allowed = ? and target = ?", False, person) == 1


REFUSED = [
    ("Patient/ID/$everything?_type=Group", 400, "not-supported"),
    ("Patient/ID/$everything?_since=yesterday", 400, "value"),
    ("Patient/ID/$everything?start=x", 400, "value"),
    ("Patient/ID/$everything?_count=0", 400, "value"),
    ("Patient/ID/$everything?_count=-1", 400, "value"),
    ("Patient/ID/$everything?_page=x", 400, "value"),
    ("Patient/ID/$everything?_count=5&_count=6", 400, "value"),
    ("Patient/ID/$everything?foo=1", 400, "not-supported"),
    ("Encounter/ID/$everything", 404, "not-found"),
    ("Encounter/$everything", 404, "not-supported"),
    ("Goal/ID/$everything", 404, "not-supported"),
]


@pytest.mark.parametrize("address, status, code", REFUSED)
async def test_what_cannot_be_asked_for_is_refused(client, person, address, status, code):
    assert issue(await client.get(f"{R4}/{address.replace('ID', person)}"), status)["code"] == code


async def test_a_person_who_was_found_by_number_is_in_everything_too(world, client):
    number = world.nhs_number()
    person = await world.person(client, number)
    bundle = await found(client, f"Patient/{person}/$everything?_type=Patient&_count=1000000")
    assert bundle["entry"][0]["resource"]["identifier"] == [{"system": NHS, "value": number}]
