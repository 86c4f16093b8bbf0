"""The signing keys: one pair for all processes, sealed, there after a restart, and changed without a gap."""

import asyncio

import pytest
from pydantic import SecretStr

from api.app import create_app
from api.authorization.opened import opened
from api.settings import Settings
from auth.server.ring import AFTER, BEFORE, Ring
from auth.tokens import Tokens
from db.grants import Grants
from plan.problem import Problem, Trouble
from tests.support.smart import App, claims_of
from tests.support.world import World

SECRET = "s" * 32


def ring(world: World, secret: str = SECRET) -> Ring:
    return Ring(Grants(world.database), secret, lambda: world.clock)


async def kids(of: Ring) -> list[str]:
    return sorted(str(key["kid"]) for key in await of.published())


async def test_processes_that_start_together_share_their_keys(world):
    rings = [ring(world) for _ in range(4)]
    made = await asyncio.gather(*(one.signing("access") for one in rings))
    assert len({str(key["kid"]) for key in made}) == 1
    assert len({tuple(await kids(one)) for one in rings}) == 1
    found = await ring(world).find(made[0]["kid"])
    assert found
    assert found.algorithm == "ES256"


async def test_only_the_keys_of_access_tokens_check_them(world):
    one = ring(world)
    identity = await one.signing("id")
    world.later(seconds=2)
    assert await one.find(identity["kid"]) is None
    for kid in ("unknown", "", None):
        assert await one.find(kid) is None


async def test_T6_unknown_keys_are_looked_for_once_in_a_second(world, monkeypatch):
    one, looked = ring(world), []
    await one.signing("access")
    world.at("2026-11-28T10:00:00Z")
    storage = one._storage
    real = storage.keys

    async def counted():
        looked.append(1)
        return await real()

    monkeypatch.setattr(storage, "keys", counted)
    world.at("2036-11-28T10:00:01Z")
    await asyncio.gather(*(one.find(f"kid-{n}") for n in range(500)))
    assert len(looked) == 1
    assert await one.find((await one.signing("access"))["kid"])


async def test_an_old_key_is_published_until_its_tokens_are_out_and_a_new_one_before_it_signs(world):
    await world.agency("RX1")
    app = await App.of(world)
    server = world.service.server
    first = (await app.tokens())["access_token"]
    before = await server.ring.signing("access")
    old = await kids(server.ring)
    new = await server.ring.rotate()
    assert (await server.ring.signing("access"))["kid"] == before["kid"], "not before everybody knows the new one"
    assert await kids(server.ring) == sorted([*old, *new])
    world.later(seconds=BEFORE / 1000)
    assert (await server.ring.signing("access"))["kid"] == new[0]
    assert (await server.ring.signing("id"))["kid"] == new[1]
    assert await app.calls(first) == 200
    world.later(seconds=AFTER / 1000 + 1)
    assert await kids(server.ring) == sorted(new)
    await server.storage.tidy(world.clock)
    await server.ring.load()
    assert await kids(server.ring) == sorted(new)


async def test_a_first_rotation_makes_keys_that_sign_at_once(world):
    one = ring(world)
    assert (await one.rotate())[0] == (await one.signing("access"))["kid"]


async def test_a_token_is_good_in_another_process_and_after_a_restart(world):
    await world.agency("RX1")
    access = (await (await App.of(world)).tokens())["access_token"]
    other = opened(world.settings, world.database, world.desk)
    caller = await Tokens((), world.service.keys, own=other).caller(f"Bearer {access}")
    assert caller.token_id == claims_of(access)["jti"]


@pytest.mark.parametrize("secret, said", [("t" * 32, "another"), ("", "without ONEPLAN_AUTH_SECRET")])
async def test_keys_that_were_sealed_with_another_secret_are_not_used(world, secret, said):
    await ring(world).signing("access")
    with pytest.raises(Problem, match=said) as raised:
        await ring(world, secret).load()
    assert raised.value.trouble is Trouble.UNAVAILABLE


async def test_without_a_secret_no_key_is_made(world):
    with pytest.raises(Problem, match="without ONEPLAN_AUTH_SECRET"):
        await ring(world, "").signing("access")
    assert list(await world.database.rows("select 1 from auth_key")) == []


def test_a_service_in_production_does_not_start_without_its_secret_and_address():
    with pytest.raises(ValueError, match="ONEPLAN_AUTH_SECRET is needed"):
        create_app(Settings(production=True))
    with pytest.raises(ValueError, match="ONEPLAN_BASE_URL is needed"):
        create_app(Settings(production=True, auth_secret=SecretStr(SECRET)))
    create_app(Settings(production=True, auth_secret=SecretStr(SECRET), base_url="https://plan.example"))


@pytest.mark.parametrize("name", ["auth_secret", "registration_token"])
def test_a_secret_that_can_be_guessed_is_refused_and_none_is_shown(name):
    with pytest.raises(ValueError, match="at least 32 characters"):
        Settings.model_validate({name: "short"})
    assert SECRET not in repr(Settings.model_validate({name: SECRET}))


async def test_outside_production_the_secret_is_made_beside_the_development_key(world, tmp_path):
    from auth import development  # noqa: PLC0415 - beside its use

    file = tmp_path / "key.json"
    assert development.secret(file) == development.secret(file)
    assert len(development.secret(file)) >= 32
    assert file.with_suffix(".secret").stat().st_mode & 0o077 == 0
