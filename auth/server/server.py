"""The authorization server as one value: storage, keys, terms and clock, and which tokens are believed no more.

It is an issuer to auth.tokens like any other, with its keys in this process. A token that is revoked is forgotten here
at once, and in every other process when it next looks: it is taken out of the memory of verified callers, so that a
request with a good token costs nothing more than before.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from auth.issuers import AUDIENCE, Issuer
from auth.keys import Key, Keys
from auth.server.clients import Client
from auth.server.ring import Ring
from auth.server.storage import Storage, Witness
from plan.model import Subject

LOOK_SECONDS = 2.0
"""How often a process looks what others have revoked: well within the five seconds that are promised."""
TIDY_LOOKS = 300
"""Every so many looks, what is long over is forgotten."""
_LOG = logging.getLogger("oneplan.auth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long what lasts, and who may register. Seconds.

    `issuer`: our name in access tokens; `registration`: a token that lets apps register, empty for none; `origins`:
    from where the keys of clients that registered themselves may be fetched.
    """

    issuer: str
    access: int = 600
    refresh: int = 100 * 24 * 3600
    grant: int = 366 * 24 * 3600
    session: int = 12 * 3600
    request: int = 600
    code: int = 60
    launch: int = 300
    registration: str = ""
    origins: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Server:
    """The server. `now`: milliseconds since 1970 UTC; `keys`: those of clients; `forget`: that of auth.tokens."""

    storage: Storage
    ring: Ring
    keys: Keys
    terms: Terms
    witness: Witness
    now: Callable[[], int]
    forget: Callable[[str], None] = lambda _: None
    issuer: Issuer = field(init=False)
    _recalled: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.issuer = Issuer(issuer=self.terms.issuer, audience=(AUDIENCE,), jwks={"keys": []}, algorithms=("ES256",))

    # as an issuer (auth.tokens.Own)

    async def find(self, kid: str | None) -> Key | None:
        """The key that one of our access tokens names."""
        return await self.ring.find(kid)

    def is_recalled(self, token_id: str) -> bool:
        """Whether one of our tokens was revoked."""
        return token_id in self._recalled

    # what other processes do

    async def look(self) -> None:
        """Know what was revoked, here or elsewhere, and which keys there are."""
        now = self.now()
        found = dict(await self.storage.recalled(now))
        for token_id in found.keys() - self._recalled.keys():
            self.forget(token_id)
        self._recalled = {id_: until for id_, until in self._recalled.items() if until > now} | found

    async def watch(self, stop: asyncio.Event, every: float = LOOK_SECONDS) -> None:
        """Look again and again until told to stop."""
        looks = 0
        while not stop.is_set():
            try:
                await self.look()
                await self.ring.load()
                if looks % TIDY_LOOKS == 0:
                    await self.storage.tidy(self.now())
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look may go well, and must come
                _LOG.warning("what was revoked elsewhere is not known just now: %s", type(error).__name__)
            looks += 1
            try:
                await asyncio.wait_for(stop.wait(), every)
            except TimeoutError:
                continue

    # what everybody needs

    async def client(self, id_: str) -> Client | None:
        """A registered client."""
        body = await self.storage.client(id_)
        return Client.model_validate_json(body) if body is not None else None

    async def end(self, grant: str) -> None:
        """End a grant; its access tokens are believed no more, here at once."""
        await self.storage.end(grant)
        await self.look()

    async def leave(self, subject: Subject) -> None:
        """End all that somebody has granted: the account is closed, or its word was changed."""
        await self.storage.end_all(subject)
        await self.look()
