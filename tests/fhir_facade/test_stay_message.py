"""A FHIR message of a hospital's feed, read as an event: codes, moments, people, and places of what is wrong."""

from typing import Any

import pytest

from fhir_facade import exact
from fhir_facade.stay_message import EVENT, answered, event, place
from fhir_facade.systems import own_extension
from plan.problem import Problem
from plan.stay_events import DISCHARGE_METHOD, StayEvent

V2 = "http://terminology.hl7.org/CodeSystem/v2-0003"
DA_VINCI = "http://hl7.org/fhir/us/davinci-alerts/CodeSystem/notification-event"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
HEADER = "0f6f0e3f-0000-4000-8000-000000000001"
METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"


def encounter(**more: Any) -> dict[str, Any]:
    made = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "identifier": [{"system": "urn:rx1:spell", "value": "V1"}],
        "subject": {"reference": "urn:uuid:0f6f0e3f-0000-4000-8000-000000000002"},
        "period": {"start": "2026-03-02T10:00:00Z", "end": "2026-03-06T14:10:00Z"},
        "location": [{"status": "active", "location": {"display": "Ward 4B"}}],
    }
    return {name: value for name, value in {**made, **more}.items() if value is not None}


PATIENT = {"resourceType": "Patient", "id": "77", "identifier": [{"system": NHS, "value": "900 000 0009"}]}


def message(code: str, *resources: dict[str, Any], system: str = V2, **header: Any) -> dict[str, Any]:
    head = {"resourceType": "MessageHeader", "id": HEADER, "eventCoding": {"system": system, "code": code}, **header}
    entries = [{"fullUrl": f"urn:uuid:{HEADER}", "resource": {k: v for k, v in head.items() if v is not None}}]
    for n, one in enumerate(resources):
        entries.append({"fullUrl": f"urn:uuid:0f6f0e3f-0000-4000-8000-00000000000{n + 2}", "resource": one})
    return {"resourceType": "Bundle", "type": "message", "timestamp": "2026-03-06T15:00:00Z", "entry": entries}


def by_method(code: str) -> list[dict[str, Any]]:
    concept = {"coding": [{"system": DISCHARGE_METHOD, "code": code}]}
    return [{"url": METHOD, "valueCodeableConcept": concept}]


@pytest.mark.parametrize(
    "system, code, type_, when",
    [
        (V2, "A01", "admit", "2026-03-02T10:00:00Z"),
        (V2, "A02", "transfer", "2026-03-06T15:00:00Z"),
        (V2, "A03", "discharge", "2026-03-06T14:10:00Z"),
        (V2, "A11", "cancel_admission", "2026-03-06T15:00:00Z"),
        (V2, "A13", "cancel_discharge", "2026-03-06T15:00:00Z"),
        (V2, "A25", "cancel_discharge", "2026-03-06T15:00:00Z"),
        (DA_VINCI, "notification-admit", "admit", "2026-03-02T10:00:00Z"),
        (DA_VINCI, "notification-discharge", "discharge", "2026-03-06T14:10:00Z"),
        (EVENT, "died", "died", "2026-03-06T14:10:00Z"),
    ],
)
def test_every_code_is_an_event_and_has_its_moment(system: str, code: str, type_: str, when: str):
    told = event(message(code, PATIENT, encounter(), system=system))
    assert (told["id"], told["type"], told["occurred_at"]) == (HEADER, type_, when)
    assert (told["nhs_number"], told["stay"]) == ("9000000009", "V1")
    StayEvent.model_validate(told)


@pytest.mark.parametrize(
    "code, type_", [("1", "discharge"), ("2", "self_discharge"), ("4", "died"), ("6", "self_discharge")]
)
def test_a_discharge_by_its_method_is_a_death_or_somebody_s_own_leaving(code: str, type_: str):
    told = event(message("A03", PATIENT, encounter(extension=by_method(code))))
    assert told["type"] == type_
    assert told["discharge_method"]["code"] == code
    StayEvent.model_validate(told)


def test_a_planned_discharge_is_our_extension_or_what_r5_says():
    ours = [{"url": own_extension("planned-discharge"), "valueDateTime": "2026-03-07T14:00:00Z"}]
    later = [{"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate"}]
    later[0]["valueDateTime"] = "2026-03-08"
    for extension, planned in (
        (ours, "2026-03-07T14:00:00Z"),
        (later, "2026-03-08"),
        (ours + later, ours[0]["valueDateTime"]),
    ):
        told = event(message("A16", PATIENT, encounter(extension=extension)))
        assert told["planned_discharge"] == planned
        assert "ward" not in told, "a plan says nothing of where somebody lies"


def test_the_header_may_say_when_it_happened():
    said = [{"url": own_extension("event-occurred"), "valueDateTime": "2026-03-05T08:00:00Z"}]
    assert event(message("A01", PATIENT, encounter(), extension=said))["occurred_at"] == "2026-03-05T08:00:00Z"
    day = encounter(period={"start": "2026-03-02"})
    assert event(message("A01", PATIENT, day))["occurred_at"] == "2026-03-06T15:00:00Z", "a day is no moment"


def test_a_message_without_an_id_is_named_by_its_address():
    assert event(message("A01", PATIENT, encounter(), id=None))["id"] == HEADER
    bare = message("A01", PATIENT, encounter(), id=None)
    del bare["entry"][0]["fullUrl"]
    assert "id" not in event(bare)


@pytest.mark.parametrize(
    "subject, who",
    [
        ({"reference": "Patient/p1"}, {"person": "p1"}),
        ({"reference": "Patient/77"}, {"nhs_number": "9000000009"}),
        ({"identifier": {"system": NHS, "value": "9000000009"}}, {"nhs_number": "9000000009"}),
        ({"reference": "urn:uuid:0f6f0e3f-0000-4000-8000-000000000009"}, {}),
        ({"identifier": {"system": "urn:other", "value": "9000000009"}}, {}),
        (None, {}),
    ],
)
def test_who_it_is_about_is_a_number_or_a_patient_of_ours(subject: Any, who: dict[str, str]):
    told = event(message("A02", PATIENT, encounter(subject=subject)))
    assert {name: told[name] for name in ("person", "nhs_number") if name in told} == who


@pytest.mark.parametrize(
    "provider, told", [("Organization/RX2", "RX2"), ("https://rx1.example/Organization/1", None), ("Patient/1", None)]
)
def test_the_hospital_is_said_by_an_organization_of_ours(provider: str, told: str | None):
    assert event(message("A02", encounter(serviceProvider={"reference": provider}))).get("hospital") == told


def test_a_heartbeat_needs_no_stay():
    assert event(message("heartbeat", system=EVENT)) == {
        "id": HEADER,
        "type": "heartbeat",
        "occurred_at": "2026-03-06T15:00:00Z",
    }


@pytest.mark.parametrize(
    "bundle, where",
    [
        ({**message("A01"), "type": "collection"}, ("Bundle", "type")),
        ({"resourceType": "Bundle", "type": "message"}, ("Bundle", "type")),
        ({**message("A01"), "entry": [{"resource": PATIENT}]}, ("Bundle", "type")),
        (message("A99"), ("Bundle", "entry", 0, "resource", "event")),
        (message("A01", eventCoding=None), ("Bundle", "entry", 0, "resource", "event")),
        (message("A01", PATIENT), ("Bundle", "entry")),
    ],
)
def test_what_is_no_event_of_a_stay_is_refused_at_its_place(bundle: dict[str, Any], where: tuple[str | int, ...]):
    with pytest.raises(Problem) as refused:
        event(bundle)
    assert refused.value.faults[0].where == where


def test_what_is_wrong_is_said_where_it_stands_in_the_message():
    bundle = message("A01", PATIENT, encounter())
    assert place(("stay",), bundle) == ("Bundle", "entry", 2, "resource", "identifier")
    assert place(("id",), bundle) == ("Bundle", "entry", 0, "resource", "id")
    assert place((), bundle) == ("Bundle", "entry", 2, "resource")
    assert place(("stay",), message("A01")) == ("Bundle", "entry", 0, "resource", "identifier")


def test_the_answer_names_the_message_the_stay_and_what_is_doubtful():
    bundle = message("A01", PATIENT, encounter())
    told = {"stay": "s1", "warnings": ["It overlaps another."]}
    made = exact.stored(answered(bundle, ("i1", "i2"), "2026-03-06T15:00:01Z", "http://us", told))
    header, outcome = (one["resource"] for one in made["entry"])
    assert header["response"] == {"identifier": HEADER, "code": "ok", "details": {"reference": "urn:uuid:i1"}}
    assert header["focus"] == [{"reference": "Encounter/s1"}]
    assert outcome["issue"][0]["details"]["text"] == "It overlaps another."
    plain = exact.stored(answered(message("A01", id=None), ("i1", "i2"), "2026-03-06T15:00:01Z", "http://us", {}))
    assert plain["entry"][0]["resource"]["response"] == {"identifier": HEADER, "code": "ok"}
    assert len(plain["entry"]) == 1
