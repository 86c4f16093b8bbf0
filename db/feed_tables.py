"""The rows of the worker: jobs, subscriptions, and what each subscription has to be told (docs/decisions/0029)."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from db.schema import Row, of_person


class Job(Row, table=True):
    """What is to be done, and when: taken by whichever worker is first, done again when that one dies.

    `kind` says who does it; `since` is its own memory (of `spread`: up to which `seq` the person's changes are told).
    Nobody takes it before `due`, nor before `lease`, which its taker sets to when he is given up. Jobs of no person
    have an empty `person_id`.
    """

    __tablename__ = "job"
    __table_args__ = (Index(None, "due", "lease"),)
    person_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    due: int = Field(sa_type=BigInteger)
    lease: int = Field(default=0, sa_type=BigInteger)
    tries: int = 0
    since: int = Field(default=0, sa_type=BigInteger)


class Delivery(Row, table=True):
    """A change that a subscription shall hear of, and what came of it.

    `state`: waiting (nobody has asked leave to send it yet), sending (it has its number), done, dead (given up),
    withdrawn (leave was lost before it was taken). `number` counts what was sent to one subscription, from 1; 0 while
    it waits. Where each change is a message of its own (webhooks): `tries` it has had, `tried` when last, `due` when it
    may be tried next, and what was made of it: the status in `answer`, 0 for none, and a sentence in `said`.
    """

    __tablename__ = "delivery"
    __table_args__ = of_person(Index(None, "subscription_id", "state", "number", "queued", "person_id", "seq"))
    person_id: str = Field(primary_key=True)
    subscription_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    state: str
    number: int = Field(default=0, sa_type=BigInteger)
    queued: int = Field(sa_type=BigInteger)
    tries: int = 0
    tried: int = Field(default=0, sa_type=BigInteger)
    due: int = Field(default=0, sa_type=BigInteger)
    answer: int = 0
    said: str = ""


class Subscription(Row, table=True):
    """Who wants to hear of what, as whom: no person's, and shown to its owner alone.

    `party`: under which name the team of a person knows the owner; `scopes`: what the owner's token allowed, as SMART
    words, and `patient` whom `patient/` words speak of; `expires`: until when it is believed; `base` and `dialect`: in
    which version of FHIR notices are written.
    `events` counts what was sent, `sent` is when; `failing`: since when nothing was taken any more, 0 when it is.
    `channel` says how it is told: `fhir` by the Subscription in `fhir`, `webhook` by the terms in `body`.
    """

    __tablename__ = "subscription"
    __table_args__ = (Index(None, "agency", "subject"), Index(None, "party", "status"))
    id: str = Field(primary_key=True)
    version: int
    status: str
    deleted: bool = False
    agency: str
    subject: str
    role: str
    purpose: str
    client: str
    owner: str
    patient: str | None = None
    party: str
    scopes: str
    base: str
    dialect: str
    created: int = Field(sa_type=BigInteger)
    updated: int = Field(sa_type=BigInteger)
    expires: int = Field(sa_type=BigInteger)
    events: int = Field(default=0, sa_type=BigInteger)
    sent: int = Field(default=0, sa_type=BigInteger)
    failing: int = Field(default=0, sa_type=BigInteger)
    channel: str = "fhir"
    fhir: str = Field(sa_type=Text)
    body: str = Field(default="", sa_type=Text)


class SubscriptionVersion(Row, table=True):
    """Every version of a subscription."""

    __tablename__ = "subscription_version"
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    deleted: bool = False
    fhir: str = Field(sa_type=Text)


class WebhookSecret(Row, table=True):
    """A secret that signs what a webhook is sent, sealed; `until`: when it no longer does, 0 until further notice."""

    __tablename__ = "webhook_secret"
    subscription_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    sealed: str = Field(sa_type=Text)
    until: int = Field(default=0, sa_type=BigInteger)


CROSSING = frozenset({"subscription", "subscription_version", "webhook_secret"})
"""Tables that are no person's: a subscription is its owner's."""
