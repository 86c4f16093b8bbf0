"""Which client asks, and by what it proves that: nothing (public), a secret, or a signed assertion used once.

RFC 6749 section 2.3, RFC 7521 and 7523, SMART App Launch 2.2 "Client Authentication: Asymmetric": RS384 or ES384, at
most five minutes ahead, `aud` the token address, `iss` and `sub` the client, `jti` never seen before.
"""

import math
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from auth.server import secrets
from auth.server.clients import ALGORITHMS, SECRET_METHODS, Client
from auth.server.server import Server
from auth.server.storage import Deed
from auth.tokens import Opened, opened, verify
from plan.problem import Problem, Trouble

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AHEAD = 300
"""How far ahead an assertion may expire, in seconds."""
_SKEW = 60
_NOBODY = secrets.hashed("")


class Shown(NamedTuple):
    """What came with a request: the Authorization header, the form, and the address of the token endpoint."""

    authorization: str
    form: Mapping[str, str]
    token_url: str


async def client(server: Server, shown: Shown) -> Client:
    """The client, proved. Raises InvalidClientError, InvalidRequestError; UNAVAILABLE when its keys cannot be had."""
    try:
        return await _proved(server, shown)
    except InvalidClientError as error:
        said = shown.form.get("client_id", "")
        known = await server.client(said) if said else None
        await server.witness(Deed(what="client", client=known.id if known else "", refused=str(error.description)))
        raise


async def _proved(server: Server, shown: Shown) -> Client:
    basic = _basic(shown.authorization)
    form = shown.form
    ways = [basic is not None, "client_secret" in form, "client_assertion" in form or "client_assertion_type" in form]
    if sum(ways) > 1:
        raise InvalidRequestError("a client proves itself in one way only")
    if ways[2]:
        return await _by_assertion(server, shown)
    if basic is not None:
        if form.get("client_id", basic[0]) != basic[0]:
            raise refused("the client is named twice, and not the same")
        return await _by_secret(server, basic[0], basic[1], SECRET_METHODS[0])
    if ways[1]:
        return await _by_secret(server, form.get("client_id", ""), form["client_secret"], SECRET_METHODS[1])
    found = await server.client(form.get("client_id", ""))
    if found is None or found.method != "none":
        raise refused("the client is not known, or did not prove itself")
    return found


def refused(what: str) -> InvalidClientError:
    """The 401 for a client that is not believed."""
    return InvalidClientError(what, status_code=401)


def _basic(header: str) -> tuple[str, str] | None:
    """The two words of `Basic`, each form-encoded (RFC 6749 section 2.3.1)."""
    scheme, _, said = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, word = b64decode(said.strip(), validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        raise refused("the Authorization header cannot be read") from None
    if not colon:
        raise refused("the Authorization header cannot be read")
    return unquote_plus(name), unquote_plus(word)


async def _by_secret(server: Server, id_: str, secret: str, method: str) -> Client:
    found = await server.client(id_)
    good = secrets.same(secret, (found.secret if found else "") or _NOBODY)
    if found is None or not good or not found.secret or found.method != method:
        raise refused("the client is not known, or did not prove itself")
    return found


async def _by_assertion(server: Server, shown: Shown) -> Client:
    if shown.form.get("client_assertion_type") != ASSERTION:
        raise refused("client_assertion_type is not the one that is taken here")
    try:
        said = opened(shown.form.get("client_assertion", ""))
        found = await _asserted(server, said, shown)
        await _signed(server, said, found)
    except Problem as problem:
        if problem.trouble is Trouble.UNAVAILABLE:
            raise
        raise refused("the assertion is not a good one") from None
    until = math.ceil(said.claims["exp"]) * 1000 + _SKEW * 1000
    seen = secrets.hashed(f"{found.id} {said.claims['jti']}")
    if not await server.storage.put("assertion", seen, until, ""):
        raise refused("the assertion was used before (jti)")
    return found


async def _asserted(server: Server, said: Opened, shown: Shown) -> Client:
    """Whose assertion it says it is, when all else that it says is as it must be."""
    claims, id_ = said.claims, said.claims.get("iss")
    found = await server.client(id_) if isinstance(id_, str) and id_ == claims.get("sub") else None
    if found is None or found.method != "private_key_jwt" or shown.form.get("client_id", id_) != id_:
        raise refused("the client is not known, or did not prove itself")
    audience = claims.get("aud")
    if shown.token_url not in (audience if isinstance(audience, list) else [audience]):
        raise refused("the assertion is not for this token endpoint (aud)")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= AHEAD:
        raise refused("the assertion has no id (jti)")
    _timely(claims, server.now() / 1000)
    return found


def _timely(claims: Mapping[str, Any], now: float) -> None:
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if "exp" not in times or not all(type(value) in (int, float) for value in times.values()):
        raise refused("the assertion has no time, or one that is no number (exp)")
    if not now < times["exp"] <= math.floor(now) + AHEAD:
        raise refused("the assertion has expired, or expires more than five minutes ahead (exp)")
    if any(times.get(name, now) > now + _SKEW for name in ("iat", "nbf")):
        raise refused("the assertion is not good yet (iat, nbf)")


async def _signed(server: Server, said: Opened, found: Client) -> None:
    kid = said.header.get("kid")
    if said.header.get("alg") not in ALGORITHMS or not isinstance(kid, str) or not kid:
        raise refused("the assertion is not signed with RS384 or ES384, or names no key (alg, kid)")
    server.keys.know(found.signer())
    key = await server.keys.find(found.id, kid)
    if key is None:
        raise refused("the assertion is signed with a key that the client did not register (kid)")
    verify(said, key)
