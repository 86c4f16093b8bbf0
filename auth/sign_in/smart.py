"""A launch: to the record system that launched us and back, by SMART App Launch 2.2, and which patient is open there.

A launch is a sign-in by OpenID Connect (auth.sign_in.federation) with a context beside the ID token. `iss` is whatever
somebody wrote into an address: it is looked up in the configuration, and only what stands there is ever fetched. The
access token reads the one Patient and is forgotten with the call that got it.
"""

import hmac
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from auth.issuers import fetchable
from auth.keys import Key, Keys
from auth.sign_in.ehrs import Ehr, listed
from auth.sign_in.federation import FRESH_SECONDS, Trip, challenge, proof_of, trip_to
from auth.sign_in.fetching import Unanswered, asked
from auth.sign_in.id_tokens import claims_of
from auth.sign_in.patients import Whom, whom
from plan.problem import Problem, Trouble

LONGEST_LAUNCH = 2000
_LOG = logging.getLogger("oneplan.sign_in")
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
AGAIN = "Close this window, and open Oneplan again from the record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Who came by a launch, and what it is about. `ehr`: with the issuer of its ID tokens.

    `claims`: of the verified ID token. `whom`: whose record is open there, None when that cannot be told for certain.
    `banner`: whether the page is to show the whole banner. `intent`: what the user is there for, in the system's words.
    """

    ehr: Ehr
    claims: Mapping[str, Any]
    whom: Whom | None
    banner: bool
    intent: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What a record system says of itself, and its keys. `at` is of a clock that only goes forward."""

    at: float
    ehr: Ehr
    authorize: str
    token: str
    posts_secret: bool
    jwks: str
    keys: Keys


class Launches:
    """The configured record systems. `now` gives milliseconds since 1970 UTC. Raises ValueError for one that is twice.

    Without `client` one is made when first needed, and closed by `close`.
    """

    def __init__(self, ehrs: Iterable[Ehr], now: Callable[[], int], client: httpx.AsyncClient | None = None) -> None:
        self.ehrs = listed(ehrs)
        self._by_base = {one.base: one for one in self.ehrs.values()}
        self._now, self._client, self._own = now, client, client is None
        self._known: dict[str, _Known] = {}

    def ehr(self, iss: str) -> Ehr:
        """The record system that launches with this `iss`. Raises Problem(REFUSED); nothing is fetched."""
        found = self._by_base.get(iss.rstrip("/"))
        if found is None:
            raise Problem(Trouble.REFUSED, "The record system that sent you here is not one that may open Oneplan.")
        return found

    async def begin(self, ehr: Ehr, launch: str, back: str) -> tuple[str, Trip]:
        """Where the browser goes to be let in, and the trip. `back` is our own address for the return.

        Raises Problem: INVALID, UNAVAILABLE.
        """
        if not 0 < len(launch) <= LONGEST_LAUNCH or not launch.isprintable():
            raise Problem(Trouble.INVALID, f"{ehr.title} did not say which record is open. {AGAIN}")
        known = await self._discovered(ehr)
        trip = trip_to(ehr.name, "")
        asked_for = {
            "response_type": "code",
            "client_id": ehr.client_id,
            "redirect_uri": back,
            "launch": launch,
            "scope": " ".join(ehr.scopes),
            "state": trip.state,
            "nonce": trip.nonce,
            "aud": ehr.iss,
            "code_challenge": challenge(trip.verifier),
            "code_challenge_method": "S256",
        }
        return f"{known.authorize}{'&' if '?' in known.authorize else '?'}{urlencode(asked_for)}", trip

    async def finish(self, trip: Trip, back: str, answer: Mapping[str, str]) -> Came:
        """Who came, and whose record is open. Raises Problem with a sentence for the user: BAD_TOKEN, REFUSED (not
        let in there), UNAVAILABLE.
        """
        ehr = self.ehrs.get(trip.provider)
        if ehr is None or not hmac.compare_digest(answer.get("state", "").encode(), trip.state.encode()):
            raise Problem(Trouble.BAD_TOKEN, f"This answer belongs to another launch. {AGAIN}")
        known = await self._discovered(ehr)
        if answer.get("iss", known.ehr.issuer) != known.ehr.issuer:
            raise Problem(Trouble.BAD_TOKEN, f"This answer is from another system. {AGAIN}")
        if not answer.get("code"):
            raise Problem(Trouble.REFUSED, f"{ehr.title} did not let Oneplan in. {AGAIN}")
        return await self._redeemed(known, trip, back, answer["code"])

    async def close(self) -> None:
        """Let go of the connections."""
        for known in self._known.values():
            await known.keys.close()
        if self._own and self._client is not None:
            await self._client.aclose()

    async def _redeemed(self, known: _Known, trip: Trip, back: str, code: str) -> Came:
        ehr = known.ehr
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": trip.verifier}
        proof, auth = proof_of(ehr, known.token, posts_secret=known.posts_secret, now=self._now())
        given = await self._asked(ehr, known.token, {**form, **proof}, auth=auth)
        claims = await self._claims(known, given.get("id_token"), trip.nonce)
        banner, intent = given.get("need_patient_banner", True), given.get("intent", "")
        return Came(
            ehr=ehr,
            claims=claims,
            whom=await self._whom(ehr, given),
            banner=banner is not False,
            intent=intent if isinstance(intent, str) else "",
        )

    async def _claims(self, known: _Known, text: object, nonce: str) -> Mapping[str, Any]:
        """The claims of the ID token. Raises Problem(UNAVAILABLE) for one that is not as it must be."""
        ehr = known.ehr

        async def find(kid: str | None) -> Key | None:
            return await known.keys.find(ehr.issuer, kid)

        if not isinstance(text, str):
            raise _useless(ehr, "no ID token came with the answer")
        try:
            return await claims_of(text, ehr, find, nonce, self._now())
        except Problem as problem:
            if problem.trouble is Trouble.UNAVAILABLE:
                raise
            raise _useless(ehr, str(problem)) from problem

    async def _whom(self, ehr: Ehr, given: Mapping[str, Any]) -> Whom | None:
        """Whose record is open, as the record system says it of the one Patient that it named."""
        id_, token = given.get("patient"), given.get("access_token")
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            return None
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise _useless(ehr, "no access token came with the answer")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
        return whom(await self._asked(ehr, f"{ehr.base}/Patient/{id_}", headers=headers), id_)

    async def _discovered(self, ehr: Ehr) -> _Known:
        held = self._known.get(ehr.name)
        if held is not None and time.monotonic() - held.at < FRESH_SECONDS:
            return held
        said = await self._asked(ehr, f"{ehr.base}/.well-known/smart-configuration")
        try:
            made = self._read(ehr, said, held)
        except (ValueError, TypeError, AttributeError) as reason:
            raise _useless(ehr, f"its SMART configuration cannot be used: {reason}") from reason
        self._known[ehr.name] = made
        return made

    def _read(self, ehr: Ehr, said: Mapping[str, Any], held: _Known | None) -> _Known:
        issuer, jwks = said.get("issuer"), fetchable(said.get("jwks_uri", ""))
        if not isinstance(issuer, str) or not issuer or issuer != (ehr.issuer or issuer):
            raise ValueError("it names no issuer, or another one than is configured")
        if "S256" not in said.get("code_challenge_methods_supported", ()):
            raise ValueError("it does not do PKCE with S256")
        of_it = ehr.model_copy(update={"issuer": issuer})
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        same = held is not None and (held.jwks, held.ehr.issuer) == (jwks, issuer)
        signing = of_it.reading().model_copy(update={"jwks_uri": jwks})
        return _Known(
            at=time.monotonic(),
            ehr=of_it,
            authorize=fetchable(said.get("authorization_endpoint", "")),
            token=fetchable(said.get("token_endpoint", "")),
            posts_secret="client_secret_basic" not in methods,
            jwks=jwks,
            # Its keys stay, so that renewing the one does not forget the other.
            keys=held.keys if held and same else Keys((signing,), self._http()),
        )

    async def _asked(
        self, ehr: Ehr, address: str, form: Mapping[str, str] | None = None, **more: Any
    ) -> dict[str, Any]:
        try:
            return await asked(self._http(), address, form, **more)
        except Unanswered as reason:
            raise _useless(ehr, str(reason)) from reason

    def _http(self) -> httpx.AsyncClient:
        self._client = self._client or httpx.AsyncClient(timeout=5.0)
        return self._client


def _useless(ehr: Ehr, why: str) -> Problem:
    """The log says why; the user is told that it did not work."""
    _LOG.warning("a launch from %s failed: %s", ehr.name, why)
    return Problem(Trouble.UNAVAILABLE, f"Opening Oneplan from {ehr.title} does not work just now. {AGAIN}")
