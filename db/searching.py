"""Searches done: a page, its total, and what comes along with it; each statement bounded in time.

What a page shows is noted by its own statement; what comes along is noted once, before any of it is told.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from auth.access import Permit
from db import includes, search
from db.engine import Database, Note
from db.rows import Face
from db.sight import Look, who
from plan.model import EntryId, PersonId
from plan.query import Include, Query

INCLUDE_SECONDS = 0.6
"""How long the statements of what comes along with a page may take together."""


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


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: the hits, the sort keys of the last one when more follow, and all matches if counted.

    `included`: what came along with the hits; `cut`: not all of it.
    """

    hits: tuple[Hit, ...]
    after: tuple[str | int, ...] = ()
    total: int | None = None
    included: tuple[Hit, ...] = ()
    cut: bool = False


class Searching:
    """The part of the store that searches."""

    database: Database
    directory: frozenset[str]

    async def search(self, permit: Permit, query: Query, note: Note, face: Face) -> Page:
        """A page of a search, counted when the query asks for it. Raises Problem(TOO_COSTLY)."""
        look, left = Look(permit, note.at, self.directory), _Left(search.PAGE_SECONDS)
        sql, values = search.statement(look, query, face)
        rows = await self.database.noted(sql, values, note, limit=left(), who=who(permit, note.at))
        shown = rows[: query.count]
        hits = tuple(Hit(*row[:8]) for row in shown)
        more = len(rows) > query.count
        after = tuple(shown[-1][8:]) if more and shown else ()
        total = len(rows) if not query.after and not more else None
        if total is None and query.total:
            counted, bound = search.count(look, query)
            total = (await self.database.rows(counted, bound, limit=left(), who=who(permit, note.at)))[0][0]
        return Page(hits, after, total)

    async def included(
        self, permit: Permit, wanted: Sequence[Include], page: Page, note: Note, face: Face, most: int = includes.MOST
    ) -> Page:
        """The page with what comes along, `most` at most, each entry once and none that the page shows already.

        `note` is one of its own. Raises Problem(TOO_COSTLY).
        """
        look, left = Look(permit, note.at, self.directory), _Left(INCLUDE_SECONDS)
        known = {_key(hit): hit for hit in page.hits}
        sources, asked, cut = list(known), list(wanted), False
        for _ in range(includes.ROUNDS):
            room = most - len(known) + len(page.hits)
            found = includes.statement(look, asked, sources, known, face, room)
            if cut or found is None:
                break
            rows = await self.database.rows(*found, limit=left(), who=who(permit, note.at))
            new = {_key(hit): hit for hit in (Hit(*row) for row in rows[:room])}
            known, cut = known | new, len(rows) > room
            sources, asked = list(new), [one for one in wanted if one.iterate]
        else:
            cut = cut or includes.statement(look, asked, sources, known, face, 0) is not None
        more = tuple(known.values())[len(page.hits) :]
        if more:
            people = [(hit.person, hit.section) for hit in more]
            await self.database.note(replace(note, shown=len(people)).events(people))
        return replace(page, included=more, cut=cut)


class _Left:
    """What is left of the time that a search has, in seconds."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def __call__(self) -> float:
        return max(self._end - time.monotonic(), 0.01)


def _key(hit: Hit) -> includes.Key:
    return hit.person, hit.type, hit.id
