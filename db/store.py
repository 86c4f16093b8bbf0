"""Plans out: every read of a plan, each one statement that carries the permit's predicate and leaves its audit event.

Faces are handed out as they are stored: nothing is parsed, built or validated on the way.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

from auth.access import Permit
from db import search
from db.engine import Database, Note, Row
from db.sight import restriction_of, visible
from db.writing import Writing
from plan.model import AgencyId, Change, EntryId, PersonId, Section, Stored, Subject
from plan.query import Query

Face = Literal["fhir", "body"]
DIRECTORY = "directory_"
_SECTIONS = {section.value: section for section in Section}
_HEAD = "person_id, section, id, type, kind, agency, author, status, slot, restriction, deleted"
_BY = "by_subject, by_role, by_agency"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: the hits, the sort keys of the last one when more follow, and all matches if counted."""

    hits: tuple["Hit", ...]
    after: tuple[str | int, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry of a page: just what an answer needs."""

    person: PersonId
    section: str
    id: EntryId
    type: str
    version: int
    at: int
    slot: str | None
    text: str


class Store:
    """The plans in one database. `clock` gives now in milliseconds since 1970 UTC."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self.database = database
        self.clock = clock

    async def read(self, permit: Permit, type_: str, id_: EntryId, note: Note, face: Face) -> Stored | None:
        """The current version of an entry by its id alone, or None when it is not there for this permit."""
        seen, values = visible(permit, note.at)
        sql = f"""select {_current(face)}
            from whereabouts w join entry e on e.person_id = w.person_id and e.id = w.id
            where w.id = ? and e.type = ? and {seen}"""
        return _one(await self.database.noted(sql, (id_, type_, *values), note), face)

    async def entry(self, permit: Permit, person: PersonId, id_: EntryId, note: Note, face: Face) -> Stored | None:
        """The current version of an entry of a known person."""
        seen, values = visible(permit, note.at)
        sql = f"""select {_current(face)}
            from entry e where e.person_id = ? and e.id = ? and {seen}"""
        return _one(await self.database.noted(sql, (person, id_, *values), note), face)

    async def listed(self, type_: str, id_: EntryId, note: Note, face: Face) -> Stored | None:
        """A directory entry: readable by everybody who is signed in."""
        sql = f"""select {_current(face)}
            from directory_entry e where e.person_id = '' and e.id = ? and e.type = ?"""
        return _one(await self.database.noted(sql, (id_, type_), note), face)

    async def plan(
        self, permit: Permit, person: PersonId, note: Note, section: Section | None = None
    ) -> Sequence[Stored]:
        """Everything of one plan, or of one section, that the permit shows, native faces, by section, kind and age."""
        seen, values = visible(permit, note.at)
        within, more = ("e.section = ? and ", (section.value,)) if section else ("", ())
        sql = f"""select {_current("body")}
            from entry e where e.person_id = ? and {within} not e.deleted and {seen}
            order by e.section, e.kind, e.created, e.id"""
        rows = await self.database.noted(sql, (person, *more, *values), note)
        return [_stored(row, "body") for row in rows]

    async def plan_at(self, permit: Permit, person: PersonId, moment: int, note: Note) -> Sequence[Stored]:
        """The plan as it was: the newest version of each entry up to `moment`, under today's leave."""
        now_seen, now_values = visible(permit, note.at)
        then_seen, then_values = visible(permit, note.at, alias="v")
        sql = f"""select {_then("body")}
            from entry_version v join entry e on e.person_id = v.person_id and e.id = v.id
            where v.person_id = ? and {now_seen} and {then_seen} and not v.deleted and v.version = (
                select max(x.version) from entry_version x
                where x.person_id = v.person_id and x.id = v.id and x.at <= ?)
            order by v.section, v.kind, e.created, v.id"""
        rows = await self.database.noted(sql, (person, *now_values, *then_values, moment), note)
        return [_stored(row, "body") for row in rows]

    async def kind(
        self, permit: Permit, person: PersonId, kind: str, section: Section | None, note: Note
    ) -> Sequence[Stored]:
        """The entries of one kind, in one section or in all that the permit shows."""
        seen, values = visible(permit, note.at)
        within, more = ("e.section = ? and ", (section.value,)) if section else ("", ())
        sql = f"""select {_current("body")}
            from entry e where e.person_id = ? and e.kind = ? and {within} not e.deleted and {seen}
            order by e.created, e.id"""
        rows = await self.database.noted(sql, (person, kind, *more, *values), note)
        return [_stored(row, "body") for row in rows]

    async def versions(
        self,
        permit: Permit,
        type_: str,
        id_: EntryId,
        note: Note,
        face: Face,
        *,
        version: int | None = None,
        before: int | None = None,
        count: int = 100,
    ) -> Sequence[Stored]:
        """The versions of an entry, newest first: one of them, or a page of those before a version."""
        now_seen, now_values = visible(permit, note.at)
        then_seen, then_values = visible(permit, note.at, alias="v")
        which, more = _which(version, before)
        sql = f"""select {_then(face)}
            from whereabouts w join entry e on e.person_id = w.person_id and e.id = w.id
            join entry_version v on v.person_id = e.person_id and v.id = e.id
            where w.id = ? and e.type = ? and {now_seen} and {then_seen} {which}
            order by v.version desc limit ?"""
        wanted = (id_, type_, *now_values, *then_values, *more, count + 1)
        return [_stored(row, face) for row in await self.database.noted(sql, wanted, note)]

    async def listed_versions(
        self,
        type_: str,
        id_: EntryId,
        note: Note,
        *,
        version: int | None = None,
        before: int | None = None,
        count: int = 100,
    ) -> Sequence[Stored]:
        """The versions of a directory entry, newest first."""
        which, more = _which(version, before)
        sql = f"""select {_then("fhir")}
            from directory_entry_version v where v.person_id = '' and v.id = ? and v.type = ? {which}
            order by v.version desc limit ?"""
        rows = await self.database.noted(sql, (id_, type_, *more, count + 1), note)
        return [_stored(row, "fhir") for row in rows]

    async def changes(
        self, permit: Permit, person: PersonId, note: Note, *, since: int = -1, count: int = 100
    ) -> Sequence[Change]:
        """What changed after a moment, oldest first, one more than `count`; only what the permit shows today."""
        now_seen, now_values = visible(permit, note.at)
        then_seen, then_values = visible(permit, note.at, alias="c")
        sql = f"""select c.person_id, c.section, c.entry_id, c.type, c.kind, c.version, c.action, c.at, c.agency,
                c.by_subject, c.by_role, c.by_agency
            from change c join entry e on e.person_id = c.person_id and e.id = c.entry_id
            where c.person_id = ? and c.at > ? and {now_seen} and {then_seen}
            order by c.at, c.seq limit ?"""
        rows = await self.database.noted(sql, (person, since, *now_values, *then_values, count + 1), note)
        return [_change(row) for row in rows]

    async def search(self, permit: Permit, query: Query, note: Note, face: Face, *, directory: bool = False) -> Page:
        """A page of a search, counted when the query asks for it."""
        prefix = DIRECTORY if directory else ""
        sql, values = search.statement(query, permit, note.at, prefix=prefix, face=face)
        rows = await self.database.noted(sql, values, note)
        shown = rows[: query.count]
        hits = tuple(Hit(*row[:8]) for row in shown)
        more = len(rows) > query.count
        after = tuple(shown[-1][8:]) if more and shown else ()
        total = len(rows) if not query.after and not more else None
        if total is None and query.total:
            counted, bound = search.count(query, permit, note.at, prefix=prefix)
            total = (await self.database.rows(counted, bound))[0][0]
        return Page(hits, after, total)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writing]:
        """One transaction of writes; leaving it commits rows, versions, index, feed and audit together."""
        async with self.database.transaction() as transaction:
            writing = Writing(transaction, self.clock(), self.database.sharing)
            yield writing
            await writing.flush()


def _which(version: int | None, before: int | None) -> tuple[str, tuple[int, ...]]:
    if version is not None:
        return "and v.version = ?", (version,)
    return ("and v.version < ?", (before,)) if before is not None else ("", ())


def _prefixed(alias: str, names: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in names.split(", "))


@cache
def _current(face: Face) -> str:
    """The columns of `_stored` from the current row of an entry, which does not say whose hand it was."""
    return f"{_prefixed('e', _HEAD)}, e.{face}, e.version, e.updated, '' as x, '' as y, '' as z"


@cache
def _then(face: Face) -> str:
    """The columns of `_stored` from one of an entry's versions."""
    return f"{_prefixed('v', _HEAD)}, v.{face}, v.version, v.at, {_prefixed('v', _BY)}"


def _stored(row: Row, face: Face) -> Stored:
    person, section, id_, type_, kind, agency, author, status, slot, restriction, deleted, text, version, at, *by = row
    return Stored(
        person=person,
        id=id_,
        type=type_,
        kind=kind,
        section=_SECTIONS[section],
        agency=agency,
        author=author,
        status=status,
        slot=slot,
        restriction=restriction_of(restriction) if restriction else None,
        deleted=bool(deleted),
        version=version,
        at=at,
        by_subject=by[0],
        by_role=by[1],
        by_agency=by[2],
        body=text if face == "body" else "",
        fhir=text if face == "fhir" else "",
    )


def _one(rows: Sequence[Row], face: Face) -> Stored | None:
    return _stored(rows[0], face) if rows else None


def _change(row: Row) -> Change:
    person, section, entry, type_, kind, version, action, at, agency, subject, role, by_agency = row
    return Change(
        person=PersonId(person),
        entry=EntryId(entry),
        type=type_,
        kind=kind,
        section=Section(section),
        version=version,
        action=action,
        at=at,
        agency=AgencyId(agency),
        by_subject=Subject(subject),
        by_role=role,
        by_agency=AgencyId(by_agency),
    )
