"""The first schema: people and their plans, the directory, the audit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Columns = list[sa.Column[Any]]
SHELVES = ("", "directory_")
"""What belongs to people, and what belongs to nobody: the same columns, tables of their own."""
WITH_ROWID = ("entry", "entry_version")
"""Tables of long rows; all others are one B-tree on SQLite, in the order of their keys."""
SEARCHED = {"token": "system code", "reference": "system code", "string": "code"}


def upgrade() -> None:
    """Make every table, the person first: the others refer to it."""
    _table("person", "person_id", [*_words("person_id"), *_moments("created seq at")])
    for shelf in SHELVES:
        _entries(shelf)
        _versions(shelf)
        _searched(shelf)
    _of_the_plan()
    _of_the_service()


def downgrade() -> None:
    """Take every table away; the person last."""
    for shelf in SHELVES:
        for family in (*SEARCHED, "date"):
            op.drop_table(f"{shelf}search_{family}")
        op.drop_table(f"{shelf}entry_version")
        op.drop_table(f"{shelf}entry")
    for name in ("change", "team_member", "consent_rule", "audit_event", "identifier", "whereabouts"):
        op.drop_table(name)
    for name in ("idempotency_key", "charter", "person"):
        op.drop_table(name)


def _entries(shelf: str) -> None:
    name = f"{shelf}entry"
    times = [*_moments("due", nullable=True), _number("version"), *_moments("created updated")]
    columns = [*_words("person_id id"), *_said(), *times, *_faces()]
    _table(name, "person_id id", columns, *([] if shelf else [_of_person(name), _one_in_a_slot()]))
    if not shelf:
        op.create_index(op.f("ix_entry_person_id"), name, ["person_id", "type", "updated", "id"])
    op.create_index(op.f(f"ix_{name}_type"), name, ["type", "updated", "id"])


def _versions(shelf: str) -> None:
    name = f"{shelf}entry_version"
    hand = [*_moments("at"), *_words("by_subject by_role by_agency door reason")]
    columns = [*_words("person_id id"), _number("version"), *_said(), *hand, *_faces()]
    _table(name, "person_id id version", columns, *([] if shelf else [_of_person(name)]))


def _said() -> Columns:
    return [*_words("type kind section agency author status"), *_words("slot restriction", nullable=True)]


def _faces() -> Columns:
    return [_truth("deleted"), *_words("body fhir")]


def _searched(shelf: str) -> None:
    for family, values in SEARCHED.items():
        name, key = f"{shelf}search_{family}", f"person_id entry_id param {values}"
        _table(name, key, _words(f"{key} type"))
        op.create_index(op.f(f"ix_{name}_type"), name, ["type", "param", "code", "person_id", "entry_id"])
    name, key = f"{shelf}search_date", "person_id entry_id param low high"
    columns = [*_words("person_id entry_id param"), *_moments("low high"), *_words("type")]
    _table(name, key, columns)
    op.create_index(op.f(f"ix_{name}_type"), name, ["type", "param", "low", "person_id", "entry_id"])


def _of_the_plan() -> None:
    what = [*_words("entry_id type kind section"), _number("version"), *_words("action agency")]
    hand = [*_words("restriction", nullable=True), *_words("by_subject by_role by_agency")]
    columns = [*_words("person_id"), *_moments("seq at"), *what, *hand]
    _table("change", "person_id seq", columns, _of_person("change"))
    span = [*_moments("since"), *_moments("until", nullable=True)]
    columns = [*_words("person_id id party basis role worker"), *span]
    _table("team_member", "person_id id", columns, _of_person("team_member"))
    span = [*_moments("since"), *_moments("until", nullable=True)]
    columns = [*_words("person_id entry_id party section decision"), *span]
    _table("consent_rule", "person_id entry_id party section", columns, _of_person("consent_rule"))
    for name in ("team_member", "consent_rule"):
        op.create_index(op.f(f"ix_{name}_party"), name, ["party", "person_id"])


def _of_the_service() -> None:
    who = _words("subject agency role purpose client action door type target sections")
    decision = [_truth("allowed"), *_words("question charter request")]
    _table("audit_event", "person_id id", [*_words("person_id id"), *_moments("at"), *who, *decision])
    _table("identifier", "system value", _words("system value person_id"))
    op.create_index(op.f("ix_identifier_person_id"), "identifier", ["person_id"])
    _table("whereabouts", "id", _words("id person_id"))
    led = [_number("status"), *_words("person_id entry_id"), _number("version"), *_moments("at")]
    _table("idempotency_key", "caller key", [*_words("caller key digest"), *led])
    _table("charter", "version", [*_words("version"), *_moments("since"), *_words("content")])


def _table(name: str, key: str, columns: Columns, *more: sa.Constraint) -> None:
    primary = sa.PrimaryKeyConstraint(*key.split(), name=op.f(f"pk_{name}"))
    op.create_table(name, *columns, primary, *more, sqlite_with_rowid=name.endswith(WITH_ROWID))


def _of_person(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f(f"fk_{table}_person"))


def _one_in_a_slot() -> sa.Constraint:
    return sa.UniqueConstraint("person_id", "slot", name=op.f("uq_entry_person_id_slot"))


def _words(names: str, *, nullable: bool = False) -> Columns:
    return [sa.Column(name, WORDS, nullable=nullable) for name in names.split()]


def _moments(names: str, *, nullable: bool = False) -> Columns:
    return [sa.Column(name, sa.BigInteger, nullable=nullable) for name in names.split()]


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


def _truth(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False)
