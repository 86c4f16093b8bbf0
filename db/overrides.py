"""Overrides in the database: opened, ended, reviewed, and listed with what was done under each.

That one opens the plan is a row of the team under the same id, so that the one predicate of question 2 finds it
(db/sight.py); all else stands in the table `override`. What was done is counted from the audit, never kept twice.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from db.engine import Database, Row, Who, insert_head
from db.relations import Member
from db.sight import Sql
from db.writing import Writing
from plan.model import AgencyId, EntryId, PersonId, Subject
from plan.override import BREAK_THE_GLASS, OVERRIDE, party

_COLUMNS = """o.person_id, o.id, o.subject, o.agency, o.role, o.name, o.reason, o.text, o.since, o.until,
    o.reviewed_at, o.reviewed_by, o.outcome, o.comment"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One override, in the order of the table. Moments are milliseconds since 1970 UTC."""

    person: PersonId
    id: str
    subject: Subject
    agency: AgencyId
    role: str
    name: str
    reason: str
    text: str
    since: int
    until: int
    reviewed_at: int | None = None
    reviewed_by: str = ""
    outcome: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What was done under an override: how many events the audit has of it, and in which sections."""

    events: int = 0
    sections: frozenset[str] = frozenset()


def by_maker(subject: Subject, agency: AgencyId) -> Sql:
    """Those that one worker opened."""
    return "o.subject = ? and o.agency = ?", (subject, agency)


def by_agency(agency: AgencyId, now: int) -> Sql:
    """Those that an agency's auditor answers for: its own workers', and those of people whom it works with today."""
    team = """select 1 from team_member tm where tm.person_id = o.person_id and tm.party = ?
        and tm.opens is null and tm.since <= ? and (tm.until is null or tm.until > ?)"""
    return f"(o.agency = ? or exists ({team}))", (agency, agency, now, now)


async def open_(writing: Writing, one: Override) -> None:
    """Write it down, and let its maker in."""
    row = astuple(one)
    await writing.rows(f"{insert_head('override')} values ({', '.join('?' * len(row))})", row)
    await writing.rows("insert into whereabouts (id, person_id) values (?, ?)", (one.id, one.person))
    name = party(one.subject, one.agency)
    place = Member(id=one.id, party=name, basis=OVERRIDE, role=one.role, since=one.since, until=one.until)
    writing.join(one.person, place)


async def running(writing: Writing, person: PersonId, subject: Subject, agency: AgencyId) -> Override | None:
    """The one that a worker has of a person now."""
    whose, values = by_maker(subject, agency)
    sql = f"select {_COLUMNS} from override o where o.person_id = ? and {whose} and o.until > ?"
    return _one(await writing.rows(sql, (person, *values, writing.now)))


async def held(writing: Writing, id_: str, whose: Sql) -> Override | None:
    """One of these, and its person held; None when it is not there or is none of them."""
    person = await writing.whose(EntryId(id_), met=True)
    where, values = whose
    sql = f"select {_COLUMNS} from override o where o.person_id = ? and o.id = ? and {where}"
    return _one(await writing.rows(sql, (person, id_, *values))) if person else None


async def end(writing: Writing, one: Override) -> None:
    """It opens nothing from now on."""
    for table in ("override", "team_member"):
        sql = f"update {table} set until = ? where person_id = ? and id = ?"
        await writing.rows(sql, (writing.now, one.person, one.id))


async def review(writing: Writing, one: Override) -> None:
    """Leave what its review came to."""
    sql = """update override set reviewed_at = ?, reviewed_by = ?, outcome = ?, comment = ?
        where person_id = ? and id = ?"""
    await writing.rows(sql, (one.reviewed_at, one.reviewed_by, one.outcome, one.comment, one.person, one.id))


async def listed(
    database: Database, name: Who, whose: Sql, *, reviewed: bool, after: tuple[int, str], count: int
) -> list[Override]:
    """Those of them whose review has ended, or has not, the oldest first; one more than `count` when there are more."""
    where, values = whose
    state = "is not null" if reviewed else "is null"
    sql = f"""select {_COLUMNS} from override o where o.reviewed_at {state} and {where}
        and (o.since > ? or (o.since = ? and o.id > ?)) order by o.since, o.id limit ?"""
    since, id_ = after
    return [_read(row) for row in await database.rows(sql, (*values, since, since, id_, count + 1), who=name)]


async def used(database: Database, name: Who, some: Sequence[Override]) -> dict[str, Use]:
    """What was done under each, by its id."""
    if not some:
        return {}
    marks = ", ".join("?" * len(some))
    sql = f"""select o.id, a.sections, count(*) from override o join audit_event a on a.person_id = o.person_id
            and a.subject = o.subject and a.agency = o.agency and a.at between o.since and o.until
        where o.person_id in ({marks}) and o.id in ({marks}) and a.purpose = ? and a.allowed and a.type <> ?
        group by o.id, a.sections"""
    values = (*(one.person for one in some), *(one.id for one in some), BREAK_THE_GLASS, OVERRIDE)
    found = {one.id: Use() for one in some}
    for id_, sections, count in await database.rows(sql, values, who=name):
        before = found[id_]
        named = frozenset(name for name in sections.split(",") if name)
        found[id_] = Use(before.events + int(count), before.sections | named)
    return found


def _one(rows: Sequence[Row]) -> Override | None:
    return _read(rows[0]) if rows else None


def _read(row: Row) -> Override:
    return Override(**dict(zip(Override.__dataclass_fields__, row, strict=True)))
