"""Need <-> Condition. Source: https://hl7.org/fhir/R4/condition.html; US Core condition category "health-concern"."""

from fhir_facade import systems
from fhir_facade.common import Tagged, code_in, coding_beside, concept, note, own, party, title, words
from fhir_facade.face import Face
from fhir_facade.lens import Code, Only

CATEGORY = f"{systems.HL7}/condition-category"
HEALTH_CONCERN = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
_CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
_VERIFICATION = ("unconfirmed", "provisional", "differential", "confirmed", "refuted")
_SEVERITY = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}

FACE = Face(
    kind="need",
    type="Condition",
    person="subject",
    base={"resourceType": "Condition", "category": [concept(HEALTH_CONCERN, "health-concern")]},
    fields=(
        ("need", title("code")),
        ("code", coding_beside("code")),
        (
            "category",
            Code(Tagged("category", CATEGORY), {"problem": "problem-list-item", "diagnosis": "encounter-diagnosis"}),
        ),
        ("status", code_in(f"{systems.HL7}/condition-clinical", {word: word for word in _CLINICAL}, "clinicalStatus")),
        (
            "certainty",
            code_in(
                f"{systems.HL7}/condition-ver-status",
                {word: word for word in _VERIFICATION} | {"entered_in_error": "entered-in-error"},
                "verificationStatus",
            ),
        ),
        ("severity", code_in(systems.SNOMED, _SEVERITY, "severity")),
        ("own_words", own("own-words", "valueString")),
        ("since", Only(words("onsetDateTime"), ("onsetAge", "onsetPeriod", "onsetRange", "onsetString"))),
        (
            "until",
            Only(words("abatementDateTime"), ("abatementAge", "abatementPeriod", "abatementRange", "abatementString")),
        ),
        ("raised_by", party("asserter")),
        ("identified_by", party("recorder")),
        ("identified", words("recordedDate")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
