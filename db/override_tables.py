"""The rows of overrides: who opened whose plan, why, until when, and what the review of it came to."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from db.schema import Row, of_person


class Override(Row, table=True):
    """One override. That it opens the plan stands in the team, under the same id (plan/override.py).

    `reviewed_at` is set by the review that ends it; a review that asks for more leaves only its words.
    """

    __tablename__ = "override"
    __table_args__ = of_person(Index(None, "reviewed_at", "since", "id"), Index(None, "subject", "agency"))
    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    subject: str
    agency: str
    role: str
    name: str
    reason: str
    text: str = Field(sa_type=Text)
    since: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    reviewed_at: int | None = Field(default=None, sa_type=BigInteger)
    reviewed_by: str = ""
    outcome: str = ""
    comment: str = Field(default="", sa_type=Text)


CROSSING: frozenset[str] = frozenset()
"""Every override is of a person."""
