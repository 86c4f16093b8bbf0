"""What the search values of the database were made with."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table. It is empty: what stands in the database is to be made anew."""
    op.create_table(
        "built_with",
        sa.Column("what", WORDS, nullable=False),
        sa.Column("version", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_built_with")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("built_with")
