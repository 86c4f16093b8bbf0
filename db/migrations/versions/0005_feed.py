"""Subscriptions: who wants to hear of what, what they shall be told, and the jobs of the worker."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Columns = list[sa.Column[Any]]


def upgrade() -> None:
    """Make the tables; every person begins without news."""
    columns = [*_words("person_id kind id"), *_moments("due lease"), _number("tries"), *_moments("since")]
    _table("job", "person_id kind id", columns)
    op.create_index(op.f("ix_job_due"), "job", ["due", "lease"])
    columns = [*_words("person_id subscription_id"), *_moments("seq"), *_words("state"), *_moments("number queued")]
    whose = sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_delivery_person"))
    _table("delivery", "person_id subscription_id seq", columns, whose)
    queue = ["subscription_id", "state", "number", "queued", "person_id", "seq"]
    op.create_index(op.f("ix_delivery_subscription_id"), "delivery", queue)
    who = _words("agency subject role purpose client owner party scopes base dialect")
    when = _moments("created updated expires events sent")
    head = [*_words("id"), _number("version"), *_words("status"), _truth("deleted")]
    _table("subscription", "id", [*head, *who, *when, *_words("fhir")])
    op.create_index(op.f("ix_subscription_agency"), "subscription", ["agency", "subject"])
    op.create_index(op.f("ix_subscription_party"), "subscription", ["party", "status"])
    columns = [*_words("id"), _number("version"), *_moments("at"), _truth("deleted"), *_words("fhir")]
    _table("subscription_version", "id version", columns)


def downgrade() -> None:
    """Take them away."""
    for name in ("subscription_version", "subscription", "delivery", "job"):
        op.drop_table(name)


def _table(name: str, key: str, columns: Columns, *more: sa.Constraint) -> None:
    primary = sa.PrimaryKeyConstraint(*key.split(), name=op.f(f"pk_{name}"))
    op.create_table(name, *columns, primary, *more, sqlite_with_rowid=False)


def _words(names: str) -> Columns:
    return [sa.Column(name, WORDS, nullable=False) for name in names.split()]


def _moments(names: str) -> Columns:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names.split()]


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


def _truth(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False)
