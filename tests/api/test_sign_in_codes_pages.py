"""The pages of one-time codes: setting an app up, signing in with it, and what happens when the time is over."""

import re

import pyotp
import pytest

from api.pages.turn import HOME
from auth.sign_in.codes import STEP_MS
from tests.support.sign_in import account, browser, events

_KEY = re.compile(r'class="key">([A-Z2-7 ]+)<')
_CODE = re.compile(r"<li><code>([a-z0-9-]+)</code></li>")


@pytest.fixture
async def at(world):
    world.at("2027-01-15T08:00:15Z")
    return browser(world)


def key(at):
    [found] = _KEY.findall(at.page.text)
    return found.replace(" ", "")


def code(secret, world):
    return pyotp.TOTP(secret).generate_otp(world.clock // STEP_MS)


async def enrolled(world, at):
    """Somebody whose app was set up at the first sign-in: the secret and the recovery codes."""
    await account(world, must_use_totp=True)
    answer = await at.sign_in("nurse1", next_="/auth/consent/r1")
    assert answer.headers["location"] == "/auth/app"
    await at.follow()
    secret = key(at)
    await at.post("/auth/app", code=code(secret, world))
    return secret, _CODE.findall(at.page.text)


async def test_who_must_use_codes_sets_an_app_up_at_the_first_sign_in(world, at):
    _, recovery = await enrolled(world, at)
    assert len(recovery) == 8
    assert 'href="/auth/consent/r1"' in at.page.text
    assert (await at.get(HOME)).status_code == 200
    assert "Set up an authenticator app" not in at.page.text
    assert [event[0] for event in await events(world)] == ["code-app-tied", "sign-in"]


async def test_the_picture_is_drawn_for_the_browser_that_sets_up_and_for_no_other(world, at):
    await account(world, must_use_totp=True)
    await at.sign_in("nurse1")
    picture = await at.client.get("/auth/app/code.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert (await browser(world).client.get("/auth/app/code.svg")).status_code == 404
    assert (await browser(world).get("/auth/app")).headers["location"] == "/auth/sign-in"


async def test_a_wrong_first_code_is_told_and_the_same_key_stays(world, at):
    await account(world, must_use_totp=True)
    await at.sign_in("nurse1")
    await at.follow()
    secret = key(at)
    await at.post("/auth/app", code="000000")
    assert at.faults == [("code", "The code is not right. Type the one that the app shows now.")]
    assert key(at) == secret
    assert not at.cookie()


async def test_the_password_alone_opens_nothing_once_an_app_is_set_up(world, at):
    secret, recovery = await enrolled(world, at)
    again = browser(world)
    answer = await again.sign_in("nurse1", next_="/auth/consent/r1")
    assert answer.headers["location"] == "/auth/code"
    assert not again.cookie()
    assert (await again.get(HOME)).status_code == 303
    await again.get("/auth/code")
    await again.post("/auth/code", code="000000")
    assert again.faults[0][0] == "code"
    world.later(seconds=30)
    shown = code(secret, world)
    answer = await again.post("/auth/code", code=f"{shown[:3]} {shown[3:]}")
    assert answer.headers["location"] == "/auth/consent/r1"
    assert again.cookie()
    third = browser(world)
    await third.sign_in("nurse1")
    await third.follow()
    await third.post("/auth/code", code=shown)
    assert third.faults, "a code is good once"
    answer = await third.post("/auth/code", code=recovery[3])
    assert answer.headers["location"] == HOME
    told = [event[3] for event in await events(world) if event[0] == "sign-in"]
    assert told == ["allowed", "code", "allowed", "code", "allowed"]


async def test_the_code_has_to_come_within_five_minutes(world, at):
    secret, _ = await enrolled(world, at)
    late = browser(world)
    await late.sign_in("nurse1")
    await late.follow()
    world.later(seconds=301)
    answer = await late.post("/auth/code", code=code(secret, world))
    assert answer.headers["location"] == "/auth/sign-in"
    assert (await late.get("/auth/code")).headers["location"] == "/auth/sign-in"


async def test_codes_are_slowed(world, at):
    secret, _ = await enrolled(world, at)
    again = browser(world)
    await again.sign_in("nurse1")
    await again.follow()
    for _ in range(5):
        answer = await again.post("/auth/code", code="000000")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    answer = await again.post("/auth/code", code=code(secret, world))
    assert answer.status_code == 429
    assert ("lockout", "nurse1", "nurse1", "locked-out") in await events(world)


async def test_who_is_signed_in_sets_an_app_up_and_other_sessions_end(world, at):
    await account(world)
    other = browser(world)
    await other.sign_in("nurse1")
    await at.sign_in("nurse1")
    await at.get(HOME)
    await at.post("/auth/app/begin")
    await at.follow()
    await at.post("/auth/app", code=code(key(at), world))
    assert len(_CODE.findall(at.page.text)) == 8
    assert (await at.get(HOME)).status_code == 200
    assert (await other.get(HOME)).status_code == 303
    answer = await at.post("/auth/app/begin")
    assert answer.status_code == 403, "an administrator undoes it, not whoever found the screen open"


async def test_a_set_up_that_was_overtaken_begins_anew(world, at):
    await account(world, must_use_totp=True)
    await at.sign_in("nurse1")
    await at.follow()
    secret = key(at)
    await world.service.sign_in.kept.remove("nurse1")
    answer = await at.post("/auth/app", code=code(secret, world))
    assert answer.headers["location"] == "/auth/sign-in"


async def test_nobody_sets_up_an_app_without_a_session(world, at):
    await at.get("/auth/sign-in")
    answer = await at.post("/auth/app/begin")
    assert answer.headers["location"].startswith("/auth/sign-in")
