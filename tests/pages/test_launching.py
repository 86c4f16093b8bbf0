"""A record system opens the pages on a patient: who gets in, whom they see, and all that shows nothing of anybody."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from api.settings import Settings
from auth.sign_in.ehrs import Ehr
from auth.sign_in.smart import Launches
from plan.model import Role
from tests.support import ehr as ehrs
from tests.support.ehr import PATIENT, TOKEN, setting
from tests.support.oidc import NOW
from tests.support.sign_in import account, browser

START, BORN = "/care/launch", "1941-03-14"
SECRET_NAME = "Quillfeather"
ORIGIN = "https://ward.example"


@pytest.fixture
def ward():
    with ehrs.ehr() as made:
        yield made


@pytest.fixture
async def use(world, ward):
    """Configure the record system, in place of none; what it was is closed at the end."""
    world.at("2027-01-15T08:00:00Z")
    assert world.clock == NOW * 1000
    made = []

    def take(base="http://127.0.0.1", **more):
        launches = Launches([Ehr.model_validate(setting(ward, **more))], lambda: world.clock)
        world.service.sign_in.launches = launches
        made.append(launches)
        return browser(world, base)

    yield take
    for launches in made[:-1]:
        await launches.close()


async def person(world, ward, **more):
    """Somebody whose plan is open to RX1, and whose record is open there."""
    number = world.nhs_number()
    made = await world.person(world.visit(), number, family=SECRET_NAME, birthDate=BORN)
    ward.opens(**{"nhs_number": number, "born": BORN, **more})
    return made


async def there(at, ward, **params):
    """Off to the record system, which sends the browser back: the address it comes back to."""
    answer = await at.get(START, params={**ward.launch(), **params})
    assert answer.status_code == 303, answer.text
    async with httpx.AsyncClient() as elsewhere:
        back = await elsewhere.get(answer.headers["location"])
    return back.headers["location"]


async def launched(at, ward):
    return await at.get(await there(at, ward))


async def launches_of(world):
    sql = "select subject, target, person_id, allowed, question from audit_event where type = 'launch' order by at, id"
    return [tuple(row) for row in await world.database.rows(sql)]


async def test_a_launch_opens_the_plan_of_whose_record_is_open(world, ward, use):
    at, ada = use(), await person(world, ward)
    answer = await launched(at, ward)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/care/people/{ada}")
    assert (await at.get(f"/care/people/{ada}/looked")).status_code == 403, "a clinician reads no log"
    login = await world.service.sign_in.kept.find("ward:user-1")
    who = login.account
    assert (who.subject, who.agency, who.role, who.name) == ("ward:user-1", "RX1", Role.CLINICIAN, "Sister Away")
    assert who.fhir_user == "Practitioner/p-1"
    assert await launches_of(world) == [("ward:user-1", "ward", ada, True, "")]


async def test_what_is_asked_of_the_record_system(ward, use, world):
    at = use()
    await person(world, ward)
    answer = await at.get(START, params=ward.launch())
    asked = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert asked["aud"] == ward.iss
    assert asked["launch"] == "handle-1"
    assert asked["redirect_uri"] == "http://127.0.0.1/care/launch/back"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == ["launch", "openid", "fhirUser", "profile", "patient/Patient.r"]
    again = parse_qs(urlsplit((await at.get(START, params=ward.launch())).headers["location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert [asked[name]] != again[name]


async def test_the_token_reads_the_one_patient_and_is_kept_nowhere(world, ward, use):
    at = use()
    await person(world, ward)
    await launched(at, ward)
    read = [path for path, _, proof in ward.asked if TOKEN in proof]
    assert read == [f"/fhir/Patient/{PATIENT}"]
    assert TOKEN not in str(dict(at.client.cookies))
    tables = ("sign_in_session", "auth_ticket", "auth_token", "auth_grant")
    for table in tables:
        assert TOKEN not in str([tuple(row) for row in await world.database.rows(f"select * from {table}")])


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
    for word in (SECRET_NAME, ada, number, BORN, "1941"):
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
    assert SECRET_NAME not in answer.text


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


async def test_what_a_launch_opened_shows_that_person_alone(world, ward, use):
    at, ada = use(), await person(world, ward)
    other = await world.person(world.visit(), world.nhs_number(), family="Otherwise")
    await launched(at, ward)
    for path in (f"/care/people/{other}/looked", "/care/list"):
        answer = await at.get(path)
        assert answer.status_code in (403, 404)
        assert "Otherwise" not in answer.text
    assert "was opened from Ward System for one person" in (await at.get(f"/care/people/{other}/looked")).text
    assert (await at.get("/care")).headers["location"] == f"/care/people/{ada}"


INTENTS = {"review": "/review", "messages": "/messages", "order-cake": "", "": "", "../../auth/you": ""}


@pytest.mark.parametrize("intent", INTENTS)
async def test_what_the_user_is_there_for_leads_to_its_page(world, ward, use, intent):
    at, ada = use(), await person(world, ward)
    ward.context = {"intent": intent}
    answer = await launched(at, ward)
    assert answer.headers["location"] == f"/care/people/{ada}{INTENTS[intent]}"


FRAMED = {"frame_origins": [ORIGIN, "https://other.example:8443"]}


async def test_only_what_a_record_system_launched_may_stand_in_its_frame(world, ward, use):
    at, ada = use(**FRAMED), await person(world, ward)
    await launched(at, ward)
    answer = await at.get(f"/care/people/{ada}/looked")
    assert f"frame-ancestors {ORIGIN} https://other.example:8443" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    await account(world)
    own = browser(world)
    await own.sign_in("nurse1")
    for path in (f"/care/people/{ada}/looked", "/auth/you", "/care/launch/over"):
        answer = await own.get(path)
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    for path in ("/auth/you", "/auth/sign-in", "/v1/people"):
        answer = await at.get(path)
        assert answer.headers["x-frame-options"] == "DENY", "in a launched session too"


async def test_a_record_system_without_frames_is_framed_by_nobody(world, ward, use):
    at, ada = use(), await person(world, ward)
    await launched(at, ward)
    assert (await at.get(f"/care/people/{ada}/looked")).headers["x-frame-options"] == "DENY"


def cookies(answer):
    return {line.split("=", 1)[0]: line for line in answer.headers.get_list("set-cookie")}


async def test_cookies_cross_sites_only_for_who_is_framed_over_https(world, ward, use):
    at = use("https://oneplan.example", **FRAMED)
    await person(world, ward)
    first = cookies(await at.get(START, params=ward.launch()))
    assert list(first) == ["__Host-oneplan-launch"]
    last = cookies(await launched(at, ward))
    for line in (first["__Host-oneplan-launch"], last["__Host-oneplan-launched"]):
        assert re.search(r"HttpOnly; Path=/; SameSite=none; Secure; Partitioned$", line), line
    at = use("https://oneplan.example")
    line = cookies(await launched(at, ward))["__Host-oneplan-launched"]
    assert "SameSite=lax" in line
    assert "Partitioned" not in line


async def test_signing_out_of_a_frame_stays_in_it(world, ward, use):
    at, ada = use(**FRAMED), await person(world, ward)
    await launched(at, ward)
    await at.get(f"/care/people/{ada}/looked")
    await at.get("/auth/you")
    answer = await at.post("/care/launch/leave")
    assert answer.status_code == 200
    assert "You have signed out" in answer.text
    assert ORIGIN in answer.headers["content-security-policy"]
    assert (await at.get(f"/care/people/{ada}/looked")).headers["location"].startswith("/auth/sign-in")


async def test_a_session_that_ended_has_to_be_launched_again(world, ward, use):
    at, ada = use(**FRAMED), await person(world, ward)
    await launched(at, ward)
    world.later(minutes=31)
    answer = await at.get(f"/care/people/{ada}/looked")
    assert answer.headers["location"] == "/care/launch/over"
    answer = await at.follow()
    assert "Open Oneplan again from the record in Ward System" in answer.text
    assert ORIGIN in answer.headers["content-security-policy"]


async def test_a_record_system_that_is_no_longer_listed_ends_what_it_opened(world, ward, use):
    at, ada = use(), await person(world, ward)
    await launched(at, ward)
    world.service.sign_in.launches = Launches((), lambda: world.clock)
    assert (await at.get(f"/care/people/{ada}/looked")).headers["location"].startswith("/auth/sign-in")


async def test_signing_in_by_oneself_ends_what_was_launched(world, ward, use):
    at = use()
    await person(world, ward)
    await launched(at, ward)
    await account(world)
    await at.client.post("/auth/sign-out")
    own = at.cookie("oneplan-launched")
    await at.get("/auth/you")
    await at.post("/auth/sign-out")
    await at.sign_in("nurse1")
    assert "Nurse Test" in (await at.get("/auth/you")).text
    assert own
    assert not at.cookie("oneplan-launched")


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
