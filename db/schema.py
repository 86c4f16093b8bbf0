"""What all rows share: one metadata, the naming of rules and indexes, and how a row belongs to a person."""

from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, MetaData, Text
from sqlmodel import SQLModel

SCHEMA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WORDS = Text().with_variant(Text(collation="C"), "postgresql")
"""The type of every text column."""


class Row(SQLModel):
    """What every table shares: the one metadata."""

    metadata: ClassVar[MetaData] = SCHEMA


def of_person(*more: object) -> tuple[object, ...]:
    """The rules of a table that is a person's, and that they must be there."""
    return (*more, ForeignKeyConstraint(["person_id"], ["person.person_id"]))
