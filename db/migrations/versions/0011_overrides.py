"""Overrides: who opened whose plan without a relationship, and what the review came to."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table; nobody has opened anything."""
    words = ("person_id", "id", "subject", "agency", "role", "name", "reason", "text")
    review = ("reviewed_by", "outcome", "comment")
    op.create_table(
        "override",
        *[sa.Column(name, WORDS, nullable=False) for name in words],
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("reviewed_at", sa.BigInteger, nullable=True),
        *[sa.Column(name, WORDS, nullable=False) for name in review],
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_override")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_override_person")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_override_reviewed_at"), "override", ["reviewed_at", "since", "id"])
    op.create_index(op.f("ix_override_subject"), "override", ["subject", "agency"])


def downgrade() -> None:
    """Take it away, and with it the relationships that it made."""
    op.execute("delete from team_member where basis = 'override'")
    op.execute("delete from whereabouts where id in (select id from override)")
    op.drop_table("override")
