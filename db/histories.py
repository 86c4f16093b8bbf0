"""Versions, newest first: of one entry, of a type, of everything. FHIR R4 http.html 3.1.0.14 (history).

A version is shown to whoever may see both it and the entry as it is now, as if nothing else had ever been.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from auth.access import Permit
from db.engine import Database, Note
from db.rows import Face, stored, then
from db.sight import DIRECTORY, Look, Sql, who
from db.values import joined, marks
from plan.model import EntryId, Stored

SECONDS = 1.5
"""How long a history of more than one entry may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which versions; moments in milliseconds since 1970 UTC.

    `version`: this one; `before`: those before it. `since`: made then or later. `at`: those that were current at some
    moment of this stretch, both ends included; of a deletion, one that fell into it.
    """

    version: int | None = None
    before: int | None = None
    since: int | None = None
    at: tuple[int, int] | None = None


ALL = Span()
Mark = tuple[int, str, int]
"""Where a page of several entries ended: moment, id and version."""


class Histories:
    """The part of the store that tells what was."""

    database: Database
    directory: frozenset[str]

    async def versions(
        self,
        permit: Permit,
        type_: str,
        id_: EntryId,
        note: Note,
        face: Face,
        *,
        span: Span = ALL,
        count: int = 100,
    ) -> Sequence[Stored]:
        """The versions of an entry, newest first, one more than `count` when there are more."""
        look = Look(permit, note.at, self.directory)
        prefix = look.prefix(type_)
        of: Sql = ("v.id = ? and e.type = ?", (id_, type_))
        parts = [of, *_seen(look, prefix), *_spanned(look, prefix, span)]
        where, values = joined(parts)
        # Only the entries of people have to be looked for; all of the directory stands under one key.
        known = "" if prefix else "join whereabouts w on w.id = v.id and w.person_id = v.person_id"
        whose = "v.person_id = ''" if prefix else "w.id = ?"
        sql = f"""select {then(face)} from {_versions(prefix)} {known}
            where {whose} and {where} order by v.version desc limit ?"""
        wanted = (*(() if prefix else (id_,)), *values, count + 1)
        return [stored(row, face) for row in await self.database.noted(sql, wanted, note, who=who(permit, note.at))]

    async def history(
        self,
        permit: Permit,
        types: tuple[str, ...],
        note: Note,
        *,
        before: Mark | None = None,
        span: Span = ALL,
        count: int = 100,
    ) -> Sequence[Stored]:
        """The versions of all entries of these types, newest first, one more than `count`: a page of those before a
        mark.
        """
        look = Look(permit, note.at, self.directory)
        shelves = [
            _shelf(look, prefix, some, before, span, count)
            for prefix, some in (("", set(types) - self.directory), (DIRECTORY, set(types) & self.directory))
            if some
        ]
        text, values = joined(shelves, " union all ")
        sql = f"select * from ({text}) page {_ORDER} limit ?"
        rows = await self.database.noted(sql, (*values, count + 1), note, limit=SECONDS, who=who(permit, note.at))
        return [stored(row, "fhir") for row in rows]


_ORDER = "order by at desc, id desc, version desc"


def _shelf(look: Look, prefix: str, types: set[str], before: Mark | None, span: Span, count: int) -> Sql:
    """A page of one shelf."""
    wanted = tuple(sorted(types))
    parts: list[Sql] = [(f"v.type in ({marks(wanted)})", wanted), *_seen(look, prefix), *_spanned(look, prefix, span)]
    if before:
        at, id_, version = before
        parts.append(
            ("(v.at < ? or (v.at = ? and (v.id < ? or (v.id = ? and v.version < ?))))", (at, at, id_, id_, version))
        )
        parts.append(("v.at <= ?", (at,)))
    where, values = joined(parts)
    text = f"""select * from (select {then("fhir")} from {_versions(prefix)} where {where}
        order by v.at desc, v.id desc, v.version desc limit ?) {prefix}shelf"""
    return text, (*values, count + 1)


def _versions(prefix: str) -> str:
    """Versions, each beside the entry as it is now."""
    return f"{prefix}entry_version v join {prefix}entry e on e.person_id = v.person_id and e.id = v.id"


def _seen(look: Look, prefix: str) -> list[Sql]:
    return [look.seen(prefix, "e"), look.seen(prefix, "v")]


def _spanned(look: Look, prefix: str, span: Span) -> list[Sql]:
    said = {"v.version = ?": span.version, "v.version < ?": span.before, "v.at >= ?": span.since}
    parts: list[Sql] = [(sql, (value,)) for sql, value in said.items() if value is not None]
    if span.at is not None:
        low, high = span.at
        later, values = look.seen(prefix, "x")
        text = f"""v.at <= ? and (not v.deleted or v.at >= ?) and not exists (
            select 1 from {prefix}entry_version x where x.person_id = v.person_id and x.id = v.id
            and x.version > v.version and x.at <= ? and {later})"""
        parts.append((text, (high, low, low, *values)))
    return parts
