"""How a person's consents came to be: every version of each, for the person and for an agency's auditor.

An auditor has no section of any plan, so the permit's predicate shows them nothing; this statement asks for consents
alone, of people whose team the auditor's agency is or was on, and for the caller's own side of a restriction.
"""

from collections.abc import Sequence

from auth.access import Permit
from db.engine import Database, Note, Who
from db.relations import once
from db.rows import stored, then
from db.sight import who
from plan.model import PersonId, Role, Stored

Mark = tuple[int, str, int]
"""Where a page ended: moment, id and version."""
_OPEN = "({x}.restriction is null or {x}.agency = ? or replace({x}.restriction, ?, '') <> {x}.restriction)"


async def concerned(database: Database, permit: Permit, person: PersonId, now: int) -> Who | None:
    """In whose name a person's consents are looked at: their own, or an auditor's whose agency is or was on the team.

    For an agency that has left it is the last moment at which it was there: a wall in the database lets it in as then.
    """
    name = who(permit, now)
    if permit.caller.role is Role.PERSON:
        return name if permit.caller.person == person else None
    return await once(database, person, name)


async def history(
    database: Database, name: Who, person: PersonId, note: Note, after: Mark, count: int
) -> Sequence[Stored]:
    """Their versions, the oldest first, native faces; one more than `count` when there are more."""
    agency, (at, id_, version) = name.agency, after
    open_ = " and ".join(_OPEN.format(x=alias) for alias in "ve")
    sql = f"""select {then("body")}
        from entry_version v join entry e on e.person_id = v.person_id and e.id = v.id
        where v.person_id = ? and v.type = 'Consent' and {open_}
            and (v.at > ? or (v.at = ? and (v.id > ? or (v.id = ? and v.version > ?))))
        order by v.at, v.id, v.version limit ?"""
    mine = (agency, f",{agency},")
    values = (person, *mine, *mine, at, at, id_, id_, version, count + 1)
    return [stored(row, "body") for row in await database.noted(sql, values, note, who=name)]
