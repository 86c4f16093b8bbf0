"""A provider of sign-in on this machine: discovery, authorize, token, userinfo, keys; made without the code under test.

It keeps to OpenID Connect Core 1.0 section 3.1 and RFC 7636: a code is good once, for the client, the address and the
verifier that it was made for. `lie` makes it break one rule, for the tests of what is refused.
"""

import json
import secrets
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from tests.auth.foreign_issuer import compact, ec_key, public_jwk, signer
from tests.support.answering import Quiet, answering

CLIENT, SECRET = "oneplan:at 1", "a secret: with % and +"
NOW = 1_800_000_000
OK = 200


@dataclass
class Provider:
    """The provider: what it says of whom, and what it was asked."""

    base: str
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    lie: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    def answer(self, method: str, path: str, form: dict[str, str], proof: str) -> tuple[int, Any]:
        """What is said at an address; a text is where to go next."""
        self.asked.append((path, form, proof))
        at = {
            "/.well-known/openid-configuration": self._described,
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": lambda form, proof: (200, {"sub": "user-1", **self.told}),
            "/keys": lambda form, proof: (200, {"keys": [public_jwk(ec_key("provider"), "p1", alg="ES256")]}),
        }
        return at[path](form, proof) if path in at else (404, {})

    def _described(self, form: dict[str, str], proof: str) -> tuple[int, Any]:
        if self.lie == "away":
            return 503, {}
        if self.lie == "redirect":
            return 302, f"{self.base}/elsewhere"
        if self.lie == "endless":
            return 200, {"x": "y" * 100_000}
        if self.lie == "list":
            return 200, []
        said = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "userinfo_endpoint": f"{self.base}/userinfo",
            "jwks_uri": f"{self.base}/keys",
        }
        return 200, {**said, **self.discovery}

    def _authorize(self, form: dict[str, str], proof: str) -> tuple[int, Any]:
        assert form["response_type"] == "code"
        assert form["code_challenge_method"] == "S256"
        assert "openid" in form["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = form
        return 302, f"{form['redirect_uri']}?{urlencode({'code': code, 'state': form['state'], 'iss': self.base})}"

    def _token(self, form: dict[str, str], proof: str) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or not self._proved(form, proof):
            return 400, {"error": "invalid_grant"}
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if self.lie == "no id token":
            return 200, {"access_token": "a"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _proved(self, form: dict[str, str], proof: str) -> bool:
        if "client_assertion" in form:
            header, claims, _ = form["client_assertion"].split(".")
            said = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
            kind = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
            return bool(said["aud"] == f"{self.base}/token" and said["sub"] == CLIENT and kind["typ"] == "JWT")
        if "client_secret" in form:
            return form["client_secret"] == SECRET
        name, _, secret = b64decode(proof.removeprefix("Basic ")).decode().partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)

    def _id_token(self, nonce: str) -> str:
        key = ec_key("stranger" if self.lie == "another key" else "provider")
        said = {
            "iss": self.base,
            "aud": CLIENT,
            "sub": "user-1",
            "nonce": nonce,
            "iat": NOW - 5,
            "exp": NOW + 300,
            "agency": "RX1",
            "role": "clinician",
            "name": "Sister Away",
            "fhirUser": "https://elsewhere.example/fhir/Practitioner/p-1",
            **self.claims,
        }
        head = {"alg": "ES256", "typ": "JWT", "kid": "p1", **self.header}
        return compact(head, {name: value for name, value in said.items() if value is not None}, signer(key, "ES256"))


Kind = TypeVar("Kind", bound=Provider)


def provider() -> AbstractContextManager[Provider]:
    """The provider on a port of its own, until the end of the block."""
    return standing(Provider)


@contextmanager
def standing(kind: type[Kind]) -> Iterator[Kind]:
    """A kind of provider on a port of its own, until the end of the block."""

    class Answers(Quiet):
        def do_GET(self) -> None:
            self._say("GET", dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say("POST", dict(parse_qsl(body, keep_blank_values=True)))

        def _say(self, method: str, form: dict[str, str]) -> None:
            proof = self.headers.get("authorization", "")
            status, said = made.answer(method, urlsplit(self.path).path, form, proof)
            page = isinstance(said, bytes)
            body = said if isinstance(said, bytes) else b"" if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            if isinstance(said, str):
                self.send_header("Location", said)
            self.send_header("Content-Type", "text/html; charset=utf-8" if page else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with answering(Answers) as port:
        made = kind(f"http://127.0.0.1:{port}")
        yield made
