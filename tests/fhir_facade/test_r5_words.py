"""What R4 says and what R5 says for it, in both directions and without an extension, element by element."""

from typing import Any

import pytest

from fhir_facade.r5 import down, up

Json = Any
A, B = {"text": "a"}, {"text": "b"}
X, Y = {"reference": "Patient/1"}, {"reference": "Patient/2"}
NURSE = {"reference": "Practitioner/1"}
ABSENT = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unsupported"}]
}
ADA = {"telecom": [{"value": "1"}], "name": {"text": "Ada Test"}}
NO, NO_MORE = [{"type": "deny", "code": [A]}], [{"code": [A]}]
MORNING = {"daysOfWeek": ["mon"], "availableStartTime": "09:00:00"}
OUTCOME = "http://terminology.hl7.org/CodeSystem/audit-event-outcome"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
RESOURCE = {"system": "http://hl7.org/fhir/resource-types", "code": "Goal"}


def people(**named: Json) -> list[Json]:
    return [
        {"function": {"coding": [{"system": PARTICIPANT, "code": code}]}, "actor": actor}
        for code, actor in named.items()
    ]


ALIKE: list[tuple[str, Json, Json]] = [
    ("Appointment", {"cancelationReason": A}, {"cancellationReason": A}),
    ("Appointment", {"comment": "a"}, {"note": [A]}),
    ("Appointment", {"patientInstruction": "a"}, {"patientInstruction": [{"concept": A}]}),
    ("Appointment", {"participant": [{"required": "required"}]}, {"participant": [{"required": True}]}),
    ("AllergyIntolerance", {"recorder": X, "asserter": Y}, {"participant": people(enterer=X, informant=Y)}),
    (
        "AuditEvent",
        {"outcome": "4", "outcomeDesc": "a"},
        {"outcome": {"code": {"system": OUTCOME, "code": "4"}, "detail": [A]}},
    ),
    ("AuditEvent", {"source": {"site": "a", "observer": X}}, {"source": {"site": {"display": "a"}, "observer": X}}),
    (
        "BodyStructure",
        {"location": A, "locationQualifier": [B]},
        {"includedStructure": [{"structure": A, "qualifier": [B]}]},
    ),
    ("CarePlan", {"author": X, "addresses": [Y]}, {"custodian": X, "addresses": [{"reference": Y}]}),
    (
        "CarePlan",
        {"activity": [{"reference": X, "outcomeCodeableConcept": [A], "outcomeReference": [Y]}]},
        {"activity": [{"plannedActivityReference": X, "performedActivity": [{"concept": A}, {"reference": Y}]}]},
    ),
    (
        "CareTeam",
        {"participant": [{"role": [A], "period": {"start": "2026"}}]},
        {"participant": [{"role": A, "coveragePeriod": {"start": "2026"}}]},
    ),
    ("CareTeam", {"reasonCode": [A], "reasonReference": [X]}, {"reason": [{"concept": A}, {"reference": X}]}),
    ("Communication", {"payload": [{"contentString": "a"}]}, {"payload": [{"contentCodeableConcept": A}]}),
    (
        "Composition",
        {"relatesTo": [{"code": "replaces", "targetReference": X}]},
        {"relatesTo": [{"type": "replaces", "resourceReference": X}]},
    ),
    ("Condition", {"evidence": [{"code": [A]}, {"detail": [X]}]}, {"evidence": [{"concept": A}, {"reference": X}]}),
    (
        "Consent",
        {"patient": X, "dateTime": "2026-03-31", "performer": [Y]},
        {"subject": X, "date": "2026-03-31", "grantor": [Y]},
    ),
    ("Consent", {"policy": [{"uri": "urn:a"}]}, {"policyBasis": {"url": "urn:a"}}),
    (
        "Consent",
        {"provision": {"type": "permit", "purpose": [A]}},
        {"decision": "deny", "provision": [{"purpose": [A]}]},
    ),
    ("Consent", {"provision": {"type": "deny"}}, {"decision": "deny"}),
    (
        "Consent",
        {"provision": {"type": "deny", "code": [A], "provision": [{"type": "permit", "code": [B], "provision": NO}]}},
        {"decision": "permit", "provision": [{"code": [A], "provision": [{"code": [B], "provision": NO_MORE}]}]},
    ),
    (
        "Consent",
        {
            "provision": {
                "type": "deny",
                "provision": [{"type": "permit", "purpose": [A]}, {"type": "permit", "purpose": [B]}],
            }
        },
        {"decision": "deny", "provision": [{"purpose": [A]}, {"purpose": [B]}]},
    ),
    (
        "Consent",
        {"provision": {"type": "permit", "class": [A, RESOURCE]}},
        {"decision": "deny", "provision": [{"documentType": [A], "resourceType": [RESOURCE]}]},
    ),
    ("Coverage", {"payor": [X], "subscriberId": "1"}, {"paymentBy": [{"party": X}], "subscriberId": [{"value": "1"}]}),
    ("Device", {"distinctIdentifier": "1"}, {"biologicalSourceEvent": {"value": "1"}}),
    ("Device", {"property": [{"valueQuantity": [{"unit": "a"}]}]}, {"property": [{"valueQuantity": {"unit": "a"}}]}),
    ("Device", {"property": [{"valueCode": [A]}]}, {"property": [{"valueCodeableConcept": A}]}),
    ("DeviceRequest", {"performerType": A, "performer": X}, {"performer": {"concept": A, "reference": X}}),
    ("DeviceRequest", {"codeReference": X}, {"code": {"reference": X}}),
    (
        "DocumentReference",
        {"context": {"encounter": [X], "event": [A], "facilityType": B}},
        {"context": [X], "event": [{"concept": A}], "facilityType": B},
    ),
    (
        "Encounter",
        {"class": A, "period": {"start": "2026"}},
        {"class": [{"coding": [A]}], "actualPeriod": {"start": "2026"}},
    ),
    ("Encounter", {"participant": [{"individual": NURSE}]}, {"participant": [{"actor": NURSE}]}),
    (
        "Encounter",
        {"hospitalization": {"origin": X, "dietPreference": [A]}},
        {"admission": {"origin": X}, "dietPreference": [A]},
    ),
    ("Encounter", {"reasonCode": [A]}, {"reason": [{"value": [{"concept": A}]}]}),
    ("Encounter", {"status": "finished"}, {"status": "completed"}),
    ("Endpoint", {"payloadType": [A], "payloadMimeType": ["a/b"]}, {"payload": [{"type": [A], "mimeType": ["a/b"]}]}),
    ("Goal", {"expressedBy": X, "outcomeCode": [A]}, {"source": X, "outcome": [{"concept": A}]}),
    ("Immunization", {"protocolApplied": [{"doseNumberPositiveInt": 2}]}, {"protocolApplied": [{"doseNumber": "2"}]}),
    ("Immunization", {"protocolApplied": [{"doseNumberString": "b"}]}, {"protocolApplied": [{"doseNumber": "b"}]}),
    (
        "Location",
        {"physicalType": A, "telecom": [{"value": "1"}]},
        {"form": A, "contact": [{"telecom": [{"value": "1"}]}]},
    ),
    (
        "Location",
        {"hoursOfOperation": [{"openingTime": "09:00:00"}]},
        {"hoursOfOperation": [{"availableTime": [{"availableStartTime": "09:00:00"}]}]},
    ),
    ("MedicationAdministration", {"effectiveDateTime": "2026"}, {"occurenceDateTime": "2026"}),
    ("MedicationRequest", {"medicationReference": X}, {"medication": {"reference": X}}),
    ("MedicationRequest", {"medicationCodeableConcept": A}, {"medication": {"concept": A}}),
    (
        "MedicationRequest",
        {"dosageInstruction": [{"asNeededBoolean": True}]},
        {"dosageInstruction": [{"asNeeded": True}]},
    ),
    (
        "NutritionOrder",
        {"oralDiet": {"schedule": [{"event": ["2026"]}]}},
        {"oralDiet": {"schedule": {"timing": [{"event": ["2026"]}]}}},
    ),
    ("Observation", {"valueSampledData": {"period": 10}}, {"valueSampledData": {"interval": 10, "intervalUnit": "ms"}}),
    (
        "Organization",
        {"telecom": [{"value": "1"}], "address": [{"city": "a"}], "contact": [ADA]},
        {"contact": [{"telecom": [{"value": "1"}]}, {"address": {"city": "a"}}, {**ADA, "name": [ADA["name"]]}]},
    ),
    ("Patient", {"photo": [{"size": 5}]}, {"photo": [{"size": "5"}]}),
    ("Practitioner", {"communication": [A]}, {"communication": [{"language": A}]}),
    (
        "PractitionerRole",
        {"availableTime": [MORNING], "notAvailable": [{"description": "a"}]},
        {"availability": [{"availableTime": [MORNING], "notAvailableTime": [{"description": "a"}]}]},
    ),
    (
        "Procedure",
        {"performedString": "a", "complicationDetail": [X]},
        {"occurrenceString": "a", "complication": [{"reference": X}]},
    ),
    ("Provenance", {"reason": [A]}, {"authorization": [{"concept": A}]}),
    (
        "ServiceRequest",
        {"code": A, "supportingInfo": [X]},
        {"code": {"concept": A}, "supportingInfo": [{"reference": X}]},
    ),
    ("ServiceRequest", {"patientInstruction": "a"}, {"patientInstruction": [{"instructionMarkdown": "a"}]}),
    (
        "ServiceRequest",
        {"orderDetail": [A]},
        {"orderDetail": [{"parameter": [{"code": ABSENT, "valueCodeableConcept": A}]}]},
    ),
    ("Substance", {"instance": [{"expiry": "2026"}]}, {"instance": True, "expiry": "2026"}),
    ("SupplyRequest", {"itemCodeableConcept": A}, {"item": {"concept": A}}),
    (
        "Task",
        {"performerType": [A], "reasonCode": B},
        {"requestedPerformer": [{"concept": A}], "reason": [{"concept": B}]},
    ),
]


def held(resource: Json, other: Json) -> Json:
    """The members that are asked about; what stands for want of a required element is not."""
    return {name: value for name, value in resource.items() if name in other or name == "extension"}


@pytest.mark.parametrize("type_, old, new", ALIKE, ids=lambda each: each if isinstance(each, str) else "")
def test_one_thing_in_the_words_of_both(type_, old, new):
    assert held(up({"resourceType": type_, **old}), new) == new
    assert held(down({"resourceType": type_, **new}), old) == old


LOSING = [
    ("R4", {"resourceType": "Endpoint", "status": "test"}),
    ("R4", {"resourceType": "Encounter", "status": "arrived"}),
    ("R4", {"resourceType": "Consent", "provision": {"type": "permit", "provision": [{"type": "permit"}]}}),
    ("R4", {"resourceType": "Consent", "provision": {"period": {"start": "2026"}}}),
    ("R4", {"resourceType": "BodyStructure", "locationQualifier": [A]}),
    ("R4", {"resourceType": "Device", "property": [{"valueCode": [A, B]}]}),
    ("R4", {"resourceType": "AuditEvent", "outcomeDesc": "a"}),
    ("R4", {"resourceType": "Composition", "relatesTo": [{"code": "signs", "targetIdentifier": {"value": "1"}}]}),
    (
        "R4",
        {
            "resourceType": "PractitionerRole",
            "notAvailable": [{"modifierExtension": [{"url": "urn:a", "valueCode": "b"}]}],
        },
    ),
    ("R4", {"resourceType": "Task", "focus": {"reference": "Media/1"}}),
    ("R4", {"resourceType": "MedicationStatement", "status": "not-taken"}),
    ("R4", {"resourceType": "CareTeam", "participant": [{"role": [A, B]}]}),
    ("R5", {"resourceType": "Goal", "outcome": [{"reference": X}, {"concept": A}, {"reference": Y, "concept": B}]}),
    ("R5", {"resourceType": "AuditEvent", "outcome": {"code": {"system": "urn:a", "code": "fatal"}}}),
    ("R5", {"resourceType": "Encounter", "reason": [{"use": [A], "value": [{"concept": A}, {"reference": X}]}]}),
    (
        "R5",
        {"resourceType": "Consent", "decision": "permit", "period": {"start": "2026"}, "provision": [{"purpose": [A]}]},
    ),
    ("R5", {"resourceType": "Consent", "provision": [{"purpose": [A]}]}),
    ("R5", {"resourceType": "Patient", "photo": [{"size": "9223372036854775807", "pages": 3}]}),
    ("R5", {"resourceType": "Patient", "extension": [{"url": "urn:a", "valueInteger64": "5"}]}),
    (
        "R5",
        {
            "resourceType": "Organization",
            "contact": [{"organization": X}, {"telecom": [{"value": "1"}], "period": {"start": "2026"}}],
        },
    ),
    (
        "R5",
        {"resourceType": "PractitionerRole", "availability": [{"notAvailableTime": [{"during": {"start": "2026"}}]}]},
    ),
    ("R5", {"resourceType": "Location", "hoursOfOperation": [{"notAvailableTime": [{"description": "a"}]}]}),
    (
        "R5",
        {
            "resourceType": "ServiceRequest",
            "orderDetail": [{"parameterFocus": {"concept": A}, "parameter": [{"code": A, "valueString": "a"}]}],
        },
    ),
    (
        "R5",
        {"resourceType": "Composition", "relatesTo": [{"type": "cites", "resourceReference": X}, {"type": "signs"}]},
    ),
    (
        "R5",
        {"resourceType": "BodyStructure", "includedStructure": [{"laterality": A, "structure": B}, {"structure": A}]},
    ),
    ("R5", {"resourceType": "Observation", "valueSampledData": {"interval": 10, "intervalUnit": "s"}}),
    ("R5", {"resourceType": "Appointment", "patientInstruction": [{"reference": X}]}),
    ("R5", {"resourceType": "Condition", "evidence": [{"concept": A, "reference": X}]}),
    ("R5", {"resourceType": "Condition", "participant": [{"actor": X}, *people(enterer=X), *people(enterer=Y)]}),
    ("R5", {"resourceType": "NutritionOrder", "oralDiet": {"schedule": {"asNeeded": True}}}),
    ("R5", {"resourceType": "Claim", "item": [{"bodySite": [{"site": [{"reference": X}]}]}]}),
    ("R5", {"resourceType": "Device", "name": [{"value": "a", "type": "registered-name", "display": True}]}),
    ("R5", {"resourceType": "Consent", "policyBasis": {"reference": X}}),
    ("R5", {"resourceType": "Substance", "instance": True}),
]


@pytest.mark.parametrize("version, resource", LOSING, ids=lambda each: each if isinstance(each, str) else "")
def test_what_the_other_version_cannot_say_comes_back_as_it_was(version, resource):
    there, back = (up, down) if version == "R4" else (down, up)
    made = there(resource)
    other = "4.0" if version == "R4" else "5.0"
    assert f"http://hl7.org/fhir/{other}/StructureDefinition/extension-" in str(made)
    assert held(back(made), resource) == resource


def test_a_provision_that_r5_would_read_as_something_else_is_not_shown_as_a_decision():
    nested = {"type": "permit", "provision": [{"type": "permit", "purpose": [A]}]}
    made = up({"resourceType": "Consent", "provision": nested})
    assert not {"decision", "provision"} & made.keys()


def test_what_a_version_requires_and_the_other_has_not_is_said_to_be_absent():
    assert down({"resourceType": "Encounter", "status": "planned"})["class"] == ABSENT
    unknown = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "unknown"}]}
    condition = {"resourceType": "Condition", "subject": X}
    assert up(condition) == {**condition, "clinicalStatus": unknown}
    assert down(up(condition)) == condition
