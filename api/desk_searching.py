"""The part of the desk that finds: searches with what comes along, and histories.

Scopes are asked for each type. A type that a search only touches (a chain, `_include`) and that they do not allow is as
if nothing of it were there; so is one of several types that are searched together.
"""

from collections.abc import Sequence
from dataclasses import replace

from api.deeds import Visit
from api.desk_leave import Leave, there
from api.ids import fresh
from auth.access import Permit, Verb, aim, allows, ask
from db.engine import Note
from db.histories import ALL, Mark, Span
from db.rows import Face
from db.searching import Page
from fhir_facade.resources import DIRECTORY, RESOURCES, served
from plan.model import EntryId, Stored
from plan.problem import Problem, Trouble
from plan.query import Query

EVERY_TYPE = "*"
"""What the audit says of a question about several types."""


class Searching(Leave):
    """Searches and histories."""

    async def search(self, visit: Visit, query: Query, face: Face = "fhir") -> Page:
        """A page of what matches and may be seen; nothing to be seen looks like nothing there.

        Several types stand all in plans or all in the directory. Raises REFUSED, TOO_COSTLY.
        """
        permit, types = await self._may_search(visit, query.types or (served(query.type).type,))
        query = replace(query, types=types) if query.types else query
        person = query.persons[0] if len(query.persons) == 1 else ""
        note = replace(
            self.note(visit, "E", query.type or EVERY_TYPE, "", person=person, shown=query.count), refused=""
        )
        try:
            page = await self.store.search(permit, query, note, face)
            if query.includes and page.hits:
                again = replace(note, id=fresh())
                page = await self.store.included(permit, query.includes, page, again, face)
        except Problem as problem:
            await self._given_up(problem, note)
            raise
        return page

    async def version(self, visit: Visit, type_: str, id_: EntryId, version: int, face: Face = "fhir") -> Stored:
        """One version of an entry. Raises GONE for the version that deleted it."""
        found = await self.history(visit, type_, id_, face, version=version)
        return there(found[0] if found else None)

    async def history(
        self,
        visit: Visit,
        type_: str,
        id_: EntryId,
        face: Face = "fhir",
        *,
        version: int | None = None,
        before: int | None = None,
        span: Span = ALL,
        count: int = 100,
    ) -> Sequence[Stored]:
        """The versions of an entry, newest first, one more than `count` when there are more; NOT_FOUND for none."""
        permit = await self.leave(visit, Verb.READ, served(type_).type, id_)
        note = self.note(visit, "R", type_, id_, shown=count)
        if span != ALL:
            # That no version fits says nothing of whether the entry may be seen.
            await self._must_be(permit, type_, id_, note)
            note = replace(note, id=fresh(), refused="")
        which = replace(span, version=version, before=before)
        found = await self.store.versions(permit, type_, id_, note, face, span=which, count=count)
        if not found and before is None and span == ALL:
            raise Problem(Trouble.NOT_FOUND)
        return found

    async def histories(
        self, visit: Visit, type_: str = "", *, before: Mark | None = None, span: Span = ALL, count: int = 100
    ) -> Sequence[Stored]:
        """The versions of all entries of a type, or of every type, newest first, one more than `count` when there are
        more. Raises REFUSED, TOO_COSTLY.
        """
        permit, types = await self._may_search(visit, (served(type_).type,) if type_ else tuple(RESOURCES))
        note = replace(self.note(visit, "E", type_ or EVERY_TYPE, "", shown=count), refused="")
        try:
            return await self.store.history(permit, types, note, before=before, span=span, count=count)
        except Problem as problem:
            await self._given_up(problem, note)
            raise

    async def _may_search(self, visit: Visit, types: tuple[str, ...]) -> tuple[Permit, tuple[str, ...]]:
        """The permit, and those of the types that the scopes let the app search. Raises REFUSED where that is none."""
        permit = (
            await self.leave(visit, Verb.SEARCH, types[0], "") if len(types) == 1 else ask(visit.caller, self.charter)
        )
        allowed = tuple(type_ for type_ in types if allows(permit, Verb.SEARCH, type_))
        if not allowed:
            await self.leave(visit, Verb.SEARCH, EVERY_TYPE, "")
        return aim(permit, Verb.SEARCH, *types), allowed

    async def _must_be(self, permit: Permit, type_: str, id_: EntryId, note: Note) -> None:
        """Raise NOT_FOUND for an entry that may not be seen, be it deleted or not."""
        note = replace(note, by_key=True, shown=1)
        found = await (
            self.store.listed(type_, id_, note, "fhir")
            if type_ in DIRECTORY
            else self.store.read(permit, type_, id_, note, "fhir")
        )
        if found is None:
            raise Problem(Trouble.NOT_FOUND)

    async def _given_up(self, problem: Problem, note: Note) -> None:
        """A search that took too long leaves its event too, under an id of its own."""
        if problem.trouble is Trouble.TOO_COSTLY:
            await self.store.database.note([replace(note, id=fresh()).event(note.person, "", found=False)])
