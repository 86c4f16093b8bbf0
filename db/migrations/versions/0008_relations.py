"""A relationship may open one entry alone, follow from an entry, and be known to few."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Whoever is on a team already is on all of it, by themselves, and in the open."""
    op.add_column("team_member", sa.Column("opens", WORDS, nullable=True))
    op.add_column("team_member", sa.Column("given_by", WORDS, nullable=True))
    op.add_column("team_member", sa.Column("restriction", WORDS, nullable=True))


def downgrade() -> None:
    """Who was asked and has not accepted would be on the team: they leave."""
    op.execute("delete from team_member where opens is not null")
    for column in ("opens", "given_by", "restriction"):
        op.drop_column("team_member", column)
