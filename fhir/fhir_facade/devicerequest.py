"""Equipment <-> DeviceRequest. Source: https://hl7.org/fhir/R4/devicerequest.html.

DeviceRequest.status knows "active" and "completed" where it matters whether the bed has been delivered, installed or
tested, so the finer stage is an extension. It counts only while it agrees with the status: an EHR that completes or
revokes the request is believed.
"""

from dataclasses import dataclass
from typing import Any

from fhir_facade.common import PHRASE, coding_beside, note, own, party, refs, title, words
from fhir_facade.face import Face
from fhir_facade.lens import First, Only, Resource

_STATUS = {
    "requested": "active",
    "ordered": "active",
    "delivered": "completed",
    "installed": "completed",
    "tested": "completed",
    "returned": "completed",
    "on_hold": "on-hold",
    "cancelled": "revoked",
    "entered_in_error": "entered-in-error",
}
_PLAIN = {
    "draft": "requested",
    "active": "requested",
    "completed": "delivered",
    "on-hold": "on_hold",
    "revoked": "cancelled",
    "entered-in-error": "entered_in_error",
}
"""What a status means when no stage says more: a completed request promises delivery, not that anybody tested it."""
_STAGE = own("equipment-stage", "valueCode")


@dataclass(frozen=True, slots=True)
class Stage:
    """How far the item has come: `status`, and the finer stage where the status is too coarse."""

    def view(self, resource: Resource) -> Any:
        status, stage = words("status").view(resource), _STAGE.view(resource)
        finer = isinstance(stage, str) and status is not None and _STATUS.get(stage) == status
        return stage if finer else _PLAIN.get(status)

    def put(self, resource: Resource, value: Any) -> None:
        status = _STATUS.get(value)
        words("status").put(resource, status)
        _STAGE.put(resource, None if status is None or _PLAIN[status] == value else value)


FACE = Face(
    kind="equipment",
    type="DeviceRequest",
    person="subject",
    base={"resourceType": "DeviceRequest", "intent": "plan"},
    fields=(
        ("item", Only(title("codeCodeableConcept"), ("codeReference",))),
        ("code", coding_beside("codeCodeableConcept")),
        ("status", Stage()),
        ("reason", First("reasonCode", PHRASE)),
        ("needed_by", Only(words("occurrenceDateTime"), ("occurrencePeriod", "occurrenceTiming"))),
        ("supplier", party("performer")),
        ("asked_by", party("requester")),
        ("serial", own("serial-number", "valueString")),
        ("location", own("equipment-location", "valueString")),
        ("delivery_booked", own("delivery-booked", "valueDateTime")),
        ("installation_booked", own("installation-booked", "valueDateTime")),
        ("test_booked", own("test-booked", "valueDateTime")),
        ("delivered", own("delivered", "valueDateTime")),
        ("installed", own("installed", "valueDateTime")),
        ("tested", own("tested", "valueDateTime")),
        ("returned", own("returned", "valueDateTime")),
        ("needs", refs("reasonReference")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
