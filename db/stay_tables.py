"""The rows of hospital feeds: every event of a stay, and when each agency's feed was last heard of."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from db.schema import Row, of_person


class StayEvent(Row, table=True):
    """An event of a hospital's feed, kept as it was sent: the stay is told from all of them (plan.stay_events).

    `agency`: who sent it, under whose ids it is known; `stay_id`: the entry; `at`: when it happened, `said` the same as
    it was written; `received`: when it came. An edit is what somebody wrote into the stay by hand.
    """

    __tablename__ = "stay_event"
    __table_args__ = of_person(Index(None, "person_id", "stay_id"))
    person_id: str = Field(primary_key=True)
    agency: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    stay_id: str
    type: str
    at: int = Field(sa_type=BigInteger)
    said: str
    received: int = Field(sa_type=BigInteger)
    digest: str
    body: str = Field(sa_type=Text)


class FeedHeard(Row, table=True):
    """When an agency's feed was last heard of, by the database's own clock; it never moves back."""

    __tablename__ = "feed_heard"
    agency: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)


CROSSING = frozenset({"feed_heard"})
"""A feed is an agency's, and says nothing of anybody."""
