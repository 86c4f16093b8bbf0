"""One-time codes: good for one step either way, once; recovery codes once; secrets are never kept as they are."""

import asyncio

import pyotp
import pytest

from auth.sign_in import codes
from auth.sign_in.entrance import TOTP, Came
from auth.sign_in.seals import Seals
from tests.support.sign_in import account

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_800_000_015_000
STEP = NOW // codes.STEP_MS


@pytest.mark.parametrize("off, good", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_one_step_either_way(off, good):
    code = pyotp.TOTP(SECRET).generate_otp(STEP + off)
    assert codes.step_of(SECRET, code, NOW) == (STEP + off if good else None)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1234567", "١٢٣٤٥٦", "000000 "])
def test_what_is_no_code_is_wrong(code):
    assert codes.step_of(SECRET, code, NOW) is None


def test_the_picture_says_who_and_what():
    said = codes.address(SECRET, "nurse1", "Oneplan")
    assert said == f"otpauth://totp/Oneplan:nurse1?secret={SECRET}&issuer=Oneplan"


def test_recovery_codes_are_long_and_their_digest_does_not_mind_how_they_are_typed():
    made = codes.new_recovery()
    assert len(set(made)) == codes.RECOVERY_CODES
    assert len({codes.digest("n", code) for code in made}) == codes.RECOVERY_CODES
    assert codes.digest("n", made[0]) == codes.digest("n", f" {made[0].upper().replace('-', ' ')}")
    assert codes.digest("n", made[0]) != codes.digest("m", made[0])


async def enrolled(world):
    world.at("2027-01-15T08:00:15Z")
    login = await account(world)
    entrance = world.service.sign_in.entrance
    secret = codes.new_secret()
    done = await entrance.enrol(login, secret, _code(secret, world))
    assert done is not None
    return done[0], secret, done[1]


def _code(secret, world, off=0):
    return pyotp.TOTP(secret).generate_otp(world.clock // codes.STEP_MS + off)


async def _tried(world, login, code):
    done = await world.service.sign_in.entrance.by_code(login.login, login.stamp, code, "192.0.2.1")
    return done.came


async def test_a_code_is_good_once_and_none_before_it_afterwards(world):
    login, secret, _ = await enrolled(world)
    assert await _tried(world, login, _code(secret, world)) is Came.WRONG, "it tied the app"
    assert await _tried(world, login, _code(secret, world, -1)) is Came.WRONG, "an older one"
    world.later(seconds=30)
    code = _code(secret, world)
    came = await asyncio.gather(*(_tried(world, login, code) for _ in range(4)))
    assert sorted(came) == sorted([Came.IN, *[Came.WRONG] * 3])


async def test_a_recovery_code_is_good_once(world):
    login, _, recovery = await enrolled(world)
    assert await _tried(world, login, recovery[0]) is Came.IN
    assert await _tried(world, login, recovery[0]) is Came.WRONG
    assert await _tried(world, login, recovery[1].upper()) is Came.IN


async def test_a_wrong_first_code_ties_nothing(world):
    world.at("2027-01-15T08:00:15Z")
    login = await account(world)
    entrance = world.service.sign_in.entrance
    assert await entrance.enrol(login, SECRET, "000000") is None
    assert (await world.service.sign_in.kept.find("nurse1")).totp == ""


async def test_neither_secret_nor_recovery_codes_are_kept_as_they_are(world):
    login, secret, recovery = await enrolled(world)
    rows = await world.database.rows("select totp from account")
    digests = await world.database.rows("select digest from recovery_code")
    assert secret not in rows[0][0]
    assert not {code for code in recovery for (digest,) in map(tuple, digests) if code.replace("-", "") in digest}
    assert world.service.sign_in.seals.opened(TOTP, login.totp) == {"secret": secret}


async def test_a_code_does_not_outlive_the_stamp_its_password_was_right_for(world):
    login, secret, _ = await enrolled(world)
    world.later(seconds=30)
    done = await world.service.sign_in.entrance.by_code("nurse1", "another stamp", _code(secret, world), "192.0.2.1")
    assert (done.came, done.why) == (Came.WRONG, "changed")
    assert await _tried(world, login, _code(secret, world)) is Came.IN


async def test_wrong_codes_are_slowed_like_wrong_passwords(world):
    login, secret, _ = await enrolled(world)
    world.later(seconds=30)
    came = [await _tried(world, login, "000000") for _ in range(6)]
    assert came == [*[Came.WRONG] * 5, Came.WAIT]
    assert await _tried(world, login, _code(secret, world)) is Came.WAIT, "even the right one"
    world.later(seconds=2)
    assert await _tried(world, login, _code(secret, world)) is Came.IN


def test_a_seal_opens_for_its_purpose_its_time_and_its_secret_alone():
    now = [NOW]
    seals = Seals(b"s" * 32, lambda: now[0])
    text = seals.closed("code", {"a": 1})
    assert seals.opened("code", text, 300) == {"a": 1}
    assert seals.opened("app", text, 300) is None
    assert seals.opened("code", text[:-4] + "AAA=", 300) is None
    assert seals.opened("code", "é", 300) is None
    assert Seals(b"t" * 32, lambda: now[0]).opened("code", text, 300) is None
    now[0] += 301_000
    assert seals.opened("code", text, 300) is None
    assert seals.opened("code", text) == {"a": 1}
    with pytest.raises(ValueError, match="at least 32"):
        Seals(b"short", lambda: NOW)
