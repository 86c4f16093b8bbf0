"""Which record system asks for cards: its token, signed with its own keys, for this very address, good once.

Source: CDS Hooks 2.0, "Trusting CDS Clients" (`iss` on a list of ours, `aud` the address that is called, `exp`, `iat`,
`jti`; ES384 and RS384). Where its keys are is ours to know: a `jku` in the header is passed over, never followed.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import httpx

from auth.caller import Caller
from auth.issuers import bad_token
from auth.keys import Key, Keys
from auth.scopes import parse
from auth.sign_in.ehrs import CDS_ALGORITHMS, Cds, Ehr
from auth.tokens import bearer, verified
from plan.model import AgencyId, Subject
from plan.problem import Trouble

AHEAD = 300
"""How far ahead a token may expire, in seconds."""
SKEW = 60
LONGEST_ID = 255


class Shown(NamedTuple):
    """A good token: of which record system, its id under that system's, and until when it could come again (ms)."""

    ehr: Ehr
    cds: Cds
    id: str
    until: int


class CdsClients:
    """The CDS clients of the configured record systems. Without `client` one is made when first needed."""

    def __init__(self, ehrs: Iterable[Ehr], client: httpx.AsyncClient | None = None) -> None:
        self._known = {ehr.cds.issuer: (ehr, ehr.cds) for ehr in ehrs if ehr.cds}
        self._keys = Keys((cds.signer() for _, cds in self._known.values()), client)

    async def shown(self, authorization: str | None, address: str, now: int) -> Shown:
        """Who asks at this address. `now`: milliseconds since 1970 UTC.

        Raises Problem: NO_TOKEN, BAD_TOKEN, EXPIRED; UNAVAILABLE when its keys cannot be had.
        """
        issuer = ""

        async def find(kid: str | None) -> Key | None:
            return await self._keys.find(issuer, kid)

        def known(claims: Mapping[str, Any]) -> None:
            nonlocal issuer
            said = claims.get("iss")
            if not isinstance(said, str) or said not in self._known:
                raise bad_token("The token is not from a record system that is known here (iss).")
            issuer = said

        claims = await verified(bearer(authorization), find, CDS_ALGORITHMS, before=known, passed_over=("jku",))
        _check(claims, address, now / 1000)
        ehr, cds = self._known[issuer]
        return Shown(ehr, cds, f"{issuer} {claims['jti']}", math.ceil(claims["exp"] + SKEW) * 1000)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._keys.close()


def counting(shown: Shown) -> Caller:
    """As whom a record system counts what is open: its agency's, in the role of its configuration."""
    return Caller(
        subject=Subject(f"client:cds-{shown.ehr.name}"),
        agency=AgencyId(str(shown.cds.agency or shown.ehr.agency)),
        role=shown.cds.role,
        scopes=parse("system/*.rs"),
        client=shown.ehr.client_id,
        name=shown.ehr.title,
    )


def _check(claims: Mapping[str, Any], address: str, now: float) -> None:
    audience = claims.get("aud")
    if address not in (audience if isinstance(audience, list) else [audience]):
        raise bad_token("The token is not for this address (aud).")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID:
        raise bad_token("The token has no id of its own (jti).")
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if expires <= now - SKEW:
        raise bad_token("The token has expired (exp).", Trouble.EXPIRED)
    if expires > now + AHEAD + SKEW or issued > now + SKEW:
        raise bad_token("The token is not good yet, or for more than five minutes (iat, exp).")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise bad_token(f"The token has no time {name}.")
    return float(said)
