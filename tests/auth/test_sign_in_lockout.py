"""Guessing gets slow, for an account and for an address, and nothing of it depends on whether the account exists."""

import asyncio

import pytest

from auth.sign_in.lockout import ACCOUNT, ADDRESS, Door, charged, network
from auth.sign_in.records import Tally

SECOND = 1000
NOW = 1_800_000_000_000
WAITS = [(1, 0), (4, 0), (5, 2), (6, 4), (7, 8), (10, 64), (14, 900), (50, 900), (99, 900), (100, 86400), (500, 86400)]


@pytest.mark.parametrize("failures, wait", WAITS)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour_and_ends_at_a_hundred_in_a_row(failures, wait):
    made = charged(Tally(failures - 1, NOW - SECOND, 0), ACCOUNT, NOW)
    assert made == Tally(failures, NOW, NOW + wait * SECOND)


def test_failures_are_forgotten_after_a_day_without_a_try():
    assert charged(Tally(90, NOW - 24 * 3600 * SECOND, 0), ACCOUNT, NOW).failures == 91
    assert charged(Tally(90, NOW - 24 * 3600 * SECOND - 1, 0), ACCOUNT, NOW).failures == 1


def test_an_address_has_more_room_than_an_account():
    assert charged(Tally(48, NOW, 0), ADDRESS, NOW).until == NOW
    assert charged(Tally(49, NOW, 0), ADDRESS, NOW).until == NOW + 2 * SECOND


ADDRESSES = {
    "203.0.113.9": "203.0.113.9",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
    "unix": "unix",
}


@pytest.mark.parametrize("address, whole", ADDRESSES.items())
def test_an_address_stands_for_its_network(address, whole):
    assert network(address) == whole


@pytest.fixture
def door(world):
    return Door(world.service.sign_in.kept)


async def test_the_free_failures_pass_and_then_each_try_waits(door):
    assert [await door.charge("nurse1", "192.0.2.1", NOW) for _ in range(5)] == [0] * 5
    assert await door.charge("nurse1", "192.0.2.1", NOW) == 2
    assert await door.charge("nurse1", "192.0.2.2", NOW + 1500) == 1, "from wherever it comes"
    assert await door.charge("nurse1", "192.0.2.1", NOW + 2000) == 0
    assert await door.charge("nurse1", "192.0.2.1", NOW + 2000) == 4
    assert await door.charge("nurse2", "192.0.2.1", NOW + 2000) == 0, "another account does not wait"


async def test_a_try_that_waits_is_not_charged(door):
    for _ in range(50):
        await door.charge("nurse1", "192.0.2.1", NOW)
    assert await door.charge("nurse1", "192.0.2.1", NOW + 2000) == 0


async def test_one_address_that_tries_many_accounts_waits_too(door):
    waits = [await door.charge(f"nurse{n}", "192.0.2.1", NOW) for n in range(60)]
    assert waits[:50] == [0] * 50
    assert min(waits[50:]) > 0
    assert await door.charge("nurse-x", "192.0.2.2", NOW) == 0


async def test_what_was_right_frees_the_account_and_gives_the_address_its_try_back(door, world):
    for _ in range(4):
        await door.charge("nurse1", "192.0.2.1", NOW)
    await door.forgive("nurse1", "192.0.2.1")
    assert [await door.charge("nurse1", "192.0.2.1", NOW) for _ in range(5)] == [0] * 5
    tally = await world.service.sign_in.kept.tally("address:192.0.2.1")
    assert tally.failures == 8, "but for the one that was right"


async def test_many_tries_at_once_gain_nothing(door):
    waits = await asyncio.gather(*(door.charge("nurse1", f"192.0.2.{n}", NOW) for n in range(20)))
    assert sum(wait == 0 for wait in waits) <= 5


async def test_a_refund_of_nothing_does_nothing(door):
    await door.refund("address:192.0.2.9")
    await door.pardon("nobody")
    assert await door.charge("nobody", "192.0.2.9", NOW) == 0
