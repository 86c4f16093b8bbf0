"""Our tokens: what an access token says to our own doors, and an ID token to the app.

RFC 9068 (JWT access tokens), OpenID Connect Core 2 (ID tokens), SMART App Launch 2.2 "Scopes for requesting identity
data" (`fhirUser` is an absolute address). The claims are those that auth.issuers reads of every issuer.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from auth import tokens
from auth.issuers import AUDIENCE
from auth.server.clients import Client
from auth.server.granted import Granted
from auth.server.server import Server
from plan.model import Role

Claims = dict[str, Any]


class Access:
    """An access token that is about to be given: its id is in the storage before it is signed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.id = uuid4().hex
        self._issued = server.now() // 1000

    def row(self, grant: str, client: str) -> Sequence[Any]:
        """As it is kept."""
        return (self.id, "access", grant, client, "live", (self._issued + self._server.terms.access + 60) * 1000)

    async def signed(self, claims: Claims) -> str:
        """The token."""
        frame = {
            "iss": self._server.terms.issuer,
            "aud": AUDIENCE,
            "iat": self._issued,
            "exp": self._issued + self._server.terms.access,
            "jti": self.id,
        }
        return tokens.sign(await self._server.ring.signing("access"), frame | _without_empty(claims))


def of_grant(grant: Granted, scopes: Sequence[str]) -> Claims:
    """What the token of a grant says. Somebody who asks for their own plan asks for a purpose of their own."""
    return {
        "sub": grant.subject,
        "agency": grant.agency,
        "role": grant.role.value,
        "person": grant.person,
        "name": grant.name,
        "client_id": grant.client,
        "scope": " ".join(scopes),
        "purpose": "PATRQT" if grant.role is Role.PERSON else "TREAT",
        "patient": grant.patient,
        "encounter": grant.encounter,
        "fhirUser": _address(grant),
    }


def of_service(client: Client, scopes: Sequence[str]) -> Claims:
    """What the token of a backend service says: what it was registered for."""
    return {
        "sub": client.subject,
        "agency": client.agency,
        "role": client.role and client.role.value,
        "name": client.name,
        "client_id": client.id,
        "scope": " ".join(scopes),
        "purpose": "TREAT",
    }


async def identity(server: Server, grant: Granted, issuer: str, nonce: str) -> str:
    """The ID token."""
    issued = server.now() // 1000
    claims = {
        "iss": issuer,
        "aud": grant.client,
        "sub": grant.subject,
        "iat": issued,
        "exp": issued + server.terms.access,
        "auth_time": grant.at // 1000,
        "nonce": nonce,
        "fhirUser": _address(grant) if "fhirUser" in grant.scopes else "",
        "name": grant.name if "profile" in grant.scopes else "",
    }
    return tokens.sign(await server.ring.signing("id"), _without_empty(claims), "JWT")


def _address(grant: Granted) -> str:
    return f"{grant.base}/{grant.fhir_user}" if grant.fhir_user else ""


def _without_empty(claims: Claims) -> Claims:
    return {name: said for name, said in claims.items() if said not in (None, "")}
