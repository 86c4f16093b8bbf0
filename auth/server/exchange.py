"""The token endpoint: a code, a refresh token or a backend service's own word become tokens.

RFC 6749 sections 4.1.3, 4.4 and 6, RFC 7636 section 4.6, RFC 9700 section 2.2.2 (refresh tokens rotate; one that comes
back ends the whole grant), SMART App Launch 2.2 "Obtain access token" and "Backend Services".
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from authlib.oauth2.rfc6749 import errors
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from auth.server import secrets, tokens, words
from auth.server.clients import Client
from auth.server.granted import Code, Granted
from auth.server.server import Server
from auth.server.storage import Deed
from plan.model import PersonId

Answer = dict[str, Any]
Form = Mapping[str, str]

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


async def exchange(server: Server, client: Client, form: Form, issuer: str) -> Answer:
    """The answer with the tokens; `issuer`: our address, for the ID token. Raises OAuth2Error."""
    way = _WAYS.get(form.get("grant_type", ""))
    if way is None:
        raise errors.UnsupportedGrantTypeError("grant_type")
    if not client.may(form["grant_type"]):
        raise errors.UnauthorizedClientError("this client did not register for this grant_type")
    return await way(server, client, form, issuer)


async def _code(server: Server, client: Client, form: Form, issuer: str) -> Answer:
    hashed = secrets.hashed(form.get("code", ""))
    found = await server.storage.peek("code", hashed)
    code = Code.model_validate_json(found[0]) if found else None
    if code is None or found is None or code.grant.client != client.id:
        raise await _refused(server, client, "the code is not known, or not this client's")
    grant = code.grant
    if found[1]:
        raise await _reused(server, grant, "code")
    if found[2] <= server.now():
        raise await _refused(server, client, "the code is too old")
    if form.get("redirect_uri") != code.redirect_uri:
        raise await _refused(server, client, "redirect_uri is not the one of the request")
    if not _fits(form.get("code_verifier", ""), code.challenge):
        raise await _refused(server, client, "code_verifier is missing, or not that of the request")
    access, refresh, rows = _made(server, grant, grant.scopes)
    if not await server.storage.redeem(hashed, grant.id, server.now(), rows):
        raise await _reused(server, grant, "code")
    answer = await _answer(server, grant, grant.scopes, access, refresh)
    if "openid" in grant.scopes:
        answer["id_token"] = await tokens.identity(server, grant, issuer, code.nonce)
    await server.witness(_given("token", grant))
    return answer


def _fits(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    return hmac.compare_digest(str(create_s256_code_challenge(verifier)), challenge)


async def _refresh(server: Server, client: Client, form: Form, issuer: str) -> Answer:
    hashed = secrets.hashed(form.get("refresh_token", ""))
    token = await server.storage.token(hashed)
    if token is None or token[0] != "refresh" or token[2] != client.id:
        raise await _refused(server, client, "the refresh token is not known, or not this client's")
    kept = await server.storage.grant(token[1])
    assert kept is not None  # a grant lives longer than its tokens
    grant = Granted.model_validate_json(kept[1])
    if token[3] == "used":
        raise await _reused(server, grant, "refresh")
    if token[3] == "revoked" or kept[2] or token[4] <= server.now():
        raise await _refused(server, client, "the refresh token was revoked, or is too old")
    scopes = _narrowed(form, grant)
    access, refresh, rows = _made(server, grant, scopes)
    if not await server.storage.rotate(hashed, grant.id, server.now(), rows):
        raise await _reused(server, grant, "refresh")
    answer = await _answer(server, grant, scopes, access, refresh)
    await server.witness(_given("refresh", grant))
    return answer


def _narrowed(form: Form, grant: Granted) -> tuple[str, ...]:
    """The scopes of this one token: those granted, or fewer where the client says so (RFC 6749 section 6)."""
    if "scope" not in form:
        return grant.scopes
    asked = words.listed(form["scope"])
    if not asked or set(asked) - set(words.within(asked, grant.scopes)):
        raise errors.InvalidScopeError("scope says nothing, or more than was granted")
    return asked


async def _service(server: Server, client: Client, form: Form, issuer: str) -> Answer:
    asked = words.of(words.listed(form.get("scope", "")), "system")
    scopes = words.within(asked, client.scopes)
    if not scopes:
        raise errors.InvalidScopeError("no word of scope is of system/ and registered for this client")
    access = tokens.Access(server)
    await server.storage.give(access.row("", client.id))
    answer: Answer = {
        "access_token": await access.signed(tokens.of_service(client, scopes)),
        "token_type": "Bearer",
        "expires_in": server.terms.access,
        "scope": " ".join(scopes),
    }
    deed = Deed(
        what="token",
        client=client.id,
        subject=client.subject or "",
        agency=client.agency or "",
        role=client.role or "",
    )
    await server.witness(deed)
    return answer


_WAYS: Mapping[str, Callable[[Server, Client, Form, str], Awaitable[Answer]]] = {
    "authorization_code": _code,
    "refresh_token": _refresh,
    "client_credentials": _service,
}


def _made(server: Server, grant: Granted, scopes: Sequence[str]) -> tuple[tokens.Access, str, list[Sequence[Any]]]:
    """An access token to be signed, a refresh token when the grant lasts, and the rows of both."""
    access = tokens.Access(server)
    rows: list[Sequence[Any]] = [access.row(grant.id, grant.client)]
    if not grant.lasting:
        return access, "", rows
    refresh = secrets.made()
    until = min(grant.until, server.now() + server.terms.refresh * 1000) if grant.lasting == "offline" else grant.until
    rows.append((secrets.hashed(refresh), "refresh", grant.id, grant.client, "live", until))
    return access, refresh, rows


async def _answer(server: Server, grant: Granted, scopes: Sequence[str], access: tokens.Access, refresh: str) -> Answer:
    """RFC 6749 section 5.1 with the launch context of SMART App Launch 2.2."""
    answer: Answer = {
        "access_token": await access.signed(tokens.of_grant(grant, scopes)),
        "token_type": "Bearer",
        "expires_in": server.terms.access,
        "scope": " ".join(scopes),
        "smart_style_url": f"{grant.base.rpartition('/fhir/')[0]}/auth/style.json",
    }
    if grant.patient:
        answer |= {"patient": grant.patient, "need_patient_banner": grant.banner}
    if grant.encounter:
        answer["encounter"] = grant.encounter
    if refresh:
        answer["refresh_token"] = refresh
    return answer


async def _refused(server: Server, client: Client, what: str) -> errors.InvalidGrantError:
    await server.witness(Deed(what="token", client=client.id, refused=what))
    return errors.InvalidGrantError(what)


async def _reused(server: Server, grant: Granted, what: str) -> errors.InvalidGrantError:
    """What was used comes back: somebody else has it too, so all that was given for it ends."""
    await server.end(grant.id)
    await server.witness(_given(f"{what}-reuse", grant, refused="used before"))
    return errors.InvalidGrantError("it was used before; all that was given for it has ended")


def _given(what: str, grant: Granted, refused: str = "") -> Deed:
    return Deed(
        what=what,
        client=grant.client,
        subject=grant.subject,
        agency=grant.agency,
        role=grant.role.value,
        person=PersonId(grant.patient) if grant.patient else None,
        request=grant.id[:32],
        refused=refused,
    )
