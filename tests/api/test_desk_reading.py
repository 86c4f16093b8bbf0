"""What is read back: the entry, its versions, the plan as it is and as it was, and what changed."""

import json

from api.deeds import Deed
from auth.access import Verb
from plan.model import EntryId, PersonId, Section
from plan.problem import Trouble
from plan.query import Query
from tests.support.deeds import again, away, entry, goal, refused
from tests.support.world import World

NOBODY = PersonId("0190a000-0000-7000-8000-00000000dead")


async def test_what_was_written_is_read_through_both_faces(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person, "Walk"))
    fhir = json.loads((await world.desk.read(world.visit(), "Goal", entry(made))).fhir)
    body = json.loads((await world.desk.entry(world.visit(), person, "goal", entry(made))).body)
    assert (fhir["description"], fhir["meta"]["versionId"]) == ({"text": "Walk"}, "1")
    assert (body["goal"], body["version"], body["agency"], body["section"]) == ("Walk", 1, "RX1", "health")


async def test_an_entry_is_found_under_its_own_type_kind_and_person_alone(world: World) -> None:
    person, other = await world.person(world.visit()), await world.person(world.visit())
    made = await world.write(world.visit(), goal(person))
    await refused(world.desk.read(world.visit(), "Task", entry(made)), Trouble.NOT_FOUND)
    await refused(world.desk.entry(world.visit(), person, "need", entry(made)), Trouble.NOT_FOUND)
    await refused(world.desk.entry(world.visit(), other, "goal", entry(made)), Trouble.NOT_FOUND)
    wrong = again(made)
    wrong.person = other
    await refused(world.desk.write(world.visit(), [wrong]), Trouble.NOT_FOUND)


async def test_a_deleted_entry_is_gone_and_its_past_stays(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person, "Walk"))
    await world.write(world.visit(), away(made))
    await refused(world.desk.read(world.visit(), "Goal", entry(made)), Trouble.GONE)
    await refused(world.desk.version(world.visit(), "Goal", entry(made), 2), Trouble.GONE)
    assert "Walk" in (await world.desk.version(world.visit(), "Goal", entry(made), 1)).fhir
    assert [(one.version, one.deleted) for one in await world.desk.history(world.visit(), "Goal", entry(made))] == [
        (2, True),
        (1, False),
    ]
    assert (await world.desk.search(world.visit(), Query(type="Goal"))).hits == ()
    assert "goal" not in {one.kind for one in await world.desk.plan(world.visit(), person)}
    assert list(await world.desk.kind(world.visit(), person, "goal", None)) == []


async def test_a_deleted_entry_stays_deleted_when_it_is_deleted_again(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person))
    await world.write(world.visit(), away(made))
    assert (await world.write(world.visit(), away(made))).stored.version == 2


async def test_history_comes_newest_first_in_pages(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person))
    for version in range(1, 5):
        await world.write(world.visit(subject="ann"), again(made, f"Words {version}", version))
    first = await world.desk.history(world.visit(), "Goal", entry(made), count=2)
    assert [one.version for one in first] == [5, 4, 3], "one more than asked for says that there are more"
    rest = await world.desk.history(world.visit(), "Goal", entry(made), before=4)
    assert [(one.version, one.by_subject) for one in rest] == [(3, "ann"), (2, "ann"), (1, "clinician-of-RX1")]
    assert list(await world.desk.history(world.visit(), "Goal", entry(made), before=1)) == []
    await refused(world.desk.version(world.visit(), "Goal", entry(made), 9), Trouble.NOT_FOUND)
    await refused(world.desk.history(world.visit(), "Goal", EntryId("nothing")), Trouble.NOT_FOUND)


async def test_the_plan_at_a_moment_is_what_it_was_then(world: World) -> None:
    world.at("2026-03-02T10:00:00Z")
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person, "Walk"))
    morning = world.clock + 1000
    world.later(hours=4)
    await world.write(world.visit(), again(made, "Run"))
    noon = world.clock
    world.later(hours=4)
    await world.write(world.visit(), away(made))

    async def words(at: int | None) -> list[str]:
        found = await world.desk.plan(world.visit(), person, at)
        return [json.loads(one.body)["goal"] for one in found if one.kind == "goal"]

    assert [await words(at) for at in (morning, noon, world.clock, None)] == [["Walk"], ["Run"], [], []]
    await refused(world.desk.plan(world.visit(), person, 0), Trouble.NOT_FOUND)


async def test_the_plan_stands_in_the_order_of_its_sections_and_one_can_be_asked_for(world: World) -> None:
    person = await world.person(world.visit("social_worker"))
    await world.write(world.visit("social_worker"), goal(person, section="housing"))
    plan = await world.desk.plan(world.visit("social_worker"), person)
    assert [one.section for one in plan] == sorted(one.section for one in plan)
    assert {one.section for one in plan} == set(Section), "a social worker reads every section"
    housing = await world.desk.plan(world.visit("social_worker"), person, section=Section.HOUSING)
    assert [one.kind for one in housing] == ["goal", "section"]


async def test_changes_are_told_oldest_first_and_from_a_moment_on(world: World) -> None:
    world.at("2026-03-02T10:00:00Z")
    person = await world.person(world.visit())
    since = world.clock
    world.later(minutes=5)
    made = await world.write(world.visit(subject="ann"), goal(person))
    world.later(minutes=5)
    await world.write(world.visit(), away(made))
    told = [one for one in await world.desk.changes(world.visit(), person, since) if one.type == "Goal"]
    assert [(one.action, one.version, one.by_subject) for one in told] == [
        ("create", 1, "ann"),
        ("delete", 2, "clinician-of-RX1"),
    ]
    assert len(await world.desk.changes(world.visit(), person, count=3)) == 4
    assert list(await world.desk.changes(world.visit(), person, world.clock + 1)) == []


async def test_nothing_to_tell_of_a_plan_is_not_the_same_as_no_plan(world: World) -> None:
    person = await world.person(world.visit())
    assert list(await world.desk.kind(world.visit(), person, "need", Section.HEALTH)) == []
    for doing in (
        world.desk.kind(world.visit(), person, "need", Section.BENEFITS),
        world.desk.kind(world.visit(), NOBODY, "need", None),
        world.desk.kind(world.visit(agency="HA1"), person, "need", None),
        world.desk.changes(world.visit(), NOBODY),
        world.desk.changes(world.visit(agency="HA1"), person),
        world.desk.access(world.visit(), NOBODY),
        world.desk.access(world.visit(agency="HA1"), person),
    ):
        await refused(doing, Trouble.NOT_FOUND)


async def test_one_can_ask_what_one_may_do_and_why(world: World) -> None:
    person = await world.person(world.visit())
    permit, standing = await world.desk.access(world.visit(), person)
    assert (permit.person, standing.basis) == (person, "created")
    assert Section.BENEFITS not in permit.letters


async def test_the_person_reads_their_own_plan_and_nobody_elses(world: World) -> None:
    sam, kim = await world.person(world.visit()), await world.person(world.visit())
    assert (await world.desk.plan(world.visit("person", "self", person=sam), sam))[0].person == sam
    await refused(world.desk.plan(world.visit("person", "self", person=sam), kim), Trouble.NOT_FOUND)
    await refused(world.desk.plan(world.visit("person", "self"), sam), Trouble.NOT_FOUND)


async def test_the_directory_is_read_by_everybody_who_is_signed_in(world: World) -> None:
    await world.agency("HA1", "Larch Homes")
    await world.agency("HA1", "Larch Homes Group")
    deed = Deed(verb=Verb.DELETE, type="Organization", id=EntryId("HA1"))
    asker = world.visit("commissioner", "ICB")
    assert "Larch Homes Group" in (await world.desk.read(asker, "Organization", EntryId("HA1"))).fhir
    await world.write(world.visit("administrator", "ICB"), deed)
    await refused(world.desk.read(asker, "Organization", EntryId("HA1")), Trouble.GONE)
    found = await world.desk.history(asker, "Organization", EntryId("HA1"))
    assert [one.version for one in found] == [3, 2, 1]
    one = await world.desk.version(asker, "Organization", EntryId("HA1"), 1)
    assert "Group" not in one.fhir
    await refused(world.desk.read(asker, "Organization", EntryId("HA2")), Trouble.NOT_FOUND)


async def test_a_value_that_no_database_has_a_form_for_is_a_bad_value(world: World) -> None:
    await refused(world.desk.read(world.visit(), "Goal", EntryId("\ud800")), Trouble.BAD_VALUE)
    await refused(world.desk.history(world.visit(), "Goal", EntryId("x"), before=2**70), Trouble.BAD_VALUE)
