"""The search values in the database are exactly those of the current faces, whatever way led there."""

import random

import pytest

from api.deeds import Deed
from api.frame import section_slot
from auth.access import Verb
from db.writing import NO_PERSON
from fhir_facade import exact
from fhir_facade.index import index
from plan.model import EntryId, PersonId, Section
from tests.support.deeds import goal
from tests.support.world import World

FAMILIES = {
    "token": ("param, system, code", lambda row: (row.param, row.system, row.code)),
    "reference": ("param, system, code", lambda row: (row.param, row.system, row.code)),
    "string": ("param, code", lambda row: (row.param, row.code)),
    "date": ("param, low, high", lambda row: (row.param, row.low, row.high)),
}


async def assert_indexed(world: World, person: PersonId) -> None:
    rows = await world.database.rows("select id, deleted, fhir from entry where person_id = ?", (person,))
    for id_, deleted, fhir in rows:
        wanted = [] if deleted else index(exact.stored(fhir))
        for family, (names, key) in FAMILIES.items():
            sql = f"select {names} from search_{family} where person_id = ? and entry_id = ?"
            stored = {tuple(row) for row in await world.database.rows(sql, (person, id_))}
            assert stored == {key(row) for row in wanted if row.family == family}, (fhir, family)


@pytest.mark.parametrize("seed", range(6))
async def test_the_index_follows_every_turn_of_a_plan(world: World, seed: int) -> None:
    person = await world.person(world.visit())
    turn = random.Random(seed)
    goals: list[tuple[EntryId, int]] = []
    for _ in range(12):
        deeds = [goal(person) for _ in range(turn.randrange(3))]
        for at in turn.sample(range(len(goals)), min(len(goals), turn.randrange(3))):
            id_, version = goals[at]
            again = goal(person)
            verb = turn.choice([Verb.UPDATE, Verb.DELETE])
            resource = {**(again.resource or {}), "id": id_, "lifecycleStatus": turn.choice(["active", "on-hold"])}
            tag = {"system": "https://oneplan.example/fhir/CodeSystem/plan-section"}
            resource["meta"] = {"tag": [{**tag, "code": turn.choice(["health", "contingency", "housing"])}]}
            if turn.random() < 0.3:
                label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
                resource["meta"]["security"] = [label]
            said = resource if verb is Verb.UPDATE else None
            deeds.append(Deed(verb=verb, type="Goal", id=id_, version=version, resource=said))
        if turn.random() < 0.5:
            form = {"title": "Health", "summary": f"turn {turn.random()}"}
            slot = section_slot(Section.CONTINGENCY)
            deeds.append(Deed(verb=Verb.UPDATE, type="CarePlan", kind="section", slot=slot, person=person, body=form))
        if not deeds:
            continue
        outcomes = await world.desk.write(world.visit(), deeds)
        assert isinstance(outcomes, list)
        changed = {one.stored.id: one.stored for one in outcomes if one.stored.type == "Goal"}
        known = dict(goals) | {id_: stored.version for id_, stored in changed.items()}
        goals = [(id_, version) for id_, version in known.items() if id_ not in changed or not changed[id_].deleted]
        await assert_indexed(world, person)
    assert person != NO_PERSON
