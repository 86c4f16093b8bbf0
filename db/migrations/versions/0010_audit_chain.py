"""Chains in the audit. What was noted before is sealed into one chain of its own, 1000 events a link."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.audit_chain import Head, linked

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Columns = list[sa.Column[Any]]
AT_ONCE = 1000
OPENER = "migration 0010"
"""Who seals what was noted before: until then anybody could have changed it."""


def upgrade() -> None:
    """Make the table of chains, and the events anew with their chain."""
    keys = [*_words("id"), _number("form"), _long("opened"), *_words("opener"), _long("start"), *_words("hash")]
    key = sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain"))
    op.create_table("audit_chain", *keys, key, sqlite_with_rowid=False)
    _out_of_the_way()
    made = _events(*_words("chain"), _long("number"), *_words("hash"))
    op.create_index(op.f("ix_audit_event_chain"), "audit_event", ["chain", "number"])
    _seal(made)
    op.drop_table("audit_event_before")


def downgrade() -> None:
    """Keep what happened, and forget the chains."""
    op.drop_index(op.f("ix_audit_event_chain"), "audit_event")
    _out_of_the_way()
    names = ", ".join(column.name for column in _events().columns)
    op.execute(f"insert into audit_event ({names}) select {names} from audit_event_before")
    op.drop_table("audit_event_before")
    op.drop_table("audit_chain")


def _out_of_the_way() -> None:
    op.rename_table("audit_event", "audit_event_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table audit_event_before rename constraint pk_audit_event to pk_audit_event_before")


def _events(*more: sa.Column[Any]) -> sa.Table:
    who = _words("subject agency role purpose client action door type target sections")
    decision = [sa.Column("allowed", sa.Boolean, nullable=False), *_words("question charter request")]
    key = sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_audit_event"))
    columns = [*_words("person_id id"), _long("at"), *who, *decision, *more]
    return op.create_table("audit_event", *columns, key, sqlite_with_rowid=False)


def _seal(events: sa.Table) -> None:
    connection, head = op.get_bind(), Head("before-0010")
    names = [column.name for column in events.columns]
    page = sa.text(
        f"select {', '.join(names[:-3])} from audit_event_before where (person_id, id) > (:person_id, :id)"
        f" order by person_id, id limit {AT_ONCE}"
    )
    last: dict[str, Any] = {"person_id": "", "id": ""}
    while found := connection.execute(page, last).all():
        head, rows = linked(head, [tuple(row) for row in found])
        made = [dict(zip(names, row, strict=True)) for row in rows]
        connection.execute(events.insert(), [{**row, "allowed": bool(row["allowed"])} for row in made])
        last = {name: made[-1][name] for name in last}
    if head.number:
        row = sa.text("insert into audit_chain values (:id, :form, :opened, :opener, 0, '')")
        values = dict(zip(("id", "form", "opened"), head.row(), strict=False))
        connection.execute(row, {**values, "opener": OPENER})


def _words(names: str) -> Columns:
    return [sa.Column(name, WORDS, nullable=False) for name in names.split()]


def _long(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)
