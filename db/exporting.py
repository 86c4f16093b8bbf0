"""A caller's whole caseload, read in stretches: what a bulk export hands out, as it stood at one moment.

Every stretch is a statement of its own that carries the permit's predicate of that very moment, so leave that is taken
away in the middle of an export holds from the next stretch on.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from auth.access import Permit
from db.engine import Database, Note
from db.sight import member, visible, who
from plan.model import PersonId, Role

PEOPLE = 50
"""People in one stretch."""
ENTRIES = 500
"""Entries in one stretch, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What is exported: everything that stood at `until` and came after `since` (milliseconds, since 1970 UTC).

    `people`: only these, when any are named.
    """

    since: int
    until: int
    people: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What was asked for. `version`: of FHIR; `request`: the address; `level`: system, patient or group; `types`: only
    these, when any are named.
    """

    id: str
    version: str
    request: str
    level: str
    types: tuple[str, ...]
    extent: Extent


class Exporting:
    """The jobs, and the stretches that they show, of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, owner: str, job: Job, note: Note) -> None:
        """Put a job down, with its audit event."""
        extent = job.extent
        listed = (",".join(job.types), ",".join(extent.people), extent.since, extent.until)
        row = (job.id, owner, job.version, job.request, job.level, *listed)
        async with self._database.transaction() as transaction:
            await transaction.change({}, {"export_job": [row], "audit_event": [note.event("", "", found=True)]})

    async def job(self, id_: str, owner: str, since: int) -> Job | None:
        """A job of an owner that was put down after a moment."""
        sql = """select id, version, request, level, types, people, since, at from export_job
            where id = ? and owner = ? and at > ?"""
        rows = await self._database.rows(sql, (id_, owner, since))
        if not rows:
            return None
        found, version, request, level, types, people, after, at = rows[0]
        extent = Extent(since=after, until=at, people=tuple(PersonId(one) for one in people.split(",") if one))
        listed = tuple(filter(None, types.split(",")))
        return Job(id=found, version=version, request=request, level=level, types=listed, extent=extent)

    async def forget(self, id_: str) -> None:
        """Take a job away."""
        async with self._database.transaction() as transaction:
            await transaction.change({"export_job": [(id_,)]}, {})

    async def people(self, permit: Permit, extent: Extent, now: int) -> AsyncIterator[Sequence[PersonId]]:
        """Those whom this caller works with today, in stretches; the person alone for the person."""
        if permit.caller.role is Role.PERSON or permit.only:
            own = permit.only
            if own and (not extent.people or own in extent.people):
                yield [own]
            return
        named = f"and t.person_id in ({_marks(extent.people)})" if extent.people else ""
        sql = f"""select distinct t.person_id from team_member t where t.party = ? and t.since <= ?
            and (t.until is null or t.until > ?) and t.person_id > ? {named} order by t.person_id limit ?"""
        after = ""
        while True:
            values = (member(permit), now, now, after, *extent.people, PEOPLE)
            rows = await self._database.rows(sql, values, who=who(permit, now))
            if rows:
                yield [PersonId(row[0]) for row in rows]
            if len(rows) < PEOPLE:
                return
            after = rows[-1][0]

    async def entries(
        self, permit: Permit, people: Sequence[PersonId], type_: str, extent: Extent, note: Note, after: tuple[str, str]
    ) -> Sequence[tuple[str, str, str, str]]:
        """Person, section, id and R4 face of the entries of a type that come after `after` (person and id)."""
        seen, values = _stood(permit, people, note.at, extent)
        sql = f"""select e.person_id, v.section, e.id, v.fhir {seen} and not v.deleted and e.type = ?
            and (e.person_id, e.id) > (?, ?) order by e.person_id, e.id limit ?"""
        rows = await self._database.noted(sql, (*values, type_, *after, ENTRIES), note, who=who(permit, note.at))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    async def deleted(
        self, permit: Permit, people: Sequence[PersonId], extent: Extent, note: Note
    ) -> Sequence[tuple[str, str]]:
        """Type and id of what these people had at `since` and had no longer at `until`."""
        seen, values = _stood(permit, people, note.at, extent)
        sql = f"select e.person_id, v.section, e.type, e.id {seen} and v.deleted order by e.person_id, e.id"
        shown = replace(note, shown=len(people) * ENTRIES)
        rows = await self._database.noted(sql, values, shown, who=who(permit, note.at))
        return [(row[2], row[3]) for row in rows]

    async def types(self, permit: Permit, people: Sequence[PersonId], extent: Extent, note: Note) -> dict[str, int]:
        """How many entries of each type there are."""
        seen, values = _stood(permit, people, note.at, extent)
        sql = f"select e.type, count(*) {seen} and not v.deleted group by e.type"
        return {row[0]: row[1] for row in await self._database.rows(sql, values, who=who(permit, note.at))}

    async def listed(self, type_: str, extent: Extent, note: Note, after: str) -> Sequence[tuple[str, str]]:
        """Id and R4 face of the directory's entries of a type that come after an id."""
        sql = f"""select e.person_id, v.section, e.id, v.fhir {_DIRECTORY} and not v.deleted and e.type = ? and e.id > ?
            order by e.id limit ?"""
        values = (extent.until, extent.since, type_, after, ENTRIES)
        return [(row[2], row[3]) for row in await self._database.noted(sql, values, note)]

    async def listed_types(self, extent: Extent) -> dict[str, int]:
        """How many entries of each type the directory has."""
        sql = f"select e.type, count(*) {_DIRECTORY} and not v.deleted group by e.type"
        return {row[0]: row[1] for row in await self._database.rows(sql, (extent.until, extent.since))}


_NEWEST = """select max(x.version) from {shelf}entry_version x
    where x.person_id = e.person_id and x.id = e.id and x.at <= ?"""
_DIRECTORY = f"""from directory_entry e join directory_entry_version v on v.person_id = e.person_id and v.id = e.id
    where e.person_id = '' and v.version = ({_NEWEST.format(shelf="directory_")}) and v.at > ?"""


def _stood(permit: Permit, people: Sequence[PersonId], now: int, extent: Extent) -> tuple[str, tuple[object, ...]]:
    """The versions that stood at `until`, of what may be seen today and could be seen in that form."""
    now_seen, now_values = visible(permit, now)
    then_seen, then_values = visible(permit, now, alias="v")
    sql = f"""from entry e join entry_version v on v.person_id = e.person_id and v.id = e.id
        where e.person_id in ({_marks(people)}) and {now_seen} and {then_seen}
        and v.version = ({_NEWEST.format(shelf="")}) and v.at > ?"""
    return sql, (*people, *now_values, *then_values, extent.until, extent.since)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
