"""What the second wall lets an agency see of people with whom it no longer works: its overrides, and its own deeds."""

from collections.abc import Sequence
from typing import Any

import pytest

from auth.access import ask
from db.engine import Who
from db.relations import once
from db.sight import who
from plan.model import PersonId
from tests.support.overriding import BTG, Glass, asking, glass
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def auditor(world: World, agency: str) -> Who:
    """An auditor of an agency, as the wall knows them."""
    return who(ask(world.visit("auditor", agency).caller, world.desk.charter), world.clock)


async def seen(world: World, name: Who, table: str, what: str = "agency") -> Sequence[Any]:
    """What the wall shows of a table in a name, each once."""
    sql = f"select distinct {what} from {table} where person_id <> '' order by 1"
    return [row[0] for row in await world.service.database.rows(sql, who=name)]


async def ended(here: Glass) -> None:
    """An override by ED1 that was used and is over."""
    stranger = here.stranger()
    await here.opened(stranger, minutes=1)
    assert (await here.read(stranger, here.goal), await here.read(stranger, here.goal, accept="*/*")) == (200, 404)
    here.world.later(minutes=2)


async def test_an_agency_sees_its_overrides_and_its_deeds_when_they_are_over_and_nobody_elses(world: World) -> None:
    here = await glass(world)
    await ended(here)
    for table in ("override", "audit_event"):
        assert await seen(world, auditor(world, "ED1"), table) == ["ED1"], table
        assert await seen(world, auditor(world, "LA1"), table) == [], table
    assert await seen(world, auditor(world, "RX1"), "override") == ["ED1"], "on the team, it sees whatever there is"
    assert await seen(world, auditor(world, "RX1"), "audit_event") == ["ED1", "RX1"]
    assert await seen(world, auditor(world, "ED1"), "team_member", "party") == ["override:dana@ED1"]
    assert await seen(world, auditor(world, "LA1"), "team_member", "party") == []
    for table in ("entry", "entry_version", "change", "search_token", "consent_rule"):
        assert await seen(world, auditor(world, "ED1"), table, "person_id") == [], table


async def test_an_auditor_ends_what_another_of_their_agency_opened(world: World) -> None:
    here = await glass(world)
    made = await here.opened(here.stranger())
    assert (await here.auditor("ED1").delete(f"/v1/overrides/{made['id']}")).status_code == 204
    assert await here.read(here.stranger(), here.goal) == 404
    rows = await world.database.rows("select until from team_member where id = ?", (made["id"],))
    assert rows[0][0] <= world.clock


async def test_a_second_override_needs_no_relation_left_from_the_first(world: World) -> None:
    here = await glass(world)
    await ended(here)
    answer = await here.stranger().post("/v1/overrides", json=asking(here.person), headers=BTG)
    assert answer.status_code == 201, answer.text


async def test_an_agency_that_left_is_let_in_as_of_its_last_moment_and_no_other(world: World) -> None:
    here = await glass(world)
    person, database = PersonId(here.person), world.service.database
    world.later(minutes=5)
    left = world.clock - 1000
    await world.database.rows("update team_member set until = ? where person_id = ?", (left, person))
    assert await seen(world, auditor(world, "RX1"), "entry", "person_id") == []
    name = await once(database, person, auditor(world, "RX1"))
    assert name is not None
    assert name.now == left - 1
    assert await seen(world, name, "entry", "person_id") == [person]
    assert await once(database, person, auditor(world, "ED1")) is None
    await world.database.rows("update team_member set opens = ? where person_id = ?", (here.goal, person))
    assert await once(database, person, auditor(world, "RX1")) is None, "who was only asked was never on the team"
