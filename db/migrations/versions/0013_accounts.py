"""Accounts, what their codes have used up, sessions, and how often signing in failed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TABLES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "account": (
        {
            **dict.fromkeys(("login", "subject", "agency", "role", "name", "fhir_user", "person", "stamp"), WORDS),
            "password": WORDS,
            "active": sa.Boolean,
            "must_use_totp": sa.Boolean,
            "totp": WORDS,
        },
        ("login",),
    ),
    "account_step": ({"login": WORDS, "step": sa.BigInteger}, ("login",)),
    "recovery_code": ({"login": WORDS, "digest": WORDS}, ("login", "digest")),
    "sign_in_session": (
        {"digest": WORDS, "login": WORDS, "stamp": WORDS, "begun": sa.BigInteger, "seen": sa.BigInteger},
        ("digest",),
    ),
    "sign_in_tally": (
        {"key": WORDS, "failures": sa.BigInteger, "last": sa.BigInteger, "until": sa.BigInteger},
        ("key",),
    ),
}


def upgrade() -> None:
    """Make the tables."""
    for table, (columns, key) in TABLES.items():
        op.create_table(
            table,
            *(sa.Column(name, kind, nullable=False) for name, kind in columns.items()),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
    op.create_index(op.f("ix_sign_in_session_login"), "sign_in_session", ["login"])


def downgrade() -> None:
    """Take them away."""
    for table in reversed(TABLES):
        op.drop_table(table)
