"""The frame at the desk: agencies join and leave the team, sections are amended, lists are kept by the service."""

import json
from typing import Any

import pytest

from api.deeds import Deed, Did, Outcome
from auth.access import Verb
from plan.model import EntryId, PersonId, Section
from plan.problem import Trouble
from tests.support.deeds import count, entry, goal, native, refused
from tests.support.world import World


async def slot(world: World, person: str, name: str) -> dict[str, Any]:
    sql = "select fhir from entry where person_id = ? and slot = ?"
    found: dict[str, Any] = json.loads((await world.database.rows(sql, (person, name)))[0][0])
    return found


def update(resource: dict[str, Any], **more: Any) -> Deed:
    type_, id_ = resource["resourceType"], EntryId(resource["id"])
    return Deed(verb=Verb.UPDATE, type=type_, id=id_, resource=resource, **more)


async def begun(world: World) -> PersonId:
    await world.agency("RX1", "Royal")
    await world.agency("HA1", "Larch Homes")
    return await world.person(world.visit())


async def test_an_agency_that_joins_sees_the_plan_and_one_that_left_does_not(world: World) -> None:
    person, them = await begun(world), world.visit("housing_officer", "HA1")
    await refused(world.desk.plan(them, person), Trouble.NOT_FOUND)
    member = await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "")
    assert await world.desk.plan(them, person)
    world.later(seconds=1)
    ended = await world.desk.end_member(world.visit(), person, member.id)
    assert (ended.party, ended.until is not None) == ("HA1", True)
    world.later(seconds=1)
    await refused(world.desk.plan(them, person), Trouble.NOT_FOUND)


async def test_the_team_and_the_contributors_of_the_root_name_who_is_there(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "")
    participants = (await slot(world, person, "team"))["participant"]
    assert [one["member"]["reference"] for one in participants] == [
        f"Patient/{person}",
        "Organization/RX1",
        "Organization/HA1",
    ]
    assert participants[2]["role"] == [{"text": "Landlord"}]
    root = await slot(world, person, "root")
    assert root["contributor"] == [{"reference": "Organization/HA1"}, {"reference": "Organization/RX1"}]


async def test_an_agency_joins_once_and_leaves_once(world: World) -> None:
    person = await begun(world)
    first = await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "")
    assert await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "") == first
    one = await world.desk.end_member(world.visit(), person, first.id)
    assert await world.desk.end_member(world.visit(), person, first.id) == one
    assert await count(world, "team_member") == 2
    again = await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "")
    assert again.id != first.id, "who comes back has a new place, and the old one keeps its dates"


async def test_the_team_is_changed_by_who_may_and_with_agencies_that_are_known(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "")
    desk = world.desk
    await refused(desk.add_member(world.visit(), person, "XX9", "", ""), Trouble.BAD_VALUE)
    await refused(desk.add_member(world.visit(agency="LA1"), person, "LA1", "", ""), Trouble.NOT_FOUND)
    await refused(desk.add_member(world.visit("benefits_adviser", "HA1"), person, "HA1", "x", "w"), Trouble.REFUSED)
    await refused(desk.end_member(world.visit(), person, "nobody"), Trouble.NOT_FOUND)
    ours = next(row for row in await world.database.rows("select id from team_member where party = 'RX1'"))[0]
    await refused(desk.end_member(world.visit("housing_officer", "HA1"), person, ours), Trouble.REFUSED)


async def test_a_worker_stands_in_the_team_as_their_role(world: World) -> None:
    person = await begun(world)
    role = {
        "resourceType": "PractitionerRole",
        "organization": {"reference": "Organization/HA1"},
        "practitioner": {"display": "Jo"},
    }
    deed = Deed(verb=Verb.CREATE, type="PractitionerRole", id=EntryId("jo"), resource=role)
    await world.write(world.visit("housing_officer", "HA1"), deed)
    await world.desk.add_member(world.visit(), person, "HA1", "Landlord", "jo")
    team = await slot(world, person, "team")
    assert team["participant"][2]["member"]["reference"] == "PractitionerRole/jo"


async def test_a_team_that_a_client_sends_adds_and_ends_and_takes_nobody_away(world: World) -> None:
    person = await begun(world)
    team = await slot(world, person, "team")
    friend = {"member": {"display": "The man next door"}}
    sent = {
        **team,
        "participant": [{"member": {"reference": "Organization/HA1"}, "role": [{"text": "Landlord"}]}, friend],
    }
    outcome = await world.write(world.visit(), update(sent, version=1))
    assert outcome.did is Did.UPDATED
    kept = await slot(world, person, "team")
    members = [one["member"] for one in kept["participant"]]
    assert {"reference": "Organization/RX1", "display": "Royal"} in members
    assert {"reference": "Organization/HA1", "display": "Larch Homes"} in members
    assert friend["member"] in members
    ended = [{**one, "period": {"end": "2026-03-02"}} for one in kept["participant"] if "HA1" in str(one["member"])]
    await world.write(world.visit(), update({**kept, "participant": ended}))
    assert await count(world, "team_member", "party = 'HA1' and until is not null") == 1
    assert friend["member"] in [one["member"] for one in (await slot(world, person, "team"))["participant"]]


async def test_a_worker_that_a_client_adds_brings_their_agency(world: World) -> None:
    person = await begun(world)
    role = {"resourceType": "PractitionerRole", "organization": {"reference": "Organization/HA1"}}
    await world.write(world.visit(), Deed(verb=Verb.CREATE, type="PractitionerRole", id=EntryId("jo"), resource=role))
    team = await slot(world, person, "team")
    sent = {**team, "participant": [{"member": {"reference": "PractitionerRole/jo"}}]}
    await world.write(world.visit(), update(sent))
    assert await count(world, "team_member", "party = 'HA1' and worker = 'jo'") == 1


async def test_a_section_is_amended_by_who_manages_it_and_keeps_its_list(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit(), person, "HA1", "", "")
    made = await world.write(world.visit(), goal(person))
    health = await slot(world, person, "section:health")
    words = {**health, "description": "Getting stronger"}
    del words["goal"]
    await refused(world.desk.write(world.visit("social_worker", "HA1"), [update(words)]), Trouble.REFUSED)
    outcome = await world.write(world.visit(), update(words))
    assert outcome.stored.section is Section.HEALTH
    now = await slot(world, person, "section:health")
    assert now["description"] == "Getting stronger"
    assert now["goal"] == [{"reference": f"Goal/{made.stored.id}"}], "what is sent adds, and never takes away"


async def test_a_section_is_amended_in_its_native_form_too(world: World) -> None:
    person = await begun(world)
    deed = Deed(verb=Verb.UPDATE, type="CarePlan", person=person, slot="section:health", kind="section", body={})
    deed.body = {"summary": "Better"}
    before = await slot(world, person, "section:health")
    outcome = await world.write(world.visit(), deed)
    assert (outcome.stored.version, outcome.stored.id) == (2, before["id"])


async def test_what_a_client_lists_must_stand_in_the_section(world: World) -> None:
    person = await begun(world)
    other = await world.write(world.visit(), goal(person, section="contingency"))
    hidden = await world.write(world.visit(), goal(person, "x", "health", "RX1"))
    health = await slot(world, person, "section:health")
    for id_ in (entry(other), entry(hidden), "nothing"):
        sent = {**health, "goal": [{"reference": f"Goal/{id_}"}]}
        await refused(world.desk.write(world.visit(), [update(sent)]), Trouble.UNPROCESSABLE)


async def test_an_activity_that_a_client_writes_out_becomes_a_task(world: World) -> None:
    person = await begun(world)
    health = await slot(world, person, "section:health")
    detail = {"status": "not-started", "description": "Order a rail"}
    outcome = await world.write(world.visit(), update({**health, "activity": [{"detail": detail}]}))
    assert isinstance(outcome, Outcome)
    [activity] = (await slot(world, person, "section:health"))["activity"]
    assert list(activity) == ["reference"]
    tasks = await world.desk.kind(world.visit(), person, "action", Section.HEALTH)
    assert ["Order a rail" in task.body for task in tasks] == [True]


async def test_what_stands_in_the_section_may_be_listed_again_and_nothing_is_listed_twice(world: World) -> None:
    person = await begun(world)
    made = [await world.write(world.visit(), goal(person)) for _ in range(2)]
    health = await slot(world, person, "section:health")
    sent = {**health, "goal": [{"reference": f"Goal/{one.stored.id}"} for one in (made[1], made[1])]}
    await world.write(world.visit(), update(sent))
    now = await slot(world, person, "section:health")
    assert [one["reference"] for one in now["goal"]] == [f"Goal/{one.stored.id}" for one in made]


async def test_a_directory_entry_that_is_deleted_twice_is_deleted_once(world: World) -> None:
    await world.agency("HA1")
    deed = Deed(verb=Verb.DELETE, type="Organization", id=EntryId("HA1"))
    versions = [(await world.write(world.visit("administrator", "HA1"), deed)).stored.version for _ in range(2)]
    assert versions == [2, 2]
    await world.agency("HA2")
    await world.agency("HA2")
    assert await count(world, "directory_entry_version", "id = 'HA2'") == 1


@pytest.mark.parametrize("name", ["patient", "root", "team", "section:health"])
async def test_the_frame_of_a_plan_cannot_be_deleted(world: World, name: str) -> None:
    person = await begun(world)
    resource = await slot(world, person, name)
    deed = Deed(verb=Verb.DELETE, type=resource["resourceType"], id=EntryId(resource["id"]))
    await refused(world.desk.write(world.visit(), [deed]), Trouble.NO_METHOD)


async def test_the_person_is_changed_through_either_face(world: World) -> None:
    person = await begun(world)
    patient = await slot(world, person, "patient")
    await world.write(world.visit(), update({**patient, "birthDate": "1940-02-01"}))
    body = json.loads((await world.desk.entry(world.visit(), person, "person", EntryId(person))).body)
    native_ = {
        name: value for name, value in body.items() if name not in ("id", "kind", "section", "version", "updated")
    }
    native_ = {name: value for name, value in native_.items() if name not in ("agency", "author")}
    deed = Deed(verb=Verb.UPDATE, type="Patient", person=person, slot="patient", kind="person", body=native_)
    outcome = await world.write(world.visit(), deed)
    assert outcome.stored.version == 3
    assert (await slot(world, person, "patient"))["birthDate"] == "1940-02-01"


async def test_an_agency_keeps_its_own_entry_and_an_administrator_all(world: World) -> None:
    await begun(world)
    name = {"resourceType": "Organization", "id": "HA1", "name": "Larch"}
    theirs = update(name)
    await refused(world.desk.write(world.visit(), [theirs]), Trouble.REFUSED)
    for role in ("person", "carer", "auditor", "commissioner"):
        await refused(world.desk.write(world.visit(role, "HA1"), [update(name)]), Trouble.REFUSED)
    await refused(world.desk.write(world.visit(agency="HA1", scopes="user/*.rs"), [update(name)]), Trouble.REFUSED)
    assert (await world.write(world.visit("housing_officer", "HA1"), update(name))).stored.version == 2
    await refused(world.desk.write(world.visit(agency="HA1"), [update(name, version=1)]), Trouble.STALE)
    assert (await world.write(world.visit("administrator", "ICB"), update(name, version=2))).stored.version == 3
    await refused(world.desk.write(world.visit(), [update({**name, "id": "none"})]), Trouble.NOT_FOUND)


async def test_a_kind_stands_only_where_it_belongs(world: World) -> None:
    person = await begun(world)
    wrong = native(person, "contact", "RelatedPerson", "health", name="Kim")
    problem = await refused(world.desk.write(world.visit(), [wrong]), Trouble.UNPROCESSABLE)
    assert "about_me" in problem.faults[0].mend
