"""The authorization server: its clients, what is used once, grants, tokens and keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Columns = list[sa.Column[Any]]


def upgrade() -> None:
    """Make the tables; nobody has registered yet, and keys are made when the first is needed."""
    _table("auth_client", "id", [*_words("id"), *_moments("made"), *_words("body")])
    _table("auth_ticket", "kind id", [*_words("kind id"), _number("used"), *_moments("until"), *_words("body")])
    op.create_index(op.f("ix_auth_ticket_until"), "auth_ticket", ["until"])
    _table("auth_grant", "id", [*_words("id client subject"), _number("revoked"), *_moments("until"), *_words("body")])
    op.create_index(op.f("ix_auth_grant_subject"), "auth_grant", ["subject"])
    op.create_index(op.f("ix_auth_grant_client"), "auth_grant", ["client"])
    _table("auth_token", "id", [*_words("id kind grant_id client state"), *_moments("until")])
    op.create_index(op.f("ix_auth_token_state"), "auth_token", ["state", "kind", "until"])
    op.create_index(op.f("ix_auth_token_grant_id"), "auth_token", ["grant_id"])
    op.create_index(op.f("ix_auth_token_client"), "auth_token", ["client"])
    key = [*_words("use"), _number("number"), *_words("kid public sealed"), *_moments("since until")]
    _table("auth_key", "use number", key)


def downgrade() -> None:
    """Take them away: every client has to register again, and every token of ours ends."""
    for name in ("auth_key", "auth_token", "auth_grant", "auth_ticket", "auth_client"):
        op.drop_table(name)


def _table(name: str, key: str, columns: Columns) -> None:
    primary = sa.PrimaryKeyConstraint(*key.split(), name=op.f(f"pk_{name}"))
    op.create_table(name, *columns, primary, sqlite_with_rowid=False)


def _words(names: str) -> Columns:
    return [sa.Column(name, WORDS, nullable=False) for name in names.split()]


def _moments(names: str) -> Columns:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names.split()]


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)
