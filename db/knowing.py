"""What the coordination rules are told: everything of one person, and what the directory says of the agencies at work.

The worker reads it whole, under the person's lock; somebody at a door gets what their permit shows of it (db.store).
"""

from collections.abc import Iterable, Sequence

from auth.access import Permit
from db.engine import Database, Note, Row, Transaction
from db.relations import MEMBER, Member, member_of
from db.rows import NATIVE, native
from db.sight import among, visible, who
from plan.known import Rule
from plan.model import AgencyId, EntryId, PersonId, Section, Stored
from plan.override import OVERRIDE

_ENTRIES = f"""select {NATIVE}, v.by_role, v.by_agency
    from entry e join entry_version v on v.person_id = e.person_id and v.id = e.id and v.version = e.version
    where e.person_id = ? and not e.deleted"""
_TEAM = f"select {MEMBER} from team_member where person_id = ? and basis <> '{OVERRIDE}' order by since, id"
_RULES = "select entry_id, party, section, decision, since, until from consent_rule where person_id = ?"


async def entries(transaction: Transaction, person: PersonId) -> list[Stored]:
    """Every entry of a person as it is now, native faces, with who wrote this version."""
    return [_stored(row) for row in await transaction.rows(_ENTRIES, (person,))]


async def entries_of(database: Database, permit: Permit, person: PersonId, note: Note) -> list[Stored]:
    """The entries of a person that a permit shows, the same way."""
    seen, values = visible(permit, note.at)
    sql = f"{_ENTRIES} and {seen}"
    rows = await database.noted(sql, (person, *values), note, who=who(permit, note.at))
    return [_stored(row) for row in rows]


async def team(transaction: Transaction, person: PersonId) -> list[Member]:
    """The team, past and present, those in secret too."""
    return [member_of(row) for row in await transaction.rows(_TEAM, (person,))]


async def rules(transaction: Transaction, person: PersonId) -> tuple[Rule, ...]:
    """What the person's consents decide."""
    rows = await transaction.rows(_RULES, (person,))
    return tuple(
        Rule(entry=EntryId(e), party=party, section=Section(section), decision=said, since=since, until=until)
        for e, party, section, said, since, until in rows
    )


async def team_of(database: Database, permit: Permit, person: PersonId, now: int) -> list[Member]:
    """The part of the team that a caller may know of. Asked for somebody whose plan they were shown just now."""
    members = [member_of(row) for row in await database.rows(_TEAM, (person,), who=who(permit, now))]
    return [one for one in members if permit.sees(AgencyId(one.party), one.restriction)]


async def directory(
    asked: Database | Transaction, agencies: Iterable[str], others: Iterable[str] = ()
) -> Sequence[Row]:
    """Type and R4 face of these agencies and of the services that they say they provide; of others, theirs alone."""
    names = tuple(sorted(set(agencies)))
    called = tuple(sorted({*names, *others}))
    if not called:
        return []
    names = names or ("",)
    sql = f"""select e.type, e.fhir from directory_entry e where e.person_id = '' and not e.deleted
            and e.type = 'Organization' and e.id {among(called)}
        union all select e.type, e.fhir from directory_search_reference r
            join directory_entry e on e.person_id = '' and e.id = r.entry_id
            where r.person_id = '' and r.param = 'organization' and r.type = 'HealthcareService'
            and r.system = 'Organization' and r.code {among(names)} and not e.deleted"""
    return await asked.rows(sql, (*called, *names))


async def workers(asked: Database | Transaction, agency: str) -> Sequence[str]:
    """The workers of an agency, as `PractitionerRole/id`."""
    sql = """select r.entry_id from directory_search_reference r join directory_entry e
            on e.person_id = '' and e.id = r.entry_id and not e.deleted
        where r.person_id = '' and r.param = 'organization' and r.type = 'PractitionerRole'
            and r.system = 'Organization' and r.code = ?"""
    return [f"PractitionerRole/{row[0]}" for row in await asked.rows(sql, (agency,))]


def _stored(row: Row) -> Stored:
    *one, by_role, by_agency = row
    return native(one, by_role=by_role, by_agency=by_agency)
