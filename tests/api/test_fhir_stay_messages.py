"""A hospital's feed at the FHIR door, in both versions: the same events, the same stays, the same refusals."""

from typing import Any

import httpx
import pytest

from db import stay_events
from fhir_facade.stay_message import EVENT
from fhir_facade.validate import validate
from tests.fhir_facade.test_stay_message import HEADER, PATIENT, encounter, message
from tests.support.deeds import count
from tests.support.r4 import JSON
from tests.support.rest import begun, items
from tests.support.world import NHS, World

BASES = ["/fhir/R4", "/fhir/R5"]


@pytest.fixture
async def hospital(world: World) -> httpx.AsyncClient:
    world.at("2026-03-06T15:30:00Z")
    await world.agency("RX1")
    client = world.client("clinician", "RX1", "feed-of-RX1")
    await begun(world, client, nhs_number="9000000009")
    return client


def spoken(bundle: dict[str, Any], base: str) -> dict[str, Any]:
    """The message in the words of a version."""
    resources = [one["resource"] for one in bundle["entry"]]
    for one in resources:
        if one["resourceType"] == "MessageHeader":
            one["source"] = {"endpointUrl" if base.endswith("R5") else "endpoint": "https://rx1.example/feed"}
        elif one["resourceType"] == "Encounter" and base.endswith("R5"):
            one["class"] = [{"coding": [one["class"]]}]
            one["actualPeriod"] = one.pop("period")
    return bundle


async def sent(
    client: httpx.AsyncClient, base: str, bundle: dict[str, Any], *, wrapped: bool = False
) -> httpx.Response:
    said = spoken(bundle, base)
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "content", "resource": said}]}
    return await client.post(f"{base}/$process-message", json=parameters if wrapped else said, headers=JSON)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_message_is_an_event_of_a_stay_and_is_answered_by_one(world, hospital, base: str, wrapped: bool):
    answer = await sent(hospital, base, message("A01", PATIENT, encounter()), wrapped=wrapped)
    assert answer.status_code == 200, answer.text
    validate(answer.json(), "Bundle", "R5" if base.endswith("R5") else "R4")
    header = answer.json()["entry"][0]["resource"]
    assert header["response"]["code"] == "ok"
    (found,) = items(await hospital.get("/v1/stays"))
    assert header["focus"][0]["reference"] == f"Encounter/{found['stay']['id']}"
    assert (found["stay"]["ward"], found["stay"]["admitted"]) == ("Ward 4B", "2026-03-02T10:00:00Z")
    assert await stay_events.feeds(world.database, ["RX1"])


async def test_the_doors_know_each_other_s_events(world, hospital):
    await sent(hospital, BASES[0], message("A01", PATIENT, encounter()))
    again = await sent(hospital, BASES[1], message("A01", PATIENT, encounter()))
    assert again.status_code == 200
    event = {"id": HEADER, "type": "admit", "occurred_at": "2026-03-02T10:00:00Z", "stay": "V1", "ward": "Ward 4B"}
    (told,) = items(await hospital.post("/v1/stays/events", json=[{**event, "nhs_number": "9000000009"}]))
    assert told["outcome"] == "repeated"
    assert await count(world, "stay_event") == 1


async def test_a_heartbeat_is_heard(world, hospital):
    answer = await sent(hospital, BASES[0], message("heartbeat", system=EVENT))
    assert answer.status_code == 200
    assert await stay_events.feeds(world.database, ["RX1"]) == {"RX1": world.clock}


async def test_overlapping_stays_are_said_in_the_answer(hospital):
    await sent(hospital, BASES[0], message("A01", PATIENT, encounter()))
    other = encounter(identifier=[{"value": "V2"}])
    bundle = message("A01", PATIENT, other, id="0f6f0e3f-0000-4000-8000-00000000000a")
    bundle["entry"][0]["fullUrl"] = "urn:uuid:0f6f0e3f-0000-4000-8000-00000000000a"
    answer = await sent(hospital, BASES[0], bundle)
    assert "overlaps" in answer.json()["entry"][1]["resource"]["issue"][0]["details"]["text"]


@pytest.mark.parametrize(
    "bundle, status, where",
    [
        (message("A01", PATIENT, encounter(identifier=None)), 400, "Bundle.entry[2].resource.identifier"),
        (message("A99", PATIENT, encounter()), 400, "Bundle.entry[0].resource.event"),
        (message("A01", PATIENT, encounter(status="here")), 400, "Bundle.entry[2].resource.status"),
        (
            message("A01", PATIENT, encounter(period={"start": "2026-03-07T10:00:00Z"})),
            422,
            "Bundle.entry[0].resource.extension",
        ),
        (
            message("A02", PATIENT, encounter(serviceProvider={"reference": "Organization/RX2"})),
            400,
            "Bundle.entry[2].resource.serviceProvider",
        ),
    ],
)
async def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(world, hospital, bundle, status: int, where: str):
    answer = await hospital.post("/fhir/R4/$process-message", json=spoken(bundle, BASES[0]), headers=JSON)
    assert answer.status_code == status, answer.text
    assert answer.json()["issue"][0]["expression"] == [where]
    assert not await count(world, "stay_event")


async def test_a_person_whom_nobody_knows_or_may_see_is_not_there(world, hospital):
    stranger = world.client("clinician", "RX9")
    answer = await sent(stranger, BASES[0], message("A01", PATIENT, encounter()))
    unknown = {**PATIENT, "identifier": [{"system": NHS, "value": "4000000004"}]}
    other = await sent(stranger, BASES[0], message("A01", unknown, encounter()))
    assert answer.status_code == other.status_code == 404
    assert answer.json()["issue"] == other.json()["issue"]


@pytest.mark.parametrize(
    "parameters, status",
    [
        ([], 400),
        ([{"name": "async", "valueBoolean": True}], 400),
        ([{"name": "response-url", "valueUrl": "https://rx1.example"}], 400),
    ],
)
async def test_what_is_no_message_or_not_answered_at_once_is_refused(hospital, parameters, status: int):
    sent_ = {"resourceType": "Parameters", **({"parameter": parameters} if parameters else {})}
    answer = await hospital.post("/fhir/R4/$process-message", json=sent_, headers=JSON)
    assert answer.status_code == status, answer.text
