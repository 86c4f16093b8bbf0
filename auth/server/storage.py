"""What the authorization server needs of a database, and whom it tells what it did; db and api fulfil it.

Moments are milliseconds since 1970 UTC. Secrets, codes, handles and refresh tokens come here as hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plan.model import PersonId

Values = Sequence[Any]


class Storage(Protocol):
    """The rows: clients, tickets (what is used once), grants with their tokens, keys. Texts are JSON unless said."""

    async def client(self, id_: str) -> str | None:
        """The registration of a client."""

    async def clients(self) -> list[str]:
        """All of them, the oldest first."""

    async def add_client(self, id_: str, made: int, body: str) -> bool:
        """Keep a new client; False when the id is taken."""

    async def drop_client(self, id_: str) -> bool:
        """Forget a client and end all that it was given; False when there is none."""

    async def put(self, kind: str, id_: str, until: int, body: str) -> bool:
        """Keep a ticket; False when it was there before."""

    async def peek(self, kind: str, id_: str) -> tuple[str, bool, int] | None:
        """What a ticket says, whether it was used, and until when it is good."""

    async def take(self, kind: str, id_: str, now: int) -> str | None:
        """Use a ticket: what it says, to the first who asks."""

    async def decide(self, request: str, now: int, grant: Values, code: tuple[str, int, str]) -> bool:
        """Use a waiting request for a grant (id, client, subject, revoked, until, body) and a code (id, until, body).

        False when it waits no more.
        """

    async def redeem(self, code: str, grant: str, now: int, tokens: Sequence[Values]) -> bool:
        """Use a code for tokens (id, kind, grant, client, state, until); False ends the grant: it was used before."""

    async def rotate(self, refresh: str, grant: str, now: int, tokens: Sequence[Values]) -> bool:
        """Use a refresh token for new tokens; False ends the grant: it was used before, or the grant has ended."""

    async def grant(self, id_: str) -> tuple[str, str, bool] | None:
        """The client of a grant, what it says, and whether it was ended."""

    async def token(self, id_: str) -> tuple[str, str, str, str, int] | None:
        """The kind, grant, client, state and end of a token."""

    async def give(self, token: Values) -> None:
        """Keep an access token that belongs to no grant."""

    async def recall(self, token: str) -> None:
        """Believe an access token no more."""

    async def end(self, grant: str) -> None:
        """End a grant and all of its tokens."""

    async def end_all(self, subject: str) -> None:
        """End whatever somebody has granted."""

    async def recalled(self, now: int) -> list[tuple[str, int]]:
        """The access tokens that are believed no more though their time is not up, and until when."""

    async def keys(self) -> list[Values]:
        """All keys: use, number, kid, public, sealed, since, until."""

    async def add_key(self, key: Values, until: int) -> bool:
        """Keep a new key, the older ones of its use until a moment; False when its number is taken."""

    async def tidy(self, now: int) -> None:
        """Forget what has been over for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What the audit is told: what was done, for whom, by which app; `refused` says why it was not."""

    what: str
    client: str
    subject: str = ""
    agency: str = ""
    role: str = ""
    person: PersonId | None = None
    request: str = ""
    refused: str = ""


class Witness(Protocol):
    """Where deeds are written down before anything is told."""

    async def __call__(self, deed: Deed) -> None:
        """Make the event of a deed durable."""
