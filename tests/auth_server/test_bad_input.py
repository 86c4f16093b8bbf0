"""Whatever comes to the authorization server, it says what is wrong; nothing answers 500 and nothing is echoed."""

import json
from typing import Any

import pytest

from api.authorization.routes import ROWS
from auth.server import manage
from auth.server.clients import Acting
from plan.model import AgencyId, Role
from tests.support.smart import BACK, App, assertion, backend

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
BODIES = [
    *(b"", b"\0", b"\xff\xfe", b"a", b"=", b"&&&", b"a=%00", b"a=%ff", b"a=%", b"a=" + b"x" * 65_000, b"[" * 5000),
    *(b"{}", b"[]", b"null", b"7", b'""', b"{", b'{"a":NaN}', b'{"a":1e400}', b'{"a":"\\ud800"}', b'{"a":1,"a":2}'),
    *(b"grant_type=authorization_code&code=\xc3\xa4", b"client_assertion=a.b.c&client_assertion_type=x"),
    *(b"token=" + b"." * 9000, b"client_id=%F0%9F%98%80&grant_type=refresh_token&refresh_token=%0A"),
]
HEADERS = [
    "",
    "Basic",
    "Basic eDp5",
    "Basic ZTAw",
    "Bearer",
    "Bearer x",
    "Bearer \u00e9",
    "Bearer a.b.c",
    "Digest x",
    "Basic AHgAOgB4",
]


async def test_no_body_and_no_header_breaks_an_address(world):
    http = world.anonymous()
    for path in ROWS:
        for kind in (FORM, JSON):
            for body in BODIES:
                answer = await http.post(path, content=body, headers=kind)
                assert answer.status_code < 500, (path, body[:40], answer.text)
        for header in HEADERS:
            sent = {**FORM, "Authorization": header.encode()}
            answer = await http.post(path, content=b"token=x&grant_type=x", headers=sent)
            assert 400 <= answer.status_code < 500, (path, header, answer.text)


async def test_no_query_breaks_the_authorization_endpoint(world):
    http = world.anonymous()
    for query in (b"", b"a", b"client_id=%00", b"client_id=%ff", b"&".join([b"a=1"] * 60), b"client_id=" + b"x" * 9000):
        answer = await http.get(f"/auth/authorize?{query.decode('latin-1')}")
        assert answer.status_code == 400
        assert "location" not in answer.headers


ODD: list[Any] = [
    None,
    7,
    1.5,
    True,
    [],
    {},
    "",
    "x" * 3000,
    "\u0000",
    "https://[::1",
    "\ud7ff",
    [[]],
    [{}],
    [None],
    {"keys": [7]},
]
MEMBERS = [
    *("client_name", "redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method", "scope", "jwks"),
    *("jwks_uri", "client_uri", "logo_uri", "tos_uri", "policy_uri", "contacts", "software_id", "software_version"),
]


async def test_no_registration_breaks_it(world):
    http = world.anonymous()
    server = world.service.server
    acting = Acting(agency=AgencyId("RX1"), role=Role.CLINICIAN)
    word = await manage.invite(server, acting)
    for member in MEMBERS:
        for value in ODD:
            body = {"redirect_uris": [BACK], member: value}
            sent = {**JSON, "Authorization": f"Bearer {word}"}
            answer = await http.post("/auth/register", content=json.dumps(body), headers=sent)
            assert answer.status_code in (201, 400), (member, value, answer.text)
            if answer.status_code == 201:
                word = await manage.invite(server, acting)
            else:
                said = answer.json()
                assert said["error"] in ("invalid_client_metadata", "invalid_redirect_uri", "invalid_request"), said


async def test_no_claim_breaks_an_assertion(world):
    http, service = world.anonymous(), await backend(world)
    for name in ("iss", "sub", "aud", "exp", "iat", "nbf", "jti"):
        for value in (7, -1, 10**30, 1e300, True, [], {}, "", "x" * 400, [["x"]], {"x": 1}):
            said: dict[str, Any] = {name: value}
            form = {
                "grant_type": "client_credentials",
                "scope": "system/*.rs",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion(world, service, **said),
            }
            answer = await http.post("/auth/token", data=form)
            good = name in ("iat", "nbf") and value in (7, -1)
            assert answer.status_code == (200 if good else 401), (name, value, answer.text)


@pytest.mark.parametrize("place", ["state", "scope", "aud", "redirect_uri", "client_id", "nonce"])
async def test_what_was_sent_is_not_shown_to_the_browser(world, place):
    app = await App.of(world)
    answer = await app.asks(**{place: "<script>alert(1)</script>"})
    assert "<script>" not in answer.text
    assert "<script>" not in answer.headers.get("location", "")
