"""Kept forms: what was typed when a session ended."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table: nothing was kept before."""
    op.create_table(
        "kept_form",
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_kept_form")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_kept_form_at"), "kept_form", ["at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("kept_form")
