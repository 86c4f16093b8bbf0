"""Backend services: who they are, they sign; every word of it is good once, for five minutes, here (T12)."""

import asyncio
from urllib.parse import urlencode

import httpx
import pytest
from authlib.oauth2.rfc6749.errors import InvalidClientError

from auth.server import proofs
from tests.auth.foreign_issuer import compact, ec_key, hmac_signer, public_jwk, rsa_key, signer
from tests.support.smart import ASSERTION, TOKEN, App, asserting, assertion, audited, backend, claims_of


@pytest.fixture
async def http(world):
    await world.agency("RX1")
    return world.anonymous()


@pytest.fixture
async def service(world):
    return await backend(world)


async def sent(http, text, **more):
    return await http.post("/auth/token", data=asserting(text, **more))


async def test_inferno_bulk_a_signed_word_becomes_a_token(world, http, service):
    answer = await sent(http, assertion(world, service))
    assert answer.status_code == 200, answer.text
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    said = answer.json()
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (said["token_type"], said["scope"], said["expires_in"]) == ("Bearer", "system/*.rs", 600)
    caller = await world.service.tokens.caller(f"Bearer {said['access_token']}")
    assert (caller.subject, caller.agency, caller.role) == (f"client:{service.id}", "RX1", "clinician")
    assert (caller.client, caller.purpose, caller.person) == (service.id, "TREAT", None)
    answer = await http.get("/fhir/R4/Patient", headers={"Authorization": f"Bearer {said['access_token']}"})
    assert answer.status_code == 200
    assert (await audited(world))[-1][:4] == ("token", service.id, f"client:{service.id}", True)


async def test_a_service_may_sign_with_RSA_too(world, http):
    service = await backend(world, jwks={"keys": [public_jwk(rsa_key("backend"), "r", alg="RS384")]})
    said = claims_of(assertion(world, service))
    text = compact({"alg": "RS384", "kid": "r", "typ": "JWT"}, said, signer(rsa_key("backend"), "RS384"))
    assert (await sent(http, text)).status_code == 200


CLAIMS = {
    "expires more than five minutes ahead": lambda now: {"exp": now + 302},
    "expired": lambda now: {"exp": now - 1},
    "without exp": lambda now: {"exp": None},
    "exp no number": lambda now: {"exp": str(now + 60)},
    "exp true": lambda now: {"exp": True},
    "issued in the future": lambda now: {"iat": now + 120},
    "not good yet": lambda now: {"nbf": now + 120},
    "for another endpoint": lambda now: {"aud": "https://other.example/token"},
    "for our address but not the endpoint": lambda now: {"aud": "http://127.0.0.1"},
    "for nobody": lambda now: {"aud": None},
    "for an empty list": lambda now: {"aud": []},
    "without jti": lambda now: {"jti": None},
    "empty jti": lambda now: {"jti": ""},
    "jti no text": lambda now: {"jti": 7},
    "very long jti": lambda now: {"jti": "j" * 301},
    "of nobody": lambda now: {"iss": None},
    "of another": lambda now: {"iss": "another"},
    "about another": lambda now: {"sub": "another"},
    "without sub": lambda now: {"sub": None},
    "iss no text": lambda now: {"iss": ["x"], "sub": ["x"]},
}


async def test_T12_an_assertion_that_says_the_wrong_thing_is_refused(world, http, service):
    for name, wrong in CLAIMS.items():
        answer = await sent(http, assertion(world, service, **wrong(world.clock // 1000)))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name
        assert (await audited(world))[-1][3] is False


async def test_T12_an_assertion_may_last_five_minutes_and_name_several_audiences(world, http, service):
    now = world.clock // 1000
    assert (await sent(http, assertion(world, service, exp=now + 300))).status_code == 200
    assert (await sent(http, assertion(world, service, aud=["x", TOKEN], exp=now + 30.5))).status_code == 200


def forged(world, service):
    """Assertions whose signature is not that of the registered key."""
    said, good = claims_of(assertion(world, service)), signer(ec_key("backend", "P-384"), "ES384")
    evil = ec_key("evil", "P-384")
    yield compact({"alg": "ES384", "kid": "key"}, said, signer(evil, "ES384"))
    yield compact({"alg": "ES384", "kid": "key", "jwk": public_jwk(evil, "key")}, said, signer(evil, "ES384"))
    yield compact({"alg": "ES384", "kid": "key", "jku": "https://evil.example/jwks"}, said, signer(evil, "ES384"))
    yield compact({"alg": "ES384", "kid": "other"}, said, good)
    yield compact({"alg": "ES384", "kid": ""}, said, good)
    yield compact({"alg": "ES384", "kid": None}, said, good)
    yield compact({"alg": "ES384"}, said, good)
    yield compact({"alg": "none", "kid": "key"}, said, lambda _: b"\0")
    yield compact({"alg": "HS384", "kid": "key"}, said, hmac_signer(b"", "HS384"))
    yield compact({"alg": "ES256", "kid": "key"}, said, signer(ec_key(), "ES256"))
    yield compact({"alg": "RS384", "kid": "key"}, said, signer(rsa_key("evil"), "RS384"))
    yield compact({"alg": "ES384", "kid": "key"}, said, lambda _: bytes(96))
    header, claims, signature = assertion(world, service).split(".")
    yield f"{header}.{claims}.{signature}="
    yield f"{header}.{claims}."
    yield f"{header}.{claims}"
    yield ""
    yield "a.b.c.d.e"


async def test_T12_a_forged_assertion_is_refused(world, http, service):
    for text in forged(world, service):
        answer = await sent(http, text)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), text
    assert (await sent(http, assertion(world, service))).status_code == 200


async def test_T12_an_assertion_is_good_once(world, http, service):
    text = assertion(world, service)
    answers = [await sent(http, text) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 401, 401]
    same = assertion(world, service, jti=claims_of(text)["jti"])
    assert (await sent(http, same)).status_code == 401, "the id is what counts"


async def test_T12_of_twenty_uses_at_once_one_succeeds(world, http, service):
    text = assertion(world, service)
    answers = await asyncio.gather(*(sent(http, text) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 19]


async def test_T12_a_replay_is_refused_by_the_other_process_too(world, http, service):
    from api.authorization.opened import opened  # noqa: PLC0415 - a second process on the same database

    text = assertion(world, service)
    assert (await sent(http, text)).status_code == 200
    other = opened(world.settings, world.database, world.desk)
    shown = proofs.Shown("", asserting(text), TOKEN)
    with pytest.raises(InvalidClientError, match="used before"):
        await proofs.client(other, shown)


async def test_the_ids_of_two_services_do_not_meet(world, http, service):
    other = await backend(world)
    for one in (service, other):
        assert (await sent(http, assertion(world, one, jti="the same"))).status_code == 200


async def test_a_service_is_given_what_it_registered_for_and_of_system_alone(world, http, service):
    wide = await sent(http, assertion(world, service), scope="system/*.cruds system/Goal.rs user/*.rs openid")
    assert wide.json()["scope"] == "system/Goal.rs"
    for scope in ("", "user/*.rs", "system/Goal.cruds", "openid", "nonsense"):
        answer = await sent(http, assertion(world, service), scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_inferno_bulk_another_assertion_type_or_grant_is_refused(world, http, service):
    wrong = await sent(http, assertion(world, service), client_assertion_type="urn:x")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    form = {
        name: value for name, value in asserting(assertion(world, service)).items() if name != "client_assertion_type"
    }
    assert (await http.post("/auth/token", data=form)).status_code == 401
    for grant in ("client_credentials_", "authorization_code", ""):
        answer = await sent(http, assertion(world, service), grant_type=grant)
        assert answer.status_code == 400
    twice = urlencode([*asserting(assertion(world, service)).items(), ("scope", "system/*.rs")])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await http.post("/auth/token", content=twice, headers=kind)).json()["error"] == "invalid_request"


async def test_an_app_with_a_key_proves_itself_so_too(world, http):
    key = {"keys": [public_jwk(ec_key("backend", "P-384"), "key")]}
    app = await App.of(world, token_endpoint_auth_method="private_key_jwt", jwks=key)
    code = (await app.granted(patient="p-1"))["code"]
    proof = {"client_assertion_type": ASSERTION, "client_assertion": assertion(world, app.client)}
    assert (await app.exchanges(code, **proof, client_id="another")).status_code == 401
    proof["client_assertion"] = assertion(world, app.client)
    assert (await app.exchanges(code, **proof)).status_code == 200
    assert (await app.exchanges(code)).status_code == 401


async def test_keys_are_fetched_from_where_the_client_registered_and_503_when_they_cannot_be_had(world, http):
    asked: list[str] = []
    down: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if down:
            raise httpx.ConnectError("down")
        return httpx.Response(200, json={"keys": [public_jwk(ec_key("backend", "P-384"), "key")]})

    server = world.service.server
    server.keys = type(server.keys)((), httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    service = await backend(world, jwks=None, jwks_uri="https://backend.example/jwks")
    assert (await sent(http, assertion(world, service))).status_code == 200
    assert (await sent(http, assertion(world, service))).status_code == 200
    assert (await sent(http, assertion(world, service, {"kid": "new"}))).status_code == 401
    assert asked == ["https://backend.example/jwks"]
    down.append(True)
    away = await backend(world, jwks=None, jwks_uri="https://away.example/jwks")
    answered = await sent(http, assertion(world, away))
    assert (answered.status_code, answered.json()["error"]) == (503, "temporarily_unavailable")
