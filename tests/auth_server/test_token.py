"""Tokens for a code: who gets them, what they say, and that it happens once (T10)."""

import asyncio
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from auth.server.parties import Account
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble
from tests.support.smart import BACK, NURSE, R4, App, audited, claims_of
from tests.support.world import World

CONFIDENTIAL = ["client_secret_basic", "client_secret_post"]


@pytest.fixture
async def app(world):
    await world.agency("RX1")
    return await App.of(world)


async def test_a_code_becomes_tokens_with_their_context(app):
    answer = await app.exchanges((await app.granted(patient="p-1"))["code"])
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    said = answer.json()
    assert said.keys() == {
        *("access_token", "token_type", "expires_in", "scope", "patient", "need_patient_banner", "smart_style_url"),
        *("refresh_token", "id_token"),
    }
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 600, app.scope)
    assert (said["patient"], said["need_patient_banner"]) == ("p-1", True)
    style = await app.http.get(said["smart_style_url"])
    assert style.json()["color_text"].startswith("#")


async def test_an_access_token_says_to_our_doors_who_asks(app, world):
    said = await app.tokens()
    claims = claims_of(said["access_token"])
    now = world.clock // 1000
    assert 0 <= now - claims.pop("iat") <= 5
    assert 0 <= now + 600 - claims.pop("exp") <= 5
    assert len(claims.pop("jti")) == 32
    assert claims == {
        "iss": "http://127.0.0.1:8000",
        "aud": "oneplan",
        "sub": "nurse-1",
        "agency": "RX1",
        "role": "clinician",
        "name": "Nia Nurse",
        "client_id": app.client.id,
        "scope": app.scope,
        "purpose": "TREAT",
        "patient": "p-1",
        "fhirUser": f"{R4}/PractitionerRole/nurse-1",
    }
    caller = await world.service.tokens.caller(f"Bearer {said['access_token']}")
    assert (caller.subject, caller.agency, caller.role, caller.client) == ("nurse-1", "RX1", "clinician", app.client.id)
    assert await app.calls(said["access_token"]) == 200


async def test_inferno_smart_the_id_token_is_RS256_and_says_who_signed_in(app, world):
    said = await app.tokens()
    jwks = (await app.http.get("/auth/jwks")).json()
    read = jwt.decode(said["id_token"], KeySet.import_key_set(jwks), algorithms=["RS256"])
    assert read.header["alg"] == "RS256"
    claims = dict(read.claims)
    assert 0 <= world.clock // 1000 - claims.pop("auth_time") <= 5
    assert 0 < claims.pop("exp") - claims.pop("iat") <= 900
    assert claims == {
        "iss": "http://127.0.0.1",
        "aud": app.client.id,
        "sub": "nurse-1",
        "nonce": "a-nonce",
        "fhirUser": f"{R4}/PractitionerRole/nurse-1",
    }


async def test_T4_an_id_token_opens_nothing(app):
    assert await app.calls((await app.tokens())["id_token"]) == 401


async def test_identity_is_told_only_when_it_was_granted(app, world):
    answer = await app.exchanges((await app.granted(scopes="openid", nonce=None))["code"])
    assert claims_of(answer.json()["id_token"]).keys() == {"iss", "aud", "sub", "exp", "iat", "auth_time"}
    assert "patient" not in answer.json()
    assert "refresh_token" not in answer.json()
    profile = await App.of(world, "openid profile user/Goal.rs")
    said = await profile.tokens(patient=None)
    assert claims_of(said["id_token"])["name"] == "Nia Nurse"
    plain = await App.of(world, "user/Goal.rs")
    assert "id_token" not in await plain.tokens(patient=None)


async def test_a_person_is_asked_about_their_own_plan_alone(app, world):
    ada = Account(
        subject=Subject("ada"),
        agency=AgencyId("RX1"),
        role=Role.PERSON,
        name="Ada",
        fhir_user="Patient/p-1",
        person=PersonId("p-1"),
    )
    said = await app.tokens(patient=None, account=ada)
    claims = claims_of(said["access_token"])
    assert (claims["person"], claims["patient"], claims["purpose"]) == ("p-1", "p-1", "PATRQT")
    caller = await world.service.tokens.caller(f"Bearer {said['access_token']}")
    assert caller.person == "p-1"
    for account, patient in ((ada, "p-2"), (replace(ada, person=None), "p-2")):
        with pytest.raises(Problem) as raised:
            await app.granted(account, patient=patient)
        assert raised.value.trouble is Trouble.BAD_VALUE


VERIFIERS = {
    "missing": None,
    "blank": "",
    "wrong": "w" * 43,
    "plain": "the challenge",
    "short": "s" * 42,
    "long": "l" * 129,
    "of other characters": "!" * 43,
}


async def test_inferno_smart_pkce_the_verifier_is_needed(app):
    code = (await app.granted(patient="p-1"))["code"]
    for name, wrong in VERIFIERS.items():
        verifier = app.challenge if name == "plain" else wrong
        answer = await app.exchanges(code, code_verifier=verifier)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), name
    assert (await app.exchanges(code)).status_code == 200, "the code is still good for its own client"


async def test_T10_a_code_is_good_only_as_it_was_asked_for(app, world):
    code = (await app.granted(patient="p-1"))["code"]
    for wrong in ({"code": "unknown"}, {"code": None}, {"redirect_uri": BACK + "/"}, {"redirect_uri": None}):
        answer = await app.exchanges(**{"code": code, **wrong})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    other = await App.of(world)
    other.verifier = app.verifier
    assert (await other.exchanges(code)).json()["error"] == "invalid_grant"
    assert (await app.exchanges(code)).status_code == 200


async def test_T10_a_code_is_good_for_a_minute(app, world):
    code = (await app.granted(patient="p-1"))["code"]
    world.later(seconds=61)
    assert (await app.exchanges(code)).json()["error"] == "invalid_grant"


async def test_T10_a_second_use_of_a_code_ends_what_was_given_for_it(app, world):
    code = (await app.granted(patient="p-1"))["code"]
    said = (await app.exchanges(code)).json()
    assert await app.calls(said["access_token"]) == 200
    world.later(minutes=5)
    again = await app.exchanges(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await app.calls(said["access_token"]) == 401
    assert (await app.refreshes(said["refresh_token"])).json()["error"] == "invalid_grant"
    assert (app.client.id, "nurse-1", False) in [
        (client, subject, good) for what, client, subject, good, _ in await audited(world) if what == "code-reuse"
    ]


async def test_T10_of_a_hundred_uses_at_once_exactly_one_succeeds(app):
    code = (await app.granted(patient="p-1"))["code"]
    answers = await asyncio.gather(*(app.exchanges(code) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 99]
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert await app.calls(won["access_token"]) == 401, "it was used twice"


@pytest.mark.parametrize("method", CONFIDENTIAL)
async def test_a_confidential_client_proves_itself(world, method):
    await world.agency("RX1")
    app = await App.of(world, token_endpoint_auth_method=method)
    code = (await app.granted(patient="p-1"))["code"]
    good, app.secret = app.secret, "w" * 43
    answer = await app.exchanges(code)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
    unproved = await app.http.post("/auth/token", data={"grant_type": "authorization_code", "client_id": app.client.id})
    assert (unproved.status_code, unproved.json()["error"]) == (401, "invalid_client")
    app.secret = good
    assert (await app.exchanges(code)).status_code == 200


async def test_a_client_proves_itself_in_the_way_it_registered_for(world):
    app = await App.of(world, token_endpoint_auth_method="client_secret_basic")
    form = {"grant_type": "authorization_code", "client_id": app.client.id, "client_secret": app.secret}
    assert (await app.http.post("/auth/token", data=form)).status_code == 401
    both = await app.http.post("/auth/token", data=form, headers={"Authorization": "Basic eDp5"})
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    for header in ("Basic", "Basic !", "Basic eDp5", "Basic eA==", "Basic /w=="):
        answer = await app.http.post("/auth/token", data={"grant_type": "x"}, headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), header
    named = {"grant_type": "authorization_code", "client_id": "another"}
    twice = await app.http.post("/auth/token", data=named, auth=(app.client.id, app.secret))
    assert twice.status_code == 401
    public = await App.of(world)
    assert (
        await public.http.post("/auth/token", data={"grant_type": "x"}, auth=(public.client.id, ""))
    ).status_code == 401


async def test_inferno_smart_an_unknown_client_gets_nothing(app):
    code = (await app.granted(patient="p-1"))["code"]
    answer = await app.exchanges(code, client_id="nobody")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_other_grants_are_not_given(app):
    for grant in ("password", "implicit", "", None, "client_credentials"):
        answer = await app.sends(grant_type=grant)
        expected = "unauthorized_client" if grant == "client_credentials" else "unsupported_grant_type"
        assert (answer.status_code, answer.json()["error"]) == (400, expected)


async def test_a_secret_is_kept_as_its_hash_and_codes_and_refresh_tokens_are_too(world: World):
    app = await App.of(world, token_endpoint_auth_method="client_secret_basic")
    said = await app.granted(patient="p-1")
    tokens = (await app.exchanges(said["code"])).json()
    kept = []
    for table in ("auth_client", "auth_ticket", "auth_grant", "auth_token", "auth_key"):
        kept += [str(tuple(row)) for row in await world.database.rows(f"select * from {table}")]
    text = "\n".join(kept)
    assert app.client.id in text
    hidden = [app.secret, said["code"], tokens["refresh_token"], tokens["access_token"], '"d"']
    assert [secret for secret in hidden if secret in text] == []
    assert await app.http.get("/auth/token") is not None


async def test_every_act_has_its_event(app, world):
    await app.tokens()
    await app.exchanges("unknown")
    events = [
        (what, subject, good) for what, client, subject, good, _ in await audited(world) if client == app.client.id
    ]
    assert ("register", "", True) in events
    assert ("grant", "nurse-1", True) in events
    assert ("token", "nurse-1", True) in events
    assert events[-1] == ("token", "", False)


async def test_an_account_that_leaves_takes_its_tokens_with_it(app, world):
    said = await app.tokens()
    await world.service.server.leave(Subject("nurse-1"))
    assert await app.calls(said["access_token"]) == 401
    assert (await app.refreshes(said["refresh_token"])).json()["error"] == "invalid_grant"


async def test_the_subject_of_another_is_left_alone(app, world):
    said = await app.tokens()
    await world.service.server.leave(Subject("nurse-2"))
    assert await app.calls(said["access_token"]) == 200
    assert NURSE.subject == "nurse-1"
