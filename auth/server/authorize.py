"""The authorization request: found good and left to wait for the account's decision, or answered with an error.

RFC 6749 section 4.1, RFC 7636 (S256 alone: RFC 9700 section 2.1.1), RFC 9207 (`iss`), OpenID Connect Core 3.1.2, SMART
App Launch 2.2 "Obtain authorization code". Who is unknown, or asks to be answered elsewhere, is never sent anywhere.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import errors

from auth.server import secrets, words
from auth.server.clients import Client
from auth.server.granted import Launch, Waiting
from auth.server.server import Server
from auth.server.storage import Deed

Pairs = Sequence[tuple[str, str]]

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST: Mapping[str, int] = {"state": 2000, "nonce": 500}


class Lost(Exception):  # noqa: N818 - a sentence for the person at the browser
    """A request that nobody can be sent back with: the app is not known, or not at that address."""


class Place(NamedTuple):
    """Where the request came in: our address, and those of our FHIR doors."""

    issuer: str
    bases: tuple[str, ...]


async def ask(server: Server, pairs: Pairs, place: Place) -> str:
    """Where the browser goes: to the decision, or back to the app with an error. Raises Lost."""
    client, redirect = await _known(server, pairs)
    form = dict(pairs)
    state = form.get("state", "")
    try:
        waiting = await _good(server, client, pairs, place)
    except OAuth2Error as error:
        await server.witness(Deed(what="authorize", client=client.id, refused=str(error.error)))
        return back(redirect, place.issuer, state, dict(error.get_body()))
    id_ = secrets.made()
    await server.storage.put("request", secrets.hashed(id_), waiting.until, waiting.model_dump_json())
    return f"{place.issuer}/auth/consent/{id_}"


def back(redirect: str, issuer: str, state: str, said: Mapping[str, str]) -> str:
    """The app's address with an answer; whose answer it is stands in it (RFC 9207)."""
    more = {"state": state} if state else {}
    address: str = add_params_to_uri(redirect, [*{**said, **more, "iss": issuer}.items()])
    return address


async def _known(server: Server, pairs: Pairs) -> tuple[Client, str]:
    """Who asks, and where it is answered."""
    found = {name: [value for key, value in pairs if key == name] for name in ("client_id", "redirect_uri")}
    client = await server.client(found["client_id"][0]) if len(found["client_id"]) == 1 else None
    if client is None:
        await server.witness(Deed(what="authorize", client="", refused="invalid_client"))
        raise Lost("The app that sent you here is not known to this service (client_id).")
    if len(found["redirect_uri"]) != 1 or not client.redirects_to(found["redirect_uri"][0]):
        await server.witness(Deed(what="authorize", client=client.id, refused="redirect_uri"))
        raise Lost("The app that sent you here asks for an answer at an address that is not its own (redirect_uri).")
    return client, found["redirect_uri"][0]


async def _good(server: Server, client: Client, pairs: Pairs, place: Place) -> Waiting:
    """The request as it waits. Raises OAuth2Error."""
    form = dict(pairs)
    _form_holds(pairs, form)
    if not client.may("authorization_code"):
        raise errors.UnauthorizedClientError("this client did not register for authorization_code")
    if form.get("response_type", "") != "code":
        raise errors.UnsupportedResponseTypeError("response_type")
    _pkce(form)
    base = next((base for base in place.bases if form.get("aud", "").rstrip("/") == base), None)
    if base is None:
        raise errors.InvalidRequestError("aud is not the address of a FHIR server of ours")
    scopes = _scopes(client, form)
    launch = await _launch(server, form, scopes)
    return Waiting(
        client=client.id,
        client_name=client.name,
        redirect_uri=form["redirect_uri"],
        state=form["state"],
        scopes=scopes if launch else tuple(word for word in scopes if word != "launch"),
        challenge=form["code_challenge"],
        nonce=form.get("nonce", ""),
        issuer=place.issuer,
        base=base,
        launch=launch,
        until=server.now() + server.terms.request * 1000,
    )


def _form_holds(pairs: Pairs, form: Mapping[str, str]) -> None:
    """Each parameter once (RFC 6749 section 3.1), state there, nothing asked that is not done here."""
    if max(Counter(name for name, _ in pairs).values()) > 1:
        raise errors.InvalidRequestError("a parameter stands twice")
    if not form.get("state"):
        raise errors.InvalidRequestError("state is missing")
    if any(len(form.get(name, "")) > most for name, most in _LONGEST.items()):
        raise errors.InvalidRequestError("state or nonce is too long")
    for name in ("request", "request_uri", "registration"):
        if name in form:
            raise OAuth2Error(f"{name} is not taken here", error=f"{name}_not_supported")
    if form.get("response_mode", "query") != "query":
        raise errors.InvalidRequestError("response_mode is query here")
    if "none" in form.get("prompt", "").split(" "):
        raise OAuth2Error("the user is always asked", error="interaction_required")


def _pkce(form: Mapping[str, str]) -> None:
    if form.get("code_challenge_method") != "S256":
        raise errors.InvalidRequestError("code_challenge_method must be S256")
    if not _CHALLENGE.fullmatch(form.get("code_challenge", "")):
        raise errors.InvalidRequestError("code_challenge is missing, or no SHA-256 in base64url")


def _scopes(client: Client, form: Mapping[str, str]) -> tuple[str, ...]:
    asked = [word for word in words.listed(form.get("scope", "")) if not words.of((word,), "system")]
    lasting = () if client.may("refresh_token") else ("offline_access", "online_access")
    found = tuple(word for word in words.within(asked, client.scopes) if word not in lasting)
    if not found:
        raise errors.InvalidScopeError("no word of scope is known here and open to this client")
    return found


async def _launch(server: Server, form: Mapping[str, str], scopes: Sequence[str]) -> Launch | None:
    """The launch that the request belongs to: used here, once. Comes last, so that a bad request leaves it good."""
    if "launch" not in form:
        return None
    if "launch" not in scopes:
        raise errors.InvalidRequestError("launch goes with the scope launch")
    found = await server.storage.take("launch", secrets.hashed(form["launch"]), server.now())
    if found is None:
        raise errors.InvalidRequestError("launch is not known, used, or too old")
    return Launch.model_validate_json(found)
