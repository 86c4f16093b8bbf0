"""The rows of mails: which message was told by e-mail to which service, and what came of it."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from db.schema import Row, of_person


class Mail(Row, table=True):
    """One mail, once: `target` is the service of the directory that it goes to; its address is looked up when it goes.

    `state`: waiting, sending (handed over or about to be: whoever dies then hands it over again under the same
    Message-ID), done, dead (refused for good, or given up), withdrawn (not to be sent any more). `said`: what was
    answered last.
    """

    __tablename__ = "mail"
    __table_args__ = of_person()
    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    state: str
    tries: int = 0
    queued: int = Field(sa_type=BigInteger)
    tried: int = Field(default=0, sa_type=BigInteger)
    said: str = ""


CROSSING: frozenset[str] = frozenset()
"""A mail is about one person."""
