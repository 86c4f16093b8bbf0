"""One person, one plan: however many ask at once, and whatever goes wrong on the way."""

import asyncio
from collections.abc import Sequence

import pytest

from api.deeds import Deed, Did, Outcome
from auth.access import Verb
from plan.model import PLAN_SECTIONS, EntryId, PersonId
from plan.problem import Problem, Trouble
from tests.support.deeds import again, away, count, counts, goal, refused
from tests.support.world import NHS, World


def _sam(number: str) -> Deed:
    patient = {"resourceType": "Patient", "identifier": [{"system": NHS, "value": number}], "name": [{"family": "Sam"}]}
    return Deed(verb=Verb.CREATE, type="Patient", resource=patient)


def _troubles(answers: Sequence[object]) -> list[Trouble]:
    return [answer.trouble for answer in answers if isinstance(answer, Problem)]


async def test_a_new_person_has_a_root_a_team_and_every_section_from_the_start(world: World) -> None:
    await world.agency("RX1", "Royal")
    person = await world.person(world.visit(), world.nhs_number())
    slots = await world.database.rows("select slot from entry where person_id = ?", (person,))
    assert sorted(row[0] for row in slots) == sorted(
        ["patient", "root", "team", *(f"section:{section}" for section in PLAN_SECTIONS)]
    )


async def test_fifty_who_begin_the_same_persons_plan_at_once_leave_one(world: World) -> None:
    number = world.nhs_number()
    tries = (world.desk.write(world.visit(agency=f"A{n % 5}"), [_sam(number)]) for n in range(50))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    won = [answer for answer in answers if isinstance(answer, list)]
    assert len(won) == 1
    assert won[0][0].did is Did.CREATED
    assert set(_troubles(answers)) <= {Trouble.DUPLICATE, Trouble.CONFLICT}
    assert len(_troubles(answers)) == 49
    assert await count(world, "person") == await count(world, "identifier") == await count(world, "team_member") == 1
    for slot in ("patient", "root", "team", *(f"section:{section}" for section in PLAN_SECTIONS)):
        assert await count(world, "entry", "slot = ?", slot) == 1, slot
    assert await count(world, "entry") == 3 + len(PLAN_SECTIONS)


async def test_who_may_see_the_person_is_told_whom_the_duplicate_is_of_and_others_are_not(world: World) -> None:
    number = world.nhs_number()
    person = await world.person(world.visit(), number)
    ours = await refused(world.desk.write(world.visit(), [_sam(number)]), Trouble.DUPLICATE)
    theirs = await refused(world.desk.write(world.visit(agency="HA1"), [_sam(number)]), Trouble.DUPLICATE)
    assert (ours.extra, theirs.extra) == ({"person": person}, {})


async def test_of_twenty_changes_of_the_same_version_one_wins(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person))
    tries = (world.desk.write(world.visit(), [again(made, f"Words {n}")]) for n in range(20))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert len([answer for answer in answers if isinstance(answer, list)]) == 1
    assert _troubles(answers) == [Trouble.STALE] * 19
    assert await count(world, "entry_version", "id = ?", made.stored.id) == 2


async def test_a_stale_change_is_told_what_changed_meanwhile(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person, "Walk"))
    await world.write(world.visit(), again(made, "Run"))
    problem = await refused(world.desk.write(world.visit(), [again(made, "Swim")]), Trouble.STALE)
    assert problem.extra == {"current_version": 2, "changed": ["/goal"]}
    deleted = await world.write(world.visit(), away(made))
    problem = await refused(world.desk.write(world.visit(), [again(deleted, "Swim", 1)]), Trouble.STALE)
    assert problem.extra == {"current_version": 3, "changed": []}


async def test_the_changes_of_a_person_are_in_one_unbroken_order_and_every_transaction_is_later(world: World) -> None:
    world.at("2026-03-02T10:00:00Z")
    person = await world.person(world.visit())
    await asyncio.gather(*(world.write(world.visit(), goal(person, f"Goal {n}")) for n in range(12)))
    rows = await world.database.rows("select seq, at from change where person_id = ? order by seq", (person,))
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    times = [row[1] for row in rows]
    assert times == sorted(times)
    assert len(set(times)) == 13, "the beginning and twelve transactions, though the clock stood still"
    told = await world.desk.changes(world.visit(), person, count=1000)
    assert {change.at for change in told} == set(times)
    assert [change.at for change in told] == sorted(change.at for change in told)


async def test_the_versions_of_every_entry_are_counted_without_a_gap(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(world.visit(), goal(person))
    for version in range(1, 6):
        await world.write(world.visit(), again(made, f"Words {version}", version))
    rows = await world.database.rows("select id, count(*), min(version), max(version) from entry_version group by id")
    assert rows
    assert all((low, high) == (1, many) for _, many, low, high in rows)
    current = await world.database.rows(
        "select e.version, max(v.version) from entry e"
        " join entry_version v on v.person_id = e.person_id and v.id = e.id"
        " group by e.id, e.version"
    )
    assert all(now == last for now, last in current)


async def test_a_transaction_that_fails_leaves_nothing(world: World) -> None:
    person = await world.person(world.visit())
    before, told = await counts(world), await count(world, "audit_event", "allowed")
    deeds = [goal(person), goal(person), Deed(verb=Verb.DELETE, type="Goal", id=EntryId("not-there"))]
    await refused(world.desk.write(world.visit(), deeds), Trouble.NOT_FOUND)
    assert await counts(world) == before
    assert await count(world, "audit_event", "allowed") == told, "nothing was done, so nothing is said to be done"
    assert await count(world, "audit_event", "not allowed") == 1


async def test_a_plan_is_begun_by_an_agency(world: World) -> None:
    for role in ("person", "carer"):
        await refused(world.desk.write(world.visit(role), [_sam(world.nhs_number())]), Trouble.REFUSED)
    assert await count(world, "person") == 0


@pytest.mark.parametrize("role", ["auditor", "commissioner", "administrator"])
async def test_a_role_without_sections_begins_no_plan(world: World, role: str) -> None:
    with pytest.raises(Problem):
        await world.person(world.visit(role))
    assert await counts(world) == dict.fromkeys(await counts(world), 0)


async def test_identifiers_follow_the_person_and_nobody_takes_anothers(world: World) -> None:
    first, second = world.nhs_number(), world.nhs_number()
    person = await world.person(world.visit(), first)
    deed = _sam(second)
    deed.verb, deed.id = Verb.UPDATE, EntryId(person)
    await world.write(world.visit(), deed)
    freed = await world.person(world.visit(), first)
    assert freed != person
    deed = _sam(second)
    deed.verb, deed.id = Verb.UPDATE, EntryId(freed)
    await refused(world.desk.write(world.visit(), [deed]), Trouble.DUPLICATE)


async def test_an_import_that_comes_again_finds_what_it_made(world: World) -> None:
    number, id_ = world.nhs_number(), PersonId("0190a000-0000-7000-8000-000000000001")

    async def once() -> Outcome:
        deed = _sam(number)
        deed.id, deed.settled = EntryId(id_), True
        return await world.write(world.visit(), deed)

    assert [(await once()).did, (await once()).did] == [Did.CREATED, Did.SAME]
    assert await count(world, "person") == 1
