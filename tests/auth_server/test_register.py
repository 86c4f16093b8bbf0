"""Who may register, and as what: RFC 7591, guarded by an initial access token."""

import asyncio

import pytest
from authlib.oauth2 import OAuth2Error
from pydantic import SecretStr

from auth.server import clients, manage
from auth.server.clients import Acting
from plan.model import AgencyId, Role
from tests.auth.foreign_issuer import ec_key, public_jwk, rsa_key
from tests.support.smart import BACK, App, audited
from tests.support.world import World

APP = {"client_name": "An app", "redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
KEY = public_jwk(ec_key("backend", "P-384"), "key")
BACKEND = {
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "private_key_jwt",
    "scope": "system/*.rs",
    "jwks": {"keys": [KEY]},
}
CLINICAL = Acting(agency=AgencyId("RX1"), role=Role.CLINICIAN)


async def sent(world: World, body, word=""):
    headers = {"Authorization": f"Bearer {word}"} if word else {}
    return await world.anonymous().post("/auth/register", json=body, headers=headers)


async def test_an_invited_app_registers_itself(world):
    word = await manage.invite(world.service.server, None)
    answer = await sent(
        world, {**APP, "logo_uri": "https://app.example/logo", "software_id": "x", "whatever": [1]}, word
    )
    assert answer.status_code == 201
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    said = answer.json()
    assert said.keys() == {
        *("client_id", "client_id_issued_at", "client_name", "redirect_uris", "grant_types", "response_types"),
        *("token_endpoint_auth_method", "scope"),
    }
    client = await world.service.server.client(said["client_id"])
    assert (client.name, client.redirect_uris, client.method) == ("An app", (BACK,), "none")
    app = App(world, client, world.anonymous())
    assert await app.waits()
    assert ("register", client.id, "", True, "") in await audited(world)


async def test_a_confidential_app_is_told_its_secret_once(world):
    word = await manage.invite(world.service.server, None)
    body = {name: value for name, value in APP.items() if name != "token_endpoint_auth_method"}
    said = (await sent(world, body, word)).json()
    assert (said["token_endpoint_auth_method"], said["client_secret_expires_at"]) == ("client_secret_basic", 0)
    client = await world.service.server.client(said["client_id"])
    assert said["client_secret"] not in client.model_dump_json()
    app = App(world, client, world.anonymous(), said["client_secret"])
    assert (await app.tokens(scopes="openid", patient=None))["scope"] == "openid"


async def test_an_invitation_is_good_once_and_for_a_week(world):
    server = world.service.server
    word = await manage.invite(server, None)
    answers = await asyncio.gather(*(sent(world, APP, word) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201, *[401] * 9]
    word = await manage.invite(server, None)
    world.later(days=8)
    assert (await sent(world, APP, word)).status_code == 401


@pytest.mark.parametrize("word", ["", "unknown"])
async def test_who_is_not_invited_is_refused(world, word):
    answer = await sent(world, APP, word)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await audited(world))[-1] == ("register", "", "", False, "invalid_token")
    basic = await world.anonymous().post("/auth/register", json=APP, auth=("a", "b"))
    assert basic.status_code == 401


async def test_a_deployment_may_have_a_standing_token(world):
    from dataclasses import replace  # noqa: PLC0415 - one use

    server = world.service.server
    assert (await sent(world, APP, "s" * 32)).status_code == 401
    server.terms = replace(server.terms, registration=SecretStr("s" * 32).get_secret_value())
    for _ in range(2):
        assert (await sent(world, APP, "s" * 32)).status_code == 201
    assert (await sent(world, APP, "t" * 32)).status_code == 401
    assert (await sent(world, BACKEND, "s" * 32)).status_code == 400, "nobody has said as whom it acts"


async def test_a_mistake_leaves_the_invitation_good(world):
    word = await manage.invite(world.service.server, CLINICAL)
    wrong = await sent(world, {**APP, "redirect_uris": ["http://app.example"]}, word)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_redirect_uri")
    right = await sent(world, BACKEND, word)
    assert right.status_code == 201
    client = await world.service.server.client(right.json()["client_id"])
    assert (client.agency, client.role, client.subject) == ("RX1", Role.CLINICIAN, f"client:{client.id}")
    assert right.json()["response_types"] == []


async def test_what_is_no_object_is_refused(world):
    http = world.anonymous()
    for body, status in ((b"[]", 400), (b"{", 400), (b"\xff", 400), (b'"' + b"x" * 70_000 + b'"', 413)):
        answer = await http.post("/auth/register", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status
        assert answer.json()["error"] == "invalid_request"
    assert (await http.get("/auth/register")).status_code == 405


REDIRECTS = [
    *(
        "http://app.example/back",
        "ftp://app.example/back",
        "app.example/back",
        "com.example:/back",
        "javascript:alert(1)",
    ),
    *(
        "https://app.example/back#x",
        "https://u@app.example/back",
        "https://*.example/back",
        "https://",
        "https:///back",
    ),
    *(
        "https://app.example/ba ck",
        "https://app.example/b\u00e4ck",
        "https://app.example:port/",
        "https://a" + "b" * 1000,
    ),
    *("http://127.0.0.1.evil.example/", "http://localhost.evil.example/", "https://app.example\\@evil.example/", ""),
]


@pytest.mark.parametrize("address", REDIRECTS)
def test_a_redirect_is_https_or_on_the_very_machine(address):
    with pytest.raises(OAuth2Error) as raised:
        clients.registered({**APP, "redirect_uris": [address]}, 0, None, None)
    assert raised.value.error in ("invalid_redirect_uri", "invalid_client_metadata")


WRONG = [
    {**APP, "redirect_uris": []},
    {**APP, "redirect_uris": BACK},
    {**APP, "redirect_uris": [7]},
    {**APP, "redirect_uris": [BACK] * 21},
    {**APP, "grant_types": ["implicit"]},
    {**APP, "grant_types": ["password"]},
    {**APP, "grant_types": []},
    {**APP, "grant_types": ["refresh_token"]},
    {**APP, "grant_types": ["client_credentials", "refresh_token"]},
    {**APP, "response_types": ["token"]},
    {**APP, "token_endpoint_auth_method": "client_secret_jwt"},
    {**APP, "token_endpoint_auth_method": "private_key_jwt"},
    {**APP, "scope": "system/*.rs"},
    {**APP, "scope": "nonsense"},
    {**APP, "scope": ["openid"]},
    {**APP, "client_name": "x" * 256},
    {**APP, "client_name": "a\nb"},
    {**APP, "client_uri": "javascript:alert(1)"},
    {**APP, "contacts": "me"},
    {**APP, "jwks": {"keys": [{"kty": "EC", "d": "x"}]}},
    {**APP, "jwks": {"keys": [KEY]}, "jwks_uri": "https://app.example/jwks"},
    {**BACKEND, "token_endpoint_auth_method": "client_secret_basic"},
    {**BACKEND, "scope": ""},
    {**BACKEND, "scope": "user/*.rs"},
    {**BACKEND, "jwks": {"keys": []}},
    {**BACKEND, "jwks": {"keys": 7}},
    {**BACKEND, "jwks": {"keys": [{**KEY, "d": "x"}]}},
    {**BACKEND, "jwks": {"keys": [{**KEY, "x": "!"}]}},
    {**BACKEND, "jwks_uri": "https://backend.example/jwks"},
    {**BACKEND, "jwks": {"keys": [public_jwk(ec_key(), "p256")]}},
    {**BACKEND, "jwks": {"keys": [public_jwk(ec_key("backend", "P-384"), None)]}},
    {**BACKEND, "jwks": {"keys": [public_jwk(rsa_key("short", 1024), "short")]}},
    {**BACKEND, "jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "x"}]}},
    {name: said for name, said in BACKEND.items() if name != "jwks"},
    {**BACKEND, "jwks": None, "jwks_uri": "http://backend.example/jwks"},
    {**BACKEND, "jwks": None, "jwks_uri": "file:///etc/passwd"},
]


@pytest.mark.parametrize("said", WRONG)
def test_what_cannot_be_so_is_refused(said):
    told = {name: value for name, value in said.items() if value is not None}
    with pytest.raises(OAuth2Error) as raised:
        clients.registered(told, 0, CLINICAL, None)
    assert raised.value.error in ("invalid_redirect_uri", "invalid_client_metadata")


@pytest.mark.parametrize(
    "acting",
    [None, Acting(agency=AgencyId("RX1"), role=Role.PERSON), Acting(agency=AgencyId(".."), role=Role.CLINICIAN)],
)
def test_a_service_acts_for_an_agency_in_a_role_of_the_charter(acting):
    with pytest.raises(OAuth2Error):
        clients.registered(BACKEND, 0, acting, None)


def test_keys_of_who_registers_itself_are_fetched_only_from_where_the_deployment_allows():
    remote = {name: said for name, said in BACKEND.items() if name != "jwks"} | {"jwks_uri": "https://b.example/jwks"}
    for origins in (frozenset(), frozenset({"https://other.example"}), frozenset({"http://b.example"})):
        with pytest.raises(OAuth2Error):
            clients.registered(remote, 0, CLINICAL, origins)
    assert clients.registered(remote, 0, CLINICAL, frozenset({"https://b.example"}))[0].jwks_uri
    assert clients.registered(remote, 0, CLINICAL, None)[0].jwks_uri
