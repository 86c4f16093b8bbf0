"""Names and passwords at the page: one answer for all that is wrong, and an event for everything."""

from dataclasses import replace

import pytest

from api.pages.turn import HOME
from auth.sign_in.common import DEMONSTRATION
from auth.sign_in.passwords import Passwords
from tests.support.sign_in import CHEAP, PASSWORD, account, browser, events


async def test_a_right_password_signs_in_whatever_the_case_of_the_name(world):
    await account(world)
    at = browser(world)
    answer = await at.sign_in(" Nurse1 ")
    assert answer.status_code == 303
    page = await at.follow()
    assert "Nurse Test" in page.text
    assert await events(world) == [("sign-in", "nurse1", "nurse1", "allowed")]


WRONG = {
    "unknown account": ("nobody", PASSWORD, ("sign-in", "", "", "unknown")),
    "a password as a name": ("my secret password", "qqq", ("sign-in", "", "", "unknown")),
    "wrong password": ("nurse1", "another evening", ("sign-in", "nurse1", "nurse1", "password")),
    "endless password": ("nurse1", "x" * 5000, ("sign-in", "nurse1", "nurse1", "password")),
    "control characters": ("nurse1\0", PASSWORD, ("sign-in", "", "", "unknown")),
    "locked account": ("locked1", PASSWORD, ("sign-in", "locked1", "locked1", "inactive")),
    "account without a password": ("idp:1", PASSWORD, ("sign-in", "locked1", "idp:1", "password")),
}


@pytest.mark.parametrize("case", WRONG)
async def test_whatever_is_wrong_has_one_answer_and_its_own_event(world, case):
    await account(world)
    locked = await account(world, "locked1", active=False)
    await world.service.sign_in.kept.add(_renamed(locked, "idp:1"))
    name, password, event = WRONG[case]
    at = browser(world)
    answer = await at.sign_in(name, password)
    assert answer.status_code == 200
    assert at.faults == [("name", "The user name or the password is not right.")]
    assert password not in answer.text
    assert not at.cookie()
    assert await events(world) == [event]


def _renamed(login, name):
    return replace(login, login=name, password="", active=True)


async def test_wrong_password_and_unknown_account_give_the_same_page(world):
    await account(world)
    pages = []
    for name in ("nurse1", "nurse2"):
        at = browser(world)
        answer = await at.sign_in(name, "not the password")
        pages.append(answer.text.replace(at.token, "TOKEN").replace(name, "NAME"))
    assert pages[0] == pages[1]


async def test_what_was_typed_stays_but_for_the_password(world):
    at = browser(world)
    await at.sign_in('nu"rse<1>', "my password that is wrong")
    assert 'value="nu&#34;rse&lt;1&gt;"' in at.page.text
    assert "my password that is wrong" not in at.page.text


@pytest.mark.parametrize("name, password, missing", [("", "", {"name", "password"}), ("a", "", {"password"})])
async def test_an_empty_field_is_named(world, name, password, missing):
    at = browser(world)
    answer = await at.sign_in(name, password)
    assert {field for field, _ in at.faults} == missing
    assert 'aria-invalid="true" aria-describedby="password-fault"' in answer.text
    assert answer.text.count("<title>Error: ") == 1
    assert await events(world) == []


async def test_an_account_is_slowed_in_the_same_words_whether_it_exists_or_not(world):
    world.at("2027-01-15T08:00:00Z")
    await account(world)
    told = {}
    for name in ("nurse1", "nobody"):
        at = browser(world)
        for _ in range(5):
            await at.sign_in(name, "not the password")
        answer = await at.sign_in(name, PASSWORD)
        told[name] = (answer.status_code, answer.headers["retry-after"], at.faults)
    assert told["nurse1"] == told["nobody"]
    assert told["nurse1"] == (429, "2", [("name", "There were too many tries. Wait 2 seconds, then try again.")])
    assert ("lockout", "nurse1", "nurse1", "locked-out") in await events(world)
    world.later(seconds=2)
    assert (await browser(world).sign_in("nurse1")).status_code == 303
    at = browser(world)
    assert [(await at.sign_in("nurse1", "no")).status_code for _ in range(5)] == [200] * 5, "free of its failures"


async def test_a_long_wait_is_told_in_minutes(world):
    world.at("2027-01-15T08:00:00Z")
    await account(world)
    at = browser(world)
    for _ in range(12):
        await at.sign_in("nurse1", "not the password")
        world.later(minutes=16)
    await at.sign_in("nurse1", "not the password")
    await at.sign_in("nurse1", "not the password")
    assert at.faults[0][1].startswith("There were too many tries. Wait 9 minutes")


async def test_the_made_up_password_opens_nothing_in_production(world):
    login = await account(world)
    sign_in = world.service.sign_in
    await sign_in.kept.rehash("nurse1", login.password, await sign_in.passwords.hashed(DEMONSTRATION))
    assert (await browser(world).sign_in("nurse1", DEMONSTRATION)).status_code == 303
    sign_in._never = frozenset({DEMONSTRATION})
    at = browser(world)
    await at.sign_in("nurse1", DEMONSTRATION)
    assert at.faults == [("name", "The user name or the password is not right.")]
    assert (await events(world))[-1] == ("sign-in", "nurse1", "nurse1", "made-up")


async def test_a_hash_of_older_parameters_is_made_anew(world):
    login = await account(world)
    sign_in = world.service.sign_in
    old = CHEAP.__class__(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    await sign_in.kept.rehash("nurse1", login.password, old)
    assert sign_in.passwords.old(old)
    at = browser(world)
    await at.sign_in("nurse1")
    kept = (await sign_in.kept.find("nurse1")).password
    assert not sign_in.passwords.old(kept)
    assert (await at.get(HOME)).status_code == 200, "the session lives"
    assert (await browser(world).sign_in("nurse1")).status_code == 303


async def test_without_its_event_nobody_signs_in_or_learns_anything(world):
    await account(world)
    at = browser(world)
    await at.get("/auth/sign-in")
    async with world.database.transaction() as transaction:
        await transaction.rows("alter table audit_event rename to audit_away")
    for password in (PASSWORD, "not the password"):
        answer = await at.post("/auth/sign-in", name="nurse1", password=password)
        assert answer.status_code == 503
        assert not at.cookie()
        await at.get("/auth/sign-in")
    rows = await world.database.rows("select 1 from sign_in_session")
    assert list(rows) == []


async def test_without_a_secret_nobody_signs_in_and_is_told_why(world):
    world.service.sign_in._seals = None
    answer = await browser(world).get("/auth/sign-in")
    assert answer.status_code == 503
    assert "ONEPLAN_AUTH_SECRET" in answer.text


async def test_too_many_at_once_are_told_to_wait(world):
    await account(world)
    at = browser(world)
    await at.get("/auth/sign-in")
    world.service.sign_in.passwords.close()
    world.service.sign_in.passwords = Passwords(CHEAP, at_once=1, waiting=-1)
    answer = await at.post("/auth/sign-in", name="nurse1", password=PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
