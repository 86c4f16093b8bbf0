"""Writes at the desk: whose entry, in which order, once or twice, and to whose plan it may point."""

from typing import Any

import pytest

from api.deeds import Deed, Did, Key
from api.desk import Replayed
from auth.access import Verb
from plan.model import EntryId, PersonId, Section
from plan.problem import Trouble
from plan.query import Condition, Query, Token
from tests.support.deeds import again, away, count, counts, entry, goal, native, refused
from tests.support.world import NHS, World


async def team_of_two(world: World) -> PersonId:
    for name in ("RX1", "HA1"):
        await world.agency(name)
    person = await world.person(world.visit())
    await world.desk.add_member(world.visit(), person, "HA1", "", "")
    return person


def create(type_: str, person: str, **more: Any) -> Deed:
    resource = {"resourceType": type_, "subject": {"reference": f"Patient/{person}"}, **more}
    return Deed(verb=Verb.CREATE, type=type_, resource=resource)


# whose it is


async def test_who_contributes_changes_their_agencys_entries_and_who_manages_all(world: World) -> None:
    person = await team_of_two(world)
    landlord, doctor = world.visit("housing_officer", "HA1"), world.visit()
    theirs = await world.write(landlord, goal(person, section="housing"))
    await refused(world.desk.write(doctor, [again(theirs)]), Trouble.REFUSED)
    await refused(world.desk.write(doctor, [away(theirs)]), Trouble.REFUSED)
    ours = await world.write(doctor, goal(person, section="housing"))
    assert (await world.write(landlord, again(ours))).stored.agency == "RX1", "it stays whose it was"
    assert (await world.write(world.visit(subject="ann"), again(ours, "x", 2))).stored.author == "clinician-of-RX1"


async def test_the_person_changes_their_own_entries_not_those_of_another_who_acts_for_nobody(world: World) -> None:
    person = await team_of_two(world)
    sam = world.visit("person", "self", "sam", person=person)
    own = await world.write(sam, goal(person, section="health"))
    assert (await world.write(sam, again(own))).did is Did.UPDATED
    theirs = await world.write(world.visit(), goal(person))
    await refused(world.desk.write(sam, [again(theirs)]), Trouble.REFUSED)
    other = world.visit("person", "self", "somebody", person=person)
    await refused(world.desk.write(other, [away(own)]), Trouble.REFUSED)


async def test_a_task_is_moved_on_by_the_agency_it_is_assigned_to(world: World) -> None:
    person = await team_of_two(world)
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": f"Patient/{person}"},
        "owner": {"reference": "Organization/HA1"},
    }
    deed = Deed(verb=Verb.CREATE, type="Task", resource=task, section=Section.SOCIAL_CARE)
    made = await world.write(world.visit(), deed)
    done = Deed(verb=Verb.UPDATE, type="Task", id=entry(made), resource={**task, "status": "completed"})
    done.section = Section.SOCIAL_CARE
    await refused(world.desk.write(world.visit("coordinator", "HA1"), [again(made)]), Trouble.NOT_FOUND)
    assert (await world.write(world.visit("care_provider", "HA1"), done)).stored.status == "completed"
    await refused(world.desk.write(world.visit("care_provider", "XX1"), [done]), Trouble.NOT_FOUND)


async def test_an_entry_moves_only_where_its_mover_may_write_on_both_sides(world: World) -> None:
    person = await team_of_two(world)
    made = await world.write(world.visit(), goal(person, section="contingency"))
    deed = again(made)
    deed.section = Section.BENEFITS
    await refused(world.desk.write(world.visit(), [deed]), Trouble.REFUSED)
    deed.section = Section.HOUSING
    assert (await world.write(world.visit(), deed)).stored.section is Section.HOUSING


# all or nothing


async def test_a_transaction_that_touches_one_thing_it_may_not_is_refused_whole(world: World) -> None:
    person = await team_of_two(world)
    before = await counts(world)
    deeds = [goal(person), goal(person, section="benefits"), goal(person)]
    await refused(world.desk.write(world.visit(), deeds), Trouble.REFUSED)
    assert await counts(world) == before


async def test_deeds_of_one_transaction_refer_to_each_other_in_whatever_order_they_come(world: World) -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Sam"}]}
    first = create("Goal", "?", lifecycleStatus="active", description={"text": "x"})
    assert first.resource is not None
    first.resource["subject"] = {"reference": "urn:uuid:1"}
    second = Deed(verb=Verb.CREATE, type="Patient", resource=patient, link="urn:uuid:1")
    made, person = await world.desk.write(world.visit(), [first, second])  # type: ignore[misc]
    assert made.stored.person == person.stored.person == person.stored.id
    assert [made.stored.type, person.stored.type] == ["Goal", "Patient"], "the outcomes in the order that they came in"


async def test_several_entries_of_one_transaction_share_one_moment_and_one_version_of_the_list(world: World) -> None:
    person = await team_of_two(world)
    outcomes = await world.desk.write(world.visit(), [goal(person), goal(person), goal(person)])
    assert isinstance(outcomes, list)
    assert len({one.stored.at for one in outcomes}) == 1
    assert await count(world, "entry_version", "slot = ?", "section:health") == 2


# once or twice


async def test_a_key_makes_a_write_happen_once(world: World) -> None:
    person, key = await team_of_two(world), Key(key="k", digest="d")
    made = await world.desk.write(world.visit(), [goal(person)], key)
    known = await world.desk.write(world.visit(), [goal(person)], key)
    assert isinstance(made, list)
    assert isinstance(known, Replayed)
    assert (known.status, known.stored.id, known.version) == (201, made[0].stored.id, 1)
    assert await count(world, "entry", "type = 'Goal'") == 1


async def test_a_key_of_another_caller_is_another_key(world: World) -> None:
    person, key = await team_of_two(world), Key(key="k", digest="d")
    for visit in (world.visit(), world.visit(subject="ann"), world.visit(agency="HA1")):
        assert isinstance(await world.desk.write(visit, [goal(person)], key), list)


async def test_a_key_that_comes_back_with_another_action_is_refused(world: World) -> None:
    person = await team_of_two(world)
    await world.desk.write(world.visit(), [goal(person)], Key(key="k", digest="d"))
    await refused(world.desk.write(world.visit(), [goal(person)], Key(key="k", digest="e")), Trouble.KEY_REUSED)


async def test_the_same_key_ten_times_at_once_is_one_write(world: World) -> None:
    import asyncio  # noqa: PLC0415

    person, key = await team_of_two(world), Key(key="k", digest="d")
    await asyncio.gather(*(world.desk.write(world.visit(), [goal(person)], key) for _ in range(10)))
    assert await count(world, "entry", "type = 'Goal'") == 1


async def test_a_key_of_an_update_says_200(world: World) -> None:
    person = await team_of_two(world)
    made, key = await world.write(world.visit(), goal(person)), Key(key="k", digest="d")
    await world.desk.write(world.visit(), [again(made)], key)
    known = await world.desk.write(world.visit(), [again(made)], key)
    assert isinstance(known, Replayed)
    assert (known.status, known.version) == (200, 2)


async def test_a_conditional_create_finds_the_one_that_is_there(world: World) -> None:
    person = await team_of_two(world)
    wanted = Query(type="Goal", persons=(person,), conditions=(Condition("lifecycle-status", (Token("active"),)),))

    def deed() -> Deed:
        made = goal(person)
        made.unless = wanted
        return made

    first, second = [await world.write(world.visit(), deed()) for _ in range(2)]
    assert ([first.did, second.did], first.stored.id) == ([Did.CREATED, Did.FOUND], second.stored.id)
    await world.write(world.visit(), goal(person))
    await refused(world.desk.write(world.visit(), [deed()]), Trouble.MANY)


async def test_an_import_of_the_same_content_changes_nothing(world: World) -> None:
    person = await team_of_two(world)

    def deed(text: str) -> Deed:
        made = goal(person, text)
        made.id, made.settled = EntryId("0190a000-0000-7000-8000-000000000002"), True
        return made

    did = [(await world.write(world.visit(), deed(text))).did for text in ("Walk", "Walk", "Run")]
    assert did == [Did.CREATED, Did.SAME, Did.UPDATED]


async def test_a_conditional_create_finds_an_agency_too(world: World) -> None:
    await team_of_two(world)
    deed = Deed(verb=Verb.CREATE, type="Organization", resource={"resourceType": "Organization", "name": "x"})
    deed.unless = Query(type="Organization", conditions=(Condition("_id", (Token("HA1"),)),))
    assert (await world.write(world.visit(), deed)).stored.id == "HA1"


# whose plan


async def test_an_entry_names_its_person_by_id_by_identifier_or_through_what_it_is_about(world: World) -> None:
    number = world.nhs_number()
    person = await world.person(world.visit(), number)
    by_number = create("Goal", "?", lifecycleStatus="active", description={"text": "x"})
    assert by_number.resource is not None
    by_number.resource["subject"] = {"identifier": {"system": NHS, "value": number}}
    made = await world.write(world.visit(), by_number)
    assert made.stored.person == person
    provenance = {
        "resourceType": "Provenance",
        "target": [{"reference": f"Goal/{made.stored.id}"}],
        "recorded": "2026-03-02T10:00:00Z",
        "agent": [{"who": {"reference": "Organization/RX1"}}],
    }
    about = await world.write(world.visit(), Deed(verb=Verb.CREATE, type="Provenance", resource=provenance))
    assert about.stored.person == person


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/nobody"},
        {"identifier": {"system": NHS, "value": "4000000004"}},
        {"display": "Sam"},
        {},
    ],
)
async def test_an_entry_of_nobody_is_refused_in_the_same_words_as_one_of_somebody_hidden(
    world: World, subject: dict[str, Any]
) -> None:
    hidden = await world.person(world.visit(agency="HA1"))
    deed, other = goal(hidden), goal(hidden)
    assert deed.resource is not None
    deed.resource["subject"] = subject
    told = [await refused(world.desk.write(world.visit(), [one]), Trouble.BAD_VALUE) for one in (deed, other)]
    assert str(told[0]) == str(told[1])


async def test_an_entry_does_not_move_to_another_person(world: World) -> None:
    sam, kim = await world.person(world.visit()), await world.person(world.visit())
    made = await world.write(world.visit(), goal(sam))
    deed = goal(kim)
    deed.verb, deed.id = Verb.UPDATE, entry(made)
    await refused(world.desk.write(world.visit(), [deed]), Trouble.BAD_VALUE)


async def test_an_entry_points_to_other_people_only_where_its_author_sees_them(world: World) -> None:
    sam, seen = await world.person(world.visit()), await world.person(world.visit())
    hidden = await world.person(world.visit(agency="HA1"))
    deed = goal(sam)
    assert deed.resource is not None
    deed.resource["expressedBy"] = {"reference": f"Patient/{seen}"}
    await world.write(world.visit(), deed)
    for other in (hidden, "nobody"):
        deed = goal(sam)
        assert deed.resource is not None
        deed.resource["expressedBy"] = {"reference": f"Patient/{other}"}
        await refused(world.desk.write(world.visit(), [deed]), Trouble.BAD_VALUE)


async def test_what_is_not_there_is_not_changed(world: World) -> None:
    person = await team_of_two(world)
    made = await world.write(world.visit(), goal(person))
    nothing = again(made)
    nothing.id = None
    await refused(world.desk.write(world.visit(), [nothing]), Trouble.NOT_FOUND)
    wrong = native(person, "need", "Goal", "health", need="x")
    wrong.verb, wrong.id = Verb.UPDATE, entry(made)
    await refused(world.desk.write(world.visit(), [wrong]), Trouble.NOT_FOUND)
    wrong.verb, wrong.id, wrong.person = Verb.CREATE, None, PersonId("nobody")
    await refused(world.desk.write(world.visit(), [wrong]), Trouble.NOT_FOUND)
    await world.write(world.visit(), away(made))
    late = native(person, "goal", "Goal", "health", goal="x", status="active")
    late.verb, late.id = Verb.UPDATE, entry(made)
    await refused(world.desk.write(world.visit(), [late]), Trouble.GONE)


async def test_a_deleted_entry_comes_back_when_fhir_writes_it_again(world: World) -> None:
    person = await team_of_two(world)
    made = await world.write(world.visit(), goal(person))
    gone = await world.write(world.visit(), away(made))
    back = await world.write(world.visit(), again(gone, "Walk again"))
    assert (back.stored.version, back.stored.deleted) == (3, False)
    assert (await world.desk.read(world.visit(), "Goal", entry(made))).version == 3


async def test_a_native_change_keeps_what_a_fhir_client_wrote_beside_it(world: World) -> None:
    person = await team_of_two(world)
    deed = goal(person)
    assert deed.resource is not None
    deed.resource["extension"] = [{"url": "https://vendor.example/x", "valueDecimal": 1}]
    made = await world.write(world.visit(), deed)
    change = native(person, "goal", "Goal", "health", goal="Run", status="active")
    change.verb, change.id, change.section = Verb.UPDATE, entry(made), None
    now = await world.write(world.visit(), change)
    assert ("vendor.example" in now.stored.fhir, now.stored.section) == (True, Section.HEALTH)


async def test_a_native_entry_is_changed_at_the_address_of_its_own_section(world: World) -> None:
    person = await team_of_two(world)
    made = await world.write(world.visit(), goal(person))
    change = native(person, "goal", "Goal", "housing", goal="Run", status="active")
    change.verb, change.id = Verb.UPDATE, entry(made)
    await refused(world.desk.write(world.visit(), [change]), Trouble.NOT_FOUND)


async def test_who_always_comes_second_is_told_of_the_conflict_in_the_end(world: World) -> None:
    person = await team_of_two(world)
    deed = goal(person)
    deed.id = EntryId("0190a000-0000-7000-8000-000000000003")
    await world.write(world.visit(), deed)
    other = await world.person(world.visit())
    again_ = goal(other)
    again_.id = deed.id
    problem = await refused(world.desk.write(world.visit(), [again_]), Trouble.CONFLICT)
    assert "try again" in problem.detail
    assert await count(world, "entry", "id = ?", deed.id) == 1


async def test_ten_conditional_creates_of_one_person_at_once_make_one_and_all_find_it(world: World) -> None:
    import asyncio  # noqa: PLC0415

    number = world.nhs_number()

    def deed() -> Deed:
        patient = {"resourceType": "Patient", "identifier": [{"system": NHS, "value": number}]}
        wanted = Query(type="Patient", conditions=(Condition("identifier", (Token(number, NHS),)),))
        return Deed(verb=Verb.CREATE, type="Patient", resource=patient, unless=wanted)

    outcomes = await asyncio.gather(*(world.write(world.visit(), deed()) for _ in range(10)))
    assert sorted(one.did for one in outcomes) == [Did.CREATED, *[Did.FOUND] * 9]
    assert len({one.stored.id for one in outcomes}) == await count(world, "person") == 1
