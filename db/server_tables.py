"""The rows of the authorization server: clients, what is used once, grants, their tokens and the keys that sign.

Nothing here can be used by who reads it: secrets, codes and refresh tokens are kept as hashes, private keys sealed.
"""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from db.schema import Row


class AuthClient(Row, table=True):
    """An app or a system that may ask for tokens. `body`: its registration, JSON."""

    __tablename__ = "auth_client"
    id: str = Field(primary_key=True)
    made: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class AuthTicket(Row, table=True):
    """What is good once and not for long: a request that waits, a code, a launch, an invitation, an assertion seen.

    `id`: the hash of what its holder shows; `used`: 0 or 1.
    """

    __tablename__ = "auth_ticket"
    __table_args__ = (Index(None, "until"),)
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    used: int = 0
    until: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class AuthGrant(Row, table=True):
    """What an account granted to a client; all of its tokens end with it. `body`: JSON; `revoked`: 0 or 1."""

    __tablename__ = "auth_grant"
    __table_args__ = (Index(None, "subject"), Index(None, "client"))
    id: str = Field(primary_key=True)
    client: str
    subject: str
    revoked: int = 0
    until: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class AuthToken(Row, table=True):
    """A token that was given: an access token by its `jti`, a refresh token by its hash.

    `kind`: access, refresh; `state`: live, used (a refresh token that was exchanged), revoked.
    """

    __tablename__ = "auth_token"
    __table_args__ = (Index(None, "state", "kind", "until"), Index(None, "grant_id"), Index(None, "client"))
    id: str = Field(primary_key=True)
    kind: str
    grant_id: str
    client: str
    state: str
    until: int = Field(sa_type=BigInteger)


class AuthKey(Row, table=True):
    """A key pair that signs from `since` on; its public part is published until `until` (0: until further notice)."""

    __tablename__ = "auth_key"
    use: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    kid: str
    public: str = Field(sa_type=Text)
    sealed: str = Field(sa_type=Text)
    since: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)


CROSSING = frozenset({"auth_client", "auth_ticket", "auth_grant", "auth_token", "auth_key"})
"""Tables that are no person's: they are the deployment's own."""
