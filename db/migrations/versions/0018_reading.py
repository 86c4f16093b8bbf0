"""Reading: how far each reader has read a plan."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table: nobody has said that they have read anything."""
    op.create_table(
        "reading",
        *(sa.Column(name, WORDS, nullable=False) for name in ("person_id", "agency", "subject")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("seen", "at")),
        sa.PrimaryKeyConstraint("person_id", "agency", "subject", name=op.f("pk_reading")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_reading_person")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it away: everybody is told of the last thirty days again."""
    op.drop_table("reading")
