"""The rows. Every person-owned table is keyed by person first, so any engine that shards by key can take the schema.

Moments are whole milliseconds since 1970 UTC; faces are JSON text, so that a number keeps the digits it was written
with. The two tables that cross people (`identifier`, `whereabouts`) are one key look-up each. The directory belongs to
no person: tables of its own with the same columns, whose `person_id` is always empty, so that one set of statements
serves both shelves. Text compares by code point on every database: one order everywhere, whatever the machine's locale
is or becomes, and an index that serves prefixes.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Text, UniqueConstraint
from sqlmodel import AutoString, Field

from db import (
    account_tables,
    audit_tables,
    calendar_tables,
    feed_tables,
    kept_tables,
    leave_tables,
    mail_tables,
    override_tables,
    reading_tables,
    schema,
    server_tables,
    stay_tables,
)
from db.schema import WORDS, Row, of_person

SCHEMA = schema.SCHEMA
"""Every table of the database."""


class _Entry(Row):
    """The columns of an entry on either shelf."""

    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    type: str
    kind: str
    section: str
    agency: str
    author: str
    status: str = ""
    slot: str | None = None
    restriction: str | None = None
    due: int | None = Field(default=None, sa_type=BigInteger)
    version: int
    created: int = Field(sa_type=BigInteger)
    updated: int = Field(sa_type=BigInteger)
    deleted: bool = False
    body: str = Field(sa_type=Text)
    fhir: str = Field(sa_type=Text)


class _Version(Row):
    """Every version of an entry: who, when, in which role, for which agency, by which door, why."""

    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    type: str
    kind: str
    section: str
    agency: str
    author: str
    status: str = ""
    slot: str | None = None
    restriction: str | None = None
    at: int = Field(sa_type=BigInteger)
    by_subject: str
    by_role: str
    by_agency: str
    door: str
    reason: str = ""
    deleted: bool = False
    body: str = Field(sa_type=Text)
    fhir: str = Field(sa_type=Text)


class _Token(Row):
    """Search values that are codes, identifiers and booleans."""

    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    param: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    type: str


class _Reference(Row):
    """Search values that point: `system` is the target's type, `code` its id, or the whole address without a type."""

    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    param: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    type: str


class _String(Row):
    """Search values that are text, folded (case, accents, white space)."""

    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    param: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    type: str


class _Date(Row):
    """Search values that are stretches of time, both ends included; open ends are the smallest and largest value."""

    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    param: str = Field(primary_key=True)
    low: int = Field(primary_key=True, sa_type=BigInteger)
    high: int = Field(primary_key=True, sa_type=BigInteger)
    type: str


class _Number(Row):
    """Search values that are numbers, as keys in their order (plan.number), with their unit: both ends included."""

    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    param: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    low: str = Field(primary_key=True)
    high: str = Field(primary_key=True)
    type: str


class Person(Row, table=True):
    """The lock and the clock of one person: every write takes this row first, so a person's changes have one order."""

    __tablename__ = "person"
    person_id: str = Field(primary_key=True)
    created: int = Field(sa_type=BigInteger)
    seq: int = Field(default=0, sa_type=BigInteger)
    at: int = Field(default=0, sa_type=BigInteger)


class Entry(_Entry, table=True):
    """Everything in a plan. `slot` holds what a plan has once (root, team, each section): unique, so it stays one."""

    __tablename__ = "entry"
    __table_args__ = of_person(
        UniqueConstraint("person_id", "slot"),
        Index(None, "person_id", "type", "updated", "id"),
        Index(None, "type", "updated", "id"),
    )


class EntryVersion(_Version, table=True):
    """Older and current versions of entries."""

    __tablename__ = "entry_version"
    __table_args__ = of_person(Index(None, "type", "at", "id", "version"), Index(None, "at", "id", "version"))


class Change(Row, table=True):
    """The feed of what changed, in commit order for each person; never content. `seq` never leaves the service."""

    __tablename__ = "change"
    __table_args__ = of_person()
    person_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    entry_id: str
    type: str
    kind: str
    section: str
    version: int
    action: str
    agency: str
    restriction: str | None = None
    by_subject: str
    by_role: str
    by_agency: str


def _searchable(column: str) -> Index:
    return Index(None, "type", "param", column, "person_id", "entry_id")


class SearchToken(_Token, table=True):
    """Token values of entries."""

    __tablename__ = "search_token"
    __table_args__ = (_searchable("code"),)


class SearchReference(_Reference, table=True):
    """Reference values of entries."""

    __tablename__ = "search_reference"
    __table_args__ = (_searchable("code"),)


class SearchString(_String, table=True):
    """Text values of entries."""

    __tablename__ = "search_string"
    __table_args__ = (_searchable("code"),)


class SearchDate(_Date, table=True):
    """Stretches of time of entries."""

    __tablename__ = "search_date"
    __table_args__ = (_searchable("low"),)


class SearchNumber(_Number, table=True):
    """Numbers and quantities of entries."""

    __tablename__ = "search_number"
    __table_args__ = (_searchable("low"),)


class Identifier(Row, table=True):
    """Crosses people: one person for each identifier of a system that names people."""

    __tablename__ = "identifier"
    system: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    person_id: str = Field(index=True)


class Whereabouts(Row, table=True):
    """Crosses people: whose an entry is, for addresses that name the entry alone. Empty: it stands in the directory."""

    __tablename__ = "whereabouts"
    id: str = Field(primary_key=True)
    person_id: str


class DirectoryEntry(_Entry, table=True):
    """Agencies, workers, roles, places: readable by everybody who is signed in."""

    __tablename__ = "directory_entry"
    __table_args__ = (Index(None, "type", "updated", "id"),)


class DirectoryVersion(_Version, table=True):
    """Older and current versions of directory entries."""

    __tablename__ = "directory_entry_version"
    __table_args__ = (Index(None, "type", "at", "id", "version"), Index(None, "at", "id", "version"))


class DirectoryToken(_Token, table=True):
    """Token values of the directory."""

    __tablename__ = "directory_search_token"
    __table_args__ = (_searchable("code"),)


class DirectoryReference(_Reference, table=True):
    """Reference values of the directory."""

    __tablename__ = "directory_search_reference"
    __table_args__ = (_searchable("code"),)


class DirectoryString(_String, table=True):
    """Text values of the directory."""

    __tablename__ = "directory_search_string"
    __table_args__ = (_searchable("code"),)


class DirectoryDate(_Date, table=True):
    """Stretches of time of the directory."""

    __tablename__ = "directory_search_date"
    __table_args__ = (_searchable("low"),)


class DirectoryNumber(_Number, table=True):
    """Numbers and quantities of the directory."""

    __tablename__ = "directory_search_number"
    __table_args__ = (_searchable("low"),)


class IdempotencyKey(Row, table=True):
    """What came of an action that carried an Idempotency-Key: where it led, never what it said."""

    __tablename__ = "idempotency_key"
    caller: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    status: int = Field(sa_column=Column(Integer, nullable=False))
    person_id: str
    entry_id: str
    version: int
    at: int = Field(sa_type=BigInteger)


class CharterVersion(Row, table=True):
    """Every charter that was ever in force here, so that a decision can be read again under its own."""

    __tablename__ = "charter"
    version: str = Field(primary_key=True)
    since: int = Field(sa_type=BigInteger)
    content: str = Field(sa_type=Text)


class ExportJob(Row, table=True):
    """A bulk export that was asked for: whose it is and what of; what it shows is read when it is fetched."""

    __tablename__ = "export_job"
    id: str = Field(primary_key=True)
    owner: str
    version: str
    request: str = Field(sa_type=Text)
    level: str
    types: str
    people: str = Field(sa_type=Text)
    since: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)


class BuiltWith(Row, table=True):
    """What derived rows were made with, so that a newer version of the service knows what it is to make anew."""

    __tablename__ = "built_with"
    what: str = Field(primary_key=True)
    version: str


_OWN = {"identifier", "whereabouts", "idempotency_key", "charter", "export_job", "built_with"}
_ELSEWHERE = (
    account_tables,
    audit_tables,
    calendar_tables,
    feed_tables,
    kept_tables,
    leave_tables,
    mail_tables,
    override_tables,
    reading_tables,
    server_tables,
    stay_tables,
)
CROSSING = _OWN.union(*(tables.CROSSING for tables in _ELSEWHERE))
"""Tables that are not a person's: a look-up across people, a caller's own, the deployment's own."""

for _table in SCHEMA.tables.values():
    for _column in _table.columns:
        if isinstance(_column.type, AutoString | Text):
            _column.type = WORDS

for _table in SCHEMA.tables.values():
    # Rows that are mostly key need no second tree on SQLite; those that hold faces are too long to lie in one.
    _table.dialect_options["sqlite"]["with_rowid"] = _table.name.endswith(("entry", "entry_version"))
