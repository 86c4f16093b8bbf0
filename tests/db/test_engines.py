"""Both engines behind one face: all or nothing, one durable event a read, the driver's errors in our words."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from db import wall
from db.engine import Conflict, Note, Unavailable, opened
from db.postgres import numbered
from plan.problem import Problem, Trouble
from tests.support.deeds import count
from tests.support.rows import row
from tests.support.world import World

HERE = {"whereabouts": [("a", "p1"), ("b", "p2")]}
NOTED = "select person_id, '' as section, id from whereabouts where id = ?"


def note(**more: Any) -> Note:
    said = dict.fromkeys(
        ("subject", "agency", "role", "purpose", "client", "door", "type", "target", "charter", "request"), "x"
    )
    return Note(**{"id": "n1", "at": 5, "action": "R", **said, **more})


async def put(world: World, batch: dict[str, list[tuple[Any, ...]]]) -> None:
    async with world.database.transaction() as transaction:
        await transaction.change({}, batch)


async def test_what_a_transaction_leaves_by_an_error_was_never_there(world: World) -> None:
    async def fail() -> None:
        async with world.database.transaction() as transaction:
            await transaction.change({}, HERE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await count(world, "whereabouts") == 0


async def test_a_key_that_is_taken_is_a_conflict_and_nothing_of_it_stays(world: World) -> None:
    await put(world, HERE)
    with pytest.raises(Conflict):
        await put(world, {"whereabouts": [("c", "p3"), ("a", "p9")]})
    assert await count(world, "whereabouts") == 2


async def test_rows_of_current_state_are_replaced(world: World) -> None:
    await put(world, {"person": [("p1", 1, 1, 1)]})
    await put(world, {"person": [("p1", 1, 2, 2)], "whereabouts": []})
    assert [tuple(row) for row in await world.database.rows("select * from person")] == [("p1", 1, 2, 2)]


async def test_rows_are_taken_out_by_their_whole_keys_one_or_many_while_others_come(world: World) -> None:
    def token(code: str) -> tuple[str, ...]:
        return ("p", "e", "status", "s", code)

    await put(world, {"search_token": [(*token(code), "Goal") for code in "abcd"]})
    async with world.database.transaction() as transaction:
        await transaction.change({"search_token": [token("b")], "search_date": []}, {})
        await transaction.change({"search_token": [token("c"), token("d")]}, {"search_token": [(*token("x"), "Goal")]})
    assert {row[0] for row in await world.database.rows("select code from search_token")} == {"a", "x"}


async def test_nothing_to_insert_is_no_statement(world: World) -> None:
    async with world.database.transaction() as transaction:
        await transaction.change({}, {})
        await transaction.change({}, {"whereabouts": []})


async def test_a_row_of_a_person_who_does_not_exist_is_not_taken(world: World) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await put(world, {"team_member": [tuple(row("team_member", person_id="nobody", id="m", party="RX1"))]})


async def test_a_read_leaves_its_event_for_whom_it_shows(world: World) -> None:
    await put(world, HERE)
    assert [tuple(row) for row in await world.database.noted(NOTED, ("a",), note())] == [("p1", "", "a")]
    rows = await world.database.rows("select person_id, id, at, allowed, question from audit_event")
    assert [(*row[:3], bool(row[3]), row[4]) for row in rows] == [("p1", "n1", 5, True, "")]


@pytest.mark.parametrize("refused", ["relationship", ""])
async def test_a_read_that_shows_nobody_leaves_an_event_of_whom_it_asked_for(world: World, refused: str) -> None:
    assert list(await world.database.noted(NOTED, ("z",), note(person="p7", refused=refused))) == []
    rows = await world.database.rows("select person_id, allowed, question from audit_event")
    assert [(row[0], bool(row[1]), row[2]) for row in rows] == [("p7", not refused, refused)]


async def test_an_event_is_written_once(world: World) -> None:
    await world.database.note([note().event("p1", "", found=True)])
    with pytest.raises(Unavailable):
        await world.database.note([note().event("p1", "", found=True)])
    assert await count(world, "audit_event") == 1


async def test_events_of_one_moment_are_lost_together_and_nobody_is_answered(world: World) -> None:
    good = [note(id=f"n{n}").event("p1", "", found=True) for n in range(3)]
    tries = [world.database.note([event]) for event in (*good, good[0])]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    told = [answer for answer in answers if answer is not None]
    assert all(isinstance(answer, Unavailable) for answer in told)
    assert told
    assert await count(world, "audit_event") == len(answers) - len(told), "an event is there exactly where it was told"


async def test_who_gave_up_waiting_hinders_nobody(world: World) -> None:
    one = asyncio.ensure_future(world.database.note([note().event("p1", "", found=True)]))
    await asyncio.sleep(0)
    one.cancel()
    await world.database.note([note(id="n2").event("p1", "", found=True)])
    assert await count(world, "audit_event", "id = 'n2'") == 1


async def test_what_no_database_has_a_form_for_is_a_bad_value(world: World) -> None:
    for sql, value in (
        ("select 1 from whereabouts where id = ?", "\ud800"),
        ("select 1 from person where seq = ?", 2**70),
    ):
        with pytest.raises(Problem) as raised:
            await world.database.rows(sql, (value,))
        assert raised.value.trouble is Trouble.BAD_VALUE


async def test_a_table_that_is_missing_is_the_databases_fault_and_not_the_callers(world: World) -> None:
    with pytest.raises(Unavailable):
        await world.database.rows("select 1 from nowhere")
    with pytest.raises(Unavailable):
        async with world.database.transaction() as transaction:
            await transaction.rows("select 1 from nowhere")


async def test_two_who_take_the_same_rows_in_turn_do_not_wait_forever(postgres_template: str) -> None:
    from tests.support.postgres import borrowed_database  # noqa: PLC0415

    with borrowed_database(postgres_template, template=postgres_template.rsplit("/", 1)[1]) as url:
        database = await opened(url)
        async with database.transaction() as transaction:
            await transaction.change({}, {"person": [("p1", 0, 0, 0), ("p2", 0, 0, 0)]})
        both = asyncio.Barrier(2)

        async def hold(first: str, second: str) -> None:
            async with database.transaction() as transaction:
                await transaction.rows("select 1 from person where person_id = ? for update", (first,))
                await both.wait()
                await transaction.rows("select 1 from person where person_id = ? for update", (second,))

        answers = await asyncio.gather(hold("p1", "p2"), hold("p2", "p1"), return_exceptions=True)
        await database.close()
    assert [type(answer) for answer in answers if answer] == [Conflict]


async def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await opened("postgresql://a:b@127.0.0.1:1/o")


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "o.db").write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(Unavailable):
        await opened(f"sqlite:///{tmp_path / 'o.db'}")


async def test_a_database_in_memory_reads_what_it_writes() -> None:
    database = await opened("sqlite://")
    async with database.transaction() as transaction:
        await transaction.rows("create table whereabouts (id text primary key, person_id text)")
        await transaction.change({}, HERE)
    assert len(await database.rows("select * from whereabouts")) == 2
    await database.close()


async def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql is no database of ours"):
        await opened("mysql://127.0.0.1/o")


def test_the_values_of_a_statement_are_numbered_for_postgres() -> None:
    assert numbered("a = ? and b in (?, ?)") == "a = $1 and b in ($2, $3)"


async def test_an_event_that_cannot_be_kept_leaves_nobody_waiting_and_the_next_one_is_kept(world: World) -> None:
    with pytest.raises(Problem) as raised:
        await world.database.note([note(target="\ud800").event("p1", "", found=True)])
    assert raised.value.trouble is Trouble.BAD_VALUE
    await world.database.note([note().event("p1", "", found=True)])
    assert await count(world, "audit_event") == 1


async def test_a_database_without_a_wall_has_no_gap_in_it() -> None:
    database = await opened("sqlite://")
    assert (await wall.gap(database), await wall.sees_everybody(database)) == ("", True)
    await database.close()
