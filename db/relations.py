"""What the store knows of somebody's relation to a person: rows of the team, rules of consents, what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auth.access import Permit, Standing
from db.engine import Database, Row, Who
from db.sight import Sql, among, members, parties, restriction_of, restriction_text
from plan.model import AgencyId, EntryId, PersonId, Section
from plan.override import OVERRIDE

MEMBER = "id, party, basis, role, worker, since, until, opens, given_by, restriction"
"""The columns of a row of the team, in the order in which `member_of` reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A row of the team: an agency, or `user:SUBJECT`, from when until when; the rest as db.leave_tables says."""

    id: str
    party: str
    basis: str
    role: str = ""
    worker: str = ""
    since: int = 0
    until: int | None = None
    opens: EntryId | None = None
    given_by: str | None = None
    restriction: frozenset[AgencyId] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A consent as the access decision reads it."""

    party: str
    sections: tuple[Section, ...]
    decision: str
    since: int
    until: int | None = None


def member_of(row: Row) -> Member:
    """A row of the team, read."""
    id_, party, basis, role, worker, since, until, opens, given_by, restriction = row
    made = Member(id=id_, party=party, basis=basis, role=role, worker=worker, since=since, until=until)
    return replace(made, opens=opens, given_by=given_by, restriction=restriction_of(restriction))


def row_of(person: PersonId, one: Member) -> tuple[object, ...]:
    """A row of the team, to be written."""
    what = (one.id, one.party, one.basis, one.role, one.worker, one.since, one.until)
    return (person, *what, one.opens, one.given_by, restriction_text(one.restriction))


async def once(database: Database, person: PersonId, name: Who) -> Who | None:
    """The name of an agency that is on a person's team, or as of the last moment at which it was; None for others.

    A wall in the database lets in who works with the person at the moment that the name tells. Who is only asked by a
    task is not on the team, and was not.
    """
    sql = """select since, until from team_member where person_id = ? and party = ? and opens is null
        and (until is null or until > since)"""
    rows = await database.rows(sql, (person, name.agency), who=name)
    moments = [max(name.now, since) if until is None or until > name.now else until - 1 for since, until in rows]
    return replace(name, now=max(moments)) if moments else None


def said(permit: Permit, person: PersonId, now: int) -> Sql:
    """What the team and the consents say of a caller today: rows for `stands`."""
    names = members(permit)
    sql = f"""select 'team' as what, basis, '' as section, opens, restriction from team_member
            where person_id = ? and party {among(names)} and since <= ? and (until is null or until > ?)
        union all select 'consent', decision, section, null, null from consent_rule
            where person_id = ? and party in (?, ?, ?) and since <= ? and (until is null or until > ?)"""
    return sql, (person, *names, now, now, person, *parties(permit), now, now)


def stands(permit: Permit, rows: Sequence[Row]) -> Standing:
    """What these rows come to. One row that opens the whole plan opens it; one that all may know of is known to all.

    A place on the team comes before an override.
    """
    said = {
        word: frozenset(Section(row[2]) for row in rows if row[0] == "consent" and row[1] == word)
        for word in ("permit", "deny")
    }
    team = [row for row in rows if row[0] == "team"]
    whole = [row for row in team if row[3] is None]
    whole = [row for row in whole if row[1] != OVERRIDE] or whole
    known_to = [restriction_of(row[4]) for row in whole]
    return Standing(
        related=bool(team) and (not permit.by_consent or bool(said["permit"])),
        basis=next((row[1] for row in [*whole, *team]), ""),
        opened=said["permit"],
        closed=said["deny"],
        entries=None if whole or not team else frozenset(EntryId(row[3]) for row in team),
        known_to=None if None in known_to or not whole else frozenset().union(*filter(None, known_to)),
    )
