"""Bulk exports that were asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    names = ("id", "owner", "version", "request", "level", "types", "people")
    words = [sa.Column(name, WORDS, nullable=False) for name in names]
    moments = [sa.Column(name, sa.BigInteger, nullable=False) for name in ("since", "at")]
    op.create_table(
        "export_job",
        *words,
        *moments,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_job")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("export_job")
