"""Mails: which message was told by e-mail to which service."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("person_id", "entry_id", "target", "state"), WORDS),
    "tries": sa.Integer(),
    "queued": sa.BigInteger(),
    "tried": sa.BigInteger(),
    "said": WORDS,
}


def upgrade() -> None:
    """Make the table: nothing was mailed before."""
    op.create_table(
        "mail",
        *(sa.Column(name, kind, nullable=False) for name, kind in COLUMNS.items()),
        sa.PrimaryKeyConstraint("person_id", "entry_id", "target", name=op.f("pk_mail")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_mail_person")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it away, and what was still to be sent."""
    op.execute("delete from job where kind = 'mail'")
    op.drop_table("mail")
