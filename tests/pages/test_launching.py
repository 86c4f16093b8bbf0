"""A record system opens the pages on a patient: who gets in, whom they see, and where it may be shown."""

import re
from html import unescape
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from auth.sign_in.smart import Launches
from plan.model import Role
from tests.support.ehr import PATIENT, TOKEN
from tests.support.launching import FRAMED, ORIGIN, START, launched, launches_of, person
from tests.support.sign_in import account, browser


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


async def test_a_session_that_lives_need_not_be_launched_again(world, ward, use):
    at = use()
    await person(world, ward)
    await launched(at, ward)
    assert (await at.get("/care/launch/over")).headers["location"] == "/care"
    nobody = await browser(world).get("/care/launch/over")
    assert "Open Oneplan again from the record in the record system" in nobody.text


KEPT = {"the same person": True, "somebody else": False}


@pytest.mark.parametrize("case", KEPT)
async def test_what_was_typed_is_offered_when_the_same_record_is_opened_again(world, ward, use, case):
    at, ada = use(), await person(world, ward)
    await launched(at, ward)
    path = f"/care/people/{ada}/messages/new"
    typed = fields((await at.get(path)).text) | {"text": "Ankles swollen again."}
    world.later(minutes=31)
    ward.claims = {"iat": world.clock // 1000, "exp": world.clock // 1000 + 300}
    answer = await at.client.post(path, data=typed, headers={"Accept": "text/html"})
    assert answer.headers["location"] == "/care/launch/over"
    whose = ada if KEPT[case] else await person(world, ward)
    answer = await launched(at, ward)
    assert answer.headers["location"] == ("/care/again" if KEPT[case] else f"/care/people/{whose}")
    assert ("Ankles swollen again." in (await at.get("/care/again")).text) is KEPT[case]


def fields(page):
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([a-z-]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


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
