"""The rows of the audit: what was seen and done, and the chains that show whether anybody changed that since.

How the links are made: db/audit_chain.py. Why there are many chains and not one: docs/decisions, "Chains of the audit".
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from db.schema import Row


class AuditEvent(Row, table=True):
    """Who saw or did what, by which door, under which charter; append-only, no plan content.

    Events that concern no person (the directory, a bad token) have an empty `person_id`. Ids are UUIDv7, so the primary
    key lies in the order of time and answers "who saw this person between two moments" by itself. `chain` and `number`
    say which link the event is part of; `hash` is the link's, the same in all its events.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "chain", "number"),)
    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    subject: str
    agency: str
    role: str
    purpose: str
    client: str
    action: str
    door: str
    type: str
    target: str
    sections: str
    allowed: bool
    question: str
    charter: str
    request: str
    chain: str
    number: int = Field(sa_type=BigInteger)
    hash: str


class AuditChain(Row, table=True):
    """A chain of links, which one connection of one process writes: the deployment's own.

    `form`: how its links are written out to be hashed. `opener`: the machine and process that writes it. `start` and
    `hash`: the last link that is no longer kept, 0 and empty as long as all are there.
    """

    __tablename__ = "audit_chain"
    id: str = Field(primary_key=True)
    form: int
    opened: int = Field(sa_type=BigInteger)
    opener: str
    start: int = Field(default=0, sa_type=BigInteger)
    hash: str = ""


CROSSING = {"audit_chain"}
"""Tables of the audit that are not a person's."""
