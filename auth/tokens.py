"""Bearer tokens: from the Authorization header to a Caller, or a 401 that says why. The only importer of jose.

Sources: RFC 6750 (bearer tokens), RFC 7515 and 7519 (JWS, JWT), RFC 8725 (best practice), RFC 9068 (access tokens).
jose checks signatures and nothing else here: it lets through tokens without `aud` or `exp`, unknown `crit` headers and
keys that the `kid` does not name, so all that is decided in this file.
"""

import binascii
import json
import math
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from jose import jwk as jose_keys
from jose import jws
from jose.exceptions import JOSEError

from auth.caller import Caller
from auth.issuers import Issuer, bad_token
from auth.issuers import caller as read
from auth.keys import Key, Keys, algorithm_of
from plan.problem import Problem, Trouble

LEEWAY_SECONDS = 60
"""How far the issuer's clock may be from ours."""
REMEMBERED_SECONDS = 60
MAX_TOKEN_CHARS = 8192

_BEARER = re.compile(r"bearer +(.*)", re.IGNORECASE | re.DOTALL)
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_REFUSED_HEADERS = ("crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc")
_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_ID_TOKEN_CLAIMS = ("nonce", "at_hash", "c_hash")
_LATEST = 2**53


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A token taken apart; nothing in it is believed before the signature is checked (`verify`)."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class Own(Protocol):
    """Our own authorization server, as an issuer whose keys are in this process."""

    issuer: Issuer

    async def find(self, kid: str | None) -> Key | None:
        """The key that an access token names."""

    def is_recalled(self, token_id: str) -> bool:
        """Whether a token was revoked before its time."""


class Tokens:
    """Who asks: verified once, then remembered for at most a minute, and never longer than the token is good.

    `now` is the time in seconds since 1970 UTC; at most `room` callers are remembered, the oldest are let go first.
    """

    def __init__(
        self,
        issuers: Iterable[Issuer],
        keys: Keys,
        now: Callable[[], float] = time.time,
        room: int = 4096,
        own: Own | None = None,
    ) -> None:
        """Raises ValueError when an issuer is configured twice."""
        listed = (*issuers, own.issuer) if own else tuple(issuers)
        self._own = own
        self._issuers = {issuer.issuer: issuer for issuer in listed}
        if len(self._issuers) < len(listed):
            raise ValueError("an issuer is configured twice")
        self._keys, self._now, self._room = keys, now, room
        self._remembered: dict[str, _Remembered] = {}

    def remembered(self, authorization: str | None) -> Caller | None:
        """The caller of a header that was verified within the last minute, or None. Costs one look-up."""
        found = self._remembered.get(authorization or "")
        # A clock that was set back must not make the memory longer.
        if found is not None and found.since <= self._now() <= found.until:
            return found.caller
        return None

    async def caller(self, authorization: str | None) -> Caller:
        """The caller that the Authorization header proves.

        Raises Problem: NO_TOKEN (none was sent), EXPIRED, BAD_TOKEN, or UNAVAILABLE (its keys cannot be had).
        """
        known = self.remembered(authorization)
        if known is not None:
            return known
        token = opened(bearer(authorization))
        issuer = self._issuer(token.claims)
        await self._check_signature(token, issuer)
        now = self._now()
        _check_purpose(token.claims, issuer)
        expires = _check_time(token.claims, now)
        found = read(issuer, token.claims, expires)
        # From here on nothing waits: what is recalled meanwhile is forgotten after it was remembered, not before.
        if self._own is not None and issuer is self._own.issuer and self._own.is_recalled(found.token_id):
            raise bad_token("The token was revoked.")
        self._remember(authorization or "", found, now)
        return found

    def forget(self, token_id: str) -> None:
        """Remember no caller of the token with this id (`jti`).

        By id, not by text: whoever holds an ES256 token can write its signature in a second valid form.
        """
        for header in [header for header, held in self._remembered.items() if held.caller.token_id == token_id]:
            del self._remembered[header]

    def _issuer(self, claims: Mapping[str, Any]) -> Issuer:
        said = claims.get("iss")
        found = self._issuers.get(said) if isinstance(said, str) else None
        if found is None:
            raise bad_token("The token is not from an issuer that is trusted here (iss).")
        return found

    async def _check_signature(self, opened: Opened, issuer: Issuer) -> None:
        # Before any key is looked for: a token that can never be good must not cause a fetch.
        if opened.header.get("alg") not in issuer.algorithms:
            raise bad_token("The token is signed with an algorithm that is not used here (alg).")
        kid = _kid(opened.header)
        ours = self._own is not None and issuer is self._own.issuer
        key = await (self._own.find(kid) if self._own and ours else self._keys.find(issuer.issuer, kid))
        if key is None:
            raise bad_token("The token is signed with a key that its issuer does not name (kid).")
        verify(opened, key)

    def _remember(self, header: str, found: Caller, now: float) -> None:
        self._remembered.pop(header, None)
        while len(self._remembered) >= self._room:
            del self._remembered[next(iter(self._remembered))]
        until = min(now + REMEMBERED_SECONDS, found.expires + LEEWAY_SECONDS)
        self._remembered[header] = _Remembered(found, now, until)


async def verified(
    text: str,
    keys: Callable[[str | None], Awaitable[Key | None]],
    algorithms: Iterable[str],
    *,
    before: Callable[[Mapping[str, Any]], None] | None = None,
    passed_over: Iterable[str] = (),
) -> Mapping[str, Any]:
    """The claims of a compact JWS whose signature is good; nothing else of them is checked.

    `keys` finds the key that a `kid` means; `before` sees the claims, not to be believed yet, before it is asked.
    `passed_over`: names that the header may have, and that change nothing. Raises Problem(BAD_TOKEN), and what `keys`
    and `before` raise.
    """
    token = opened(text, passed_over)
    # Before any key is looked for: a token that can never be good must not cause a fetch.
    if token.header.get("alg") not in tuple(algorithms):
        raise bad_token("The token is signed with an algorithm that is not used here (alg).")
    if before:
        before(token.claims)
    key = await keys(_kid(token.header))
    if key is None:
        raise bad_token("The token is signed with a key that its issuer does not name (kid).")
    verify(token, key)
    return token.claims


def sign(private_jwk: Mapping[str, Any], claims: Mapping[str, Any], type_: str = "at+jwt") -> str:
    """A compact token of a type over `claims`, signed with a private JWK under its `kid`; an access token by itself.

    Raises KeySetError (a ValueError) for a key of a kind that is not used here.
    """
    algorithm = algorithm_of(private_jwk)
    key = jose_keys.construct(dict(private_jwk), algorithm)
    signed: str = jws.sign(dict(claims), key, {"typ": type_, "kid": private_jwk["kid"]}, algorithm)
    return signed


def bearer(authorization: str | None) -> str:
    """What stands after Bearer in an Authorization header. Raises NO_TOKEN."""
    found = _BEARER.fullmatch(authorization or "")
    if found is None:
        raise Problem(
            Trouble.NO_TOKEN,
            "Send the header Authorization: Bearer, followed by an access token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return found[1]


def opened(token: str, passed_over: Iterable[str] = ()) -> Opened:
    """A compact JWS taken apart, its header fit to be looked at. Raises BAD_TOKEN. Nothing is verified yet."""
    if len(token) > MAX_TOKEN_CHARS:
        raise bad_token(f"The token is longer than {MAX_TOKEN_CHARS} characters.")
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise bad_token("The token is not a signed JWT: three base64url parts, joined by dots, without padding.")
    header, claims, _ = (_decoded(part) for part in parts.groups())
    found = Opened(token, _object(header), _object(claims))
    _check_header(found.header, passed_over)
    return found


def _decoded(part: str) -> bytes:
    """The bytes of one part; refused when there is another, shorter or cleaner, way to write the same bytes."""
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raw = b""
    if urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise bad_token("A part of the token is not base64url as RFC 7515 writes it.")
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise bad_token("A part of the token is not a JSON object with each name once.")
    return value


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_header(header: Mapping[str, Any], passed_over: Iterable[str]) -> None:
    refused = [name for name in _REFUSED_HEADERS if name in header and name not in passed_over]
    if refused:
        raise bad_token(f"The header of the token has {', '.join(refused)}, which is not taken here.")
    type_ = header.get("typ", "JWT")
    if not isinstance(type_, str) or type_.lower() not in _TYPES:
        raise bad_token("The token is of another type than JWT or at+jwt (typ).")


def _kid(header: Mapping[str, Any]) -> str | None:
    kid = header.get("kid")
    if "kid" in header and not isinstance(kid, str):
        raise bad_token("The kid of the token is not a text.")
    return kid


def verify(opened: Opened, key: Key) -> None:
    """Insist that a token was signed with this key, by the key's own algorithm. Raises BAD_TOKEN."""
    if opened.header["alg"] != key.algorithm:
        raise bad_token("The token is signed with another algorithm than its key is for (alg).")
    try:
        jws.verify(opened.text, jose_keys.construct(key.public, key.algorithm), [key.algorithm])
    except JOSEError:
        raise bad_token("The signature of the token is not that of its key.") from None


def _check_purpose(claims: Mapping[str, Any], issuer: Issuer) -> None:
    aud = claims.get("aud")
    meant = [aud] if isinstance(aud, str) else aud
    if not isinstance(meant, list) or not any(word in issuer.audience for word in meant):
        raise bad_token("The token is not meant for this service (aud).")
    if any(name in claims for name in _ID_TOKEN_CLAIMS):
        raise bad_token("This is an ID token. Send the access token.")
    if any(claims.get(name) != value for name, value in issuer.token_type.items()):
        raise bad_token("The token is not one of the type that its issuer gives for access.")


def _check_time(claims: Mapping[str, Any], now: float) -> int:
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if now - expires > LEEWAY_SECONDS:
        raise bad_token("The token has expired. Ask the issuer for a new one.", Trouble.EXPIRED)
    start = _moment(claims, "nbf") if "nbf" in claims else issued
    if max(start, issued) - now > LEEWAY_SECONDS:
        raise bad_token("The token is not good yet (nbf, iat): a clock is wrong.")
    return math.floor(expires)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise bad_token(f"The token has no time {name}, or it is not a number of seconds since 1970.")
    return float(value)
