"""Calendars in the database: made, renewed, ended, and found again by the digest of the secret in their address."""

from dataclasses import astuple, dataclass

from db.engine import Database, Row, Who, insert_head
from db.writing import Writing
from plan.model import AgencyId, PersonId, Subject

HOUR = 3_600_000
_COLUMNS = """c.person_id, c.id, c.digest, c.login, c.stamp, c.subject, c.agency, c.role, c.scopes, c.patient,
    c.purpose, c.details, c.created, c.until, c.fetched, c.since, c.fetches"""
_OWN = "c.person_id = ? and c.agency = ? and c.subject = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeed:
    """One address of a calendar, in the order of the table. Moments are milliseconds since 1970 UTC."""

    person: PersonId
    id: str
    digest: str
    login: str
    stamp: str
    subject: Subject
    agency: AgencyId
    role: str
    scopes: str
    patient: str
    purpose: str
    details: bool
    created: int
    until: int
    fetched: int = 0
    since: int = 0
    fetches: int = 0


async def add(writing: Writing, one: CalendarFeed) -> None:
    """Keep a new one; it is found by the digest from now on."""
    row = astuple(one)
    await writing.rows(f"{insert_head('calendar_feed')} values ({', '.join('?' * len(row))})", row)
    await writing.rows("insert into whereabouts (id, person_id) values (?, ?)", (one.digest, one.person))


async def own(writing: Writing, person: PersonId, agency: AgencyId, subject: Subject) -> list[CalendarFeed]:
    """Those that somebody has of a person, the oldest first."""
    sql = f"select {_COLUMNS} from calendar_feed c where {_OWN} order by c.created, c.id"
    return [_read(row) for row in await writing.rows(sql, (person, agency, subject))]


async def renew(writing: Writing, one: CalendarFeed, until: int) -> None:
    """Serve it longer."""
    await writing.rows("update calendar_feed set until = ? where person_id = ? and id = ?", (until, one.person, one.id))


async def end(writing: Writing, one: CalendarFeed) -> None:
    """Its address leads nowhere from now on."""
    await writing.rows("delete from calendar_feed where person_id = ? and id = ?", (one.person, one.id))


async def found(database: Database, digest: str, now: int) -> CalendarFeed | None:
    """The one whose secret has this digest."""
    whose = await database.rows("select person_id from whereabouts where id = ?", (digest,))
    if not whose:
        return None
    sql = f"select {_COLUMNS} from calendar_feed c where c.person_id = ? and c.digest = ?"
    rows = await database.rows(sql, (whose[0][0], digest), who=_stranger(whose[0][0], now))
    return _read(rows[0]) if rows else None


async def count(database: Database, one: CalendarFeed, now: int) -> int:
    """One more fetch; how many there were in this hour."""
    sql = """update calendar_feed set fetched = ?, fetches = case when since = ? then fetches + 1 else 1 end, since = ?
        where person_id = ? and id = ? returning fetches"""
    hour = now - now % HOUR
    async with database.transaction(_stranger(one.person, now)) as transaction:
        rows = await transaction.rows(sql, (now, hour, hour, one.person, one.id))
    return int(rows[0][0]) if rows else 0


def _stranger(person: PersonId, now: int) -> Who:
    """Who knocks with a secret has no name yet: that there is a calendar of this person is all that they are shown."""
    return Who(now=now, meeting=person)


def _read(row: Row) -> CalendarFeed:
    said = dict(zip(CalendarFeed.__dataclass_fields__, row, strict=True))
    return CalendarFeed(**{**said, "details": bool(said["details"])})
