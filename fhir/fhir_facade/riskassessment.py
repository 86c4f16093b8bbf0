"""Risk <-> RiskAssessment. Source: https://hl7.org/fhir/R4/riskassessment.html; HL7 risk-probability code system."""

from fhir_facade import systems
from fhir_facade.common import code_in, coding_beside, note, own, party, refs, span, title, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Only

_STATUS = {word: word for word in ("final", "amended", "corrected", "cancelled")} | {
    "draft": "preliminary",
    "entered_in_error": "entered-in-error",
}
_LIKELIHOOD = {word: word for word in ("negligible", "low", "moderate", "high", "certain")}
_TO_WHOM = {
    word.replace("-", "_"): word for word in ("self", "others", "from-others", "accident", "infection", "other")
}

FACE = Face(
    kind="risk",
    type="RiskAssessment",
    person="subject",
    base={"resourceType": "RiskAssessment"},
    fields=(
        ("risk", First("prediction", title("outcome"))),
        ("code", First("prediction", coding_beside("outcome"))),
        ("to_whom", Code(own("risk-to-whom", "valueCode"), _TO_WHOM)),
        (
            "likelihood",
            First("prediction", code_in(f"{systems.HL7}/risk-probability", _LIKELIHOOD, "qualitativeRisk")),
        ),
        ("status", Code(At("status"), _STATUS, {"registered": "draft"})),
        ("mitigation", words("mitigation")),
        ("period", First("prediction", Only(span("whenPeriod"), ("whenRange",)))),
        ("assessed_by", party("performer")),
        ("assessed", Only(words("occurrenceDateTime"), ("occurrencePeriod",))),
        ("evidence", refs("basis")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
