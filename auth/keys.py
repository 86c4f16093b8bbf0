"""The issuers' public keys: read once, refused when weak, fetched when needed and kept when the issuer is away.

Sources: RFC 7517 (key sets: what is not understood is ignored), RFC 7518 section 6 (forms of RSA and EC keys), RFC 8725
section 3 (one algorithm a key). What a token says never brings us to an address: only the configuration does.
"""

import asyncio
import json
import logging
import math
import time
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from auth.answers import PLAIN, body_of
from auth.issuers import ALGORITHMS, Algorithm, Issuer
from plan.problem import Problem, Trouble

MIN_RSA_BITS = 2048
FRESH_SECONDS = 600
"""After this a key set is fetched again, so that a key that the issuer withdrew is soon believed no more."""
RETRY_SECONDS = 30
"""An issuer is asked at most this often, however many unknown keys are named."""
MAX_STALE_SECONDS = 24 * 3600
"""How long the last keys are believed while the issuer cannot be reached."""
FETCH_SECONDS = 5.0

_FITTING: Mapping[tuple[str, str], tuple[Algorithm, ...]] = {
    ("RSA", ""): ("RS256", "RS384"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
}
_CURVES: Mapping[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
_LOG = logging.getLogger(__name__)


class KeySetError(ValueError):
    """A key, or a set of keys, that is not used; the text says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """One public key and the only algorithm it is used with. `kid` is empty when the set does not name the key."""

    kid: str
    algorithm: Algorithm
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey


def algorithm_of(jwk: Mapping[str, Any], allowed: Iterable[Algorithm] = ALGORITHMS) -> Algorithm:
    """The one algorithm of a key: its own `alg`, or the first allowed one that fits. Raises KeySetError for none."""
    family = (str(jwk.get("kty", "")), str(jwk.get("crv", "")))
    fitting = [algorithm for algorithm in allowed if algorithm in _FITTING.get(family, ())]
    for algorithm in fitting:
        if jwk.get("alg") in (None, algorithm):
            return algorithm
    raise KeySetError("a key of a kind, or for an algorithm, that is not used here")


def key_set(document: object, algorithms: Iterable[Algorithm] = ALGORITHMS) -> tuple[Key, ...]:
    """The keys of a JSON Web Key Set that can be used; the log says why another one cannot.

    Raises KeySetError when it is no key set. A `kid` that stands twice names no key.
    """
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise KeySetError("a key set is an object with a list of keys")
    found = []
    for jwk in listed:
        try:
            found.append(_key(jwk, algorithms))
        except ValueError as reason:
            _LOG.warning("a key of a key set is left out: %s", reason)
    times = Counter(key.kid for key in found)
    return tuple(key for key in found if not key.kid or times[key.kid] == 1)


def _key(jwk: object, algorithms: Iterable[Algorithm]) -> Key:
    if not isinstance(jwk, Mapping):
        raise KeySetError("a key is an object")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise KeySetError("a key that is not for signatures")
    kid = jwk.get("kid", "")
    if not isinstance(kid, str):
        raise KeySetError("a kid is a text")
    return Key(kid, algorithm_of(jwk, algorithms), _rsa(jwk) if jwk["kty"] == "RSA" else _ec(jwk))


def _rsa(jwk: Mapping[str, Any]) -> rsa.RSAPublicKey:
    modulus = _number(jwk, "n")
    if modulus.bit_length() < MIN_RSA_BITS:
        raise KeySetError(f"an RSA key of less than {MIN_RSA_BITS} bits")
    return rsa.RSAPublicNumbers(_number(jwk, "e"), modulus).public_key()


def _ec(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), _CURVES[jwk["crv"]]).public_key()


def _number(jwk: Mapping[str, Any], name: str) -> int:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise KeySetError(f"a key without its number {name}")
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@dataclass(slots=True)
class _Kept:
    """What is known of one issuer's keys, and until when. Times are seconds of the injected clock."""

    address: str | None
    algorithms: tuple[Algorithm, ...]
    keys: tuple[Key, ...] = ()
    at: float = -math.inf
    asked: float = -math.inf
    flight: "asyncio.Task[None] | None" = field(default=None, repr=False)

    def find(self, kid: str | None) -> Key | None:
        """The key named `kid`; for a token that names none, the only key there is."""
        if kid is None:
            return self.keys[0] if len(self.keys) == 1 else None
        return next((key for key in self.keys if key.kid == kid and kid), None)


class Keys:
    """The key sets of the trusted issuers. Without `client` one is made when first needed, and closed by `close`.

    `now` is a clock in seconds that only goes forward.
    """

    def __init__(
        self,
        issuers: Iterable[Issuer],
        client: httpx.AsyncClient | None = None,
        now: Callable[[], float] = time.monotonic,
        patience: float = FETCH_SECONDS,
    ) -> None:
        """Raises KeySetError for an inline key set without a usable key."""
        self._client, self._own, self._now, self._patience = client, client is None, now, patience
        self._kept: dict[str, _Kept] = {}
        self._known_as: dict[str, Issuer] = {}
        for issuer in issuers:
            self.know(issuer)

    def know(self, issuer: Issuer) -> None:
        """Take an issuer in, or anew when it says otherwise than before. Raises KeySetError as the start does."""
        if self._known_as.get(issuer.issuer) != issuer:
            self._kept[issuer.issuer] = _kept(issuer)
            self._known_as[issuer.issuer] = issuer

    async def find(self, issuer: str, kid: str | None) -> Key | None:
        """The key that `issuer` means by `kid`, or None. Fetches the set when it is unknown or old.

        Only one who needs an unknown key waits for the answer; all others go on with the keys that are there.
        Raises Problem(UNAVAILABLE) when no key of this issuer is known, or not since `MAX_STALE_SECONDS`.
        """
        kept = self._kept[issuer]
        key = self._known(kept, kid)
        if key is None or self._now() - kept.at > FRESH_SECONDS:
            flight = self._fetched(kept)
            if key is None and flight is not None:
                # Not awaited itself: whoever gives up waiting must not take the answer from the others.
                await asyncio.wait({flight})
                key = self._known(kept, kid)
        if key is None and self._gone(kept):
            raise Problem(
                Trouble.UNAVAILABLE,
                "The keys of the issuer of the token cannot be fetched just now.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        return key

    async def close(self) -> None:
        """Give up what is being fetched, and close the client if it is our own."""
        flights = [kept.flight for kept in self._kept.values() if kept.flight is not None]
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        if self._own and self._client is not None:
            await self._client.aclose()

    def _gone(self, kept: _Kept) -> bool:
        return self._now() - kept.at > MAX_STALE_SECONDS

    def _known(self, kept: _Kept, kid: str | None) -> Key | None:
        return None if self._gone(kept) else kept.find(kid)

    def _fetched(self, kept: _Kept) -> "asyncio.Task[None] | None":
        """The fetch that is under way, or a new one; None when there is no address or it was asked just now."""
        if kept.flight is not None and not kept.flight.done():
            return kept.flight
        if kept.address is None or self._now() - kept.asked < RETRY_SECONDS:
            return None
        kept.asked = self._now()
        kept.flight = asyncio.create_task(self._fetch(kept, kept.address))
        return kept.flight

    async def _fetch(self, kept: _Kept, address: str) -> None:
        try:
            keys = _some_keys(json.loads(await self._body(address)), kept.algorithms)
        except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as reason:
            _LOG.warning("the key set %s was not renewed: %s", address, reason or type(reason).__name__)
            return
        kept.keys, kept.at = keys, self._now()

    async def _body(self, address: str) -> bytes:
        self._client = self._client or httpx.AsyncClient()
        headers = {"Accept": "application/jwk-set+json, application/json", **PLAIN}
        async with (
            asyncio.timeout(self._patience),
            self._client.stream(
                "GET", address, headers=headers, follow_redirects=False, timeout=self._patience
            ) as answer,
        ):
            return await body_of(answer)


def _kept(issuer: Issuer) -> _Kept:
    if issuer.jwks is None:
        return _Kept(issuer.jwks_uri, issuer.algorithms)
    return _Kept(None, issuer.algorithms, _some_keys(issuer.jwks, issuer.algorithms), at=math.inf)


def _some_keys(document: object, algorithms: Iterable[Algorithm]) -> tuple[Key, ...]:
    keys = key_set(document, algorithms)
    if not keys:
        raise KeySetError("a key set has no key that can be used")
    return keys
