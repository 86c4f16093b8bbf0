"""The columns of a read, and the words of the plan that they become."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from db.engine import Row
from db.sight import restriction_of
from plan.model import AgencyId, Change, EntryId, PersonId, Section, Stored, Subject

Face = Literal["fhir", "body"]
_SECTIONS = {section.value: section for section in Section}
_HEAD = "person_id, section, id, type, kind, agency, author, status, slot, restriction, deleted"
_BY = "by_subject, by_role, by_agency"

NATIVE = """e.person_id, e.section, e.id, e.type, e.kind, e.agency, e.author, e.restriction, e.version, e.updated,
    e.created, e.body"""
"""The columns of `native`."""
WHOLE = f"select {NATIVE}, e.status, e.slot, e.deleted, e.fhir"
"""The beginning of a statement that reads an entry with both faces."""


@cache
def current(face: Face) -> str:
    """The columns of `stored` from the current row of an entry, which does not say whose hand it was."""
    return f"{_prefixed('e', _HEAD)}, e.{face}, e.version, e.updated, '' as x, '' as y, '' as z"


@cache
def then(face: Face) -> str:
    """The columns of `stored` from one of an entry's versions."""
    return f"{_prefixed('v', _HEAD)}, v.{face}, v.version, v.at, {_prefixed('v', _BY)}, v.reason"


def _prefixed(alias: str, names: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in names.split(", "))


def stored(row: Row, face: Face) -> Stored:
    """An entry, or one of its versions."""
    person, section, id_, type_, kind, agency, author, status, slot, restriction, deleted, text, version, at, *by = row
    return Stored(
        person=person,
        id=id_,
        type=type_,
        kind=kind,
        section=_SECTIONS[section],
        agency=agency,
        author=author,
        status=status,
        slot=slot,
        restriction=restriction_of(restriction) if restriction else None,
        deleted=bool(deleted),
        version=version,
        at=at,
        by_subject=by[0],
        by_role=by[1],
        by_agency=by[2],
        reason="".join(by[3:]),
        body=text if face == "body" else "",
        fhir=text if face == "fhir" else "",
    )


def one(rows: Sequence[Row], face: Face) -> Stored | None:
    """The entry of the only row, if there is one."""
    return stored(rows[0], face) if rows else None


def change(row: Row) -> Change:
    """A line of the feed."""
    person, section, entry, type_, kind, version, action, at, agency, subject, role, by_agency = row
    return Change(
        person=PersonId(person),
        entry=EntryId(entry),
        type=type_,
        kind=kind,
        section=Section(section),
        version=version,
        action=action,
        at=at,
        agency=AgencyId(agency),
        by_subject=Subject(subject),
        by_role=role,
        by_agency=AgencyId(by_agency),
    )


def whole(rows: Sequence[Row]) -> Stored | None:
    """The entry of the only row of a `WHOLE`, if there is one."""
    if not rows:
        return None
    *row, status, slot, deleted, fhir = rows[0]
    return native(row, status=status, slot=slot, deleted=bool(deleted), fhir=fhir)


def native(row: Sequence[Any], **more: Any) -> Stored:
    """An entry with its native face. `more`: further fields of Stored."""
    person, section, id_, type_, kind, agency, author, restriction, version, at, created, body = row
    return Stored(
        person=PersonId(person),
        id=EntryId(id_),
        type=type_,
        kind=kind,
        section=Section(section),
        agency=AgencyId(agency),
        author=Subject(author),
        restriction=restriction_of(restriction),
        version=version,
        at=at,
        created=created,
        body=body,
        **more,
    )
