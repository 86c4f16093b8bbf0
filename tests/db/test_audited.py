"""Who saw this person between two moments: answered by the primary key alone, newest first, among very many events."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.ids import fresh
from auth.access import ask
from db.audited import Wanted, concerned, named, one, page, statement
from db.engine import NOBODY, Note, Who
from db.sight import who
from plan.audit import Event
from plan.model import PersonId
from tests.support.world import World

PERSON, OTHER = PersonId("01900000-0000-8000-8000-000000000012"), PersonId("01900000-0000-8000-8000-000000000013")
EVENTS = 200_000
STEP = 1000
"""Milliseconds between two events."""
BEGAN = 1_700_000_000_000
PAGE_SECONDS = 0.05
"""Much more than a page takes, and much less than a walk over all events."""


def id_at(at: int, number: int) -> str:
    """The id of an event of a moment: RFC 9562, version 7."""
    stamp = f"{at:012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{number:012x}"


def row(number: int, person: PersonId = PERSON, **more: Any) -> tuple[Any, ...]:
    at = BEGAN + number * STEP
    note = Note(
        id=id_at(at, number), at=at, subject=f"s-{number % 7}", agency=f"A{number % 5}", role="clinician",
        purpose="TREAT", client="app", action="CRUDE"[number % 5], door="rest", type="Goal", target="t",
        charter="c", request=f"r-{number}", refused=more.pop("refused", ""),
    )  # fmt: skip
    return note.event(person, more.pop("sections", "health"), found=not note.refused)


def look(person: PersonId = PERSON) -> Note:
    return Note(
        id=fresh(), at=BEGAN, subject="s", agency="A", role="person", purpose="PATRQT", client="app", action="R",
        door="rest", type="AuditEvent", target="", charter="c", request="looking", person=person,
    )  # fmt: skip


async def kept(world: World, rows: Sequence[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), 20_000):
        async with world.database.transaction() as transaction:
            await transaction.change({}, {"audit_event": rows[start : start + 20_000]})


async def asked(world: World, **wanted: Any) -> list[Event]:
    said = Wanted(**{"person": PERSON, "count": 10, **wanted})
    return (await page(world.database, said, look(), NOBODY))[: said.count]


async def test_a_page_is_the_newest_first_and_the_next_begins_where_it_ended(world: World) -> None:
    await kept(world, [row(number, person) for number in range(25) for person in (PERSON, OTHER)])
    found: list[str] = []
    before = ""
    while events := await asked(world, before=before, until=BEGAN + 25 * STEP):
        found += [event.request for event in events]
        before = events[-1].id
    assert found == [f"r-{number}" for number in reversed(range(25))]


async def test_both_moments_are_within_and_neither_is_past(world: World) -> None:
    await kept(world, [row(number) for number in range(10)])
    found = await asked(world, since=BEGAN + 3 * STEP, until=BEGAN + 5 * STEP)
    assert [event.request for event in found] == ["r-5", "r-4", "r-3"]
    assert await asked(world, since=BEGAN + 3 * STEP + 1, until=BEGAN + 4 * STEP - 1) == []
    assert [e.request for e in await asked(world, since=BEGAN + 8 * STEP, before=id_at(BEGAN + 9 * STEP, 9))] == ["r-8"]


async def test_an_event_comes_back_as_it_was_written(world: World) -> None:
    await kept(world, [row(1, sections="health,housing"), row(2, refused="consent")])
    refused, allowed = await asked(world, until=BEGAN + 2 * STEP)
    assert (allowed.sections, allowed.allowed, allowed.question, allowed.at) == (
        ("health", "housing"), True, "", BEGAN + STEP,
    )  # fmt: skip
    assert (refused.allowed, refused.question, refused.refused, allowed.refused) == (False, "consent", True, False)
    assert await one(world.database, PERSON, allowed.id, look(), NOBODY, None) == allowed
    assert await one(world.database, OTHER, allowed.id, look(), NOBODY, None) is None


async def test_events_are_chosen_by_what_they_are_shown_as(world: World) -> None:
    await kept(world, [row(5), row(6), row(7, refused="charter"), row(8, refused="request"), row(9, refused="")])
    by: dict[str, Any] = {"until": BEGAN + 9 * STEP}
    assert [e.request for e in await asked(world, actions=["E"], **by)] == ["r-9", "r-7"]
    assert [e.request for e in await asked(world, actions=["U", "D"], **by)] == ["r-8"]
    assert [e.request for e in await asked(world, among={"agency": ["A0", "A2"]}, **by)] == ["r-7", "r-5"]
    assert [e.request for e in await asked(world, among={"allowed": [False]}, **by)] == ["r-8", "r-7"]
    assert await asked(world, among={"agency": []}, **by) == []


async def test_an_agency_is_concerned_by_the_team_or_by_what_its_workers_were_shown(world: World) -> None:
    person = await world.person(world.visit())
    await kept(world, [row(1, person), row(2, person, sections=""), row(3, person, refused="relationship")])
    expected = {"RX1": True, "A1": True, "A2": False, "A3": False, "A4": False}
    for agency, concerns in expected.items():
        found = await concerned(world.service.database, person, auditor(world, agency))
        assert (found is not None) is concerns, agency
    assert await concerned(world.service.database, OTHER, auditor(world, "RX1")) is None


async def test_who_is_concerned_reads_the_whole_log_and_the_wall_lets_them_in(world: World) -> None:
    person = await world.person(world.visit())
    await kept(world, [row(n, person) for n in range(5)])
    async with world.database.transaction() as transaction:
        left = world.clock - 5
        await transaction.rows("update team_member set since = 0, until = ? where person_id = ?", (left, person))
    wanted = Wanted(person=person, count=100)
    whole = await page(world.database, wanted, look(person), NOBODY)
    for agency in ("RX1", "A1"):
        name = await concerned(world.service.database, person, auditor(world, agency))
        assert name is not None
        found = await page(world.service.database, wanted, look(person), name)
        assert [event.id for event in found if event.type != "AuditEvent"] == [
            event.id for event in whole if event.type != "AuditEvent"
        ]


def auditor(world: World, agency: str) -> Who:
    """An auditor of an agency, as a wall in the database knows them."""
    return who(ask(world.visit("auditor", agency).caller, world.desk.charter), world.clock)


async def test_names_are_looked_up_many_at_once(world: World) -> None:
    await world.agency("RX1", "Test Hospital")
    found = await named(world.database, ["RX1", "", "nobody", *(f"n{n}" for n in range(1200))])
    assert [type_ for type_, _ in found.values()] == ["Organization"]
    assert "Test Hospital" in found["RX1"][1]


async def test_among_many_events_a_page_is_found_by_the_key(world: World) -> None:
    """200,000 events of one person, and others of another: pages of the end and of the middle."""
    alike = row(0)[3:]
    for person, step in ((PERSON, 1), (OTHER, 20)):
        moments = ((number, BEGAN + number * STEP) for number in range(0, EVENTS, step))
        await kept(world, [(person, id_at(at, number), at, *alike) for number, at in moments])
    wanted = Wanted(person=PERSON, since=BEGAN + 90_000 * STEP, until=BEGAN + 100_000 * STEP, count=100)
    assert await _by_the_key(world, wanted)
    for since in (wanted.since, BEGAN, BEGAN + 99_990 * STEP):
        spent = [await _seconds(world, replace(wanted, since=since)) for _ in range(5)]
        assert min(spent) < PAGE_SECONDS, spent


async def _by_the_key(world: World, wanted: Wanted) -> bool:
    """Whether the engine says that it looks in the key, from its end, and neither walks the table nor sorts."""
    sql, values = statement(wanted)
    if world.url.startswith("sqlite"):
        plan = await world.database.rows(f"explain query plan {sql}", values)
        return [line[3] for line in plan] == ["SEARCH audit_event USING PRIMARY KEY (person_id=? AND id>? AND id<?)"]
    await world.database.rows("analyze audit_event")
    said = "\n".join(str(line[0]) for line in await world.database.rows(f"explain {sql}", values))
    assert "Index Scan Backward" in said, said
    return "Seq Scan" not in said and "Sort" not in said


async def _seconds(world: World, wanted: Wanted) -> float:
    begun = time.perf_counter()
    assert await page(world.database, wanted, look(), NOBODY)
    return time.perf_counter() - begun
