"""Service <-> ServiceRequest. Source: https://hl7.org/fhir/R4/servicerequest.html.

ServiceRequest is also the resource of an instruction; `is_instruction` tells them apart for both faces.
"""

from fhir_facade import systems
from fhir_facade.common import PARTY, code_said, coding_beside, has_concept, note, own, party, refs, title, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Resource
from fhir_facade.task import goals
from fhir_facade.timing import Period, Visits

STATUS = {
    "proposed": "draft",
    "active": "active",
    "on_hold": "on-hold",
    "completed": "completed",
    "cancelled": "revoked",
    "entered_in_error": "entered-in-error",
}

DISCHARGE_PLANNING = "371754007"
"""SNOMED CT: Discharge planning (procedure)."""


def is_instruction(resource: Resource) -> bool:
    """Marked as one, or a request not to do something: shown as a service, that would read as its opposite."""
    return resource.get("doNotPerform") is True or has_concept(resource, "category", systems.ENTRY_KIND, "instruction")


def is_notice(resource: Resource) -> bool:
    """A request for discharge planning, of which nothing says that it is an instruction."""
    return code_said(resource, systems.SNOMED) == DISCHARGE_PLANNING and not is_instruction(resource)


def is_service(resource: Resource) -> bool:
    """Every other request for a service."""
    return not is_instruction(resource) and not is_notice(resource)


FACE = Face(
    kind="service",
    type="ServiceRequest",
    person="subject",
    base={"resourceType": "ServiceRequest", "intent": "plan"},
    mine=is_service,
    fields=(
        ("service", title("code")),
        ("code", coding_beside("code")),
        ("status", Code(At("status"), STATUS)),
        ("provider", First("performer", PARTY)),
        ("asked_by", party("requester")),
        ("visits", Visits()),
        ("period", Period()),
        ("gives_medicines", own("gives-medicines", "valueBoolean")),
        ("goals", goals()),
        ("needs", refs("reasonReference")),
        ("package", words("requisition", "value")),
        ("funding", own("funding", "valueString")),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
