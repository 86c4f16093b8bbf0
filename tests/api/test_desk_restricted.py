"""What is hidden leaves no mark: a restricted entry is seen by its agency and those it names, and by nobody else."""

import json
from collections.abc import Sequence

import pytest

from api.deeds import Deed, Outcome, Visit
from auth.access import Verb
from plan.model import AgencyId, EntryId, PersonId
from plan.problem import Trouble
from plan.query import Condition, Query, Token
from tests.support.deeds import again, away, consent, entry, goal, refused
from tests.support.world import World

NAMES = ("RX1", "HA1", "LA1")


async def plan_of_three(world: World) -> PersonId:
    """A person with three agencies on the team: clinicians, all of them."""
    for name in NAMES:
        await world.agency(name)
    person = await world.person(world.visit())
    for name in NAMES[1:]:
        await world.desk.add_member(world.visit(), person, name, "", "")
    return person


async def everything(world: World, visit: Visit, person: PersonId) -> list[object]:
    """All that a caller can be shown of a plan, in bytes."""
    desk = world.desk
    plan = await desk.plan(visit, person)
    shown: list[object] = [(one.id, one.version, one.at, one.body) for one in plan]
    shown += [(one.id, one.version) for one in await desk.plan(visit, person, world.clock)]
    shown += [one.id for one in await desk.kind(visit, person, "goal", None)]
    shown += list(await desk.changes(visit, person, count=10_000))
    for type_ in ("Goal", "CarePlan", "CareTeam", "Patient"):
        page = await desk.search(visit, Query(type=type_, count=1000, total=True), "fhir")
        shown += [page.total, *(hit.text for hit in page.hits)]
    for one in plan:
        shown += [(old.version, old.fhir) for old in await desk.history(visit, one.type, one.id)]
    return shown


def named(*agencies: str) -> frozenset[AgencyId]:
    return frozenset(map(AgencyId, agencies))


async def hidden(world: World, person: PersonId, *others: str) -> Outcome:
    return await world.write(world.visit(), goal(person, "Only for some", None, "RX1", *others))


async def test_a_restricted_entry_is_seen_by_its_agency_and_those_it_names_alone(world: World) -> None:
    person = await plan_of_three(world)
    secret = await hidden(world, person, "HA1")
    for name, seen in (("RX1", True), ("HA1", True), ("LA1", False)):
        visit = world.visit(agency=name)
        shown = str(await everything(world, visit, person))
        assert (secret.stored.id in shown, "Only for some" in shown) == (seen, seen), name
        if seen:
            assert (await world.desk.read(visit, "Goal", entry(secret))).restriction == named("RX1", "HA1")
            continue
        await refused(world.desk.read(visit, "Goal", entry(secret)), Trouble.NOT_FOUND)
        await refused(world.desk.entry(visit, person, "goal", entry(secret)), Trouble.NOT_FOUND)
        await refused(world.desk.history(visit, "Goal", entry(secret)), Trouble.NOT_FOUND)
        await refused(world.desk.write(visit, [again(secret)]), Trouble.NOT_FOUND)
        await refused(world.desk.write(visit, [away(secret)]), Trouble.NOT_FOUND)


async def test_what_is_hidden_changes_no_byte_of_what_others_are_shown(world: World) -> None:
    world.at("2026-03-02T10:00:00Z")
    person = await plan_of_three(world)
    await world.write(world.visit(), goal(person, "For all"))
    before = await everything(world, world.visit(agency="LA1"), person)
    secret = await hidden(world, person)
    changed = await world.write(world.visit(), again(secret, "Still only for some"))
    assert await everything(world, world.visit(agency="LA1"), person) == before
    await world.write(world.visit(), away(changed))
    assert await everything(world, world.visit(agency="LA1"), person) == before


async def listed(world: World, person: PersonId) -> list[str]:
    rows = await world.database.rows(
        "select fhir from entry where person_id = ? and slot = 'section:health'", (person,)
    )
    return [reference["reference"] for reference in json.loads(rows[0][0]).get("goal", ())]


async def test_a_restricted_entry_is_never_on_the_list_of_its_section(world: World) -> None:
    person = await plan_of_three(world)
    open_, secret = await world.write(world.visit(), goal(person)), await hidden(world, person)
    assert await listed(world, person) == [f"Goal/{open_.stored.id}"]
    assert secret.stored.restriction == named("RX1")


async def test_an_entry_leaves_the_list_when_it_is_restricted_deleted_or_moved_and_comes_back(world: World) -> None:
    person = await plan_of_three(world)
    made = await world.write(world.visit(), goal(person))
    deed = again(made)
    deed.restriction = frozenset({made.stored.agency})
    closed = await world.write(world.visit(), deed)
    assert await listed(world, person) == []
    deed = again(closed)
    deed.restriction = None
    opened = await world.write(world.visit(), deed)
    assert await listed(world, person) == [f"Goal/{made.stored.id}"]
    deed = again(opened)
    deed.section = next(section for section in type(made.stored.section) if section.value == "contingency")
    moved = await world.write(world.visit(), deed)
    assert (await listed(world, person), moved.stored.section) == ([], "contingency")


async def test_a_restriction_that_a_change_does_not_speak_of_stays(world: World) -> None:
    person = await plan_of_three(world)
    secret = await hidden(world, person, "HA1")
    changed = await world.write(world.visit(), again(secret))
    assert changed.stored.restriction == named("RX1", "HA1")


async def test_who_could_not_see_an_older_version_does_not_see_it_now(world: World) -> None:
    person = await plan_of_three(world)
    secret = await hidden(world, person)
    deed = again(secret, "For all")
    deed.restriction = None
    await world.write(world.visit(), deed)
    them = world.visit(agency="LA1")
    assert [one.version for one in await world.desk.history(them, "Goal", entry(secret))] == [2]
    assert [one.version for one in await world.desk.changes(them, person) if one.entry == entry(secret)] == [2]
    await refused(world.desk.version(them, "Goal", entry(secret), 1), Trouble.NOT_FOUND)


async def test_a_conditional_write_does_not_find_what_is_hidden(world: World) -> None:
    person = await plan_of_three(world)
    await hidden(world, person)
    wanted = Query(type="Goal", conditions=(Condition("lifecycle-status", (Token("active"),)),), persons=(person,))
    deed = goal(person)
    deed.unless = wanted
    assert (await world.write(world.visit(agency="LA1"), deed)).did == "created"


@pytest.mark.parametrize("names", [("RX1", "rx1"), ("RX1", "RX11"), ("RX1", "X1")])
async def test_an_agency_with_nearly_the_same_id_is_another_agency(world: World, names: Sequence[str]) -> None:
    for name in names:
        await world.agency(name)
    person = await world.person(world.visit())
    await world.desk.add_member(world.visit(), person, names[1], "", "")
    secret = await hidden(world, person)
    await refused(world.desk.read(world.visit(agency=names[1]), "Goal", entry(secret)), Trouble.NOT_FOUND)


async def test_a_section_that_the_person_has_closed_to_an_agency_is_as_if_it_were_empty_space(world: World) -> None:
    person = await plan_of_three(world)
    made = await world.write(world.visit(), goal(person))
    self_ = world.visit("person", "self", person=person)
    said = await world.write(self_, consent(person, "deny", ["health"], {"agency": "LA1"}))
    them = world.visit(agency="LA1")
    assert made.stored.id not in str(await everything(world, them, person))
    await refused(world.desk.read(them, "Goal", entry(made)), Trouble.NOT_FOUND)
    await refused(world.desk.write(them, [goal(person)]), Trouble.NOT_FOUND)
    await world.write(self_, away(said))
    assert (await world.desk.read(them, "Goal", entry(made))).id == made.stored.id


async def test_a_key_that_led_to_what_is_hidden_now_leads_nowhere(world: World) -> None:
    from api.deeds import Key  # noqa: PLC0415

    person = await plan_of_three(world)
    them, key = world.visit(agency="LA1"), Key(key="k", digest="d")
    made = await world.desk.write(them, [goal(person)], key)
    assert isinstance(made, list)
    await world.write(
        world.visit("person", "self", person=person), consent(person, "deny", ["health"], {"agency": "LA1"})
    )
    await refused(world.desk.write(them, [goal(person)], key), Trouble.NOT_FOUND)


def test_the_deed_says_unsaid_where_a_restriction_is_not_spoken_of() -> None:
    assert Deed(verb=Verb.DELETE, type="Goal", id=EntryId("x")).restriction is goal("x").restriction


@pytest.mark.parametrize("code", ["PSY", "SUD", "HIV", "SDV"])
async def test_what_a_label_calls_sensitive_is_its_authors_agencys_until_others_are_named(
    world: World, code: str
) -> None:
    person = await plan_of_three(world)
    deed = goal(person, "Keep the appointment")
    assert deed.resource is not None
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code}
    deed.resource["meta"] = {"security": [label]}
    made = await world.write(world.visit(), deed)
    assert made.stored.restriction == named("RX1")
    assert made.stored.id in str(await everything(world, world.visit(), person))
    for agency in ("HA1", "LA1"):
        shown = str(await everything(world, world.visit(agency=agency), person))
        assert made.stored.id not in shown
        assert "Keep the appointment" not in shown
