"""The rows of who has read how far: each reader's own, for nobody else to see."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from db.schema import Row, of_person


class Reading(Row, table=True):
    """How far one reader has read one plan.

    `seen`: the newest moment of what they were shown; `at`: when they marked it as read.
    """

    __tablename__ = "reading"
    __table_args__ = of_person()
    person_id: str = Field(primary_key=True)
    agency: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    seen: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)


CROSSING: frozenset[str] = frozenset()
"""Whoever has read, it was somebody's plan."""
