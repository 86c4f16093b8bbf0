"""Seals: what leaves our hands and comes back, or lies in the database, closed with keys made from the server's secret.

Sources: RFC 5869 (HKDF: one key a purpose), the Fernet specification (encrypted, authenticated, dated).
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET = 32
"""Bytes of the server's secret at least."""


class Seals:
    """Closes and opens. `now` is the time in milliseconds since 1970 UTC. Raises ValueError for a short secret."""

    def __init__(self, secret: bytes, now: Callable[[], int]) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the server's secret must have at least {SHORTEST_SECRET} bytes")
        self._secret, self._now = secret, now

    def closed(self, purpose: str, said: Mapping[str, Any]) -> str:
        """A text that only we can read, and only for the same purpose."""
        return self._box(purpose).encrypt_at_time(json.dumps(said).encode(), self._now() // 1000).decode()

    def opened(self, purpose: str, text: str, seconds: int | None = None) -> dict[str, Any] | None:
        """What was closed; None for anything else, and for what is older than `seconds`."""
        try:
            raw = (
                self._box(purpose).decrypt(text.encode())
                if seconds is None
                else self._box(purpose).decrypt_at_time(text.encode(), seconds, self._now() // 1000)
            )
        except InvalidToken:
            return None
        found: dict[str, Any] = json.loads(raw)
        return found

    def mark(self, purpose: str, text: str) -> str:
        """A text by which we know again that we spoke of `text`."""
        return hmac.digest(self._key(purpose), text.encode(), "sha256").hex()

    def _box(self, purpose: str) -> Fernet:
        return Fernet(urlsafe_b64encode(self._key(purpose)))

    def _key(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, None, f"oneplan sign-in {purpose}".encode()).derive(self._secret)
