"""What is planned and done for a person: elements of R4 that have another name or form in R5, by type."""

from collections.abc import Mapping

from fhir_facade.r5_shapes import (
    CODING,
    CONCEPT,
    INSTRUCTION,
    REFERENCE,
    SAME,
    TEXT,
    TIMING,
    Entry,
    Kind,
    Members,
    Move,
    OneOf,
    Rule,
    coded,
    either,
    joined,
    lifted,
    merged,
)
from fhir_facade.r5_values import ABSENT

Rules = tuple[Entry, ...]

ATTESTATION = "http://hl7.org/fhir/composition-attestation-mode"
REASON = merged("reasonCode", "reasonReference", "reason")
MEDICATION = either("medicationCodeableConcept", "medicationReference", "medication")
ITEM = either("itemCodeableConcept", "itemReference", "item")


def _required_up(pair: tuple[str | None, object]) -> object:
    return ({"required": True, "optional": False}.get(pair[0] or ""), pair[1])


def _required_down(pair: tuple[bool | None, object]) -> object:
    return (None if pair[0] is None else "required" if pair[0] else "optional", pair[1])


def _instruction_down(item: Members) -> object:
    concept = item.get("concept", {})
    pair = (concept.get("text"), concept.get("_text"))
    return None if pair == (None, None) else pair


def _reasons_up(members: Members) -> Members:
    made = [{"value": [each]} for each in REASON.up(members).get("reason", ())]
    return {"reason": made} if made else {}


def _reasons_down(members: Members) -> Members:
    return REASON.down({"reason": [each for held in members.get("reason", ()) for each in held.get("value", ())]})


def _wish_up(members: Members) -> Members:
    """When it is wanted: R5 restricts only what fulfils a request (tsk-1), and has an element for any Task."""
    period = members["restriction"].get("period")
    return {"requestedPeriod": period} if period else {}


def _wish_down(members: Members) -> Members:
    asked = {"period": members["requestedPeriod"]} if "requestedPeriod" in members else {}
    return {"restriction": {**asked, **members.get("restriction", {})}}


WISH = Rule(("restriction",), ("restriction", "requestedPeriod"), _wish_up, _wish_down)


def _ordered(parameter: Members) -> Members | None:
    found = [each["valueCodeableConcept"] for each in parameter.get("parameter", ()) if "valueCodeableConcept" in each]
    return found[0] if found else None


_INSTRUCTED = Kind(lambda pair: {"concept": TEXT.up(pair)}, _instruction_down)
_ORDER_DETAIL = Kind(lambda item: {"parameter": [{"code": ABSENT, "valueCodeableConcept": item}]}, _ordered)
_OFFICIAL = {"coding": [{"system": ATTESTATION, "code": "official"}]}
_ATTESTED = Kind(lambda item: {"mode": _OFFICIAL, "party": item}, lambda item: item.get("party"))
_FORMAT = Kind(lambda item: {"valueCoding": item}, lambda item: item.get("valueCoding"))
_ACTOR = Kind(lambda item: {"actorReference": item}, lambda item: item.get("actorReference"))
_PAYLOAD: Rules = (Move("contentString", "contentCodeableConcept", TEXT),)

_RELATED = {
    "replaces": "replaces",
    "transforms": "transforms",
    "signs": "signs",
    "appends": "appends",
}


def _related_up(item: Members) -> Members | None:
    if item.keys() != {"code", "targetReference"}:
        return None
    return {"type": _RELATED[item["code"]], "resourceReference": item["targetReference"]}


def _related_down(item: Members) -> Members | None:
    code = next((old for old, new in _RELATED.items() if new == item.get("type")), None)
    if code is None or "resourceReference" not in item:
        return None
    return {"code": code, "targetReference": item["resourceReference"]}


CARE: Mapping[str, Rules] = {
    "Appointment": (
        Move("cancelationReason", "cancellationReason", SAME),
        Move("serviceType", "serviceType", CONCEPT),
        REASON,
        Move("comment", "note", TEXT),
        Move("patientInstruction", "patientInstruction", _INSTRUCTED),
    ),
    "Appointment.participant": (Move("required", "required", Kind(_required_up, _required_down)),),
    "CarePlan": (Move("author", "custodian", SAME), Move("addresses", "addresses", REFERENCE)),
    "CarePlan.activity": (
        merged("outcomeCodeableConcept", "outcomeReference", "performedActivity"),
        Move("reference", "plannedActivityReference", SAME),
    ),
    "CareTeam": (REASON,),
    "CareTeam.participant": (Move("period", "coveragePeriod", SAME),),
    "Communication": (REASON,),
    "Communication.payload": _PAYLOAD,
    "CommunicationRequest": (Move("sender", "informationProvider", SAME), REASON),
    "CommunicationRequest.payload": _PAYLOAD,
    "Composition": (Move("relatesTo", "relatesTo", Kind(_related_up, _related_down)),),
    "Composition.attester": (Move("mode", "mode", coded(ATTESTATION)),),
    "Composition.event": (merged("code", "detail", "detail"),),
    "DeviceRequest": (
        Move("priorRequest", "replaces", SAME),
        either("codeCodeableConcept", "codeReference", "code"),
        joined("performerType", "performer", "performer"),
        REASON,
    ),
    "DeviceUseStatement": (
        Move("subject", "patient", SAME),
        Move("recordedOn", "dateAsserted", SAME),
        Move("source", "informationSource", SAME),
        Move("device", "device", REFERENCE),
        REASON,
        Move("bodySite", "bodySite", CONCEPT),
    ),
    "DocumentReference": (
        Move("authenticator", "attester", _ATTESTED),
        lifted(
            "context",
            "",
            {
                "encounter": ("context", SAME),
                "event": ("event", CONCEPT),
                "period": ("period", SAME),
                "facilityType": ("facilityType", SAME),
                "practiceSetting": ("practiceSetting", SAME),
            },
        ),
    ),
    "DocumentReference.content": (Move("format", "profile", _FORMAT),),
    "DocumentReference.relatesTo": (Move("code", "code", coded("http://hl7.org/fhir/document-relationship-type")),),
    "Encounter": (
        Move("class", "class", CODING),
        Move("serviceType", "serviceType", CONCEPT),
        Move("period", "actualPeriod", SAME),
        Rule(REASON.old, REASON.new, _reasons_up, _reasons_down),
        lifted(
            "hospitalization",
            "admission",
            {name: (name, SAME) for name in ("dietPreference", "specialCourtesy", "specialArrangement")},
        ),
    ),
    "Encounter.diagnosis": (Move("condition", "condition", REFERENCE),),
    "Encounter.location": (Move("physicalType", "form", SAME),),
    "Encounter.participant": (Move("individual", "actor", SAME),),
    "EpisodeOfCare": (Move("team", "careTeam", SAME),),
    "EpisodeOfCare.diagnosis": (Move("condition", "condition", REFERENCE), Move("role", "use", SAME)),
    "Goal": (Move("expressedBy", "source", SAME), merged("outcomeCode", "outcomeReference", "outcome")),
    "MedicationAdministration": (
        MEDICATION,
        Move("context", "encounter", SAME),
        Move("effectiveDateTime", "occurenceDateTime", SAME),
        Move("effectivePeriod", "occurencePeriod", SAME),
        REASON,
        Move("device", "device", REFERENCE),
    ),
    "MedicationAdministration.performer": (Move("actor", "actor", REFERENCE),),
    "MedicationDispense": (
        MEDICATION,
        either("statusReasonCodeableConcept", "statusReasonReference", "notPerformedReason"),
        Move("context", "encounter", SAME),
    ),
    "MedicationRequest": (
        MEDICATION,
        REASON,
        OneOf((Move("reportedReference", "informationSource", SAME), Move("reportedBoolean", "reported", SAME))),
    ),
    "MedicationRequest.dispenseRequest": (Move("performer", "dispenser", SAME),),
    "MedicationStatement": (MEDICATION, REASON, Move("context", "encounter", SAME)),
    "NutritionOrder": (Move("patient", "subject", SAME),),
    "NutritionOrder.enteralFormula": (
        Move("baseFormulaType", "baseFormulaType", CONCEPT),
        Move("routeofAdministration", "routeOfAdministration", SAME),
    ),
    "NutritionOrder.enteralFormula.administration": (Move("schedule", "schedule", TIMING),),
    "NutritionOrder.supplement": (Move("type", "type", CONCEPT),),
    "RequestGroup": (REASON,),
    "RequestGroup.action": (Move("participant", "participant", _ACTOR),),
    "RequestGroup.action.relatedAction": (Move("actionId", "targetId", SAME),),
    "ServiceRequest": (
        Move("code", "code", CONCEPT),
        Move("orderDetail", "orderDetail", _ORDER_DETAIL),
        merged("locationCode", "locationReference", "location"),
        REASON,
        Move("supportingInfo", "supportingInfo", REFERENCE),
        Move("patientInstruction", "patientInstruction", INSTRUCTION),
    ),
    "SupplyRequest": (ITEM, REASON),
    "Task": (
        Move("statusReason", "statusReason", CONCEPT),
        Move("performerType", "requestedPerformer", CONCEPT),
        merged("reasonCode", "reasonReference", "reason", "11*"),
        WISH,
    ),
}
