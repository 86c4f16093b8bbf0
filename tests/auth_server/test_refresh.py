"""Refresh tokens rotate; one that comes back ends everything that was given (T11)."""

import asyncio

import pytest

from tests.support.smart import App, audited, claims_of


@pytest.fixture
async def app(world):
    await world.agency("RX1")
    return await App.of(world)


async def test_inferno_smart_a_refresh_token_becomes_new_tokens(app):
    said = await app.tokens()
    answer = await app.refreshes(said["refresh_token"])
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    new = answer.json()
    assert new["refresh_token"] != said["refresh_token"]
    assert (new["scope"], new["patient"], new["token_type"]) == (app.scope, "p-1", "Bearer")
    assert await app.calls(new["access_token"]) == 200


async def test_inferno_smart_a_refresh_may_ask_for_less_and_never_for_more(app):
    refresh = (await app.tokens())["refresh_token"]
    new = (await app.refreshes(refresh, scope="openid user/Goal.rs")).json()
    assert new["scope"] == "openid user/Goal.rs"
    assert claims_of(new["access_token"])["scope"] == new["scope"]
    for more in ("user/*.cruds system/*.rs", "", "profile", "patient/*.rs"):
        answer = await app.refreshes(new["refresh_token"], scope=more)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert (await app.refreshes(new["refresh_token"])).json()["scope"] == app.scope, "the grant is as wide as it was"


async def test_T11_a_used_refresh_token_ends_the_whole_family(app, world):
    first = await app.tokens()
    second = (await app.refreshes(first["refresh_token"])).json()
    third = (await app.refreshes(second["refresh_token"])).json()
    answer = await app.refreshes(first["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await app.refreshes(third["refresh_token"])).json()["error"] == "invalid_grant"
    assert [await app.calls(one["access_token"]) for one in (first, second, third)] == [401, 401, 401]
    assert next(event[0] for event in await audited(world) if not event[3]) == "refresh-reuse"


async def test_T11_of_twenty_at_once_one_succeeds_and_its_family_ends(app):
    refresh = (await app.tokens())["refresh_token"]
    answers = await asyncio.gather(*(app.refreshes(refresh) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 19]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await app.refreshes(won["refresh_token"])).json()["error"] == "invalid_grant", "no fork lives on"
    assert await app.calls(won["access_token"]) == 401


async def test_a_refresh_token_is_its_clients_alone(app, world):
    refresh = (await app.tokens())["refresh_token"]
    other = await App.of(world)
    for token in (refresh, "unknown", ""):
        assert (await other.refreshes(token)).json()["error"] == "invalid_grant"
    assert (await app.refreshes(refresh)).status_code == 200


async def test_an_access_token_is_no_refresh_token(app):
    said = await app.tokens()
    for token in (said["access_token"], claims_of(said["access_token"])["jti"]):
        assert (await app.refreshes(token)).json()["error"] == "invalid_grant"


async def test_inferno_offline_access_lasts_three_months_and_each_use_begins_anew(app, world):
    refresh = (await app.tokens())["refresh_token"]
    world.later(days=92)
    refresh = (await app.refreshes(refresh)).json()["refresh_token"]
    world.later(days=92)
    refresh = (await app.refreshes(refresh)).json()["refresh_token"]
    world.later(days=101)
    assert (await app.refreshes(refresh)).json()["error"] == "invalid_grant"


async def test_a_grant_ends_after_a_year_however_often_it_was_used(app, world):
    refresh = (await app.tokens())["refresh_token"]
    for _ in range(4):
        world.later(days=90)
        refresh = (await app.refreshes(refresh)).json()["refresh_token"]
    world.later(days=7)
    assert (await app.refreshes(refresh)).json()["error"] == "invalid_grant"


async def test_online_access_lasts_as_long_as_a_session(world):
    app = await App.of(world, "openid online_access user/*.rs")
    refresh = (await app.tokens(patient=None))["refresh_token"]
    world.later(hours=11)
    refresh = (await app.refreshes(refresh)).json()["refresh_token"]
    world.later(hours=2)
    assert (await app.refreshes(refresh)).json()["error"] == "invalid_grant"


async def test_a_client_that_is_removed_takes_its_tokens_with_it(app, world):
    from auth.server import manage  # noqa: PLC0415 - what the command line does

    said = await app.tokens()
    await manage.remove(world.service.server, app.client.id)
    assert await app.calls(said["access_token"]) == 401
    assert (await app.refreshes(said["refresh_token"])).json()["error"] == "invalid_client"
