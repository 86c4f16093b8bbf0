"""Events of hospital feeds, and when each feed was last heard of."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; nothing has happened."""
    words = ("person_id", "agency", "id", "stay_id", "type")
    op.create_table(
        "stay_event",
        *[sa.Column(name, WORDS, nullable=False) for name in words],
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("said", WORDS, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("body", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "agency", "id", name=op.f("pk_stay_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_stay_event_person")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_stay_event_person_id"), "stay_event", ["person_id", "stay_id"])
    op.create_table(
        "feed_heard",
        sa.Column("agency", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("agency", name=op.f("pk_feed_heard")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away."""
    op.execute("delete from idempotency_key where caller like 'stay events of %'")
    op.drop_table("feed_heard")
    op.drop_table("stay_event")
