"""Numbers can be searched, and what changed can be read in the order of time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SHELVES = ("", "directory_")
KEY = ("person_id", "entry_id", "param", "system", "code", "low", "high")
IN_TIME = (("type", "at", "id", "version"), ("at", "id", "version"))


def upgrade() -> None:
    """Make the tables of numbers, and the order of time on versions."""
    for shelf in SHELVES:
        name = f"{shelf}search_number"
        columns = [sa.Column(column, WORDS, nullable=False) for column in (*KEY, "type")]
        primary = sa.PrimaryKeyConstraint(*KEY, name=op.f(f"pk_{name}"))
        op.create_table(name, *columns, primary, sqlite_with_rowid=False)
        op.create_index(op.f(f"ix_{name}_type"), name, ["type", "param", "low", "person_id", "entry_id"])
        for columns_ in IN_TIME:
            op.create_index(op.f(f"ix_{shelf}entry_version_{columns_[0]}"), f"{shelf}entry_version", list(columns_))


def downgrade() -> None:
    """Take them away."""
    for shelf in SHELVES:
        for first, *_ in IN_TIME:
            op.drop_index(op.f(f"ix_{shelf}entry_version_{first}"), f"{shelf}entry_version")
        op.drop_table(f"{shelf}search_number")
