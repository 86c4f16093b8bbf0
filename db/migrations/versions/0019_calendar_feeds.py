"""Calendars: addresses by which somebody has a person's visits in their own calendar."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("person_id", "id", "digest", "login", "stamp", "subject", "agency", "role", "scopes"), WORDS),
    **dict.fromkeys(("patient", "purpose"), WORDS),
    "details": sa.Boolean(),
    **dict.fromkeys(("created", "until", "fetched", "since"), sa.BigInteger()),
    "fetches": sa.Integer(),
}


def upgrade() -> None:
    """Make the table: nobody had a calendar before."""
    op.create_table(
        "calendar_feed",
        *(sa.Column(name, kind, nullable=False) for name, kind in COLUMNS.items()),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_calendar_feed")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_calendar_feed_person")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it away: no address of a calendar is served any more."""
    op.drop_table("calendar_feed")
