"""Tokens are taken back and asked about: RFC 7009, RFC 7662, in every process within five seconds (T13, T9)."""

import asyncio

import pytest
from typer.testing import CliRunner

from api import cli
from api.authorization.opened import opened
from auth.server.server import LOOK_SECONDS
from auth.sign_in.entrance import new_stamp
from auth.sign_in.records import Login
from auth.tokens import Tokens
from plan.problem import Problem, Trouble
from tests.support.smart import NURSE, App, asserting, assertion, audited, backend, claims_of


@pytest.fixture
async def app(world):
    await world.agency("RX1")
    return await App.of(world, token_endpoint_auth_method="client_secret_basic")


async def revoked(app, token):
    return await app.http.post("/auth/revoke", data={"token": token}, auth=(app.client.id, app.secret))


async def introspected(app, token):
    answer = await app.http.post("/auth/introspect", data={"token": token}, auth=(app.client.id, app.secret))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_inferno_smart_a_revoked_access_token_opens_nothing(app, world):
    said = await app.tokens()
    assert await app.calls(said["access_token"]) == 200
    assert (await revoked(app, said["access_token"])).status_code == 200
    assert await app.calls(said["access_token"]) == 401
    assert (await introspected(app, said["access_token"])) == {"active": False}
    assert (await audited(world))[-1][:2] == ("revoke", app.client.id)
    assert (await app.refreshes(said["refresh_token"])).status_code == 200


async def test_inferno_smart_a_revoked_refresh_token_takes_all_with_it(app):
    said = await app.tokens()
    new = (await app.refreshes(said["refresh_token"])).json()
    assert (await revoked(app, new["refresh_token"])).status_code == 200
    assert [await app.calls(one["access_token"]) for one in (said, new)] == [401, 401]
    assert (await app.refreshes(new["refresh_token"])).json()["error"] == "invalid_grant"


async def test_T9_a_revoked_token_is_refused_however_it_is_written(app):
    access = (await app.tokens())["access_token"]
    header, claims, signature = access.split(".")
    await app.calls(access)
    await revoked(app, access)
    for other in (access, f"{access}=", f"{access}==", f"{header}=.{claims}.{signature}", f" {access}", f"{access}A"):
        answer = await app.http.get("/v1/agencies", headers={"Authorization": f"Bearer {other}"})
        assert answer.status_code == 401
    assert (await app.http.get("/v1/agencies", headers={"Authorization": f"bearer {access}"})).status_code == 401


async def test_what_is_unknown_or_anothers_is_answered_the_same_and_left_alone(app, world):
    said = await app.tokens()
    other = await App.of(world, token_endpoint_auth_method="client_secret_basic")
    for token in (said["access_token"], said["refresh_token"], "unknown", "a.b.c", ""):
        answer = await revoked(other, token)
        assert (answer.status_code, answer.json()) == (200, {})
    assert await app.calls(said["access_token"]) == 200
    assert (await app.refreshes(said["refresh_token"])).status_code == 200
    unproved = await app.http.post("/auth/revoke", data={"token": said["access_token"]})
    assert unproved.status_code == 401


async def test_T13_another_process_knows_within_five_seconds(app, world):
    assert LOOK_SECONDS < 5
    access = (await app.tokens())["access_token"]
    other = opened(world.settings, world.database, world.desk)
    tokens = Tokens((), world.service.keys, own=other)
    stop, forgotten = asyncio.Event(), asyncio.Event()

    def forget(token_id: str) -> None:
        tokens.forget(token_id)
        forgotten.set()

    other.forget = forget
    watching = asyncio.create_task(other.watch(stop))
    header = f"Bearer {access}"
    try:
        assert (await tokens.caller(header)).subject == "nurse-1"
        assert tokens.remembered(header) is not None
        await revoked(app, access)
        await asyncio.wait_for(forgotten.wait(), 5)
        assert tokens.remembered(header) is None
        with pytest.raises(Problem) as raised:
            await tokens.caller(header)
        assert raised.value.trouble is Trouble.BAD_TOKEN
    finally:
        stop.set()
        await watching


async def test_T13_a_process_that_starts_later_knows_too(app, world):
    access = (await app.tokens())["access_token"]
    await revoked(app, access)
    later = opened(world.settings, world.database, world.desk)
    await later.look()
    with pytest.raises(Problem, match="revoked"):
        await Tokens((), world.service.keys, own=later).caller(f"Bearer {access}")


async def test_a_process_that_cannot_look_looks_again(app, world, monkeypatch, caplog):
    server, stop, looks = world.service.server, asyncio.Event(), []

    async def failing() -> None:
        looks.append(1)
        if len(looks) == 2:
            stop.set()
        raise OSError

    monkeypatch.setattr(type(server), "look", lambda _: failing())
    await server.watch(stop, every=0)
    assert len(looks) == 2
    assert "not known just now" in caplog.text


async def test_what_is_over_is_forgotten_after_a_day(app, world):
    await app.tokens()
    code = (await app.granted(patient="p-1"))["code"]
    world.later(days=3)
    await world.service.server.storage.tidy(world.clock)
    kept = await world.database.rows("select kind from auth_ticket")
    assert list(kept) == []
    assert {row[0] for row in await world.database.rows("select kind from auth_token")} == {"refresh"}
    assert (await app.exchanges(code)).json()["error"] == "invalid_grant"


# introspection


async def test_inferno_smart_an_active_token_is_told_of(app):
    said = await app.tokens()
    told = await introspected(app, said["access_token"])
    claims = claims_of(said["access_token"])
    assert told.pop("active") is True
    assert told.pop("token_type") == "Bearer"
    assert told == {name: claims[name] for name in told}
    assert told.keys() >= {"scope", "client_id", "exp", "sub", "iss", "patient", "fhirUser"}
    refresh = await introspected(app, said["refresh_token"])
    assert (refresh["active"], refresh["scope"], refresh["patient"]) == (True, app.scope, "p-1")


async def test_inferno_smart_of_a_token_that_is_not_good_nothing_is_told(app, world):
    said = await app.tokens()
    foreign = world.token()
    for token in ("unknown", "a.b.c", "", said["access_token"] + "x", said["id_token"], foreign):
        assert await introspected(app, token) == {"active": False}, token
    new = (await app.refreshes(said["refresh_token"])).json()
    assert await introspected(app, said["refresh_token"]) == {"active": False}
    other = await App.of(world, token_endpoint_auth_method="client_secret_basic")
    assert await introspected(other, new["refresh_token"]) == {"active": False}
    assert (await introspected(other, new["access_token"]))["active"] is True
    world.later(minutes=11)
    assert await introspected(app, new["access_token"]) == {"active": False}


async def test_who_asks_about_a_token_proves_who_it_is(app, world):
    access = (await app.tokens())["access_token"]
    public = await App.of(world)
    form = {"token": access}
    assert (await app.http.post("/auth/introspect", data=form)).status_code == 401
    named = await app.http.post("/auth/introspect", data={**form, "client_id": public.client.id})
    assert (named.status_code, named.json()["error"]) == (401, "invalid_client")
    for header, status in ((f"Bearer {access}", 200), (f"Bearer {world.token()}", 200), ("Bearer x.y.z", 401)):
        answer = await app.http.post("/auth/introspect", data=form, headers={"Authorization": header})
        assert answer.status_code == status
    service = await backend(world)
    proof = asserting(assertion(world, service))
    assert (await app.http.post("/auth/introspect", data={**proof, **form})).json()["active"] is True


async def test_the_token_of_a_backend_service_can_be_revoked(app, world):
    service = await backend(world)
    said = (await app.http.post("/auth/token", data=asserting(assertion(world, service)))).json()
    assert await app.calls(said["access_token"]) == 200
    proof = asserting(assertion(world, service))
    answer = await app.http.post("/auth/revoke", data={**proof, "token": said["access_token"]})
    assert answer.status_code == 200
    assert await app.calls(said["access_token"]) == 401


@pytest.mark.parametrize("word", ["lock", "remove"])
async def test_T13_what_apps_have_of_an_account_ends_with_it(app, world, word):
    await add_account(world, NURSE)
    said = await app.tokens()
    assert await app.calls(said["access_token"]) == 200
    await asyncio.to_thread(command, world, word)
    await world.service.server.look()
    assert await app.calls(said["access_token"]) == 401
    assert (await app.refreshes(said["refresh_token"])).status_code == 400


async def add_account(world, account):
    """The account, so that it can be closed."""
    login = Login(login="nurse-1", account=account, stamp=new_stamp(), password="none")
    assert await world.service.sign_in.kept.add(login)


def command(world, word):
    """`oneplan account WORD`, in a process of its own as far as the service can tell."""
    environment = {"ONEPLAN_DATABASE": world.url, "ONEPLAN_DEVELOPMENT_KEY": str(world.settings.development_key)}
    done = CliRunner().invoke(cli.app, ["account", word, "nurse-1"], env=environment)
    assert done.exit_code == 0, done.output
