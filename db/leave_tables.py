"""The rows that the access decision reads: who is on a person's team, and what the person decided on sharing.

Both are projected from entries in the transaction that writes them, so that leave is never older than the plan.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from db.schema import Row, of_person


class TeamMember(Row, table=True):
    """Who has a relationship with a person, from when until when, on which basis: question 2 of the access decision.

    `party` is the id of an agency, or `user:` and the subject of the person or carer who acts for themself.
    `opens`: the only entry that this row opens, as to somebody who is asked and has not accepted; null: the plan.
    `given_by`: the entry that it follows from, and ends with. `restriction`: who may know of it, where not all may.
    """

    __tablename__ = "team_member"
    __table_args__ = of_person(Index(None, "party", "person_id"))
    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    party: str
    basis: str
    role: str = ""
    worker: str = ""
    since: int = Field(sa_type=BigInteger)
    until: int | None = Field(default=None, sa_type=BigInteger)
    opens: str | None = None
    given_by: str | None = None
    restriction: str | None = None


class ConsentRule(Row, table=True):
    """What the person decided on sharing, one row a consent, grantee and section: question 4.

    `party`: `agency:ID`, `role:ROLE` or `user:SUBJECT`; `decision`: permit or deny.
    """

    __tablename__ = "consent_rule"
    __table_args__ = of_person(Index(None, "party", "person_id"))
    person_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    party: str = Field(primary_key=True)
    section: str = Field(primary_key=True)
    decision: str
    since: int = Field(sa_type=BigInteger)
    until: int | None = Field(default=None, sa_type=BigInteger)


CROSSING: frozenset[str] = frozenset()
"""Tables that are not a person's: none of these."""
