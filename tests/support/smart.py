"""An app as tests see it: registered, asking, with a user who agrees; and backend services that sign their own word.

What an app computes (challenge, assertions) is computed here without the code under test.
"""

import json
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx

from auth.server import clients, manage
from auth.server.clients import Acting, Client
from auth.server.parties import Account, Decision
from plan.model import AgencyId, EntryId, PersonId, Role, Subject
from tests.auth.foreign_issuer import b64, compact, ec_key, public_jwk, signer
from tests.support.world import World

HERE = "http://127.0.0.1"
R4 = f"{HERE}/fhir/R4"
TOKEN = f"{HERE}/auth/token"
BACK = "https://app.example/back"
SCOPES = "launch/patient openid fhirUser offline_access user/*.cruds"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NURSE = Account(
    subject=Subject("nurse-1"),
    agency=AgencyId("RX1"),
    role=Role.CLINICIAN,
    name="Nia Nurse",
    fhir_user="PractitionerRole/nurse-1",
)


async def registered(world: World, acting: Acting | None = None, **said: Any) -> tuple[Client, str]:
    """A client of the deployment, and its secret."""
    usual = {
        "client_name": "An app",
        "redirect_uris": [BACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    }
    client, secret = clients.registered(_told({**usual, **said}), world.clock, acting, None)
    await manage.add(world.service.server, client)
    return client, secret


async def backend(world: World, **said: Any) -> Client:
    """A backend service with a P-384 key of the name `key`, acting for RX1 as a clinician."""
    usual = {
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": "system/*.rs",
        "jwks": {"keys": [public_jwk(ec_key("backend", "P-384"), "key")]},
    }
    acting = Acting(agency=AgencyId("RX1"), role=Role.CLINICIAN)
    return (await registered(world, acting, **{**usual, **said}))[0]


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def assertion(world: World, client: Client, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """A good assertion of a client, but for what is asked to be otherwise; a claim of None is left out."""
    now = world.clock // 1000
    usual = {"iss": client.id, "sub": client.id, "aud": TOKEN, "exp": now + 300, "iat": now, "jti": uuid4().hex}
    said = _told({**usual, **claims})
    head = {"alg": "ES384", "typ": "JWT", "kid": "key", **(header or {})}
    return compact(head, said, signer(ec_key("backend", "P-384"), "ES384"))


def asserting(text: str, **more: str) -> dict[str, str]:
    """The form of a backend service that brings this assertion."""
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    return {**form, "client_assertion_type": ASSERTION, "client_assertion": text, **more}


@dataclass
class App:
    """An app at a browser: what it keeps to itself between its request and the answer."""

    world: World
    client: Client
    http: httpx.AsyncClient
    secret: str = ""
    scope: str = SCOPES
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = "a-state"

    @classmethod
    async def of(cls, world: World, scope: str = SCOPES, only: str = "", **said: Any) -> "App":
        """A new app, registered as `said`, and for the scopes `only`."""
        said |= {"scope": only} if only else {}
        client, secret = await registered(world, **said)
        return cls(world, client, world.anonymous(), secret, scope)

    @property
    def challenge(self) -> str:
        return b64(sha256(self.verifier.encode()).digest())

    def query(self, **more: str | None) -> dict[str, str]:
        """A good request, but for what is asked to be otherwise; what is None is left out."""
        usual = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": BACK,
            "scope": self.scope,
            "state": self.state,
            "aud": R4,
            "nonce": "a-nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return _told({**usual, **more})

    async def asks(self, **more: str | None) -> httpx.Response:
        return await self.http.get("/auth/authorize", params=self.query(**more))

    async def waits(self, **more: str | None) -> str:
        """The id of the request that waits."""
        answer = await self.asks(**more)
        assert answer.status_code == 303, answer.text
        path = urlsplit(answer.headers["location"]).path
        assert path.startswith("/auth/consent/"), answer.headers["location"]
        return path.rpartition("/")[2]

    async def granted(
        self,
        account: Account = NURSE,
        scopes: str | None = None,
        patient: str | None = None,
        encounter: str | None = None,
        **more: str | None,
    ) -> dict[str, str]:
        """What the app is told after the account agreed to all, or to `scopes`."""
        id_ = await self.waits(**more)
        requests = self.world.service.requests
        pending = await requests.pending(id_)
        assert pending is not None
        decision = Decision(
            scopes=pending.scopes if scopes is None else tuple(scopes.split()),
            patient=PersonId(patient) if patient else None,
            encounter=EntryId(encounter) if encounter else None,
        )
        return answered(await requests.grant(id_, account, decision))

    async def sends(self, **form: str | None) -> httpx.Response:
        """A request at the token endpoint, with what proves this client."""
        said = _told(form)
        if self.client.method == "none":
            said.setdefault("client_id", self.client.id)
        basic = self.client.method == "client_secret_basic"
        proof = httpx.BasicAuth(self.client.id, self.secret) if basic else httpx.USE_CLIENT_DEFAULT
        if self.client.method == "client_secret_post":
            said |= {"client_id": self.client.id, "client_secret": self.secret}
        return await self.http.post("/auth/token", data=said, auth=proof)

    async def exchanges(self, code: str, **more: str | None) -> httpx.Response:
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": self.verifier,
        }
        return await self.sends(**{**usual, **more})

    async def tokens(self, patient: str | None = "p-1", account: Account = NURSE, **more: Any) -> dict[str, Any]:
        """The whole way to the tokens."""
        answer = await self.exchanges((await self.granted(account, patient=patient, **more))["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def refreshes(self, refresh: str, **more: str | None) -> httpx.Response:
        return await self.sends(grant_type="refresh_token", refresh_token=refresh, **more)

    async def calls(self, token: str, path: str = "/v1/agencies") -> int:
        """How a door answers to a token."""
        answer = await self.http.get(path, headers={"Authorization": f"Bearer {token}"})
        return answer.status_code


def answered(address: str) -> dict[str, str]:
    """What the app is told at its redirect address."""
    assert address.split("?", maxsplit=1)[0] == BACK, address
    return dict(parse_qsl(urlsplit(address).query))


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    part = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


async def audited(world: World) -> list[tuple[str, str, str, bool, str]]:
    """The events of the authorization server: target, client, subject, allowed, refused by."""
    sql = "select target, client, subject, allowed, question from audit_event where door = 'auth' order by at, id"
    rows = await world.database.rows(sql)
    assert all(row[4] == ("" if row[3] else "token") for row in rows)
    return [(row[0].partition(": ")[0], row[1], row[2], bool(row[3]), row[0].partition(": ")[2]) for row in rows]
