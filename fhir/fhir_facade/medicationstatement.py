"""Medicine <-> MedicationStatement. Source: https://hl7.org/fhir/R4/medicationstatement.html."""

from fhir_facade.common import note, own, party, span
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Only
from fhir_facade.medication import taken

_STATUS = {word: word for word in ("active", "intended", "completed", "stopped", "unknown")} | {
    "on_hold": "on-hold",
    "not_taken": "not-taken",
    "entered_in_error": "entered-in-error",
}

FACE = Face(
    kind="medicine",
    type="MedicationStatement",
    person="subject",
    base={"resourceType": "MedicationStatement"},
    fields=(
        *taken("dosage"),
        ("status", Code(At("status"), _STATUS)),
        ("period", Only(span("effectivePeriod"), ("effectiveDateTime",))),
        ("source", party("informationSource")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
