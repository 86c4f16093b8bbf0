"""Webhooks: another channel of the subscriptions that are there, with its secrets and what came of each message."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COLUMNS = {
    "delivery": (
        ("tries", sa.Integer(), "0"),
        ("tried", sa.BigInteger(), "0"),
        ("due", sa.BigInteger(), "0"),
        ("answer", sa.Integer(), "0"),
        ("said", WORDS, "''"),
    ),
    "subscription": (
        ("failing", sa.BigInteger(), "0"),
        ("channel", WORDS, "'fhir'"),
        ("body", WORDS, "''"),
    ),
}
"""Table, and each new column with what stands in the rows that are there."""


def upgrade() -> None:
    """Make them; what is there already is told by FHIR."""
    for table, columns in COLUMNS.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(default)))
        with op.batch_alter_table(table, table_kwargs={"sqlite_with_rowid": False}) as batch:
            for name, _, _ in columns:
                batch.alter_column(name, server_default=None)
    op.create_table(
        "webhook_secret",
        sa.Column("subscription_id", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", WORDS, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_webhook_secret")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away; webhooks end with them."""
    op.execute("delete from delivery where subscription_id in (select id from subscription where channel <> 'fhir')")
    op.execute("delete from subscription where channel <> 'fhir'")
    op.drop_table("webhook_secret")
    for table, columns in COLUMNS.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
