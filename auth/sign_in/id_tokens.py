"""ID tokens: whether one is from the provider, for us, for this very sign-in, and still good.

Source: OpenID Connect Core 1.0 section 3.1.3.7. The signature is checked behind the one fence (auth.tokens).
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from auth.issuers import bad_token
from auth.keys import Key
from auth.sign_in.providers import Provider
from auth.tokens import LEEWAY_SECONDS, verified

LONGEST_SUBJECT = 255


async def claims_of(
    text: str, provider: Provider, keys: Callable[[str | None], Awaitable[Key | None]], nonce: str, now: int
) -> Mapping[str, Any]:
    """The claims of a good ID token. `now` in milliseconds since 1970 UTC. Raises Problem(BAD_TOKEN)."""
    claims = await verified(text, keys, provider.algorithms)
    if claims.get("iss") != provider.issuer:
        raise bad_token("The ID token is from another issuer (iss).")
    _check_audience(claims, provider.client_id)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise bad_token("The ID token is for another sign-in (nonce).")
    if _moment(claims, "exp") <= now / 1000 - LEEWAY_SECONDS:
        raise bad_token("The ID token has expired (exp).")
    if _moment(claims, "iat") > now / 1000 + LEEWAY_SECONDS:
        raise bad_token("The ID token is from the future (iat): a clock is wrong.")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise bad_token("The ID token does not say who signed in (sub).")
    return claims


def _check_audience(claims: Mapping[str, Any], client: str) -> None:
    """For us, and not only passed on to us: with several audiences the token says for which party it was made."""
    aud = claims.get("aud")
    meant = [aud] if isinstance(aud, str) else aud
    if not isinstance(meant, list) or client not in meant:
        raise bad_token("The ID token is not for this service (aud).")
    if claims.get("azp", client if len(meant) == 1 else None) != client:
        raise bad_token("The ID token was made for another party (azp).")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_token(f"The ID token has no time {name}.")
    return float(value)
