"""CDS Hooks: a record system asks whether a plan needs somebody, and is told how much, and nothing of what."""

import json
from typing import Any
from uuid import uuid4

import pytest

from auth.sign_in.cds_clients import CdsClients
from auth.sign_in.ehrs import Ehr
from tests.auth.foreign_issuer import b64, compact, ec_key, public_jwk, rsa_key, signer
from tests.support.feedback import BREATHLESS, PRACTICE, SWOLLEN, Rest
from tests.support.larch import ADA_NHS, larch
from tests.support.world import NHS, World

URL = "/cds-services/oneplan-patient-view"
ADDRESS = f"http://127.0.0.1{URL}"
BORN, PATIENT = "1941-05-12", "surgery-7"
KEYS = {"keys": [public_jwk(ec_key("surgery", "P-384"), "k1"), public_jwk(rsa_key("surgery"), "k2", alg="RS384")]}
SETTING: dict[str, Any] = {
    "name": "surgery",
    "title": "Surgery System",
    "iss": "https://ehr.surgery.example/fhir",
    "client_id": "oneplan",
    "agency": "P10001",
    "cds": {"issuer": "https://cds.surgery.example", "jwks": KEYS},
}


def configure(world: World, **more: Any) -> None:
    """The record system of the surgery."""
    world.service.sign_in.cds_clients = CdsClients([Ehr.model_validate({**SETTING, **more})])


@pytest.fixture
async def place(world):
    made = await larch(world)
    configure(world)
    return made


def token(world: World, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A good token, but for what is asked to be otherwise; a claim of None is left out."""
    now = world.clock // 1000
    usual = {"iss": "https://cds.surgery.example", "aud": ADDRESS, "iat": now, "exp": now + 300, "jti": uuid4().hex}
    said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    head = {"alg": "ES384", "typ": "JWT", "kid": "k1", **(header or {})}
    key = rsa_key("surgery") if head["alg"].startswith("RS") else ec_key(said.pop("by", "surgery"), "P-384")
    return compact(head, said, signer(key, head["alg"]))


def patient(**more: Any) -> dict[str, Any]:
    identifier = [{"system": NHS, "value": more.pop("nhs_number", ADA_NHS)}]
    return {"resourceType": "Patient", "id": PATIENT, "identifier": identifier, "birthDate": BORN, **more}


def asking(**more: Any) -> dict[str, Any]:
    """A good request, but for what is asked to be otherwise; what is None is left out."""
    said = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://ehr.surgery.example/fhir/",
        "fhirAuthorization": {"access_token": "not-looked-at", "token_type": "Bearer"},
        "context": {"userId": "Practitioner/p1", "patientId": PATIENT},
        "prefetch": {"patient": patient()},
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


async def ask(world: World, body: Any = None, bearer: str | None = None, raw: bytes | None = None):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer or token(world)}"}
    content = raw if raw is not None else json.dumps(asking() if body is None else body).encode()
    return await world.anonymous().post(URL, content=content, headers=headers)


async def concern(place, urgency: str = "urgent") -> None:
    """Home care tells the surgery something."""
    door = Rest(place)
    answer = await door.send("HC1", urgency=urgency, concern=SWOLLEN, to=PRACTICE)
    assert answer.status_code == 201, answer.text
    await place.turn()


async def events(world: World) -> list[tuple[Any, ...]]:
    sql = """select subject, agency, role, client, action, type, person_id, allowed, question from audit_event
        where door = 'cds' order by at, id"""
    return [tuple(row) for row in await world.database.rows(sql)]


async def test_what_there_is_is_told_to_everybody(world):
    answer = await world.anonymous().get("/cds-services")
    assert answer.status_code == 200
    [service] = answer.json()["services"]
    assert (service["hook"], service["id"]) == ("patient-view", "oneplan-patient-view")
    assert service["prefetch"] == {"patient": "Patient/{{context.patientId}}"}
    assert await events(world) == []


async def test_a_concern_that_nobody_has_taken_on_is_counted_and_not_told(world, place):
    await concern(place)
    answer = await ask(world)
    assert answer.status_code == 200, answer.text
    [card] = answer.json()["cards"]
    assert card["summary"] == "1 unacknowledged social-care concern"
    assert card["indicator"] == "warning"
    assert card["detail"] == "By severity: 1 high."
    assert card["links"] == [{"label": "Open the care plan", "url": "http://127.0.0.1/care/launch", "type": "smart"}]
    for word in (BREATHLESS, "Swollen", "Ada", place.ada, ADA_NHS, "HC1"):
        assert word not in answer.text


async def test_each_question_leaves_its_event(world, place):
    await concern(place)
    await ask(world)
    found = await events(world)
    who = {event[:4] for event in found}
    assert who == {("client:cds-surgery", "P10001", "clinician", "oneplan")}
    assert any(event[6] == place.ada and event[7] for event in found)


async def test_what_overdue_is_is_more_severe(world, place):
    await concern(place)
    place.world.later(days=3)
    answer = await ask(world)
    assert answer.json()["cards"][0]["indicator"] == "critical"


async def no_card(world, **more):
    answer = await ask(world, asking(**more))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"cards": []}


NOBODY: dict[str, dict[str, Any]] = {
    "the number is right and the date wrong": {"birthDate": "1941-05-13"},
    "the date is right and the number another's": {"nhs_number": "9434765919"},
    "no number": {"identifier": []},
    "a number that is none": {"nhs_number": "1"},
    "two numbers": {"identifier": [{"system": NHS, "value": one} for one in (ADA_NHS, "9434765919")]},
    "a year alone": {"birthDate": "1941"},
    "identifiers that are no objects": {"identifier": ["9434765919", None, 7]},
}


@pytest.mark.parametrize("case", NOBODY)
async def test_who_is_not_certainly_the_same_person_has_no_card(world, place, case):
    await concern(place)
    await no_card(world, prefetch={"patient": patient(**NOBODY[case])})


async def test_a_plan_that_needs_nobody_has_no_card(world, place):
    await no_card(world)


async def test_who_has_nothing_to_do_with_the_plan_is_told_the_same(world, place):
    await concern(place)
    configure(world, agency="RX9")
    await no_card(world)
    [first, *_] = await events(world)
    assert first[6] == ""


async def test_both_kinds_of_keys_are_believed(world, place):
    for header in ({}, {"alg": "RS384", "kid": "k2"}, {"jku": "https://elsewhere.example/keys"}):
        assert (await ask(world, bearer=token(world, header))).status_code == 200
    assert (await ask(world, bearer=token(world, aud=["x", ADDRESS]))).status_code == 200


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "an issuer that is no text": {"iss": ["https://cds.surgery.example"]},
    "for another address": {"aud": "http://127.0.0.1/cds-services"},
    "for nobody": {"aud": None},
    "no id": {"jti": None},
    "an id that is no text": {"jti": 7},
    "an endless id": {"jti": "x" * 256},
    "no end": {"exp": None},
    "an end that is true": {"exp": True},
    "no beginning": {"iat": None},
    "good for a day": {"exp": 86_400 + 2_000_000_000},
    "from the future": {"iat": 2_000_000_000},
    "signed by another": {"by": "stranger"},
}


@pytest.mark.parametrize("case", BAD_CLAIMS)
async def test_a_token_that_is_not_good_gets_no_answer(world, place, case):
    await concern(place)
    answer = await ask(world, bearer=token(world, **BAD_CLAIMS[case]))
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "bad_token"


HEADERS: dict[str, dict[str, Any]] = {
    "no algorithm": {"alg": "none"},
    "a weaker one": {"alg": "ES256"},
    "another key": {"kid": "k9"},
    "a key of its own": {"jwk": {}},
    "critical": {"crit": ["x"]},
}


@pytest.mark.parametrize("case", HEADERS)
async def test_a_header_that_is_not_as_it_must_be_gets_no_answer(world, place, case):
    said = HEADERS[case]
    good = token(world)
    head = b64(json.dumps({"alg": "ES384", "typ": "JWT", "kid": "k1", **said}).encode())
    answer = await ask(world, bearer=".".join((head, *good.split(".")[1:])))
    assert answer.status_code == 401


async def test_without_a_token_there_is_no_answer(world, place):
    answer = await world.anonymous().post(URL, json=asking())
    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")


async def test_an_old_token_is_too_old(world, place):
    old = token(world)
    world.later(minutes=7)
    answer = await ask(world, bearer=old)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_token_is_good_once(world, place):
    one = token(world)
    assert (await ask(world, bearer=one)).status_code == 200
    answer = await ask(world, bearer=one)
    assert answer.status_code == 401
    assert "used before" in answer.text


BAD_BODIES: dict[str, tuple[int, dict[str, Any]]] = {
    "no hook": (400, {"hook": None}),
    "another hook": (400, {"hook": "order-select"}),
    "no instance": (400, {"hookInstance": None}),
    "an instance that is no text": (400, {"hookInstance": 7}),
    "another server": (400, {"fhirServer": "https://elsewhere.example/fhir"}),
    "a server that is no text": (400, {"fhirServer": 7}),
    "no context": (400, {"context": None}),
    "a context that is a list": (400, {"context": []}),
    "no patient": (400, {"context": {"userId": "Practitioner/1"}}),
    "a patient that is no id": (400, {"context": {"patientId": "../x"}}),
    "no prefetch": (412, {"prefetch": None}),
    "prefetch that is a list": (412, {"prefetch": []}),
    "prefetch that could not be had": (412, {"prefetch": {"patient": None}}),
    "no Patient": (400, {"prefetch": {"patient": {"resourceType": "Person", "id": PATIENT}}}),
    "another Patient": (400, {"prefetch": {"patient": {"resourceType": "Patient", "id": "somebody-else"}}}),
}


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_what_is_wrong_with_a_request_is_told(world, place, case):
    status, more = BAD_BODIES[case]
    answer = await ask(world, asking(**more))
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"]


RAW = {b"": 400, b"[]": 400, b"null": 400, b"{": 400, b"\xff": 400, b"[" * 5000: 400, b" " * 300_000: 413}


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: repr(raw[:4]))
async def test_what_is_no_request_is_told(world, place, raw):
    assert (await ask(world, raw=raw)).status_code == RAW[raw]


async def test_other_methods_and_addresses_are_none(world, place):
    at = world.anonymous()
    assert (await at.get(URL)).status_code == 405
    assert (await at.post("/cds-services")).status_code == 405
    assert (await at.post("/cds-services/other", json={})).status_code == 404
    assert (await at.get("/cds-services/")).status_code == 404
