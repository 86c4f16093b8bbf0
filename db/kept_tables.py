"""The forms that were sent when a session had ended: kept closed for an hour, for the account that wrote them.

They belong to an account, not to a person whom a plan is about; what is in them nobody can read here.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from db.schema import Row


class KeptForm(Row, table=True):
    """One form, under the digest of a token that only the browser has."""

    __tablename__ = "kept_form"
    __table_args__ = (Index(None, "at"),)
    digest: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    sealed: str


CROSSING = frozenset({"kept_form"})
"""Tables that are no person's."""
