"""Signing in and out at the pages: T14 of the token and session tests, its cases as tables, each with an id of its own.

T14: `__Host-` cookie, SameSite, CSRF (also JSON sent as text/plain), clickjacking, sign-out kills.
"""

import re
from http.cookies import SimpleCookie
from typing import Any

import pytest

from api.pages.turn import HOME, MAX_FORM
from tests.support.sign_in import PASSWORD, account, browser, events, waiting

HTTPS = "https://plan.example"
PAGES = ("/auth/sign-in", "/auth/code", "/auth/app", "/auth/you", "/auth/signed-out", "/auth/consent/r1", "/auth/none")
POSTS = ("/auth/sign-in", "/auth/code", "/auth/app", "/auth/app/begin", "/auth/sign-out", "/auth/consent/r1")


def cookies(answer):
    """The cookies that an answer sets, by name."""
    found = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return found


# cookies


@pytest.mark.parametrize(
    "base, name, secure",
    [
        pytest.param(HTTPS, "__Host-oneplan", True, id="T14-01-https"),
        pytest.param("http://127.0.0.1", "oneplan", False, id="T14-02-http-on-this-machine"),
        pytest.param("http://localhost:8000", "oneplan", False, id="T14-03-localhost"),
    ],
)
async def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(world, base, name, secure):
    await account(world)
    at = browser(world, base)
    answer = await at.sign_in("nurse1")
    cookie = cookies(answer)[name]
    assert answer.headers["location"] == HOME
    assert (cookie["path"], cookie["domain"], cookie["samesite"].lower()) == ("/", "", "lax")
    assert (bool(cookie["httponly"]), bool(cookie["secure"])) == (True, secure)
    assert (cookie["max-age"], cookie["expires"]) == ("", ""), "it ends with the browser"
    assert len(cookie.value) >= 43, "256 random bits"


@pytest.mark.parametrize("base", ["http://plan.example", "http://10.0.0.7:8000", "http://127.0.0.1.evil.example"])
async def test_nobody_signs_in_over_plain_http_from_elsewhere(world, base):
    answer = await browser(world, base).get("/auth/sign-in")
    assert answer.status_code == 403
    assert "needs https" in answer.text
    assert not answer.headers.get_list("set-cookie")


async def test_only_the_digest_of_a_session_is_kept(world):
    await account(world)
    at = browser(world)
    await at.sign_in("nurse1")
    rows = await world.database.rows("select digest, login from sign_in_session")
    assert [row[1] for row in rows] == ["nurse1"]
    assert rows[0][0] != at.cookie()


@pytest.mark.parametrize("planted", ["known to the attacker", ""], ids=["T14-04-planted", "T14-05-none"])
async def test_signing_in_gives_a_session_that_nobody_knew_before(world, planted):
    await account(world)
    at = browser(world)
    if planted:
        at.plant(planted)
    await at.sign_in("nurse1")
    first = at.cookie()
    assert first not in ("", planted)
    again = browser(world)
    await again.sign_in("nurse1")
    assert again.cookie() != first


async def test_signing_in_again_ends_the_session_of_before(world):
    await account(world)
    at = browser(world)
    await at.get("/auth/sign-in")
    other = browser(world)
    await other.sign_in("nurse1")
    at.plant(other.cookie())
    await at.get(HOME)
    await at.post("/auth/sign-in", name="nurse1", password=PASSWORD)
    assert at.cookie() != other.cookie()
    assert (await other.get(HOME)).status_code == 303


# forms of others

FORGED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "T14-10-no-token": ({"token": ""}, {}),
    "T14-11-anothers-token": ({"token": "another's"}, {}),
    "T14-12-from-another-origin": ({}, {"Origin": "https://evil.example"}),
    "T14-13-from-nowhere": ({}, {"Origin": "null"}),
    "T14-14-same-host-another-port": ({}, {"Origin": "http://127.0.0.1:81"}),
    "T14-15-cross-site": ({}, {"Sec-Fetch-Site": "cross-site"}),
    "T14-16-same-site": ({}, {"Sec-Fetch-Site": "same-site"}),
    "T14-17-token-twice": ({"token": ["right", "right"]}, {}),
}


async def signed_in(world):
    """Somebody with a session, a request that waits, and an own page open."""
    await account(world)
    waiting(world, "openid", "user/Task.rs")
    at = browser(world)
    await at.sign_in("nurse1")
    await at.get(HOME)
    return at


@pytest.mark.parametrize("case", FORGED)
async def test_a_form_that_is_not_ours_does_nothing(world, case):
    at = await signed_in(world)
    said, headers = FORGED[case]
    token, another = at.token, await _anothers_token(world)
    known = {"another's": another, "right": token, "": ""}
    sent = {"token": token, **{name: _known(value, known) for name, value in said.items()}}
    for path in POSTS:
        answer = await at.client.post(path, data={**sent, "do": "allow", "name": "nurse1"}, headers=headers)
        assert answer.status_code == 403, path
    assert (await at.get(HOME)).status_code == 200, "still signed in"
    assert world.service.requests.granted == []


def _known(value, known):
    return [known[one] for one in value] if isinstance(value, list) else known[value]


async def _anothers_token(world):
    other = browser(world)
    await other.get("/auth/sign-in")
    return other.token


@pytest.mark.parametrize(
    "kind, status",
    [
        pytest.param("text/plain", 415, id="T14-20-text-plain"),
        pytest.param("application/json", 415, id="T14-21-json"),
        pytest.param("multipart/form-data; boundary=x", 415, id="T14-22-multipart"),
        pytest.param("", 415, id="T14-23-none"),
        pytest.param("application/x-www-form-urlencoded; charset=utf-16", 415, id="T14-24-utf-16"),
    ],
)
async def test_only_a_form_is_taken(world, kind, status):
    at = await signed_in(world)
    body = f'{{"token": "{at.token}", "do": "allow"}}'
    for path in POSTS:
        answer = await at.client.post(path, content=body, headers={"Content-Type": kind} if kind else {})
        assert answer.status_code == status, path
    assert world.service.requests.granted == []


@pytest.mark.parametrize("path", POSTS)
async def test_a_visitor_from_nowhere_posts_nothing(world, path):
    """T14-25: no cookie, no token."""
    waiting(world, "openid")
    answer = await browser(world).client.post(path, data={"name": "nurse1", "password": PASSWORD})
    assert answer.status_code == 403 or answer.headers["location"].startswith(("/auth/sign-in", "/auth/signed-out"))
    assert await events(world) == []


async def test_a_visitors_token_is_no_sessions_token(world):
    """T14-26: what somebody saw before signing in opens nothing after."""
    await account(world)
    at = browser(world)
    await at.get("/auth/sign-in")
    before = at.token
    await at.post("/auth/sign-in", name="nurse1", password=PASSWORD)
    answer = await at.client.post("/auth/sign-out", data={"token": before})
    assert answer.status_code == 403


async def test_each_page_writes_its_token_anew_and_all_are_good(world):
    """T14-27: a compressed page tells nothing of the token by its length."""
    at = await signed_in(world)
    first = at.token
    await at.get(HOME)
    assert first != at.token
    answer = await at.client.post("/auth/sign-out", data={"token": first})
    assert answer.headers["location"] == "/auth/signed-out"


# frames, scripts, caches


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_stands_in_a_frame_runs_a_script_or_is_kept(world, path):
    """T14-30: also a problem is such a page."""
    at = await signed_in(world)
    answer = await at.get(path)
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert len(headers.get_list("content-security-policy")) == 1
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store")
    if answer.status_code == 200:
        assert (policy["style-src"], policy["base-uri"]) == ("'self'", "'none'")
        assert headers["referrer-policy"] == "same-origin", "so that its forms say where they come from"
        assert not re.search(r"<script|<style| style=| on[a-z]+=|javascript:", answer.text)


async def test_a_page_can_be_read_by_everybody(world):
    """Language, title, one heading, a label for every field, and the problem before the rest."""
    at = await signed_in(world)
    for path in ("/auth/you", "/auth/consent/r1", "/auth/none"):
        text = (await at.get(path)).text
        assert '<html lang="en-GB">' in text
        assert re.search(r"<title>[^<]{5,} - Oneplan</title>", text)
        assert text.count("<h1>") == 1
        fields = re.findall(r'<input (?!type="hidden")[^>]*id="([^"]+)"', text)
        assert set(fields) <= set(re.findall(r'<label for="([^"]+)"', text))


async def test_the_style_is_served(world):
    answer = await browser(world).get("/auth/style.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "max-width" in answer.text


# signing out


async def test_signing_out_ends_the_session_wherever_its_token_lies(world):
    """T14-40."""
    at = await signed_in(world)
    token = at.cookie()
    answer = await at.post("/auth/sign-out")
    assert answer.headers["location"] == "/auth/signed-out"
    assert "You have signed out" in (await at.follow()).text
    thief = browser(world)
    thief.plant(token)
    assert (await thief.get(HOME)).status_code == 303
    again = browser(world)
    await again.sign_in("nurse1")
    assert (await again.get("/auth/signed-out")).headers["location"] == HOME, "who is signed in is not told otherwise"
    assert [event[0] for event in await events(world)] == ["sign-in", "sign-out", "sign-in"]


async def test_signing_out_twice_is_no_problem(world):
    """T14-41."""
    at = await signed_in(world)
    await at.post("/auth/sign-out")
    answer = await at.client.post("/auth/sign-out")
    assert answer.headers["location"] == "/auth/signed-out"


async def test_a_link_does_not_sign_out(world):
    """T14-42: only a form does."""
    at = await signed_in(world)
    assert (await at.get("/auth/sign-out")).status_code == 405
    assert (await at.get(HOME)).status_code == 200


# where to go next

NEXT = {
    "/auth/consent/r1": "/auth/consent/r1",
    "/auth/consent/r1?a=b&c=%2F": "/auth/consent/r1?a=b&c=%2F",
    "/v1/people": "/v1/people",
    "": HOME,
    "https://evil.example": HOME,
    "//evil.example": HOME,
    "///evil.example": HOME,
    "/\\evil.example": HOME,
    "\\\\evil.example": HOME,
    "/auth\\..\\evil": HOME,
    "javascript:alert(1)": HOME,
    "data:text/html,x": HOME,
    "evil.example": HOME,
    "@evil.example": HOME,
    ".evil.example": HOME,
    "/\tevil": HOME,
    "/a\r\nSet-Cookie: x=y": HOME,
    " /auth/you": HOME,
    "/\u202eevil": HOME,
    "/" + "a" * 3000: HOME,
}


@pytest.mark.parametrize("said, to", NEXT.items(), ids=[f"T14-5{n:02}" for n in range(len(NEXT))])
async def test_signing_in_leads_to_our_own_pages_alone(world, said, to):
    await account(world)
    at = browser(world)
    await at.get("/auth/sign-in", params={"next": said})
    assert "evil" not in at.page.text
    answer = await at.post("/auth/sign-in", name="nurse1", password=PASSWORD, next=said)
    assert answer.headers["location"] == to
    again = await at.get("/auth/sign-in", params={"next": said})
    assert again.headers["location"] == to, "who is signed in already goes on at once"


# bad forms


@pytest.mark.parametrize(
    "body, status",
    [
        (b"token=%FF", 400),
        (b"token=\xff", 400),
        (b"&".join(b"a=b" for _ in range(400)), 400),
        (b"a" * (MAX_FORM + 1), 413),
        (b"", 403),
    ],
    ids=["no UTF-8", "no ASCII", "too many fields", "too long", "empty"],
)
async def test_a_form_that_cannot_be_read_is_refused_with_a_sentence(world, body, status):
    at = await signed_in(world)
    answer = await at.client.post(
        "/auth/sign-in",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"},
    )
    assert answer.status_code == status
    assert "<h1>" in answer.text


async def test_who_reads_no_pages_gets_a_problem(world):
    answer = await browser(world).client.get("/auth/none")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
