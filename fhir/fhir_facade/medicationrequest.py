"""Prescription <-> MedicationRequest. Source: https://hl7.org/fhir/R4/medicationrequest.html."""

from fhir_facade.common import note, own, party, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Resource
from fhir_facade.medication import taken

_STATUS = {word: word for word in ("draft", "active", "completed", "stopped", "cancelled", "unknown")} | {
    "on_hold": "on-hold",
    "entered_in_error": "entered-in-error",
}


def is_prescription(resource: Resource) -> bool:
    """Not a request that a medicine not be given: shown as a prescription, that would read as its opposite."""
    return resource.get("doNotPerform") is not True


FACE = Face(
    kind="prescription",
    type="MedicationRequest",
    person="subject",
    base={"resourceType": "MedicationRequest", "intent": "order"},
    mine=is_prescription,
    fields=(
        *taken("dosageInstruction"),
        ("status", Code(At("status"), _STATUS)),
        ("prescribed", words("authoredOn")),
        ("prescribed_by", party("requester")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
