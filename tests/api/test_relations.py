"""Relationships that follow from entries: who is asked by a task, who accepts it, who is on a team in secret."""

from typing import Any

import pytest

from api.deeds import Deed, Visit
from auth.access import Verb
from plan.model import AgencyId, EntryId, PersonId
from plan.problem import Trouble
from plan.query import Query
from tests.support.deeds import count, native, refused
from tests.support.world import World

OWNER = "Organization/HA1"


async def begun(world: World) -> PersonId:
    for agency in ("RX1", "HA1", "LA1", "BA1"):
        await world.agency(agency)
    return await world.person(world.visit("coordinator"))


def housing(world: World) -> Visit:
    return world.visit("housing_officer", "HA1")


def task(person: str, status: str = "requested", *, owner: str = OWNER, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "status": status,
        "intent": "order",
        "for": {"reference": f"Patient/{person}"},
        "owner": {"reference": owner},
        "description": "Fit a key safe",
        **more,
    }


async def sent(world: World, by: Visit, resource: dict[str, Any]) -> str:
    """Create a resource, or change it when it says which it is; its id."""
    id_ = EntryId(resource["id"]) if "id" in resource else None
    verb = Verb.UPDATE if id_ else Verb.CREATE
    return (await world.write(by, Deed(verb=verb, type=resource["resourceType"], id=id_, resource=resource))).stored.id


async def moved(world: World, by: Visit, person: str, id_: str, status: str, **more: Any) -> None:
    world.later(seconds=1)
    await sent(world, by, {**task(person, status, **more), "id": id_})


async def shown(world: World, by: Visit, person: PersonId) -> set[str]:
    """The types and ids of all that somebody sees of a plan."""
    return {f"{one.type}/{one.id}" for one in await world.desk.plan(by, person)}


async def participants(world: World, person: str) -> list[str]:
    rows = await world.database.rows("select body from entry where person_id = ? and slot = 'team'", (person,))
    return [agency for agency in ("RX1", "HA1", "LA1", "BA1") if f'"agency":"{agency}"' in rows[0][0]]


async def test_who_is_asked_sees_the_task_and_the_person_and_nothing_else(world: World) -> None:
    person = await begun(world)
    await world.write(
        world.visit("coordinator"), native(person, "goal", "Goal", "transitions", what="Go home", status="active")
    )
    id_ = await sent(world, world.visit("coordinator"), task(person))
    assert await shown(world, housing(world), person) == {f"Task/{id_}", f"Patient/{person}"}
    assert await participants(world, person) == ["RX1"], "who has not accepted is not on the team"
    note = world.desk.note(housing(world), "E", "Task", "", shown=100)
    permit = await world.desk.leave(housing(world), Verb.SEARCH, "Task", "")
    page = await world.desk.store.search(permit, Query(type="CarePlan", count=50, total=True), note, "fhir")
    assert (page.hits, page.total) == ((), 0)
    assert {one.entry for one in await world.desk.changes(housing(world), person)} == {id_, person}


async def test_accepting_puts_an_agency_on_the_team_and_finishing_ends_that(world: World) -> None:
    person = await begun(world)
    id_ = await sent(world, world.visit("coordinator"), task(person))
    await moved(world, housing(world), person, id_, "accepted")
    assert len(await shown(world, housing(world), person)) > 8
    assert await participants(world, person) == ["RX1", "HA1"]
    await moved(world, housing(world), person, id_, "completed")
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)
    rows = await world.database.rows("select basis, until from team_member where party = 'HA1' and opens is null")
    assert [(basis, until is not None) for basis, until in rows] == [("task", True)]


@pytest.mark.parametrize("status", ["rejected", "cancelled", "failed", "entered-in-error", "draft"])
async def test_a_task_that_comes_to_nothing_closes_what_it_opened(world: World, status: str) -> None:
    person = await begun(world)
    id_ = await sent(world, world.visit("coordinator"), task(person))
    await moved(world, world.visit("coordinator"), person, id_, status)
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)


async def test_deleting_a_task_closes_what_it_opened(world: World) -> None:
    person = await begun(world)
    id_ = await sent(world, world.visit("coordinator"), task(person))
    world.later(seconds=1)
    await world.write(world.visit("coordinator"), Deed(verb=Verb.DELETE, type="Task", id=EntryId(id_)))
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)


async def test_a_task_about_a_referral_opens_the_referral_and_makes_it_the_basis(world: World) -> None:
    person = await begun(world)
    referral = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{person}"},
        "code": {"text": "Adaptation of the bathroom"},
    }
    asked = await sent(world, world.visit("coordinator"), referral)
    focus: dict[str, Any] = {"focus": {"reference": f"ServiceRequest/{asked}"}}
    id_ = await sent(world, world.visit("coordinator"), task(person, **focus))
    assert await shown(world, housing(world), person) == {
        f"Task/{id_}",
        f"Patient/{person}",
        f"ServiceRequest/{asked}",
    }
    await moved(world, world.visit("coordinator"), person, id_, "requested")
    assert f"ServiceRequest/{asked}" not in await shown(world, housing(world), person), "the task is about it no more"
    await moved(world, world.visit("coordinator"), person, id_, "requested", **focus)
    await moved(world, housing(world), person, id_, "accepted", **focus)
    assert await count(world, "team_member", "basis = 'referral' and until is null") == 1


async def test_who_is_asked_may_answer_the_task_and_write_nothing_else(world: World) -> None:
    person = await begun(world)
    id_ = await sent(world, world.visit("coordinator"), task(person))
    goal = native(person, "goal", "Goal", "housing", what="Warm", status="active")
    problem = await refused(world.desk.write(housing(world), [goal]), Trouble.REFUSED)
    assert problem.extra == {"question": "relationship"}
    passed_on = {**task(person, owner="Organization/BA1"), "id": id_}
    await refused(
        world.desk.write(housing(world), [Deed(verb=Verb.UPDATE, type="Task", id=EntryId(id_), resource=passed_on)]),
        Trouble.REFUSED,
    )
    await refused(world.desk.add_member(housing(world), person, "BA1", "", ""), Trouble.REFUSED)
    await refused(world.desk.plan(world.visit("benefits_adviser", "BA1"), person), Trouble.NOT_FOUND)


async def test_a_task_for_another_agency_asks_it_and_no_longer_the_first(world: World) -> None:
    person = await begun(world)
    id_ = await sent(world, world.visit("coordinator"), task(person))
    await moved(world, world.visit("coordinator"), person, id_, "requested", owner="Organization/BA1")
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)
    assert f"Task/{id_}" in await shown(world, world.visit("benefits_adviser", "BA1"), person)


async def test_who_was_taken_off_the_team_does_not_come_back_by_an_old_task(world: World) -> None:
    person = await begun(world)
    id_ = await sent(world, world.visit("coordinator"), task(person))
    await moved(world, housing(world), person, id_, "accepted")
    (place,) = await world.database.rows("select id from team_member where basis = 'task'")
    world.later(seconds=1)
    await world.desk.end_member(world.visit("coordinator"), person, place[0])
    await moved(world, world.visit("coordinator"), person, id_, "in-progress", note=[{"text": "still to be done"}])
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)


async def test_a_task_for_who_is_on_the_team_changes_nothing_about_the_team(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "", "")
    id_ = await sent(world, world.visit("coordinator"), task(person))
    await moved(world, housing(world), person, id_, "accepted")
    await moved(world, housing(world), person, id_, "completed")
    world.later(seconds=1)
    assert await count(world, "team_member") == 2
    assert await shown(world, housing(world), person)


async def test_who_may_not_add_to_the_team_may_not_ask_either(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "BA1", "", "")
    adviser = world.visit("benefits_adviser", "BA1")
    deed = Deed(verb=Verb.CREATE, type="Task", resource=task(person))
    problem = await refused(world.desk.write(adviser, [deed]), Trouble.REFUSED)
    assert problem.extra == {"question": "charter"}
    accepted = Deed(verb=Verb.CREATE, type="Task", resource=task(person, "accepted"))
    await refused(world.desk.write(adviser, [accepted]), Trouble.REFUSED)


@pytest.mark.parametrize("owner", ["Organization/XX9", "PractitionerRole/none", "Device/d"])
async def test_a_task_for_whom_the_directory_does_not_know_opens_nothing(world: World, owner: str) -> None:
    person = await begun(world)
    await sent(world, world.visit("coordinator"), task(person, owner=owner))
    assert await count(world, "team_member") == 1


async def test_a_restricted_task_opens_nothing_to_whom_it_does_not_name(world: World) -> None:
    person = await begun(world)
    label: dict[str, Any] = {
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
    }
    await sent(world, world.visit("coordinator"), task(person, **label))
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)


# restricted teams


async def test_an_agency_in_secret_is_on_the_team_and_leaves_no_mark(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    ours, before = (
        await shown(world, world.visit("coordinator"), person),
        await shown(world, world.visit("social_worker", "LA1"), person),
    )
    mark = await world.database.rows(
        "select version, body, fhir from entry where person_id = ? and slot is not null order by id", (person,)
    )
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "Refuge", "", ["BA1"])
    assert len(await shown(world, housing(world), person)) > 8
    assert await shown(world, world.visit("social_worker", "LA1"), person) == before
    assert [
        tuple(row)
        for row in await world.database.rows(
            "select version, body, fhir from entry where person_id = ? and slot is not null order by id", (person,)
        )
    ] == [tuple(row) for row in mark]
    assert len(await shown(world, world.visit("coordinator"), person) - ours) == 1, "who brought it knows"


async def test_what_an_agency_in_secret_writes_shows_to_who_may_know_of_it(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "Refuge", "", ["RX1"])
    goal = native(person, "goal", "Goal", "housing", what="A safe place", status="active")
    made = (await world.write(housing(world), goal)).stored
    assert made.restriction == frozenset(map(AgencyId, ("HA1", "RX1")))
    assert f"Goal/{made.id}" in await shown(world, world.visit("coordinator"), person)
    assert f"Goal/{made.id}" not in await shown(world, world.visit("social_worker", "LA1"), person)


async def test_an_agency_in_secret_changes_nothing_that_all_see(world: World) -> None:
    person = await begun(world)
    goal = native(person, "goal", "Goal", "housing", what="Warm", status="active")
    open_ = (await world.write(world.visit("coordinator"), goal)).stored
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "Refuge", "", [])
    change = Deed(
        verb=Verb.UPDATE,
        type="Goal",
        id=open_.id,
        resource={
            "resourceType": "Goal",
            "lifecycleStatus": "active",
            "subject": {"reference": f"Patient/{person}"},
            "description": {"text": "Cold"},
        },
    )
    problem = await refused(world.desk.write(housing(world), [change]), Trouble.REFUSED)
    assert problem.extra == {"question": "consent"}
    await refused(world.desk.write(housing(world), [Deed(verb=Verb.DELETE, type="Goal", id=open_.id)]), Trouble.REFUSED)
    section = Deed(
        verb=Verb.UPDATE, type="CarePlan", kind="section", slot="section:housing", person=person, body={"summary": "x"}
    )
    await refused(world.desk.write(housing(world), [section]), Trouble.REFUSED)
    await refused(world.desk.add_member(housing(world), person, "BA1", "", ""), Trouble.REFUSED)


async def test_a_place_in_secret_ends_without_a_mark(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    place = await world.desk.add_member(world.visit("coordinator"), person, "HA1", "Refuge", "", [])
    await refused(world.desk.end_member(world.visit("social_worker", "LA1"), person, place.id), Trouble.NOT_FOUND)
    versions = await world.database.rows("select version from entry where person_id = ? and slot = 'team'", (person,))
    world.later(seconds=1)
    assert (await world.desk.end_member(world.visit("coordinator"), person, place.id)).until
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)
    assert [
        tuple(row)
        for row in await world.database.rows(
            "select version from entry where person_id = ? and slot = 'team'", (person,)
        )
    ] == [tuple(row) for row in versions]


async def test_nobody_is_in_secret_of_whom_all_know(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "HA1", "", "")
    await refused(world.desk.add_member(world.visit("coordinator"), person, "HA1", "", "", []), Trouble.CONFLICT)
    await refused(world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "", ["XX9"]), Trouble.BAD_VALUE)


async def test_a_labelled_care_team_of_an_ehr_is_a_restricted_team(world: World) -> None:
    person = await begun(world)
    await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    team = {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": f"Patient/{person}"},
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]},
        "participant": [{"member": {"reference": OWNER}, "role": [{"text": "Refuge"}]}],
    }
    doctor = world.visit("clinician", "RX1")
    id_ = await sent(world, doctor, team)
    assert await shown(world, housing(world), person)
    assert await participants(world, person) == ["RX1", "LA1"]
    world.later(seconds=1)
    await sent(world, doctor, {**team, "id": id_, "status": "inactive"})
    world.later(seconds=1)
    await refused(world.desk.plan(housing(world), person), Trouble.NOT_FOUND)
    adviser = world.visit("social_worker", "LA1")
    assert f"CareTeam/{id_}" not in await shown(world, adviser, person)
