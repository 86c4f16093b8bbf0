"""Plans out: every read of a plan, each one statement that carries the permit's predicate and leaves its audit event.

Faces are handed out as they are stored: nothing is parsed, built or validated on the way.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from auth.access import Permit
from db.across import Across
from db.engine import Database, Note, Who
from db.histories import Histories
from db.rows import Face, change, current, one, stored, then
from db.searching import Hit, Page, Searching
from db.sight import visible, who
from db.writing import Writing
from plan.model import Change, EntryId, PersonId, Section, Stored

__all__ = ["Face", "Hit", "Page", "Store"]


class Store(Searching, Histories, Across):
    """The plans in one database. `clock` gives now in milliseconds since 1970 UTC; `directory`: the types that belong
    to nobody.
    """

    def __init__(self, database: Database, clock: Callable[[], int], directory: frozenset[str]) -> None:
        self.database = database
        self.clock = clock
        self.directory = directory

    async def read(self, permit: Permit, type_: str, id_: EntryId, note: Note, face: Face) -> Stored | None:
        """The current version of an entry by its id alone, or None when it is not there for this permit."""
        seen, values = visible(permit, note.at)
        sql = f"""select {current(face)}
            from whereabouts w join entry e on e.person_id = w.person_id and e.id = w.id
            where w.id = ? and e.type = ? and {seen}"""
        return one(await self.database.noted(sql, (id_, type_, *values), note, who=who(permit, note.at)), face)

    async def entry(self, permit: Permit, person: PersonId, id_: EntryId, note: Note, face: Face) -> Stored | None:
        """The current version of an entry of a known person."""
        seen, values = visible(permit, note.at)
        sql = f"""select {current(face)}
            from entry e where e.person_id = ? and e.id = ? and {seen}"""
        return one(await self.database.noted(sql, (person, id_, *values), note, who=who(permit, note.at)), face)

    async def listed(self, type_: str, id_: EntryId, note: Note, face: Face) -> Stored | None:
        """A directory entry: readable by everybody who is signed in."""
        sql = f"""select {current(face)}
            from directory_entry e where e.person_id = '' and e.id = ? and e.type = ?"""
        return one(await self.database.noted(sql, (id_, type_), note), face)

    async def plan(
        self, permit: Permit, person: PersonId, note: Note, section: Section | None = None
    ) -> Sequence[Stored]:
        """Everything of one plan, or of one section, that the permit shows, native faces, by section, kind and age."""
        seen, values = visible(permit, note.at)
        within, more = ("e.section = ? and ", (section.value,)) if section else ("", ())
        sql = f"""select {current("body")}
            from entry e where e.person_id = ? and {within} not e.deleted and {seen}
            order by e.section, e.kind, e.created, e.id"""
        rows = await self.database.noted(sql, (person, *more, *values), note, who=who(permit, note.at))
        return [stored(row, "body") for row in rows]

    async def plan_at(self, permit: Permit, person: PersonId, moment: int, note: Note) -> Sequence[Stored]:
        """The plan as it was: the newest version of each entry up to `moment`, under today's leave."""
        now_seen, now_values = visible(permit, note.at)
        then_seen, then_values = visible(permit, note.at, alias="v")
        sql = f"""select {then("body")}
            from entry_version v join entry e on e.person_id = v.person_id and e.id = v.id
            where v.person_id = ? and {now_seen} and {then_seen} and not v.deleted and v.version = (
                select max(x.version) from entry_version x
                where x.person_id = v.person_id and x.id = v.id and x.at <= ?)
            order by v.section, v.kind, e.created, v.id"""
        bound = (person, *now_values, *then_values, moment)
        rows = await self.database.noted(sql, bound, note, who=who(permit, note.at))
        return [stored(row, "body") for row in rows]

    async def kind(
        self, permit: Permit, person: PersonId, kind: str, section: Section | None, note: Note
    ) -> Sequence[Stored]:
        """The entries of one kind, in one section or in all that the permit shows."""
        seen, values = visible(permit, note.at)
        within, more = ("e.section = ? and ", (section.value,)) if section else ("", ())
        sql = f"""select {current("body")}
            from entry e where e.person_id = ? and e.kind = ? and {within} not e.deleted and {seen}
            order by e.created, e.id"""
        rows = await self.database.noted(sql, (person, kind, *more, *values), note, who=who(permit, note.at))
        return [stored(row, "body") for row in rows]

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
        bound = (person, since, *now_values, *then_values, count + 1)
        rows = await self.database.noted(sql, bound, note, who=who(permit, note.at))
        return [change(row) for row in rows]

    @asynccontextmanager
    async def writing(self, permit: Permit, name: Who | None = None) -> AsyncIterator[Writing]:
        """One transaction of writes; leaving it commits rows, versions, index, feed and audit together.

        `name`: in whose name the plan is looked at, where it is not the caller's of this moment.
        """

        def now() -> Who:
            return who(permit, self.clock())

        async with self.database.transaction(name or now) as transaction:
            own = now() if name else transaction.who
            writing = Writing(transaction, own, self.database.sharing, self.directory, now)
            yield writing
            await writing.flush()
