"""What changed in a plan since somebody read it, as their permit shows it at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from auth.access import Permit
from db.engine import Database, Note, Row
from db.rows import change
from db.sight import ONE, visible, who
from plan.model import Change, PersonId


@dataclass(frozen=True, slots=True)
class Mark:
    """What was read: the moment of the newest of it, and the moment of reading (milliseconds since 1970 UTC)."""

    newest: int
    read: int


async def is_open(database: Database, permit: Permit, person: PersonId, now: int) -> bool:
    """Whether anything of a plan can be seen."""
    seen, values = visible(permit, now)
    sql = f"select 1 from entry e where e.person_id = ? and not e.deleted and {seen} {ONE}"
    return bool(await database.rows(sql, (person, *values), who=who(permit, now)))


async def since(
    database: Database, permit: Permit, person: PersonId, mark: Mark, now: int, *, most: int, note: Note | None = None
) -> Sequence[Change]:
    """The changes after a mark, the oldest first, at most so many. Without a note nothing of them may be told.

    What was taken away before the reading was not there to be read, and is no news.
    """
    now_seen, now_values = visible(permit, now)
    then_seen, then_values = visible(permit, now, alias="c")
    sql = f"""select c.person_id, c.section, c.entry_id, c.type, c.kind, c.version, c.action, c.at, c.agency,
            c.by_subject, c.by_role, c.by_agency
        from change c join entry e on e.person_id = c.person_id and e.id = c.entry_id
        where c.person_id = ? and c.at > ? and not (e.deleted and c.at <= ?) and {now_seen} and {then_seen}
        order by c.at, c.seq limit ?"""
    bound = (person, mark.newest, mark.read, *now_values, *then_values, most)
    name = who(permit, now)
    rows: Sequence[Row]
    if note is None:
        rows = await database.rows(sql, bound, who=name)
    else:
        rows = await database.noted(sql, bound, note, who=name)
    return [change(row) for row in rows]
