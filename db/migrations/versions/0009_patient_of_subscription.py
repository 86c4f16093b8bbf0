"""Whom the `patient/` words of a subscription's owner speak of."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column: the tokens behind the subscriptions that are there were bound to no launch."""
    op.add_column("subscription", sa.Column("patient", WORDS, nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("subscription", "patient")
