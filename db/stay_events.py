"""Events of hospital feeds in the database: kept for each stay, known again by the sender's id, and feeds last heard.

An id is one event's, whoever it is about: where it led is kept beside the Idempotency-Keys, under a name that no
caller has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auth.access import Permit
from db.engine import Database, Transaction
from db.sight import among, visible
from db.writing import Writing
from plan.model import AgencyId, EntryId, PersonId, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One event in the order of the table; moments are milliseconds since 1970 UTC, `body` is JSON text."""

    person: PersonId
    agency: AgencyId
    id: str
    stay: EntryId
    type: str
    at: int
    said: str
    received: int
    digest: str
    body: str


async def heard(asked: Transaction | Writing, agency: AgencyId, now: int) -> None:
    """An agency's feed was heard of at this moment of the database's clock. An earlier one changes nothing."""
    sql = """insert into feed_heard (agency, at) values (?, ?)
        on conflict (agency) do update set at = excluded.at where feed_heard.at < excluded.at"""
    await asked.rows(sql, (agency, now))


async def feeds(asked: Database | Transaction | Writing, agencies: Iterable[str]) -> Mapping[AgencyId, int]:
    """When the feeds of these agencies were last heard of; those that never were are not there."""
    names = tuple(sorted(set(agencies)))
    if not names:
        return {}
    rows = await asked.rows(f"select agency, at from feed_heard where agency {among(names)}", names)
    return {AgencyId(agency): at for agency, at in rows}


async def of_stay(writing: Writing, person: PersonId, stay: EntryId) -> list[Kept]:
    """The events of a stay that are kept, in no order."""
    sql = """select person_id, agency, id, stay_id, type, at, said, received, digest, body from stay_event
        where person_id = ? and stay_id = ?"""
    return [
        Kept(**dict(zip(Kept.__dataclass_fields__, row, strict=True)))
        for row in await writing.rows(sql, (person, stay))
    ]


async def numbers(writing: Writing, person: PersonId, agency: AgencyId) -> Sequence[Stored]:
    """The stays of a person that an agency keeps, and those that anybody has deleted of them too."""
    sql = "select e.id from entry e where e.person_id = ? and e.kind = 'stay' and e.agency = ? order by e.created, e.id"
    ids = [EntryId(row[0]) for row in await writing.rows(sql, (person, agency))]
    found = [await writing.current(person, id_) for id_ in ids]
    return [one for one in found if one is not None]


async def seen(writing: Writing, permit: Permit, person: PersonId) -> Sequence[Stored]:
    """The stays of a person that a permit shows."""
    shown, values = visible(permit, writing.now)
    sql = f"select e.id from entry e where e.person_id = ? and e.kind = 'stay' and not e.deleted and {shown}"
    ids = [EntryId(row[0]) for row in await writing.rows(sql, (person, *values))]
    return [one for one in [await writing.current(person, id_) for id_ in ids] if one is not None]


def keep(writing: Writing, one: Kept) -> None:
    """Keep an event; Conflict at the end where another transaction has kept it in the meantime."""
    row = tuple(getattr(one, name) for name in Kept.__dataclass_fields__)
    writing.add("stay_event", *row)


def holder(agency: AgencyId) -> str:
    """Under which name the ids of an agency's events are kept. Names of callers have no space."""
    return f"stay events of {agency}"
