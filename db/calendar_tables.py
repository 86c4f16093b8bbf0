"""The rows of calendars: who may have a person's visits in their own calendar, by an address that is a secret."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from db.schema import Row, of_person


class CalendarFeed(Row, table=True):
    """One address of a calendar. `digest` is of its secret, which is kept nowhere; whose it is stands in `whereabouts`.

    `login` and `stamp`: the account that made it, as it was then; `scopes` and `patient`: what its app was allowed.
    `until`: up to when it is served. `fetched`: when last; `fetches` of the hour that began at `since`.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = of_person()
    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    digest: str
    login: str
    stamp: str
    subject: str
    agency: str
    role: str
    scopes: str
    patient: str
    purpose: str
    details: bool
    created: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    fetched: int = Field(default=0, sa_type=BigInteger)
    since: int = Field(default=0, sa_type=BigInteger)
    fetches: int = 0


CROSSING: frozenset[str] = frozenset()
"""A calendar is of one person."""
