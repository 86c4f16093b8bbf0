"""Template people: written once by the desk itself, then copied as rows with other ids.

So every table holds what the service would have written, and a million people need a handful of writes.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean

from api.deeds import Deed, Outcome, Visit
from api.desk import Desk
from auth.access import Verb
from auth.caller import Caller
from auth.scopes import parse
from bench import person
from bench.world import AGENCIES_OF_A_SORT, SCOPES, SORTS, agency, caller, estate, id_of, nhs_number
from db.engine import columns, opened
from db.migrate import upgrade
from db.store import Store
from db.tables import SCHEMA
from fhir_facade.resources import DIRECTORY
from plan.charter import ROWS, charter
from plan.model import AgencyId, PersonId, Role, Subject

Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""Rows by table, the tables in an order that satisfies their foreign keys."""

TEMPLATES = 8
ESTATE = "estate"
"""Marks the UPRN of the estate."""
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BETWEEN = "\x1e"
"""Stands in no text that we store (RFC 8259: control characters are escaped)."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template person, as cells in which other ids, agencies and numbers can be put.

    `texts` is cut at each mark, so that every second part is one; `marks` says which: a place (the id that the entry
    at this place of a plan gets), a sort of agency, ESTATE, or nothing for the NHS number. `filled` says which cells
    the texts go to. `places`: where a plan's person, contributed CarePlan and goal stand.
    """

    tables: tuple[tuple[str, int, int], ...]
    cells: tuple[Any, ...]
    filled: tuple[int, ...]
    texts: tuple[str, ...]
    marks: tuple[int | str, ...]
    places: Mapping[str, int]

    def copied(self, number: int) -> Rows:
        """The rows of the person of this number."""
        parts = list(self.texts)
        parts[1::2] = [_said(mark, number) for mark in self.marks]
        cells = list(self.cells)
        for at, text in zip(self.filled, "".join(parts).split(_BETWEEN), strict=True):
            cells[at] = text
        rows, at = {}, 0
        for table, width, height in self.tables:
            end = at + width * height
            rows[table] = list(zip(*[iter(cells[at:end])] * width, strict=True))
            at = end
        return rows


def _said(mark: int | str, number: int) -> str:
    if isinstance(mark, int):
        return id_of(number, mark)
    if mark == ESTATE:
        return estate(number)
    return agency(mark, number) if mark else nhs_number(number)


async def templates(folder: Path) -> tuple[list[Template], Rows]:
    """Template people, and the rows of the directory that they are at home in."""
    file = folder / "templates.db"
    upgrade(f"sqlite:///{file}")
    database = await opened(f"sqlite:///{file}")
    try:
        desk = Desk(Store(database, count(1_750_000_000_000, 1000).__next__, DIRECTORY), charter(ROWS))
        await _directory(desk)
        written = [await _person(desk, number) for number in range(TEMPLATES)]
    finally:
        await database.close()
    with closing(sqlite3.connect(file)) as held:
        made = [_template(held, number, *one) for number, one in enumerate(written)]
        return made, dict(_rows(held, ""))


async def _directory(desk: Desk) -> None:
    keeper = Caller(
        subject=Subject("administrator"), agency=AgencyId("ADMIN"), role=Role.ADMINISTRATOR, scopes=parse(SCOPES)
    )
    named = [agency(sort, number) for sort in SORTS for number in range(AGENCIES_OF_A_SORT)]
    deeds = [
        Deed(
            verb=Verb.CREATE,
            type="Organization",
            id=id_,  # type: ignore[arg-type]
            resource={"resourceType": "Organization", "active": True, "name": f"Agency {id_}"},
        )
        for id_ in named
    ]
    await desk.write(_visit(keeper), deeds)


async def _person(desk: Desk, number: int) -> tuple[PersonId, dict[str, str]]:
    """Write one template person as the agencies would; whose it is, and the ids that the load asks for."""
    practice = _visit(caller("P", number))
    (begun,) = await _written(desk, practice, [Deed(verb=Verb.CREATE, type="Patient", resource=person.patient(number))])
    whose = begun.stored.person
    ids = {"person": str(whose)}
    for sort in SORTS:
        of = caller(sort, number)
        if sort != "P":
            await desk.add_member(practice, whose, of.agency, of.role.value, "")
        resources = list(person.written(sort, number, whose))
        deeds = [
            Deed(verb=Verb.CREATE, type=one["resourceType"], resource=one, section=section, person=whose)
            for section, one in resources
        ]
        for outcome in await _written(desk, _visit(of), deeds):
            ids.setdefault({"CarePlan": "plan", "Goal": "goal"}.get(outcome.stored.type, ""), outcome.stored.id)
    return whose, ids


async def _written(desk: Desk, visit: Visit, deeds: list[Deed]) -> list[Outcome]:
    outcomes = await desk.write(visit, deeds)
    assert isinstance(outcomes, list)
    return outcomes


def _visit(of: Caller) -> Visit:
    return Visit(caller=of, door="fhir-r4", request="benchmark")


def _template(held: sqlite3.Connection, number: int, whose: PersonId, ids: Mapping[str, str]) -> Template:
    rows = dict(_rows(held, whose))
    cells = tuple(cell for table in rows.values() for row in table for cell in row)
    mine = {agency(sort, number): sort for sort in SORTS} | {nhs_number(number): "", estate(number): ESTATE}
    found = re.compile(f"({_UUID}|{'|'.join(mine)})")
    filled = tuple(at for at, cell in enumerate(cells) if isinstance(cell, str) and found.search(cell))
    texts = tuple(found.split(_BETWEEN.join(cells[at] for at in filled)))
    places = {id_: at for at, id_ in enumerate(dict.fromkeys(one for one in texts[1::2] if one not in mine))}
    return Template(
        tables=tuple((table, len(columns(table)), len(some)) for table, some in rows.items()),
        cells=cells,
        filled=filled,
        texts=texts,
        marks=tuple(mine[one] if one in mine else places[one] for one in texts[1::2]),
        places={name: places[id_] for name, id_ in ids.items() if name},
    )


def _rows(held: sqlite3.Connection, whose: str) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """All rows of one person; those of nobody are the directory's. What was left to do for them has long been done."""
    for table in SCHEMA.sorted_tables:
        if "person_id" in table.columns and table.name != "job":
            asked = f"select {', '.join(columns(table.name))} from {table.name} where person_id = ?"
            yes = [at for at, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
            yield table.name, [_typed(row, yes) for row in held.execute(asked, (whose,))]


def _typed(row: Sequence[Any], yes: Sequence[int]) -> tuple[Any, ...]:
    """SQLite has no booleans, and PostgreSQL insists on them."""
    cells = list(row)
    for at in yes:
        cells[at] = bool(cells[at])
    return tuple(cells)
