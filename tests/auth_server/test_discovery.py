"""What an app finds: SMART and OpenID configuration, keys, style; and that web pages may read it (Inferno's checks)."""

import json

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from api.authorization.routes import ROWS
from tests.support.smart import App

SMART = ["/fhir/R4/.well-known/smart-configuration", "/fhir/R5/.well-known/smart-configuration"]
OIDC = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
ORIGIN = {"Origin": "https://app.example"}


@pytest.fixture
def http(world):
    return world.anonymous()


@pytest.mark.parametrize("path", SMART)
async def test_inferno_smart_well_known_configuration(http, path):
    answer = await http.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    said = answer.json()
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "issuer", "introspection_endpoint"):
        assert said[name].startswith("http://127.0.0.1"), name
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert set(said["grant_types_supported"]) >= {"authorization_code", "client_credentials", "refresh_token"}
    needed = {
        *("launch-ehr", "launch-standalone", "client-public", "client-confidential-symmetric"),
        *("client-confidential-asymmetric", "sso-openid-connect", "context-banner", "context-style"),
        *("context-ehr-patient", "context-ehr-encounter", "context-standalone-patient", "permission-offline"),
        *("permission-patient", "permission-user", "permission-v1", "permission-v2", "authorize-post"),
    }
    assert needed <= set(said["capabilities"])
    assert {"RS384", "ES384"} <= set(said["token_endpoint_auth_signing_alg_values_supported"])
    assert "private_key_jwt" in said["token_endpoint_auth_methods_supported"]


@pytest.mark.parametrize("path", OIDC)
async def test_inferno_smart_openid_configuration(http, path):
    said = (await http.get(path)).json()
    assert said["issuer"] == "http://127.0.0.1"
    assert said["id_token_signing_alg_values_supported"] == ["RS256"]
    assert said["subject_types_supported"] == ["public"]


async def test_the_documents_are_as_the_standards_have_them(world, http):
    world.service.settings = world.settings.model_copy(update={"base_url": "https://plan.example/"})
    for path in (*OIDC, *SMART):
        said = (await http.get(path)).json()
        assert said["issuer"] == "https://plan.example"
        AuthorizationServerMetadata(said).validate()
        if path == OIDC[0]:
            OpenIDProviderMetadata(said).validate()


async def test_every_address_that_is_told_of_is_served(http):
    said = (await http.get(SMART[0])).json()
    told = {
        str(value).removeprefix("http://127.0.0.1")
        for name, value in said.items()
        if name.endswith(("_endpoint", "_uri"))
    }
    assert told <= ROWS.keys()
    for path in told:
        assert (await http.request("PUT", path)).status_code == 405


async def test_the_keys_are_public_and_nothing_more(http):
    answer = await http.get("/auth/jwks")
    keys = answer.json()["keys"]
    assert {(key["kty"], key["alg"], key["use"]) for key in keys} == {("EC", "ES256", "sig"), ("RSA", "RS256", "sig")}
    assert len({key["kid"] for key in keys}) == 2
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {name for key in keys for name in key}


async def test_inferno_smart_cors_of_what_is_published(http):
    for path in (*SMART, *OIDC, "/auth/jwks", "/auth/style.json"):
        assert (await http.get(path, headers=ORIGIN)).headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-origin" not in (await http.get(path)).headers
        head = await http.head(path)
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/auth/token", "/auth/introspect", "/auth/revoke"])
async def test_inferno_smart_cors_of_the_token_endpoint(world, path):
    app = await App.of(world)
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    before = await app.http.options(path, headers=asked)
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == "*"
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "Authorization" in before.headers["access-control-allow-headers"]
    for body in ({"client_id": app.client.id, "grant_type": "x"}, {"client_id": "nobody"}, {"x": "y" * 70_000}):
        answer = await app.http.post(path, data=body, headers=ORIGIN)
        assert answer.headers.get_list("access-control-allow-origin") == ["*"], answer.text


async def test_other_addresses_are_no_web_pages_business(http):
    for path in ("/auth/register", "/auth/launch", "/auth/authorize"):
        assert (await http.options(path, headers=ORIGIN)).status_code == 405
        assert "access-control-allow-origin" not in (await http.post(path, headers=ORIGIN)).headers


async def test_errors_are_worded_as_oauth_has_it(http):
    for answer in (
        await http.put("/auth/token"),
        await http.post("/auth/token", json={}),
        await http.get("/auth/token"),
    ):
        said = json.loads(answer.content)
        assert said.keys() == {"error", "error_description"}
        assert answer.headers["pragma"] == "no-cache"
    assert (await http.get("/auth/nowhere")).status_code == 404
    assert (await http.get("/fhir/R6/.well-known/smart-configuration")).status_code == 404


async def test_inferno_smart_the_capability_statement_names_the_endpoints(http):
    for version in ("R4", "R5"):
        said = (await http.get(f"/fhir/{version}/metadata")).json()
        (uris,) = said["rest"][0]["security"]["extension"]
        assert uris["url"] == "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
        found = {one["url"]: one["valueUri"] for one in uris["extension"]}
        smart = (await http.get(f"/fhir/{version}/.well-known/smart-configuration")).json()
        assert found == {
            "authorize": smart["authorization_endpoint"],
            "token": smart["token_endpoint"],
            "introspect": smart["introspection_endpoint"],
            "revoke": smart["revocation_endpoint"],
            "register": smart["registration_endpoint"],
        }
