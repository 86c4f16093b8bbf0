"""The audit read back: the events of one person, newest first, by the primary key alone.

Ids of events are UUIDs of version 7 (RFC 9562): they begin with the moment they were made, so the key
`(person_id, id)` lies in the order of time and answers "who saw this person between two moments" without another index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from db.engine import Database, Note, Row, Who
from db.relations import once
from db.sight import Sql
from plan.audit import NO_LEAVE, Event
from plan.model import AgencyId, PersonId

COLUMNS = tuple(one.name for one in fields(Event) if one.name != "person")
_SLACK = 60_000
"""Milliseconds by which an id may be made before or after the moment that its event tells."""
_LAST = 2**48 - 1
"""The last moment that an id can begin with."""
_NAMED_AT_ONCE = 500
_SHOWN_AS = f"""case when allowed or question not in ({", ".join(f"'{word}'" for word in sorted(NO_LEAVE))})
    then action else 'E' end"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events of a person. `since` and `until`: milliseconds since 1970 UTC, both within; `before`: older than
    the event of this id. `among`: columns and the values that they may have; `actions`: those that it may be shown
    as, where a refusal for want of leave is shown as E, the decision that it is. `reader`: only the events that this
    agency may know of.
    """

    person: PersonId
    since: int = 0
    until: int = _LAST
    before: str = ""
    among: Mapping[str, Sequence[object]] = field(default_factory=dict)
    actions: Sequence[str] = ()
    reader: AgencyId | None = None
    count: int


def statement(wanted: Wanted) -> Sql:
    """The events, newest first, one more than `count` when there are more. Column 0: person, column 1: no section."""
    low, high = _begins(wanted.since - _SLACK), _begins(wanted.until + _SLACK) + "~"
    conditions, values = ["person_id = ?", "id > ?", "id < ?"], [wanted.person, low, wanted.before or high]
    more: list[object] = [*values]
    if wanted.before:
        conditions.append("id < ?")
        more.append(high)
    conditions += ["at >= ?", "at <= ?"]
    more += [wanted.since, wanted.until]
    among = {**wanted.among, **({_SHOWN_AS: wanted.actions} if wanted.actions else {})}
    for name, allowed in among.items():
        conditions.append(f"{name} in ({', '.join('?' * len(allowed))})" if allowed else "1 = 0")
        more += allowed
    known, values_of_known = _known(wanted.reader)
    sql = f"""select person_id, '' as section, {", ".join(COLUMNS)} from audit_event
        where {" and ".join(conditions)} and {known} order by id desc limit ?"""
    return sql, (*more, *values_of_known, wanted.count + 1)


def _known(reader: AgencyId | None) -> Sql:
    """That an agency may know of who acted: not of agencies whose only places on the team are a secret to it."""
    if reader is None:
        return "1 = 1", ()
    place = """select 1 from team_member tm where tm.person_id = audit_event.person_id and tm.party = audit_event.agency
        and tm.opens is null and tm.restriction"""
    secret = f"exists ({place} is not null and replace(tm.restriction, ?, '') = tm.restriction)"
    return f"(agency = ? or not {secret} or exists ({place} is null))", (reader, f",{reader},")


async def page(database: Database, wanted: Wanted, note: Note, name: Who) -> list[Event]:
    """The events that are wanted, one more than `count` when there are more; the look itself is noted by `note`."""
    return [_event(row) for row in await database.noted(*statement(wanted), note, who=name)]


async def one(
    database: Database, person: PersonId, id_: str, note: Note, name: Who, reader: AgencyId | None
) -> Event | None:
    """One event of a person that `reader` may know of."""
    known, values = _known(reader)
    sql = f"""select person_id, '' as section, {", ".join(COLUMNS)} from audit_event
        where person_id = ? and id = ? and {known}"""
    rows = await database.noted(sql, (person, id_, *values), note, who=name)
    return _event(rows[0]) if rows else None


async def concerned(database: Database, person: PersonId, auditor: Who) -> Who | None:
    """In whose name an auditor looks back at a person: whose agency is or was on the team, as of then; or one of whose
    workers was shown something of the plan, as the person. None for everybody else.

    Searches that showed nothing do not count: anybody can search.
    """
    name = await once(database, person, auditor)
    if name:
        return name
    looked = "select 1 from audit_event where person_id = ? and agency = ? and allowed and sections <> '' limit 1"
    found = await database.rows(looked, (person, auditor.agency), limit=1.0, who=auditor)
    return replace(auditor, person=person) if found else None


async def named(database: Database, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What the directory says of those of these ids that it knows: type and FHIR face, by id."""
    wanted = sorted(set(ids) - {""})
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(wanted), _NAMED_AT_ONCE):
        some = wanted[start : start + _NAMED_AT_ONCE]
        sql = f"""select id, type, fhir from directory_entry
            where person_id = '' and id in ({", ".join("?" * len(some))}) and not deleted"""
        found |= {row[0]: (row[1], row[2]) for row in await database.rows(sql, some)}
    return found


def _begins(at: int) -> str:
    """With what the ids of a moment begin."""
    stamp = f"{min(max(at, 0), _LAST):012x}"
    return f"{stamp[:8]}-{stamp[8:]}"


def _event(row: Row) -> Event:
    said = dict(zip(COLUMNS, row[2:], strict=True))
    said["sections"] = tuple(filter(None, said["sections"].split(",")))
    said["allowed"] = bool(said["allowed"])
    return Event(person=PersonId(row[0]), **said)
