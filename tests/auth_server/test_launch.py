"""EHR launch: the plan that is open there goes along, to the same user, once."""

from dataclasses import replace

import pytest

from auth.server.parties import Decision
from plan.model import AgencyId, EntryId, PersonId, Subject
from plan.problem import Problem, Trouble
from tests.support.r4 import JSON
from tests.support.smart import NURSE, App, answered

SCOPE = "launch openid fhirUser user/*.cruds patient/*.rs"


class Ehr:
    """A record system with a plan open, and the user who has it open."""

    def __init__(self, world, http, person, app):
        self.world, self.http, self.person, self.app = world, http, person, app

    async def launches(self, http=None, **said: object):
        return await (http or self.http).post("/auth/launch", json={"patient": self.person, **said})

    async def handle(self, **said):
        answer = await self.launches(**said)
        assert answer.status_code == 201, answer.text
        return answer.json()["launch"]


@pytest.fixture
async def ehr(world):
    await world.agency("RX1")
    await world.agency("LA1")
    http = world.client(subject="nurse-1")
    return Ehr(world, http, await world.person(http), await App.of(world, SCOPE))


async def encounter(ehr, person=None):
    body = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{person or ehr.person}"},
    }
    answer = await ehr.http.post("/fhir/R4/Encounter", json=body, headers=JSON)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_inferno_smart_the_open_plan_goes_along(ehr):
    stay = await encounter(ehr)
    handle = await ehr.handle(encounter=stay, need_patient_banner=False)
    id_ = await ehr.app.waits(launch=handle)
    pending = await ehr.world.service.requests.pending(id_)
    assert (pending.patient, pending.encounter) == (ehr.person, stay)
    granted = await ehr.world.service.requests.grant(id_, NURSE, Decision(scopes=pending.scopes))
    said = (await ehr.app.exchanges(answered(granted)["code"])).json()
    assert (said["patient"], said["encounter"], said["need_patient_banner"]) == (ehr.person, stay, False)
    assert said["smart_style_url"] == "http://127.0.0.1/auth/style.json"


async def test_a_launch_is_good_once_and_for_five_minutes(ehr):
    handle = await ehr.handle()
    await ehr.app.waits(launch=handle)
    assert answered((await ehr.app.asks(launch=handle)).headers["location"])["error"] == "invalid_request"
    handle = await ehr.handle()
    ehr.world.later(minutes=5, seconds=1)
    assert answered((await ehr.app.asks(launch=handle)).headers["location"])["error"] == "invalid_request"


async def test_a_bad_request_leaves_the_launch_good(ehr):
    handle = await ehr.handle()
    assert answered((await ehr.app.asks(launch=handle, aud="x")).headers["location"])["error"] == "invalid_request"
    plain = answered((await ehr.app.asks(launch=handle, scope="openid")).headers["location"])
    assert plain["error"] == "invalid_request"
    assert await ehr.app.waits(launch=handle)


@pytest.mark.parametrize("other", [{"subject": Subject("nurse-2")}, {"agency": AgencyId("LA1")}])
async def test_another_user_cannot_take_a_launch_over(ehr, other):
    id_ = await ehr.app.waits(launch=await ehr.handle())
    with pytest.raises(Problem) as raised:
        await ehr.world.service.requests.grant(id_, replace(NURSE, **other), Decision(scopes=("openid",)))
    assert raised.value.trouble is Trouble.REFUSED
    assert await ehr.world.service.requests.pending(id_)


async def test_the_context_of_a_launch_cannot_be_changed(ehr):
    id_ = await ehr.app.waits(launch=await ehr.handle())
    for decision in (
        Decision(scopes=("launch",), patient=PersonId("another")),
        Decision(scopes=("launch",), encounter=EntryId("another")),
    ):
        with pytest.raises(Problem) as raised:
            await ehr.world.service.requests.grant(id_, NURSE, decision)
        assert raised.value.trouble is Trouble.BAD_VALUE


async def test_only_a_plan_that_the_caller_may_see_is_launched_on(ehr):
    stranger = ehr.world.client("clinician", "LA1")
    hidden, absent = await ehr.launches(stranger), await ehr.launches(stranger, patient="absent")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()
    assert (await ehr.launches(ehr.world.anonymous())).status_code == 401
    other = await ehr.world.person(ehr.http)
    stay = await encounter(ehr, other)
    assert (await ehr.launches(encounter=stay)).status_code == 404
    assert (await ehr.launches(encounter="absent")).status_code == 404


BAD: list[dict[str, object]] = [
    {"patient": None},
    {"patient": ""},
    {"patient": 7},
    {"patient": "a/b"},
    {"encounter": []},
    {"need_patient_banner": "no"},
]


async def test_a_launch_that_says_nonsense_is_refused(ehr):
    for said in BAD:
        answer = await ehr.launches(**said)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), said


async def test_a_launch_is_a_json_object(ehr):
    for body, status in ((b"[]", 400), (b"{", 400), (b"", 400), (b"{" + b" " * 70_000 + b"}", 413)):
        answer = await ehr.http.post("/auth/launch", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status
    assert (await ehr.http.post("/auth/launch", data={"patient": "x"})).status_code == 415


async def test_an_app_may_ask_for_a_launch_without_one_and_gets_none(ehr):
    pending = await ehr.world.service.requests.pending(await ehr.app.waits())
    assert "launch" not in pending.scopes


async def test_an_encounter_is_told_when_it_was_granted(ehr):
    app = await App.of(ehr.world, "launch/patient launch/encounter patient/*.rs")
    said = await app.tokens(patient="p-1", encounter="e-1")
    assert (said["patient"], said["encounter"]) == ("p-1", "e-1")
    said = await app.tokens(patient="p-1", encounter="e-1", scopes="launch/patient")
    assert "encounter" not in said


async def test_a_token_for_one_patient_opens_that_plan_and_no_other(ehr):
    other = await ehr.world.person(ehr.http)
    app = await App.of(ehr.world, "launch/patient patient/*.rs")
    token = (await app.tokens(patient=ehr.person))["access_token"]
    assert await app.calls(token, f"/fhir/R4/Patient/{ehr.person}") == 200
    assert await app.calls(token, f"/fhir/R4/Patient/{other}") == 404
    assert await app.calls((await app.tokens(patient=other))["access_token"], f"/fhir/R4/Patient/{other}") == 200
