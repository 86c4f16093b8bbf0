"""The rows of sign-in: accounts, what their codes have used up, sessions, and how often it failed.

They belong to the deployment, not to a person whom a plan is about. What they mean stands in auth/sign_in/records.py.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from db.schema import Row


class AccountRow(Row, table=True):
    """Somebody who can sign in. `person` is empty but for the role person."""

    __tablename__ = "account"
    login: str = Field(primary_key=True)
    subject: str
    agency: str
    role: str
    name: str
    fhir_user: str
    person: str
    stamp: str
    password: str
    active: bool
    must_use_totp: bool
    totp: str


class AccountStep(Row, table=True):
    """The last time step whose one-time code was used: that one and all before it are used up."""

    __tablename__ = "account_step"
    login: str = Field(primary_key=True)
    step: int = Field(sa_type=BigInteger)


class RecoveryCode(Row, table=True):
    """A recovery code that was not used yet, by its digest."""

    __tablename__ = "recovery_code"
    login: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)


class SignInSession(Row, table=True):
    """A session by the digest of its token, with the stamp that its account had when it began."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index(None, "login"),)
    digest: str = Field(primary_key=True)
    login: str
    stamp: str
    begun: int = Field(sa_type=BigInteger)
    seen: int = Field(sa_type=BigInteger)


class SignInTally(Row, table=True):
    """How often it failed in a row, under the key of an account or of an address."""

    __tablename__ = "sign_in_tally"
    key: str = Field(primary_key=True)
    failures: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)


CROSSING = frozenset({"account", "account_step", "recovery_code", "sign_in_session", "sign_in_tally"})
"""Tables that are no person's."""
