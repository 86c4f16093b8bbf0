"""Federation: to the provider and back, by the authorization code flow with state, nonce and PKCE S256.

Sources: OpenID Connect Core 1.0 section 3.1, OpenID Connect Discovery 1.0 section 4.3, RFC 7636, RFC 9207 (`iss` in the
answer), RFC 9700 section 2.1. What has to be known again at the return stands in a sealed cookie, so nothing is kept
here, and only the browser that began can end.
"""

import hmac
import logging
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx

from auth import issuers
from auth.issuers import fetchable, said_at
from auth.keys import Key, Keys
from auth.server.parties import Account
from auth.sign_in.fetching import Unanswered, asked
from auth.sign_in.id_tokens import claims_of
from auth.sign_in.providers import Provider, reference
from auth.tokens import sign
from plan.model import Subject
from plan.problem import Problem, Trouble

FRESH_SECONDS = 600
"""How long what a provider says of itself is believed before it is fetched again."""
ASSERTION_SECONDS = 60
_LOG = logging.getLogger("oneplan.sign_in")


@dataclass(frozen=True, slots=True)
class Trip:
    """A sign-in that is on its way: what must be known again when the browser returns."""

    provider: str
    state: str
    nonce: str
    verifier: str
    next: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What a provider says of itself, and its keys. `at` is of a clock that only goes forward."""

    at: float
    authorize: str
    token: str
    userinfo: str
    posts_secret: bool
    jwks: str
    keys: Keys


class Federation:
    """The configured providers. `now` gives milliseconds since 1970 UTC. Raises ValueError for one that is there twice.

    Without `client` one is made when first needed, and closed by `close`.
    """

    def __init__(
        self, providers: Iterable[Provider], now: Callable[[], int], client: httpx.AsyncClient | None = None
    ) -> None:
        listed = tuple(providers)
        self.providers: Mapping[str, Provider] = {provider.name: provider for provider in listed}
        if len(self.providers) < len(listed) or len({provider.issuer for provider in listed}) < len(listed):
            raise ValueError("a provider is configured twice")
        self._now, self._client, self._own = now, client, client is None
        self._known: dict[str, _Known] = {}

    async def begin(self, name: str, back: str, next_: str) -> tuple[str, Trip]:
        """The provider's address to send the browser to, and the trip. `back` is our own address for the return.

        Raises Problem: NOT_FOUND, UNAVAILABLE.
        """
        provider = self._provider(name)
        known = await self._discovered(provider)
        trip = trip_to(name, next_)
        asked_for = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": back,
            "scope": " ".join(provider.scopes),
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": challenge(trip.verifier),
            "code_challenge_method": "S256",
        }
        return f"{known.authorize}{'&' if '?' in known.authorize else '?'}{urlencode(asked_for)}", trip

    async def finish(self, trip: Trip, name: str, back: str, answer: Mapping[str, str]) -> tuple[str, Account]:
        """Who has signed in, as the name of the account and the account.

        Raises Problem with a sentence for the user: BAD_TOKEN, REFUSED (signed in there, unknown here), UNAVAILABLE.
        """
        provider = self._provider(name)
        state = answer.get("state", "")
        if trip.provider != name or not hmac.compare_digest(state.encode(), trip.state.encode()):
            raise Problem(Trouble.BAD_TOKEN, "This answer belongs to another sign-in. Start again.")
        if answer.get("iss", provider.issuer) != provider.issuer:
            raise Problem(Trouble.BAD_TOKEN, "This answer is from another provider. Start again.")
        if "code" not in answer:
            raise Problem(Trouble.REFUSED, f"{provider.title} did not sign you in. Try again, or use another way.")
        known = await self._discovered(provider)
        claims = await self._redeemed(provider, known, trip, back, answer["code"])
        return f"{provider.name}:{claims['sub']}", account_of(provider, claims)

    async def close(self) -> None:
        """Let go of the connections."""
        for known in self._known.values():
            await known.keys.close()
        if self._own and self._client is not None:
            await self._client.aclose()

    def _provider(self, name: str) -> Provider:
        if name not in self.providers:
            raise Problem(Trouble.NOT_FOUND)
        return self.providers[name]

    async def _redeemed(self, provider: Provider, known: _Known, trip: Trip, back: str, code: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": trip.verifier,
        }
        proof, auth = proof_of(provider, known.token, posts_secret=known.posts_secret, now=self._now())
        given = await self._asked(provider, known.token, {**form, **proof}, auth=auth)
        text = given.get("id_token")
        if not isinstance(text, str):
            raise useless(provider, "no ID token came with the answer")

        async def find(kid: str | None) -> Key | None:
            return await known.keys.find(provider.issuer, kid)

        try:
            claims = await claims_of(text, provider, find, trip.nonce, self._now())
        except Problem as problem:
            if problem.trouble is Trouble.UNAVAILABLE:
                raise
            raise useless(provider, str(problem)) from problem
        return {**await self._userinfo(provider, known, given, claims), **claims}

    async def _userinfo(
        self, provider: Provider, known: _Known, given: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What the provider tells beside the ID token; of the same user, or nothing is believed."""
        if not provider.userinfo:
            return {}
        headers = {"Authorization": f"Bearer {given.get('access_token', '')}"}
        found = await self._asked(provider, known.userinfo, headers=headers)
        if found.get("sub") != claims["sub"]:
            raise useless(provider, "what it says of the user is about another user")
        return found

    async def _discovered(self, provider: Provider) -> _Known:
        held = self._known.get(provider.name)
        if held is not None and time.monotonic() - held.at < FRESH_SECONDS:
            return held
        address = f"{provider.issuer.removesuffix('/')}/.well-known/openid-configuration"
        said = await self._asked(provider, address)
        try:
            made = self._read(provider, said, held)
        except (ValueError, TypeError, AttributeError) as reason:
            raise useless(provider, f"what it says of itself cannot be used: {reason}") from reason
        self._known[provider.name] = made
        return made

    def _read(self, provider: Provider, said: Mapping[str, Any], held: _Known | None) -> _Known:
        if said.get("issuer") != provider.issuer:
            raise ValueError("it names another issuer")
        jwks = fetchable(said.get("jwks_uri", ""))
        reading = provider.reading().model_copy(update={"jwks_uri": jwks})
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        # Its keys stay, so that renewing the one does not forget the other.
        keys = held.keys if held and held.jwks == jwks else Keys((reading,), self._http())
        return _Known(
            at=time.monotonic(),
            authorize=fetchable(said.get("authorization_endpoint", "")),
            token=fetchable(said.get("token_endpoint", "")),
            userinfo=fetchable(said.get("userinfo_endpoint", "")) if provider.userinfo else "",
            posts_secret="client_secret_basic" not in methods,
            jwks=jwks,
            keys=keys,
        )

    async def _asked(
        self,
        provider: Provider,
        address: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            return await asked(self._http(), address, form, headers, auth)
        except Unanswered as reason:
            raise useless(provider, str(reason)) from reason

    def _http(self) -> httpx.AsyncClient:
        self._client = self._client or httpx.AsyncClient(timeout=5.0)
        return self._client


def account_of(provider: Provider, claims: Mapping[str, Any]) -> Account:
    """The account that a provider's claims describe. Raises Problem(REFUSED) when role or agency are unknown here.

    The subject carries the provider's name, so that no two providers ever speak of the same one.
    """
    said = dict(_plain(claims))
    if provider.agency is not None:
        said |= _at(provider.claims.agency, provider.agency)
    reading = provider.reading()
    if provider.agency is not None:
        reading = reading.model_copy(update={"agencies": None})
    try:
        found = issuers.caller(reading, {**said, "scope": ""}, 0)
    except Problem as problem:
        _LOG.warning("%s signed somebody in who is unknown here: %s", provider.name, problem)
        what = f"You are signed in at {provider.title}, but your role or your agency is not known here."
        raise Problem(Trouble.REFUSED, f"{what} Ask your administrator.") from problem
    return Account(
        subject=Subject(f"{provider.name}:{found.subject}"),
        agency=found.agency,
        role=found.role,
        name=found.name or found.subject,
        fhir_user=reference(said_at(said, provider.claims.fhir_user)),
        person=found.person,
    )


def _plain(value: Any) -> Any:
    """Claims in which a list of one object is that object."""
    if isinstance(value, Mapping):
        return {name: _plain(held) for name, held in value.items()}
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        return _plain(value[0])
    return value


def _at(path: tuple[str, ...], value: object) -> dict[str, Any]:
    held: Any = value
    for step in reversed(path):
        held = {step: held}
    found: dict[str, Any] = held
    return found


def trip_to(provider: str, next_: str) -> Trip:
    """A trip that nobody else makes."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Trip(provider, state, nonce, verifier, next_)


def challenge(verifier: str) -> str:
    """What is shown of a verifier beforehand (RFC 7636 section 4.2, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def proof_of(
    provider: Provider, token: str, *, posts_secret: bool, now: int
) -> tuple[dict[str, str], tuple[str, str] | None]:
    """How we prove who we are: fields of the form, or a name and a secret (RFC 6749 section 2.3.1, RFC 7523).

    `token`: the address of the token endpoint. Who has neither key nor secret there only says its name.
    """
    if provider.private_key is not None:
        issued = now // 1000
        claims = {
            "iss": provider.client_id,
            "sub": provider.client_id,
            "aud": token,
            "jti": secrets.token_urlsafe(24),
            "iat": issued,
            "exp": issued + ASSERTION_SECONDS,
        }
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assertion = sign(provider.private_key, claims, "JWT")
        return {"client_id": provider.client_id, "client_assertion_type": kind, "client_assertion": assertion}, None
    if provider.client_secret is None:
        return {"client_id": provider.client_id}, None
    secret = provider.client_secret.get_secret_value()
    if posts_secret:
        return {"client_id": provider.client_id, "client_secret": secret}, None
    return {}, (_form(provider.client_id), _form(secret))


def _form(text: str) -> str:
    """As a form writes it, which RFC 6749 section 2.3.1 wants before the two are joined."""
    return urlencode({"": text})[1:]


def useless(provider: Provider, why: str) -> Problem:
    """The log says why; the user is told that it did not work. A Problem(UNAVAILABLE)."""
    _LOG.warning("signing in by %s failed: %s", provider.name, why)
    return Problem(
        Trouble.UNAVAILABLE, f"Signing in by {provider.title} does not work just now. Try again in a moment."
    )
