"""Signing in at a provider of OpenID Connect, on loopback: there and back, and all that is refused on the way."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from api.pages.turn import HOME
from auth.sign_in.federation import Federation, account_of
from auth.sign_in.providers import Provider, reference
from plan.model import Role
from plan.problem import Problem, Trouble
from tests.auth.foreign_issuer import b64, ec_key, public_jwk
from tests.support.oidc import CLIENT, NOW, SECRET, provider
from tests.support.sign_in import browser, events

START = "/auth/with/idp"


@pytest.fixture
def idp():
    with provider() as made:
        yield made


def configured(idp, **more):
    proof = {} if "private_key" in more else {"client_secret": SECRET}
    said = {"name": "idp", "title": "Test Login", "issuer": idp.base, "client_id": CLIENT, **proof, **more}
    return Provider.model_validate(said)


@pytest.fixture
async def use(world, idp):
    """Configure the provider, in place of none; what it was is closed at the end."""
    world.at("2027-01-15T08:00:00Z")
    assert world.clock == NOW * 1000
    made = []

    def take(**more):
        federation = Federation([configured(idp, **more)], lambda: world.clock)
        world.service.sign_in.federation = federation
        made.append(federation)
        return browser(world)

    yield take
    for federation in made[:-1]:
        await federation.close()


async def there(at, next_=HOME):
    """Off to the provider, which sends the browser back: the address it comes back to."""
    answer = await at.get(START, params={"next": next_})
    assert answer.status_code == 303, answer.text
    async with httpx.AsyncClient() as elsewhere:
        back = await elsewhere.get(answer.headers["location"])
    return back.headers["location"]


async def test_there_and_back(world, idp, use):
    at = use()
    assert "Test Login" in (await at.get("/auth/sign-in", params={"next": "/auth/consent/r1"})).text
    answer = await at.get(await there(at, "/auth/consent/r1"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/consent/r1")
    assert "Sister Away" in (await at.get(HOME)).text
    login = await world.service.sign_in.kept.find("idp:user-1")
    account = login.account
    assert (account.subject, account.agency, account.role) == ("idp:user-1", "RX1", Role.CLINICIAN)
    assert (account.name, account.fhir_user, account.person) == ("Sister Away", "Practitioner/p-1", None)
    assert login.password == ""
    assert await events(world) == [("sign-in", "idp:user-1", "idp:user-1", "allowed")]


async def test_what_is_asked_of_the_provider_is_fresh_each_time(idp, use):
    at = use()
    asked = [parse_qs(urlsplit((await at.get(START)).headers["location"]).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43
    assert asked[0]["redirect_uri"] == ["http://127.0.0.1/auth/with/idp/back"]
    assert [path for path, *_ in idp.asked] == ["/.well-known/openid-configuration"], "asked once"


PROOFS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "basic": ({}, {}),
    "post": ({}, {"token_endpoint_auth_methods_supported": ["client_secret_post"]}),
    "key": ({"private_key": None}, {}),
}


@pytest.mark.parametrize("case", PROOFS)
async def test_we_prove_who_we_are(idp, use, case):
    more, idp.discovery = PROOFS[case]
    if "private_key" in more:
        number = ec_key("ours").private_numbers().private_value
        secret = public_jwk(ec_key("ours"), "k1", d=b64(number.to_bytes(32)), alg="ES256")
        more = {"private_key": secret}
    at = use(**more)
    answer = await at.get(await there(at))
    assert answer.headers["location"] == HOME


BAD_TOKENS = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "for another client": {"aud": "another"},
    "for nobody": {"aud": None},
    "for several, made for nobody": {"aud": [CLIENT, "another"]},
    "for several, made for another": {"aud": [CLIENT, "another"], "azp": "another"},
    "made for another": {"azp": "another"},
    "another nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "nonce that is no text": {"nonce": 1},
    "expired": {"exp": NOW - 60},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "soon"},
    "an end that is true": {"exp": True},
    "from the future": {"iat": NOW + 61},
    "no beginning": {"iat": None},
    "nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "an endless subject": {"sub": "x" * 256},
}
GOOD_TOKENS = {
    "for us alone, in a list": {"aud": [CLIENT]},
    "for several, made for us": {"aud": [CLIENT, "another"], "azp": CLIENT},
    "expired within the leeway": {"exp": NOW - 59},
    "a little ahead": {"iat": NOW + 60},
}


@pytest.mark.parametrize("case", BAD_TOKENS)
async def test_an_id_token_that_is_not_for_this_sign_in_signs_nobody_in(world, idp, use, case):
    idp.claims = BAD_TOKENS[case]
    await _refused(world, use(), 503, "does not work just now")


@pytest.mark.parametrize("case", GOOD_TOKENS)
async def test_an_id_token_that_is_good_in_other_ways_signs_in(idp, use, case):
    idp.claims = GOOD_TOKENS[case]
    at = use()
    assert (await at.get(await there(at))).headers["location"] == HOME


HEADERS = {
    "no algorithm": {"alg": "none"},
    "hmac": {"alg": "HS256"},
    "another of ours": {"alg": "RS256"},
    "an unknown key": {"kid": "p9"},
    "a key of its own": {"jwk": public_jwk(ec_key("stranger"), "p1")},
    "a key elsewhere": {"jku": "https://evil.example/keys"},
    "critical": {"crit": ["x"]},
}


@pytest.mark.parametrize("case", HEADERS)
async def test_an_id_token_with_a_bad_header_signs_nobody_in(world, idp, use, case):
    idp.header = HEADERS[case]
    await _refused(world, use(), 503, "does not work just now")


@pytest.mark.parametrize("lie", ["another key", "no id token"])
async def test_a_provider_that_lies_signs_nobody_in(world, idp, use, lie):
    idp.lie = lie
    await _refused(world, use(), 503, "does not work just now")


async def _refused(world, at, status, text):
    answer = await at.get(await there(at))
    assert answer.status_code == status
    assert text in answer.text
    assert not at.cookie()
    rows = await world.database.rows("select login from account")
    assert list(rows) == []
    assert [event[0] for event in await events(world)] == ["sign-in"]
    assert (await events(world))[0][3] != "allowed"


UNKNOWN = {
    "no role": {"role": None},
    "an unknown role": {"role": "wizard"},
    "two roles": {"role": ["clinician", "coordinator"]},
    "no agency": {"agency": None},
    "two agencies": {"agency": ["RX1", "RX9"]},
    "an agency that is no id": {"agency": ".."},
    "a person without whose plan": {"role": "person"},
    "a name that is no line": {"name": "a\nb"},
}


@pytest.mark.parametrize("case", UNKNOWN)
async def test_a_user_whose_role_or_agency_is_unknown_is_refused_with_a_sentence(world, idp, use, case):
    idp.claims = UNKNOWN[case]
    await _refused(world, use(), 403, "your role or your agency is not known here. Ask your administrator.")


@pytest.mark.parametrize("lie", ["away", "redirect", "endless", "list"])
async def test_a_provider_that_cannot_be_used_is_told_so(idp, use, lie):
    idp.lie = lie
    answer = await use().get(START)
    assert answer.status_code == 503
    assert "Test Login does not work just now" in answer.text


DESCRIPTIONS = {
    "another issuer": {"issuer": "https://elsewhere.example"},
    "keys by http": {"jwks_uri": "http://elsewhere.example/keys"},
    "no token address": {"token_endpoint": None},
    "a token address with a user": {"token_endpoint": "https://a:b@elsewhere.example"},
    "a file": {"authorization_endpoint": "file:///etc/passwd"},
    "methods that are no list": {"token_endpoint_auth_methods_supported": 1},
}


@pytest.mark.parametrize("case", DESCRIPTIONS)
async def test_what_a_provider_says_of_itself_is_not_believed_blindly(idp, use, case):
    idp.discovery = DESCRIPTIONS[case]
    assert (await use().get(START)).status_code == 503


async def test_the_answer_is_for_the_browser_that_began(world, use):
    at = use()
    back = await there(at)
    other = browser(world)
    answer = await other.get(back)
    assert answer.status_code == 401
    assert "was not begun here" in answer.text
    assert not other.cookie()


async def test_the_answer_of_another_sign_in_is_refused(use):
    at = use()
    first = await there(at)
    await there(at)
    answer = await at.get(first)
    assert answer.status_code == 401
    assert "belongs to another sign-in" in answer.text


@pytest.mark.parametrize(
    "change, status, text",
    [
        ({"state": "x"}, 401, "another sign-in"),
        ({"state": None}, 401, "another sign-in"),
        ({"iss": "https://elsewhere.example"}, 401, "from another provider"),
        ({"code": None, "error": "access_denied"}, 403, "did not sign you in"),
        ({"code": "made-up"}, 503, "does not work just now"),
    ],
)
async def test_a_changed_answer_is_refused(use, change, status, text):
    at = use()
    parts = urlsplit(await there(at))
    said = {name: values[0] for name, values in parse_qs(parts.query).items()} | change
    answer = await at.get(parts.path, params={name: value for name, value in said.items() if value})
    assert answer.status_code == status
    assert text in answer.text
    assert not at.cookie()


async def test_a_code_is_used_once(use):
    at = use()
    back = await there(at)
    assert (await at.get(back)).headers["location"] == HOME
    assert (await at.get(back)).status_code == 401, "the trip is over"


async def test_a_trip_that_takes_too_long_is_over(world, use):
    at = use()
    back = await there(at)
    world.later(seconds=601)
    assert (await at.get(back)).status_code == 401


@pytest.mark.parametrize("path", ["/auth/with/other", "/auth/with/other/back"])
async def test_an_unknown_provider_is_not_there(use, path):
    assert (await use().get(path)).status_code in (401, 404)


async def test_what_changes_at_the_provider_ends_the_sessions_of_before(idp, use, world):
    at = use()
    await at.get(await there(at))
    same = browser(world)
    await same.get(await there(same))
    assert (await at.get(HOME)).status_code == 200, "nothing changed"
    idp.claims = {"role": "coordinator"}
    await same.get(await there(same))
    assert "coordinator" in (await same.get(HOME)).text
    assert (await at.get(HOME)).status_code == 303


async def test_a_locked_account_stays_out_whatever_the_provider_says(idp, use, world):
    at = use()
    await at.get(await there(at))
    kept = world.service.sign_in.kept
    await kept.put(replace(await kept.find("idp:user-1"), active=False))
    answer = await at.get(await there(at))
    assert answer.status_code == 403
    assert "locked" in answer.text
    assert (await events(world))[-1][3] == "refused"


async def test_roles_and_agencies_are_translated_and_read_from_userinfo(idp, use, world):
    """The shape of CIS2: one role profile in a list, told by userinfo alone."""
    idp.claims = {"role": None, "agency": None, "name": None}
    idp.told = {"name": "Doctor Away", "profiles": [{"org": "P10001", "code": "R8000"}]}
    at = use(
        userinfo=True,
        claims={"agency": "profiles.org", "role": "profiles.code"},
        roles={"R8000": "clinician"},
        agencies={"P10001": "P10001"},
    )
    await at.get(await there(at))
    account = (await world.service.sign_in.kept.find("idp:user-1")).account
    assert (account.agency, account.role, account.name) == ("P10001", Role.CLINICIAN, "Doctor Away")
    assert ("/userinfo", {}, "Bearer a") in idp.asked


async def test_userinfo_about_another_user_is_not_believed(idp, use, world):
    idp.told = {"sub": "user-2"}
    await _refused(world, use(userinfo=True), 503, "does not work just now")


def test_a_provider_of_one_agency_need_not_name_it():
    made = Provider(name="a", title="A", issuer="https://a.example", client_id="c", client_secret="s", agency="HA1")
    account = account_of(made, {"sub": "1", "role": "housing_officer", "agency": "RX1"})
    assert (account.agency, account.name) == ("HA1", "1")
    with pytest.raises(Problem) as refused:
        account_of(made, {"sub": "1"})
    assert refused.value.trouble is Trouble.REFUSED


def test_a_person_signs_in_to_their_own_plan():
    made = Provider(name="a", title="A", issuer="https://a.example", client_id="c", client_secret="s", agency="own")
    account = account_of(made, {"sub": "1", "role": "person", "person": "p-1"})
    assert (account.role, account.person) == (Role.PERSON, "p-1")


@pytest.mark.parametrize(
    "said, relative",
    [
        ("Practitioner/p", "Practitioner/p"),
        ("https://a.example/r4/Patient/1", "Patient/1"),
        ("p", ""),
        ("a/../b", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_fhir_user_is_kept_as_a_relative_reference(said, relative):
    assert reference(said) == relative


GOOD = {"name": "a", "title": "A", "issuer": "https://a.example", "client_id": "c", "client_secret": "s"}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "A b"},
        {"issuer": "http://a.example"},
        {"issuer": "https://u@a.example"},
        {"client_secret": None},
        {"private_key": {"kty": "EC"}},
        {"scopes": ["profile"]},
        {"algorithms": ["HS256"]},
        {"roles": {"x": "wizard"}},
        {"surprise": 1},
    ],
)
def test_a_provider_that_cannot_be_right_stops_the_start(change):
    Provider.model_validate(GOOD)
    with pytest.raises(ValidationError):
        Provider.model_validate({**GOOD, **change})


@pytest.mark.parametrize("other", [{}, {"name": "b"}, {"issuer": "https://b.example"}])
def test_a_provider_is_configured_once(other):
    with pytest.raises(ValueError, match="configured twice"):
        Federation([Provider.model_validate(GOOD), Provider.model_validate({**GOOD, **other})], lambda: 0)


def test_secrets_are_not_printed():
    assert "s3cr3t" not in repr(Provider.model_validate({**GOOD, "client_secret": "s3cr3t"}))
