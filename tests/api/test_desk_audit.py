"""Nothing is read, written or refused without its event; without the event there is no answer."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.deeds import Outcome, Visit
from db import migrate
from db.engine import Unavailable
from plan.model import EntryId, PersonId
from plan.problem import Problem, Trouble
from plan.query import Query
from tests.support.deeds import again, away, count, counts, entry, goal, refused
from tests.support.world import World

Ask = Callable[[World, Visit, Outcome], Awaitable[Any]]
READS: dict[str, tuple[str, Ask]] = {
    "read": ("R", lambda w, v, o: w.desk.read(v, "Goal", entry(o))),
    "entry": ("R", lambda w, v, o: w.desk.entry(v, o.stored.person, "goal", entry(o))),
    "version": ("R", lambda w, v, o: w.desk.version(v, "Goal", entry(o), 1)),
    "history": ("R", lambda w, v, o: w.desk.history(v, "Goal", entry(o))),
    "search": ("E", lambda w, v, o: w.desk.search(v, Query(type="Goal"))),
    "plan": ("R", lambda w, v, o: w.desk.plan(v, o.stored.person)),
    "plan then": ("R", lambda w, v, o: w.desk.plan(v, o.stored.person, w.clock)),
    "kind": ("E", lambda w, v, o: w.desk.kind(v, o.stored.person, "goal", None)),
    "changes": ("R", lambda w, v, o: w.desk.changes(v, o.stored.person)),
    "access": ("R", lambda w, v, o: w.desk.access(v, o.stored.person)),
}
NAMES = "person_id, action, door, type, target, sections, allowed, question, role, agency, subject, request, charter"


async def events(world: World) -> list[dict[str, Any]]:
    """The events since the last time, oldest first; they are taken out of the way."""
    rows = await world.database.rows(f"select {NAMES} from audit_event order by at, id")
    async with world.database.transaction() as transaction:
        await transaction.rows("delete from audit_event")
    return [dict(zip(NAMES.split(", "), row, strict=True)) for row in rows]


async def made(world: World) -> Outcome:
    person = await world.person(world.visit())
    outcome = await world.write(world.visit(), goal(person))
    await events(world)
    return outcome


@pytest.mark.parametrize("name", READS)
async def test_every_read_leaves_one_event_that_says_who_what_and_where(world: World, name: str) -> None:
    action, ask = READS[name]
    outcome = await made(world)
    await ask(world, world.visit(door="fhir-r4", request="r-1"), outcome)
    [event] = await events(world)
    assert event["person_id"] == outcome.stored.person
    assert (event["action"], event["door"], event["request"], bool(event["allowed"])) == (
        action,
        "fhir-r4",
        "r-1",
        True,
    )
    assert (event["role"], event["agency"], event["question"]) == ("clinician", "RX1", "")
    assert event["charter"] == world.desk.charter.version


@pytest.mark.parametrize("name", [name for name in READS if name != "search"])
async def test_every_refused_read_leaves_an_event_that_says_which_question_decided(world: World, name: str) -> None:
    outcome = await made(world)
    await refused(READS[name][1](world, world.visit(agency="HA1"), outcome), Trouble.NOT_FOUND)
    told = await events(world)
    assert [bool(event["allowed"]) for event in told].count(False) == (0 if name in ("kind", "changes") else 1)
    assert {event["agency"] for event in told} == {"HA1"}


@pytest.mark.parametrize("name", [name for name in READS if name != "access"])
async def test_a_token_whose_scopes_do_not_reach_is_refused_and_it_is_written_down(world: World, name: str) -> None:
    outcome = await made(world)
    await refused(READS[name][1](world, world.visit(scopes="user/Task.c"), outcome), Trouble.REFUSED)
    [event] = await events(world)
    assert (bool(event["allowed"]), event["question"]) == (False, "token")


async def test_a_search_that_finds_nothing_is_an_answer_and_not_a_refusal(world: World) -> None:
    outcome = await made(world)
    page = await world.desk.search(world.visit(agency="HA1"), Query(type="Goal", persons=(outcome.stored.person,)))
    assert page.hits == ()
    [event] = await events(world)
    assert (event["action"], bool(event["allowed"])) == ("E", True)


async def test_a_search_leaves_an_event_for_each_person_it_shows_with_the_sections_it_shows(world: World) -> None:
    ann, ben, cat = [await world.person(world.visit()) for _ in range(3)]
    for person, section in ((ann, "health"), (ann, "contingency"), (ben, "health")):
        await world.write(world.visit(), goal(person, section=section))
    await events(world)
    await world.desk.search(world.visit(), Query(type="Goal"))
    assert {event["person_id"]: event["sections"] for event in await events(world)} == {
        ann: "contingency,health",
        ben: "health",
    }
    assert cat


async def test_an_event_names_whom_the_page_shows_and_not_whom_the_next_page_shows(world: World) -> None:
    for _ in range(3):
        await world.write(world.visit(), goal(await world.person(world.visit())))
    await events(world)
    page = await world.desk.search(world.visit(), Query(type="Goal", count=2))
    assert {event["person_id"] for event in await events(world)} == {hit.person for hit in page.hits}


async def test_every_write_leaves_an_event_of_its_kind(world: World) -> None:
    outcome = await made(world)
    changed = await world.write(world.visit(), again(outcome))
    await world.write(world.visit(), away(changed))
    told = [(event["action"], event["target"], bool(event["allowed"])) for event in await events(world)]
    assert told == [("U", outcome.stored.id, True), ("D", outcome.stored.id, True)]


async def test_every_refused_write_leaves_its_event_and_changes_nothing(world: World) -> None:
    outcome = await made(world)
    before = await counts(world)
    other = await refused(world.desk.write(world.visit(agency="HA1"), [again(outcome)]), Trouble.NOT_FOUND)
    await refused(world.desk.write(world.visit(scopes="user/*.rs"), [away(outcome)]), Trouble.REFUSED)
    told = [(event["action"], bool(event["allowed"]), event["question"]) for event in await events(world)]
    assert told == [("U", False, "relationship"), ("D", False, "token")]
    assert await counts(world) == before
    assert outcome.stored.id not in str(other)


async def test_the_team_does_not_change_without_an_event(world: World) -> None:
    outcome = await made(world)
    await world.agency("HA1", "Larch Homes")
    await events(world)
    member = await world.desk.add_member(world.visit(), outcome.stored.person, "HA1", "Landlord", "")
    await world.desk.end_member(world.visit(), outcome.stored.person, member.id)
    assert [(event["action"], event["type"]) for event in await events(world)] == [("U", "CareTeam")] * 2


@pytest.mark.parametrize("name", READS)
async def test_nothing_is_disclosed_when_the_event_cannot_be_written(world: World, name: str) -> None:
    outcome = await made(world)
    lose_the_audit(world)
    with pytest.raises(Unavailable):
        await READS[name][1](world, world.visit(), outcome)


async def test_nothing_is_written_when_the_event_cannot_be_written(world: World) -> None:
    outcome = await made(world)
    before = await counts(world)
    lose_the_audit(world)
    with pytest.raises(Unavailable):
        await world.write(world.visit(), again(outcome))
    with pytest.raises(Unavailable):
        await world.write(world.visit(), away(outcome))
    assert await counts(world) == before


async def test_a_refusal_is_not_told_when_its_event_cannot_be_written(world: World) -> None:
    outcome = await made(world)
    lose_the_audit(world)
    with pytest.raises(Unavailable):
        await world.desk.write(world.visit(agency="HA1"), [again(outcome)])
    with pytest.raises(Unavailable):
        await world.desk.read(world.visit(scopes=""), "Goal", outcome.stored.id)


async def test_reads_of_one_moment_all_leave_their_events_though_they_share_a_commit(world: World) -> None:
    import asyncio  # noqa: PLC0415

    outcome = await made(world)
    await asyncio.gather(*(world.desk.read(world.visit(), "Goal", outcome.stored.id) for _ in range(30)))
    assert await count(world, "audit_event", "target = ?", outcome.stored.id) == 30


def lose_the_audit(world: World) -> None:
    migrate.connected(world.url, lambda connection: connection.exec_driver_sql("drop table audit_event"))


async def test_an_unknown_type_is_not_there(world: World) -> None:
    await refused(world.desk.read(world.visit(), "Nothing", EntryId("x")), Trouble.NOT_FOUND)
    await refused(world.desk.plan(world.visit(), PersonId("x")), Trouble.NOT_FOUND)


async def test_a_search_that_is_given_up_leaves_its_event_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def too_long(*_: object, **__: object) -> None:
        raise Problem(Trouble.TOO_COSTLY)

    await made(world)
    for name, ask in (
        ("search", lambda: world.desk.search(world.visit(), Query(type="Goal"))),
        ("history", lambda: world.desk.histories(world.visit(), "Goal")),
    ):
        monkeypatch.setattr(world.desk.store, name, too_long)
        await refused(ask(), Trouble.TOO_COSTLY)
        [event] = await events(world)
        assert (event["action"], event["type"], event["sections"]) == ("E", "Goal", "")
