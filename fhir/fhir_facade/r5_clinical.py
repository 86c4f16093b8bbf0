"""Findings, results and treatment: elements of R4 that have another name or form in R5, by type."""

from collections.abc import Mapping

from fhir_facade.r5_care import ITEM, REASON
from fhir_facade.r5_shapes import (
    CODING,
    CODING_REFERENCE,
    CONCEPT,
    NUMBER,
    REFERENCE,
    SAME,
    VALUE,
    Entry,
    Kind,
    Members,
    Move,
    Rule,
    Turn,
    coded,
    joined,
    merged,
    participants,
)

Rules = tuple[Entry, ...]

_PEOPLE = participants(
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
    {"recorder": "enterer", "asserter": "informant"},
)


def _evidence_up(members: Members) -> Members:
    made = [
        {inner: each}
        for held in members.get("evidence", ())
        for name, inner in (("code", "concept"), ("detail", "reference"))
        for each in held.get(name, ())
    ]
    return {"evidence": made} if made else {}


def _evidence_down(members: Members) -> Members:
    named = (("code", "concept"), ("detail", "reference"))
    made = [{name: [each[inner]] for name, inner in named if inner in each} for each in members.get("evidence", ())]
    return {"evidence": [each for each in made if each]} if any(made) else {}


def _structure_up(members: Members) -> Members:
    if "location" not in members:
        return {}
    held = {"structure": members["location"]}
    if "locationQualifier" in members:
        held["qualifier"] = members["locationQualifier"]
    return {"includedStructure": [held]}


def _structure_down(members: Members) -> Members:
    held = members.get("includedStructure", [{}])[0]
    named = {"structure": "location", "qualifier": "locationQualifier"}
    return {named[name]: value for name, value in held.items() if name in named}


def _numbered(stem: str) -> Rule:
    """A dose is numbered by a number or by words, in R5 by words only."""
    number, words = f"{stem}PositiveInt", f"{stem}String"

    def up(members: Members) -> Members:
        if words in members or f"_{words}" in members:
            return {name.replace(words, stem): value for name, value in members.items()}
        pair = NUMBER.up((members.get(number), members.get(f"_{number}")))
        return {name: value for name, value in zip((stem, f"_{stem}"), pair, strict=True) if value is not None}

    def down(members: Members) -> Members:
        pair = (members.get(stem), members.get(f"_{stem}"))
        counted = NUMBER.down(pair) if pair[0] is not None else None
        name, made = (words, pair) if counted is None else (number, counted)
        return {said: value for said, value in zip((name, f"_{name}"), made, strict=True) if value is not None}

    return Rule((number, words), (stem,), up, down)


_NUMBERED = (_numbered("doseNumber"), _numbered("seriesDoses"))


def _instance_up(members: Members) -> Members:
    held = members["instance"][0]
    return {"instance": True, **{name: held[name] for name in ("expiry", "_expiry", "quantity") if name in held}}


def _instance_down(members: Members) -> Members:
    held = {name: members[name] for name in ("expiry", "_expiry", "quantity") if name in members}
    return {"instance": [held]} if held and members.get("instance") is True else {}


def _lasting(stem_old: str, stem_new: str, *forms: str) -> Rules:
    """A choice that has another name."""
    return tuple(Move(stem_old + form, stem_new + form, SAME) for form in forms)


def _scheduled_up(members: Members) -> Members:
    return {"schedule": {"timing": members["schedule"]}}


def _scheduled_down(members: Members) -> Members:
    timing = members["schedule"].get("timing")
    return {"schedule": timing} if timing else {}


_SCHEDULED = Rule(("schedule",), ("schedule",), _scheduled_up, _scheduled_down)


def _property_up(members: Members) -> Members:
    if "valueQuantity" in members:
        return {"valueQuantity": members["valueQuantity"][0]}
    return {"valueCodeableConcept": members["valueCode"][0]}


def _property_down(members: Members) -> Members:
    named = {"valueQuantity": "valueQuantity", "valueCodeableConcept": "valueCode"}
    return {named[name]: [value] for name, value in members.items()}


_PROPERTY: tuple[Turn, Turn] = (_property_up, _property_down)
_NAMES = ("user-friendly-name", "patient-reported-name")


def _name_up(item: Members) -> Members | None:
    if item.get("type") not in _NAMES:
        return None
    return {{"name": "value", "_name": "_value"}.get(name, name): value for name, value in item.items()}


def _name_down(item: Members) -> Members | None:
    if item.get("type") not in _NAMES:
        return None
    named = {"value": "name", "_value": "_name"}
    return {named.get(name, name): value for name, value in item.items() if name not in ("display", "_display")}


def _conforms_up(item: Members) -> Members:
    return {{"systemType": "specification"}.get(name, name): value for name, value in item.items()}


def _conforms_down(item: Members) -> Members:
    named = {"specification": "systemType"}
    return {named.get(name, name): value for name, value in item.items() if name != "category"}


CLINICAL: Mapping[str, Rules] = {
    "AdverseEvent": (
        Move("event", "code", SAME),
        Move("date", "occurrenceDateTime", SAME),
        Move("resultingCondition", "resultingEffect", SAME),
    ),
    "AdverseEvent.suspectEntity": (Move("instance", "instanceReference", SAME),),
    "AdverseEvent.suspectEntity.causality": (
        Move("method", "assessmentMethod", SAME),
        Move("assessment", "entityRelatedness", SAME),
    ),
    "AllergyIntolerance": (Move("type", "type", coded("http://hl7.org/fhir/allergy-intolerance-type")), _PEOPLE),
    "AllergyIntolerance.reaction": (Move("manifestation", "manifestation", CONCEPT),),
    "BodyStructure": (Rule(("location", "locationQualifier"), ("includedStructure",), _structure_up, _structure_down),),
    "ClinicalImpression": (Move("assessor", "performer", SAME),),
    "ClinicalImpression.finding": (joined("itemCodeableConcept", "itemReference", "item"),),
    "Condition": (_PEOPLE, Rule(("evidence",), ("evidence",), _evidence_up, _evidence_down)),
    "DetectedIssue": (Move("patient", "subject", SAME),),
    "Device": (
        Move("definition", "definition", REFERENCE),
        Move("distinctIdentifier", "biologicalSourceEvent", VALUE),
        Move("deviceName", "name", Kind(_name_up, _name_down)),
        Move("specialization", "conformsTo", Kind(_conforms_up, _conforms_down)),
    ),
    "Device.property": (Rule(("valueQuantity", "valueCode"), ("valueQuantity", "valueCodeableConcept"), *_PROPERTY),),
    "DiagnosticReport": (Move("imagingStudy", "study", SAME),),
    "FamilyMemberHistory": (REASON,),
    "ImagingStudy": (
        Move("modality", "modality", CODING),
        merged("procedureCode", "procedureReference", "procedure", "*1*"),
        REASON,
    ),
    "ImagingStudy.series": (
        Move("modality", "modality", CODING),
        Move("bodySite", "bodySite", CODING_REFERENCE),
        Move("laterality", "laterality", CODING),
    ),
    "Immunization": (
        Move("reportOrigin", "informationSource", CONCEPT),
        Move("manufacturer", "manufacturer", REFERENCE),
        REASON,
    ),
    "Immunization.protocolApplied": _NUMBERED,
    "Immunization.reaction": (Move("detail", "manifestation", REFERENCE),),
    "ImmunizationEvaluation": _NUMBERED,
    "ImmunizationRecommendation.recommendation": _NUMBERED,
    "MeasureReport.group": (Move("measureScore", "measureScoreQuantity", SAME),),
    "MeasureReport.group.stratifier.stratum": (
        Move("value", "valueCodeableConcept", SAME),
        Move("measureScore", "measureScoreQuantity", SAME),
    ),
    "MeasureReport.group.stratifier.stratum.component": (Move("value", "valueCodeableConcept", SAME),),
    "Medication": (Move("manufacturer", "marketingAuthorizationHolder", SAME), Move("form", "doseForm", SAME)),
    "Medication.ingredient": (ITEM, Move("strength", "strengthRatio", SAME)),
    "MolecularSequence": (Move("patient", "subject", SAME), Move("observedSeq", "literal", SAME)),
    "NutritionOrder.oralDiet": (_SCHEDULED,),
    "Procedure": (
        *_lasting("performed", "occurrence", "DateTime", "Period", "String", "Age", "Range"),
        REASON,
        merged("complication", "complicationDetail", "complication"),
        merged("usedCode", "usedReference", "used"),
    ),
    "ResearchSubject": (Move("individual", "subject", SAME),),
    "RiskAssessment": (REASON,),
    "Specimen.collection": (Move("bodySite", "bodySite", CONCEPT),),
    "Specimen.processing": (Move("procedure", "method", SAME),),
    "Substance": (
        Move("code", "code", CONCEPT),
        Rule(("instance",), ("instance", "expiry", "quantity"), _instance_up, _instance_down),
    ),
}
