"""Sessions end: unused, too old, signed out, and at once when their account is locked, removed or changed."""

from dataclasses import replace
from typing import Any

import pytest

from api.pages.turn import HOME
from auth.sign_in.entrance import new_stamp
from plan.model import AgencyId, Role
from tests.support.sign_in import account, browser


async def begun(world):
    world.at("2027-01-15T08:00:00Z")
    login = await account(world)
    at = browser(world)
    await at.sign_in("nurse1")
    return login, at


async def lives(at):
    return (await at.get(HOME)).status_code == 200


async def test_a_session_ends_after_half_an_hour_without_use(world):
    _, at = await begun(world)
    for _ in range(3):
        world.later(minutes=30)
        assert await lives(at)
    world.later(minutes=30, milliseconds=1)
    assert not await lives(at)
    rows = await world.database.rows("select 1 from sign_in_session")
    assert list(rows) == [], "and it is forgotten"


async def test_a_session_ends_after_twelve_hours_in_any_case(world):
    _, at = await begun(world)
    for _ in range(25):
        world.later(minutes=28, seconds=48)
        assert await lives(at)
    assert world.clock == 1_800_000_000_000 + 12 * 3_600_000
    world.later(milliseconds=1)
    assert not await lives(at)


async def test_use_is_written_down_once_a_minute_at_most(world):
    _, at = await begun(world)
    seen = []
    for seconds in (30, 30, 30, 31):
        world.later(seconds=seconds)
        assert await lives(at)
        seen.append((await world.database.rows("select seen from sign_in_session"))[0][0] - 1_800_000_000_000)
    assert seen == [0, 0, 90_000, 90_000]


CHANGES: dict[str, dict[str, Any]] = {
    "locked": {"active": False},
    "another role": {"role": Role.COORDINATOR},
    "another agency": {"agency": AgencyId("RX9")},
    "another password": {"password": "$argon2id$another"},
    "codes needed": {"must_use_totp": True},
}


@pytest.mark.parametrize("case", CHANGES)
async def test_a_leavers_sessions_end_at_once(world, case):
    login, at = await begun(world)
    other = browser(world)
    await other.sign_in("nurse1")
    own = {name: value for name, value in CHANGES[case].items() if name in ("role", "agency")}
    more = {name: value for name, value in CHANGES[case].items() if name not in own}
    changed = replace(login, account=replace(login.account, **own), stamp=new_stamp(), **more)
    await world.service.sign_in.kept.put(changed)
    assert not await lives(at)
    assert not await lives(other)


async def test_a_lock_ends_sessions_even_where_the_stamp_stayed(world):
    login, at = await begun(world)
    await world.service.sign_in.kept.put(replace(login, active=False))
    assert not await lives(at)


async def test_a_removed_account_has_no_session(world):
    _, at = await begun(world)
    assert await world.service.sign_in.kept.remove("nurse1")
    assert not await lives(at)
    assert not await world.service.sign_in.kept.remove("nurse1")


async def test_what_did_not_change_ends_nothing(world):
    login, at = await begun(world)
    await account(world, "nurse2")
    await world.service.sign_in.kept.put(login)
    assert await lives(at)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "%00", "é"])
async def test_a_made_up_token_is_no_session(world, token):
    _, _ = await begun(world)
    assert await world.service.sign_in.sessions.find(token) is None


async def test_sessions_that_are_over_are_forgotten_when_another_begins(world):
    _, _ = await begun(world)
    world.later(minutes=31)
    await browser(world).sign_in("nurse1")
    rows = await world.database.rows("select begun from sign_in_session")
    assert [row[0] for row in rows] == [world.clock]


async def test_who_has_not_signed_in_is_sent_to_do_so_and_back(world):
    at = browser(world)
    answer = await at.get("/auth/consent/r1")
    assert answer.headers["location"] == "/auth/sign-in?next=/auth/consent/r1"
    answer = await at.post("/auth/consent/r1")
    assert answer.headers["location"] == "/auth/sign-in?next=/auth/consent/r1"
