"""A launch that is not right in every point shows nothing of anybody, and says what to do."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from api.settings import Settings
from auth.sign_in.ehrs import Ehr
from tests.support.ehr import setting
from tests.support.launching import BORN, FAMILY, START, launched, launches_of, person, there
from tests.support.oidc import NOW
from tests.support.sign_in import browser

NOBODY: dict[str, dict[str, Any]] = {
    "the number is right and the date wrong": {"born": "1941-03-15"},
    "the date is right and the number another's": {"nhs_number": "9434765919"},
    "the number does not fit its check digit": {"nhs_number": "9434765918"},
    "no number": {"nhs_number": None},
    "no date": {"born": None},
    "a date that is no day": {"born": "1941-03"},
    "a year alone": {"born": "1941"},
    "a date that is no date": {"born": "1941-02-31"},
    "another Patient than was named": {"id": "somebody-else"},
    "no Patient": {"resourceType": "Person"},
    "identifiers that are none": {"identifier": "9434765919"},
    "a number that was in use once": {"use": "old"},
}


@pytest.mark.parametrize("case", NOBODY)
async def test_what_is_not_certainly_the_same_person_shows_nothing_of_anybody(world, ward, use, case):
    at = use()
    more = dict(NOBODY[case])
    ada = await person(world, ward)
    number = ward.patient["identifier"][0]["value"]
    if more.pop("use", ""):
        ward.patient["identifier"][0]["use"] = "old"
    else:
        ward.opens(**{"nhs_number": number, "born": BORN, **more})
    answer = await launched(at, ward)
    assert answer.status_code == 404
    assert "There is no plan to show" in answer.text
    assert "Check both in Ward System" in answer.text
    for word in (FAMILY, ada, number, BORN, "1941"):
        assert word not in answer.text
    assert not at.cookie("oneplan-launched")
    assert (await at.get(f"/care/people/{ada}/looked")).headers["location"].startswith("/auth/sign-in")
    assert await launches_of(world) == [("ward:user-1", "ward", "", False, "no-match")]


async def test_two_numbers_are_no_number(world, ward, use):
    at = use()
    await person(world, ward)
    ward.patient["identifier"].append({**ward.patient["identifier"][0], "value": world.nhs_number()})
    assert (await launched(at, ward)).status_code == 404


async def test_whoever_the_account_may_not_see_is_nobody(world, ward, use):
    at = use(agency="RX9")
    await person(world, ward)
    answer = await launched(at, ward)
    assert answer.status_code == 404
    assert FAMILY not in answer.text


async def test_a_record_system_that_names_nobody_shows_nobody(world, ward, use):
    at = use()
    await person(world, ward)
    for said in (None, "", "no id/at all", 7):
        ward.context = {"patient": said}
        assert (await launched(at, ward)).status_code == 404


HOSTILE = (
    "https://elsewhere.example/fhir",
    "http://127.0.0.1:1/fhir",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data",
    "",
)


@pytest.mark.parametrize("iss", HOSTILE)
async def test_an_iss_that_is_not_listed_causes_nothing_to_be_fetched(world, ward, use, iss):
    at = use()

    async def never(request):
        raise AssertionError(f"asked for {request.url}")

    world.service.sign_in.launches._client = httpx.AsyncClient(transport=httpx.MockTransport(never))
    answer = await at.get(START, params={**ward.launch(), "iss": iss})
    assert answer.status_code == 403
    assert "not one that may open Oneplan" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert await launches_of(world) == [("", "", "", False, "refused")]


@pytest.mark.parametrize(
    "query", ["", "?iss={iss}", "?launch=x", "?iss={iss}&iss={iss}&launch=x", "?iss={iss}&launch="]
)
async def test_an_address_that_is_no_launch_says_so(ward, use, query):
    at = use()
    answer = await at.get(START + query.format(iss=ward.iss))
    assert answer.status_code == 400
    assert "Oneplan cannot be opened from here" in answer.text


async def test_a_handle_that_is_used_or_too_old_opens_nothing(world, ward, use):
    at = use()
    await person(world, ward)
    params = ward.launch()
    ward.launches.clear()
    answer = await at.get(START, params=params)
    async with httpx.AsyncClient() as elsewhere:
        came = await elsewhere.get(answer.headers["location"])
    answer = await at.get(came.headers["location"])
    assert answer.status_code == 403
    assert "Ward System did not let Oneplan in" in answer.text
    assert "open Oneplan again from the record" in answer.text


async def test_an_answer_is_taken_once(world, ward, use):
    at = use()
    await person(world, ward)
    address = await there(at, ward)
    trip = at.cookie("oneplan-launch")
    assert (await at.get(address)).status_code == 303
    assert (await at.get(address)).status_code == 401, "the launch is no more in this browser"
    at.plant(trip, "oneplan-launch")
    answer = await at.get(address)
    assert answer.status_code == 401
    assert "This launch was used before" in answer.text


async def test_an_answer_is_taken_by_the_browser_that_asked(world, ward, use):
    at = use()
    await person(world, ward)
    answer = await browser(world).get(await there(at, ward))
    assert answer.status_code == 401
    assert "not begun here" in answer.text


async def test_a_launch_is_over_after_ten_minutes(world, ward, use):
    at = use()
    await person(world, ward)
    address = await there(at, ward)
    world.later(seconds=601)
    assert (await at.get(address)).status_code == 401


OTHER_ANSWERS = {
    "another state": ("state=", "state=x"),
    "another issuer": ("iss=", "iss=https://elsewhere.example/"),
    "another code": ("code=", "code=x"),
}


@pytest.mark.parametrize("case", OTHER_ANSWERS)
async def test_an_answer_that_was_changed_opens_nothing(world, ward, use, case):
    at = use()
    await person(world, ward)
    answer = await at.get((await there(at, ward)).replace(*OTHER_ANSWERS[case]))
    assert answer.status_code in (401, 503)
    assert not at.cookie("oneplan-launched")


BAD_TOKENS = {"iss": "https://elsewhere.example", "aud": "another", "nonce": "n", "exp": NOW - 61, "sub": None}


@pytest.mark.parametrize("claim", BAD_TOKENS)
async def test_an_id_token_that_is_not_for_this_launch_opens_nothing(world, ward, use, claim):
    at = use()
    await person(world, ward)
    ward.claims = {claim: BAD_TOKENS[claim]}
    answer = await launched(at, ward)
    assert answer.status_code == 503
    assert "does not work just now" in answer.text


@pytest.mark.parametrize("lie", ["away", "redirect", "endless", "list"])
async def test_a_record_system_that_does_not_answer_is_told_of(world, ward, use, lie):
    at = use()
    ward.lie = lie
    answer = await at.get(START, params=ward.launch())
    assert answer.status_code == 503
    assert "Opening Oneplan from Ward System does not work just now" in answer.text


@pytest.mark.parametrize("lie", ["no id token", "another key"])
async def test_an_answer_without_a_good_id_token_opens_nothing(world, ward, use, lie):
    at = use()
    await person(world, ward)
    ward.lie = lie
    assert (await launched(at, ward)).status_code == 503


CONTEXTS: dict[str, dict[str, Any]] = {
    "no access token": {"access_token": None},
    "an access token that ends a header": {"access_token": "a\r\nHost: elsewhere"},
    "an access token that is no text": {"access_token": 7},
    "an access token that the record system does not take": {"access_token": "another"},
}


@pytest.mark.parametrize("case", CONTEXTS)
async def test_a_record_that_cannot_be_read_opens_nothing(world, ward, use, case):
    at = use()
    await person(world, ward)
    ward.context = CONTEXTS[case]
    assert (await launched(at, ward)).status_code == 503


async def test_keys_that_cannot_be_had_open_nothing(world, ward, use):
    at = use()
    await person(world, ward)
    ward.discovery = {"jwks_uri": f"{ward.base}/nowhere"}
    assert (await launched(at, ward)).status_code == 503


async def test_identifiers_of_other_kinds_are_passed_over(world, ward, use):
    at, ada = use(), await person(world, ward)
    others = [None, 7, {}, {"system": "https://ward.example/mrn", "value": "7"}, {"system": "x" * 3000, "value": "1"}]
    ward.patient["identifier"] = [*others, *ward.patient["identifier"]]
    assert (await launched(at, ward)).headers["location"] == f"/care/people/{ada}"


CONFIGURATIONS = {
    "no PKCE": {"code_challenge_methods_supported": ["plain"]},
    "no keys": {"jwks_uri": ""},
    "keys over http": {"jwks_uri": "http://elsewhere.example/keys"},
    "no issuer": {"issuer": ""},
    "an issuer that is no text": {"issuer": 7},
    "a token address in a file": {"token_endpoint": "file:///etc/passwd"},
    "no authorization": {"authorization_endpoint": None},
}


@pytest.mark.parametrize("case", CONFIGURATIONS)
async def test_a_configuration_that_cannot_be_used_is_not(ward, use, case):
    at = use()
    ward.discovery = CONFIGURATIONS[case]
    assert (await at.get(START, params=ward.launch())).status_code == 503


async def test_an_issuer_that_the_deployment_names_is_the_only_one(ward, use):
    at = use(issuer="https://login.example")
    assert (await at.get(START, params=ward.launch())).status_code == 503


async def test_a_locked_account_stays_out(world, ward, use):
    at = use()
    await person(world, ward)
    await launched(at, ward)
    kept = world.service.sign_in.kept
    await kept.put(replace(await kept.find("ward:user-1"), active=False))
    answer = await launched(use(), ward)
    assert answer.status_code == 403
    assert "locked" in answer.text


async def test_a_role_that_is_not_known_here_stays_out(world, ward, use):
    at = use()
    await person(world, ward)
    ward.claims = {"role": "astronaut"}
    answer = await launched(at, ward)
    assert answer.status_code == 403
    assert "not known here" in answer.text


BAD_SETTINGS: dict[str, dict[str, Any]] = {
    "both proofs": {"private_key": {"kty": "EC"}},
    "no launch": {"scopes": ["openid"]},
    "userinfo": {"userinfo": True},
    "over http": {"iss": "http://ward.example/fhir"},
    "a frame with a path": {"frame_origins": ["https://ward.example/x"]},
    "a frame over http": {"frame_origins": ["http://ward.example"]},
    "a frame that is everybody": {"frame_origins": ["*"]},
    "cards for nobody": {"agency": None, "cds": {"issuer": "w", "jwks_uri": "https://w.example/k"}},
    "cards without keys": {"cds": {"issuer": "w"}},
    "cards for a person": {"cds": {"issuer": "w", "jwks_uri": "https://w.example/k", "role": "person"}},
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_a_setting_that_cannot_be_right_is_refused(ward, case):
    with pytest.raises(ValidationError):
        Ehr.model_validate(setting(ward, **BAD_SETTINGS[case]))


def test_two_record_systems_never_share_a_name(ward):
    one: dict[str, Any] = setting(ward)
    others: tuple[dict[str, Any], ...] = ({"name": "other"}, {"iss": "https://b.example"})
    for other in others:
        with pytest.raises(ValidationError, match="configured twice"):
            Settings(ehrs=(one, one | other))
    idp: dict[str, Any] = {
        "name": "ward",
        "title": "W",
        "issuer": "https://login.example",
        "client_id": "c",
        "client_secret": "s",
    }
    with pytest.raises(ValidationError, match="another issuer"):
        Settings(ehrs=(one,), providers=(idp,))
    assert Settings(ehrs=(one | {"issuer": "https://login.example"},), providers=(idp,)).ehrs[0].name == "ward"
