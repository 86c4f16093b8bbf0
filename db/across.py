"""A look across people: the entries of some kinds of many plans in one statement, under the permit's own predicate.

What a board shows of forty people is two of these and not eighty reads. One event of the audit for each person shown.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from auth.access import Permit
from db.engine import Database, Note, Row
from db.rows import stored
from db.sight import Sql, among, members, visible, who
from plan.model import PersonId, Role, Stored

SECONDS = 1.2
"""How long the statement may take."""
_COLUMNS = """e.person_id, e.section, e.id, e.type, e.kind, e.agency, e.author, e.status, e.slot, e.restriction,
    e.deleted, e.body, e.version, e.updated, v.by_subject, v.by_role, v.by_agency, e.created"""


class Across:
    """The part of the store that looks at many people at once."""

    database: Database

    async def across(
        self, permit: Permit, kinds: Collection[str], note: Note, people: Collection[PersonId] | None = None
    ) -> Sequence[Stored]:
        """The current entries of these kinds that the permit shows, native faces, with who wrote them and when they
        began: of these people, or of everybody whom the caller works with today; by person, kind and age.

        No kinds or no people: nothing. `note` leaves one event for each person who is shown, and one that names nobody
        where nobody is. Raises Problem(TOO_COSTLY).
        """
        sql, values = _statement(permit, sorted(kinds), people, note.at)
        rows = await self.database.noted(
            sql, values, replace(note, shown=10**6), limit=SECONDS, who=who(permit, note.at)
        )
        return [_entry(row) for row in rows]


def _statement(permit: Permit, kinds: Sequence[str], people: Collection[PersonId] | None, now: int) -> Sql:
    if not kinds or (people is not None and not people):
        return f"select {_COLUMNS} from entry e join entry_version v on 1 = 0 where 1 = 0", ()
    whose, names = _whose(permit, people, now)
    seen, values = visible(permit, now)
    sql = f"""select {_COLUMNS} from entry e
        join entry_version v on v.person_id = e.person_id and v.id = e.id and v.version = e.version
        where {whose} and e.kind {among(tuple(kinds))} and not e.deleted and {seen}
        order by e.person_id, e.kind, e.created, e.id"""
    return sql, (*names, *kinds, *values)


def _whose(permit: Permit, people: Collection[PersonId] | None, now: int) -> Sql:
    """Whose entries: so that the statement begins with people, and never walks through a whole population."""
    if people is not None:
        return f"e.person_id in (values {', '.join(['(?)'] * len(people))})", tuple(people)
    if permit.caller.role is Role.PERSON:
        return "e.person_id = ?", (permit.caller.person,)
    names = members(permit)
    sql = f"""e.person_id in (select m.person_id from team_member m
        where m.party {among(names)} and m.since <= ? and (m.until is null or m.until > ?))"""
    return sql, (*names, now, now)


def _entry(row: Row) -> Stored:
    made = stored(row[:-1], "body")
    made.created = row[-1]
    return made
