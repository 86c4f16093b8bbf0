"""What a permit lets through, as SQL: the one predicate that every statement about people carries.

It joins question 2 (on the team today, or the person) and question 4 (consents, restrictions) to the sections that the
permit already narrowed to, so that totals, pages and orders are made of what may be seen and of nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from auth.access import Permit
from auth.scopes import Grant
from db.engine import Who
from plan import override
from plan.model import AgencyId, PersonId, Role, Section
from plan.query import Token

Sql = tuple[str, tuple[object, ...]]
"""A piece of a statement with `?`, and the values for it."""

DIRECTORY = "directory_"
"""What the names of the directory's tables begin with."""

_ENTRY = {"c": "entry_id"}
"""The column that names the entry, of aliases where it is not `id`."""
ONE = "limit 1 offset 0"
"""Keeps PostgreSQL from making one large join of what is to be looked up row by row: it would guess the order badly."""
_TODAY = "{t}.since <= ? and ({t}.until is null or {t}.until > ?)"


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, when (milliseconds since 1970 UTC), and which types stand in the directory."""

    permit: Permit
    now: int
    directory: frozenset[str]

    def prefix(self, type_: str) -> str:
        """What the names of the tables begin with in which entries of this type stand."""
        return DIRECTORY if type_ in self.directory else ""

    def seen(self, prefix: str, alias: str) -> Sql:
        """The predicate on an entry of either shelf: the directory is open to everybody whose app may read the type."""
        return listed(self.permit, alias) if prefix else visible(self.permit, self.now, alias=alias)


def parties(permit: Permit) -> tuple[str, str, str]:
    """Under which names consents speak of this caller: agency, role, the caller in person."""
    caller = permit.caller
    return (f"agency:{caller.agency}", f"role:{caller.role.value}", f"user:{caller.subject}")


def member(permit: Permit) -> str:
    """Under which name the team knows this caller: the agency, or a carer in person."""
    return f"user:{permit.caller.subject}" if permit.by_consent else permit.caller.agency


def members(permit: Permit) -> tuple[str, ...]:
    """Every name under which the team knows this caller: their own overrides too, when the request relies on them."""
    caller = permit.caller
    if caller.purpose != override.BREAK_THE_GLASS or caller.role not in override.ROLES:
        return (member(permit),)
    return (member(permit), override.party(caller.subject, caller.agency))


def who(permit: Permit, now: int) -> Who:
    """What a database with a wall of its own is told of who looks: a caller may have every relation that it has there,
    whatever the role's letters and the consents leave of it.
    """
    caller = permit.caller
    if caller.role is Role.PERSON:
        return Who(now=now, person=caller.person or "", agency=caller.agency, subject=caller.subject)
    names = (member(permit), override.party(caller.subject, caller.agency))
    return Who(now=now, agency=caller.agency, subject=caller.subject, parties=names)


def among(names: tuple[str, ...]) -> str:
    """That a name is one of these, as SQL."""
    return f"in ({', '.join('?' * len(names))})"


def visible(permit: Permit, now: int, *, alias: str = "e") -> Sql:
    """The predicate on a row `alias` that has person_id, section, agency and restriction; `c` for a change."""
    if not permit.letters or (permit.caller.role is Role.PERSON and permit.caller.person is None):
        return "1 = 0", ()
    types = permit.scopes.types
    if types is not None and not types:
        return "1 = 0", ()
    within, limits = ("", ()) if permit.scopes.plain else granted(permit, alias)
    sections = ",".join(sorted(permit.letters))
    named = None if types is None else ",".join(sorted(types))
    names = members(permit)
    text = (
        _predicate(sections, named, permit.caller.role is Role.PERSON, permit.by_consent, among(names), alias) + within
    )
    agency = permit.caller.agency
    if permit.caller.role is Role.PERSON:
        return text, (permit.caller.person, agency, f",{agency},", *limits)
    consent = (*parties(permit), now, now)
    carer = consent if permit.by_consent else ()
    return text, (*names, now, now, *consent, *carer, agency, f",{agency},", *limits)


def listed(permit: Permit, alias: str) -> Sql:
    """The predicate on a row of the directory, which belongs to nobody: what the scopes let the app read."""
    types = permit.scopes.listed
    if types is None:
        return f"{alias}.person_id = ''", ()
    return (
        (f"{alias}.person_id = '' and {alias}.type in ({_quoted(','.join(sorted(types)))})", ())
        if types
        else ("1 = 0", ())
    )


def granted(permit: Permit, alias: str) -> Sql:
    """What scopes add that hold of some entries only: of the patient of the launch, of some categories.

    An entry has the categories that its index says now; so have its versions and the changes that it went through.
    """
    parts = [_alike(grant, types, permit.caller.patient, alias) for grant, types in permit.scopes.looking]
    return f" and ({' or '.join(text for text, _ in parts)})", tuple(value for _, some in parts for value in some)


def _alike(grant: Grant, types: frozenset[str], patient: PersonId | None, e: str) -> Sql:
    """What grants of these types let through that are alike in all else."""
    parts = ["1 = 1"] if "*" in types else [f"{e}.type in ({_quoted(','.join(sorted(types)))})"]
    values: list[object] = []
    if grant.but:
        parts.append(f"{e}.type not in ({_quoted(','.join(sorted(grant.but)))})")
    if grant.bound:
        parts.append(f"{e}.person_id = ?")
        values.append(patient)
    for any_of in grant.within:
        text, some = _category(any_of, e)
        parts.append(text)
        values += some
    return " and ".join(parts), tuple(values)


def _category(any_of: frozenset[Token], e: str) -> Sql:
    """That the index has one of these categories of an entry. Lists, for alternatives have a depth that is limited."""
    codes = [(t.code,) for t in any_of if t.system is None]
    systems = [(t.system,) for t in any_of if t.code is None]
    pairs = [(t.system, t.code) for t in any_of if t.system is not None and t.code is not None]
    said: dict[str, Sequence[tuple[object, ...]]]
    said = {"g.code": codes, "g.system": systems, "(g.system, g.code)": pairs}
    lists = [f"{what} in (values {_rows(rows)})" for what, rows in said.items() if rows]
    entry = f"{e}.{_ENTRY.get(e, 'id')}"
    text = f"""exists (select 1 from search_token g where g.person_id = {e}.person_id and g.entry_id = {entry}
        and g.param = 'category' and ({" or ".join(lists)}) {ONE})"""
    return text, tuple(value for rows in said.values() for row in rows for value in row)


def _rows(rows: Sequence[tuple[object, ...]]) -> str:
    return ", ".join(f"({', '.join('?' * len(row))})" for row in rows)


@lru_cache(maxsize=512)
def _predicate(sections: str, types: str | None, person: bool, by_consent: bool, names: str, e: str) -> str:  # noqa: FBT001
    within = f"{e}.section in ({_quoted(sections)})"
    if types is not None:
        within += f" and {e}.type in ({_quoted(types)})"
    # Not LIKE: it knows no upper and lower case on SQLite, and agencies do.
    unrestricted = f"({e}.restriction is null or {e}.agency = ? or replace({e}.restriction, ?, '') <> {e}.restriction)"
    if person:
        return f"{within} and {e}.person_id = ? and {unrestricted}"
    team = f"""exists (select 1 from team_member tm where tm.person_id = {e}.person_id and tm.party {names}
        and (tm.opens is null or tm.opens = {e}.{_ENTRY.get(e, "id")}) and {_TODAY})"""
    rule = f"select 1 from consent_rule cr where cr.person_id = {e}.person_id and cr.section = {e}.section"
    said = f"cr.party in (?, ?, ?) and {_TODAY.format(t='cr')}"
    closed = f"not exists ({rule} and cr.decision = 'deny' and {said})"
    parts = [within, team.format(t="tm"), closed]
    if by_consent:
        opened = rule.replace(f" and cr.section = {e}.section", f" and {e}.section in ('{Section.FRAME}', cr.section)")
        parts.append(f"exists ({opened} and cr.decision = 'permit' and {said})")
    return " and ".join([*parts, unrestricted])


def _quoted(words: str) -> str:
    """Words of our own (sections, types that the scope grammar admits: letters only) as SQL text."""
    return ", ".join(f"'{word}'" for word in words.split(","))


def restriction_text(restriction: frozenset[AgencyId] | None) -> str | None:
    """A restriction as it is stored: `,A,B,`; None for none."""
    return None if restriction is None else f",{','.join(sorted(restriction))},"


def restriction_of(text: str | None) -> frozenset[AgencyId] | None:
    """A stored restriction as a set."""
    return None if text is None else frozenset(AgencyId(name) for name in text.split(",") if name)
