"""The second wall: with the permit's predicate taken out, PostgreSQL still shows no row of a stranger.

Every read of the store is made by callers of every role with a predicate that lets everything through; what the owner
of the tables finds by the same statements proves that the predicate is gone. SQLite has no such wall.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from api.deeds import Deed, Visit
from auth.access import Permit, Verb, ask
from db import everything, exporting, feed, sight, store, wall
from db.engine import NOBODY, Database, Note, Unavailable, Who
from db.everything import Wanted
from db.exporting import Exporting, Extent
from db.matching import candidates
from db.relations import Member
from db.sight import Look, who
from db.store import Store
from db.tables import CROSSING, SCHEMA
from fhir_facade.resources import DIRECTORY, RESOURCES
from plan.model import EntryId, PersonId, Role, Section
from plan.query import Chain, Condition, Has, Include, Query, Token
from tests.support.deeds import consent, native
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

STRANGERS = ("clinician", "social_worker", "housing_officer", "benefits_adviser", "care_provider", "coordinator")
NO_SECTIONS = ("auditor", "commissioner", "administrator")
NOW = 2**50
STATUS = Condition(param="lifecycle-status", any_of=(Token(code="active"),))
Reads = dict[str, Callable[[], Awaitable[Sequence[Any]]]]


@pytest.fixture
async def person(world: World) -> PersonId:
    """Somebody whom RX1 works with, with a goal, a task on it, and a rule."""
    await world.agency("RX1")
    mine = world.visit()
    person = await world.person(mine)
    goal = (await world.write(mine, native(person, "goal", "Goal", "health", text="Walk", status="active"))).stored
    pointing = {"for": {"reference": f"Patient/{person}"}, "focus": {"reference": f"Goal/{goal.id}"}}
    task = {"resourceType": "Task", "status": "requested", "intent": "plan", "description": "Call", **pointing}
    await world.write(mine, Deed(verb=Verb.CREATE, type="Task", resource=task))
    await world.write(mine, consent(person, "deny", ["health"], {"agency": "HA1"}))
    return person


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The permit's predicate lets everything through."""
    for module in (sight, store, everything, exporting, feed):
        monkeypatch.setattr(module, "visible", lambda permit, now, *, alias="e": ("1 = 1", ()))


def strangers(world: World) -> Iterator[Visit]:
    """Callers of every role without a relationship: of another agency, a carer, another person, nobody's person."""
    yield from (world.visit(role, "ZZ9") for role in (*STRANGERS, *NO_SECTIONS))
    yield world.visit("carer", "RX1", "a-carer")
    yield world.visit("person", "RX1", "another", person="another")
    yield world.visit("person", "RX1", "nobody", person=None)


def reads(database: Database, permit: Permit, person: PersonId, ids: dict[str, EntryId], note: Note) -> Reads:
    """Every read of the store, of a database, in the name of a permit."""
    one, numbers = Store(database, lambda: note.at, DIRECTORY), iter(range(10**6))

    def again() -> Note:
        return Note(**{**{n: getattr(note, n) for n in note.__slots__}, "id": f"{note.id}-{next(numbers)}"})

    async def single(found: Awaitable[Any]) -> Sequence[Any]:
        value = await found
        return [] if value is None else [value]

    async def page(*conditions: Condition, type_: str = "Goal", persons: tuple[PersonId, ...] = ()) -> Sequence[Any]:
        query = Query(type=type_, persons=persons, conditions=conditions, count=50, total=True)
        found = await one.search(permit, query, again(), "fhir")
        assert (found.total or 0) == len(found.hits)
        return found.hits

    async def along(*includes: Include) -> Sequence[Any]:
        query = Query(type="Goal", count=50)
        shown = await Store(OWNED[0], lambda: note.at, DIRECTORY).search(PERMIT[0], query, again(), "fhir")
        return (await one.included(permit, includes, shown, again(), "fhir")).included

    refers = Condition(param="focus", any_of=(Chain(type="Goal", conditions=(STATUS,)),))
    referred = Condition(param="_has", any_of=(Has(type="Task", param="focus", conditions=()),))
    by_id = Condition(param="_id", any_of=(Token(code=ids["Goal"]),))
    back = Include(source="Task", param="focus", target="Goal", reverse=True, iterate=False)
    return {
        "read": lambda: single(one.read(permit, "Goal", ids["Goal"], again(), "fhir")),
        "entry": lambda: single(one.entry(permit, person, ids["Goal"], again(), "body")),
        "plan": lambda: one.plan(permit, person, again()),
        "section": lambda: one.plan(permit, person, again(), Section("health")),
        "plan_at": lambda: one.plan_at(permit, person, note.at, again()),
        "kind": lambda: one.kind(permit, person, "goal", None, again()),
        "changes": lambda: one.changes(permit, person, again()),
        "search": page,
        "search by person": lambda: page(STATUS, persons=(person,)),
        "search by value": lambda: page(STATUS),
        "search by id": lambda: page(by_id),
        "chain": lambda: page(refers, type_="Task"),
        "_has": lambda: page(referred),
        "includes": lambda: along(back),
        **_more(one, permit, person, ids, again),
    }


def _more(one: Store, permit: Permit, person: PersonId, ids: dict[str, EntryId], again: Callable[[], Note]) -> Reads:
    """The reads of versions, of everything and of exports."""
    database, now = one.database, one.clock()
    export, extent = Exporting(database), Extent(since=-1, until=now, people=(person,))

    async def people() -> Sequence[Any]:
        return [found async for some in export.people(permit, extent, now) for found in some]

    async def types() -> Sequence[Any]:
        return list(await export.types(permit, [person], extent, again()))

    return {
        "versions": lambda: one.versions(permit, "Goal", ids["Goal"], again(), "fhir"),
        "history": lambda: one.history(permit, tuple(RESOURCES.keys() - DIRECTORY), again()),
        "everything": lambda: everything.everything(database, permit, Wanted(persons=(person,)), again()),
        "labels": lambda: everything.labels(database, permit, now, "Goal", 9),
        "match": lambda: candidates(database, Look(permit, now, DIRECTORY), [Query(type="Goal", count=9)]),
        "export": lambda: export.entries(permit, [person], "Goal", extent, again(), ("", "")),
        "export types": types,
        "export people": people,
    }


OWNED: list[Database] = []
PERMIT: list[Permit] = []


@pytest.fixture
async def ids(world: World, person: PersonId) -> AsyncIterator[dict[str, EntryId]]:
    """The ids of the person's entries, by type; the owner's database and permit stand ready."""
    OWNED[:], PERMIT[:] = [world.database], [ask(world.visit().caller, world.desk.charter)]
    rows = await world.database.rows("select type, id from entry where person_id = ?", (person,))
    yield {row[0]: EntryId(row[1]) for row in rows}
    OWNED.clear()


@pytest.mark.usefixtures("unguarded")
async def test_without_the_predicate_the_database_shows_no_row_of_a_stranger(
    world: World, person: PersonId, ids: dict[str, EntryId]
) -> None:
    assert {visit.caller.role for visit in strangers(world)} == set(Role)
    for n, visit in enumerate(strangers(world)):
        permit = ask(visit.caller, world.desk.charter)
        note = world.desk.note(visit, "R", "Goal", f"x{n}", shown=100)
        for name, do in reads(world.service.database, permit, person, ids, note).items():
            assert len(await do()) == 0, (name, visit.caller.role)


@pytest.mark.usefixtures("unguarded")
async def test_the_same_statements_find_it_all_for_the_owner_and_for_who_works_with_the_person(
    world: World, person: PersonId, ids: dict[str, EntryId]
) -> None:
    stranger, mine = world.visit(agency="ZZ9"), world.visit()
    for database, visit in ((world.database, stranger), (world.service.database, mine)):
        permit = ask(visit.caller, world.desk.charter)
        note = world.desk.note(visit, "R", "Goal", visit.caller.agency, shown=100)
        for name, do in reads(database, permit, person, ids, note).items():
            if not (visit is stranger and name == "export people") and name != "labels":
                assert len(await do()) > 0, (name, visit.caller.agency)


@pytest.mark.usefixtures("unguarded")
async def test_who_left_the_team_a_moment_ago_is_a_stranger(world: World, person: PersonId) -> None:
    mine, permit = world.visit(), ask(world.visit().caller, world.desk.charter)
    assert await world.desk.store.plan(permit, person, world.desk.note(mine, "R", "Goal", "x", shown=9))
    await world.database.rows("update team_member set until = ? where person_id = ?", (world.clock, person))
    note = world.desk.note(mine, "R", "Goal", "x", shown=9)
    assert not await world.desk.store.plan(permit, person, note)


async def test_the_person_sees_their_own_rows_and_an_override_is_a_relation(world: World, person: PersonId) -> None:
    sql = "select count(*) from entry where person_id = ?"
    own = ask(world.visit("person", "RX1", "self", person=person).caller, world.desk.charter)
    other = ask(world.visit("clinician", "ZZ9", "doctor").caller, world.desk.charter)

    async def seen(permit: Permit) -> bool:
        rows = await world.service.database.rows(sql, (person,), who=who(permit, world.clock))
        return bool(rows[0][0])

    assert await seen(own)
    assert not await seen(other)
    row = {"person_id": person, "id": "o", "party": "override:doctor@ZZ9", "basis": "override", "role": ""}
    names = [*row, "worker", "since", "until"]
    sql_ = f"insert into team_member ({', '.join(names)}) values ({', '.join('?' * len(names))})"
    await world.database.rows(sql_, (*row.values(), "", world.clock, world.clock + 60_000))
    assert await seen(other)
    world.later(minutes=1)
    assert not await seen(other)


async def test_a_relation_begins_with_a_person_who_is_met_and_shows_nothing_but_that_they_are_there(
    world: World, person: PersonId
) -> None:
    permit = ask(world.visit("clinician", "ZZ9", "doctor").caller, world.desk.charter)
    async with world.desk.store.writing(permit) as writing:
        assert not await writing.lock(person)
        assert await writing.lock(person, met=True)
        assert not await writing.lock(PersonId("nobody"), met=True)
        assert await writing.slot(person, "patient") is None
        place = Member(id="o", party="override:doctor@ZZ9", basis="override", since=writing.now)
        writing.join(person, place)
    async with world.desk.store.writing(permit) as writing:
        assert await writing.slot(person, "patient") is not None


async def test_without_a_name_nothing_of_any_person_is_there(world: World, person: PersonId) -> None:
    for table in wall.owned():
        sql = f"select count(*) from {table} where person_id <> ''"
        assert (await world.service.database.rows(sql))[0][0] == 0, table
        assert (await world.service.database.rows(sql, who=Who(now=NOW)))[0][0] == 0, table
        async with world.service.database.transaction() as transaction:
            assert (await transaction.rows(sql))[0][0] == 0, table
    assert (await world.database.rows("select count(*) from entry"))[0][0] > 0


async def test_a_name_does_not_outlive_its_statement_or_its_transaction(world: World, person: PersonId) -> None:
    database, sql = world.service.database, "select count(*) from entry"
    name = who(ask(world.visit().caller, world.desk.charter), NOW)
    stranger = who(ask(world.visit(agency="ZZ9").caller, world.desk.charter), NOW)

    async def asked(one: Who) -> int:
        return int((await database.rows(sql, who=one))[0][0])

    answers = await asyncio.gather(*(asked((name, stranger, NOBODY)[n % 3]) for n in range(60)))
    assert [bool(answer) for answer in answers] == [True, False, False] * 20
    async with database.transaction(name) as transaction:
        assert (await transaction.rows(sql))[0][0] > 0
        assert (await transaction.rows(sql, who=stranger))[0][0] == 0
        assert (await transaction.rows(sql))[0][0] > 0, "after a question in another name the transaction has its own"
    assert [await asked(NOBODY) for _ in range(12)] == [0] * 12


@pytest.mark.parametrize("word", ["o'); drop table job; --", '{"a",b}', "\\x41", "a,RX1", "}", "é\U0001f600"])
async def test_a_name_is_told_as_it_is_whatever_stands_in_it(world: World, person: PersonId, word: str) -> None:
    name = Who(now=NOW, person=word, agency=word, subject=word, meeting=word, parties=(word,))
    said = """select array[current_setting('oneplan.person')] || current_setting('oneplan.caller')::text[]
        || current_setting('oneplan.parties')::text[]"""
    async with world.service.database.transaction(name) as transaction:
        assert (await transaction.rows(said))[0][0] == [word] * 5
        assert (await transaction.rows("select count(*) from entry"))[0][0] == 0
    assert (await world.service.database.rows(said, who=name))[0][0] == [word] * 5


FORBIDDEN = (
    "alter table entry disable row level security",
    "drop policy of_the_caller on entry",
    "alter policy of_the_caller on entry using (true)",
    "create policy mine on entry using (true)",
    "create table mine (id text)",
    "create view mine as select * from entry",
    "truncate entry",
    "drop table job",
    "set role oneplan_worker",
    "set session authorization postgres",
    "grant oneplan_worker to current_user",
    "update audit_event set allowed = true",
    "delete from audit_event",
    "update entry_version set body = ''",
    "delete from entry_version",
    "delete from change",
    "update alembic_version set version_num = '0001'",
    "insert into alembic_version values ('0001')",
    "select * from pg_authid",
)


@pytest.mark.parametrize("sql", FORBIDDEN)
async def test_the_services_role_cannot_open_the_wall_nor_rewrite_what_was(world: World, sql: str) -> None:
    for database in (world.service.database, world.service.everybody):
        if database is world.service.everybody and sql == "set role oneplan_worker":
            continue  # it is a member
        with pytest.raises(Unavailable, match=r"permission denied|must be owner|must be a member|not permitted"):
            await database.rows(sql)


async def test_row_security_switched_off_is_an_error_and_no_open_door(world: World, person: PersonId) -> None:
    async def look() -> None:
        async with world.service.database.transaction() as transaction:
            await transaction.rows("set local row_security = off")
            await transaction.rows("select * from entry")

    with pytest.raises(Unavailable, match="row-level security"):
        await look()


async def test_the_worker_sees_everybody_until_it_speaks_for_somebody(world: World, person: PersonId) -> None:
    stranger = who(ask(world.visit(agency="ZZ9").caller, world.desk.charter), NOW)
    async with world.service.everybody.transaction() as transaction:
        for table in ("entry", "change", "team_member", "search_token"):
            sql = f"select count(*) from {table}"
            assert (await transaction.rows(sql))[0][0] > 0, table
            assert (await transaction.rows(sql, who=stranger))[0][0] == 0, table


@pytest.mark.usefixtures("unguarded")
async def test_a_notice_to_who_left_has_its_number_and_no_name(world: World, person: PersonId) -> None:
    permit = ask(world.visit("housing_officer", "HA1").caller, world.desk.charter)
    sql = "select seq from change where person_id = ? order by seq limit 2"
    seqs = [row[0] for row in await world.database.rows(sql, (person,))]
    made = [(person, "s", seq, "sending", number, 7, 0, 0, 0, 0, "") for number, seq in enumerate(seqs, 1)]
    async with world.database.transaction() as transaction:
        await transaction.change({}, {"delivery": made})
    async with world.service.feed.store.working() as rows:
        heard = await rows.sending(permit, "s", 9)
    assert [(one.number, one.at, one.seen) for one in heard] == [(1, 7, False), (2, 7, False)]
    async with world.service.feed.store.asked(permit) as rows:
        assert not await rows.told(permit, "s", 1, 9, 9), "and whose subscription it is not finds nothing at all"


async def test_every_table_that_is_a_persons_is_walled_and_no_other(world: World) -> None:
    sql = "select relname from pg_class where relrowsecurity order by relname"
    assert [row[0] for row in await world.database.rows(sql)] == wall.owned()
    first = {name for name, table in SCHEMA.tables.items() if next(iter(table.primary_key)).name == "person_id"}
    assert set(wall.owned()) == {name for name in first - CROSSING if not name.startswith("directory_")}


async def test_each_table_has_both_policies_and_each_names_its_role(world: World) -> None:
    rows = await world.database.rows("select tablename, policyname, roles::text[], cmd from pg_policies order by 1, 2")
    wanted = [("of_everybody", [wall.WORKER], "ALL"), ("of_the_caller", [wall.SERVICE], "ALL")]
    assert [tuple(row) for row in rows] == [(table, *said) for table in wall.owned() for said in wanted]


async def test_the_privileges_are_those_of_the_table_and_nobody_elses(world: World) -> None:
    assert set(wall.PRIVILEGES) == {*SCHEMA.tables, wall.VERSIONS}, "a table without a line of its own may all"
    sql = """select table_name, lower(privilege_type), grantee from information_schema.role_table_grants
        where table_schema = 'public' and grantee <> current_user"""
    found = {tuple(row) for row in await world.database.rows(sql)}
    wanted = {(table, word, wall.SERVICE) for table, said in wall.PRIVILEGES.items() for word in said.split(", ")}
    assert found == wanted | {(wall.RELATED, "select", wall.SERVICE)}


async def test_no_function_and_only_the_one_view_runs_as_its_owner(world: World) -> None:
    functions = "select proname from pg_proc where pronamespace = 'public'::regnamespace"
    assert list(await world.database.rows(functions)) == []
    sql = """select relname, coalesce(reloptions::text, '') from pg_class
        where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace"""
    invoked = [tuple(row) for row in await world.database.rows(sql) if "security_invoker=true" not in row[1]]
    assert invoked == [(wall.RELATED, "{security_barrier=true}")]


async def test_the_one_view_shows_whom_the_caller_works_with_and_nothing_else(world: World, person: PersonId) -> None:
    permit = ask(world.visit().caller, world.desk.charter)
    stranger = ask(world.visit(agency="ZZ9").caller, world.desk.charter)
    sql = f"select * from {wall.RELATED}"
    assert [dict(row) for row in await world.service.database.rows(sql, who=who(permit, world.clock))] == [
        {"person_id": person}
    ]
    for name in (NOBODY, who(stranger, world.clock), Who(now=NOW, parties=("",))):
        assert list(await world.service.database.rows(sql, who=name)) == []


async def test_what_a_role_is_too_strong_for_is_told_as_a_sentence(world: World) -> None:
    assert await wall.gap(world.service.database) == ""
    assert "sees every person's rows" in await wall.gap(world.database)
    assert "sees every person's rows" in await wall.gap(world.service.everybody)
    seen = [await wall.sees_everybody(one) for one in (world.database, world.service.everybody, world.service.database)]
    assert seen == [True, True, False]


async def test_a_wall_with_a_gap_is_noticed(world: World) -> None:
    await world.database.rows("alter table change disable row level security")
    assert await wall.gap(world.service.database) == wall.OPEN
