"""The keys that sign: made when first needed, shared by all processes through the storage, sealed where they lie.

One algorithm a use: ES256 for access tokens (short, and quick to check), RS256 for ID tokens (OpenID Connect Core 15.1
has every client know it). A new key is published before it signs, an old one until its last token is out.
"""

import asyncio
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwk as jose_keys

from auth.keys import Key, key_set
from auth.server.storage import Storage
from plan.problem import Problem, Trouble

Use = Literal["access", "id"]
ALGORITHMS: Mapping[Use, Literal["ES256", "RS256"]] = {"access": "ES256", "id": "RS256"}
BEFORE = 10_000
"""How long a new key of a use that has one is published before it signs, in milliseconds."""
AFTER = 2 * 3600 * 1000
"""How long an old key stays published: longer than any token that it signed, in milliseconds."""
PAUSE = 1_000
"""Unknown keys are looked for at most this often, in milliseconds."""

NOT_SEALED = "The signing keys cannot be opened or made without ONEPLAN_AUTH_SECRET."
SEALED_OTHERWISE = "The signing keys in the database were sealed with another ONEPLAN_AUTH_SECRET than this one."


@dataclass(frozen=True, slots=True)
class Pair:
    """A key pair, its private JWK opened."""

    use: str
    number: int
    kid: str
    public: Mapping[str, Any]
    private: Mapping[str, Any]
    since: int
    until: int


class Ring:
    """All keys of this deployment. `secret` seals the private parts; `now`: milliseconds since 1970 UTC."""

    def __init__(self, storage: Storage, secret: str, now: Callable[[], int]) -> None:
        self._storage, self._now = storage, now
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"oneplan signing keys")
        self._seal = AESGCM(derived.derive(secret.encode())) if secret else None
        self._pairs: tuple[Pair, ...] = ()
        self._checks: dict[str, Key] = {}
        self._looked = -PAUSE
        self._making = asyncio.Lock()

    async def signing(self, use: Use) -> Mapping[str, Any]:
        """The private JWK to sign with now; the first is made here."""
        found = self._current(use)
        if found is None:
            async with self._making:
                await self.load()
                if self._current(use) is None:
                    await self._make(use, 1, self._now())
            found = self._current(use)
        assert found is not None  # made above, by us or by another process
        return found.private

    async def find(self, kid: str | None) -> Key | None:
        """The key that an access token names; None for any other."""
        if kid not in self._checks and self._now() - self._looked >= PAUSE:
            await self.load()
        return self._checks.get(kid or "")

    async def published(self) -> list[dict[str, Any]]:
        """The public parts, those of old keys too as long as their tokens are out."""
        for use in ALGORITHMS:
            await self.signing(use)
        now = self._now()
        return [dict(pair.public) for pair in self._pairs if not pair.until or pair.until > now]

    async def rotate(self) -> list[str]:
        """New keys for every use; their names."""
        await self.load()
        made = []
        for use in ALGORITHMS:
            newest = max((pair.number for pair in self._pairs if pair.use == use), default=0)
            made.append(await self._make(use, newest + 1, self._now() + (BEFORE if newest else 0)))
        return made

    async def load(self) -> None:
        """Know what the storage knows. Raises UNAVAILABLE when it was sealed with another secret."""
        self._looked = self._now()
        known = {pair.kid: pair for pair in self._pairs}
        rows = await self._storage.keys()
        self._pairs = tuple(self._opened(row, known.get(row[2])) for row in rows)
        alive = [pair for pair in self._pairs if pair.use == "access" and not 0 < pair.until <= self._now()]
        self._checks = {key.kid: key for key in key_set({"keys": [pair.public for pair in alive]}, ("ES256",))}

    def _current(self, use: str) -> Pair | None:
        signing = [pair for pair in self._pairs if pair.use == use and pair.since <= self._now()]
        return signing[-1] if signing else None

    async def _make(self, use: Use, number: int, since: int) -> str:
        kid = secrets.token_hex(8)
        pem = await asyncio.to_thread(_generated, use)
        key = jose_keys.construct(pem, ALGORITHMS[use])
        private = {**key.to_dict(), "kid": kid}
        public = {**key.public_key().to_dict(), "kid": kid, "use": "sig"}
        row = (use, number, kid, json.dumps(public), self._sealed(kid, private), since, 0)
        # Whoever is second finds the number taken and uses the first one's key.
        await self._storage.add_key(row, since + AFTER)
        await self.load()
        return kid

    def _sealed(self, kid: str, private: Mapping[str, Any]) -> str:
        if self._seal is None:
            raise Problem(Trouble.UNAVAILABLE, NOT_SEALED)
        nonce = secrets.token_bytes(12)
        return urlsafe_b64encode(
            nonce + self._seal.encrypt(nonce, json.dumps(dict(private)).encode(), kid.encode())
        ).decode()

    def _opened(self, row: Sequence[Any], known: Pair | None) -> Pair:
        use, number, kid, public, sealed, since, until = row
        if known is not None:
            private: Mapping[str, Any] = known.private
        else:
            raw = urlsafe_b64decode(sealed)
            if self._seal is None:
                raise Problem(Trouble.UNAVAILABLE, NOT_SEALED)
            try:
                private = json.loads(self._seal.decrypt(raw[:12], raw[12:], kid.encode()))
            except InvalidTag:
                raise Problem(Trouble.UNAVAILABLE, SEALED_OTHERWISE) from None
        return Pair(use, number, kid, json.loads(public), private, since, until)


def _generated(use: Use) -> str:
    made = ec.generate_private_key(ec.SECP256R1()) if use == "access" else rsa.generate_private_key(65537, 2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
