"""Referral <-> ServiceRequest with a category mark. Source: https://hl7.org/fhir/R4/servicerequest.html.

Told from every other request by our mark, or by what Gravity and UK payloads send: an order whose category is SNOMED
CT 3457005 (patient referral).
"""

from fhir_facade import systems
from fhir_facade.common import PARTY, REFERENCE, coding_beside, has_concept, note, party, refs, title, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Resource
from fhir_facade.servicerequest import STATUS, is_service
from fhir_facade.task import PRIORITY, goals

PATIENT_REFERRAL = "3457005"
FULFILL = {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}
"""What the task of a referral asks: to fulfil it."""


def is_referral(resource: Resource) -> bool:
    """An order that asks another to take something on."""
    marked = has_concept(resource, "category", systems.ENTRY_KIND, "referral")
    said = resource.get("intent") == "order" and has_concept(resource, "category", systems.SNOMED, PATIENT_REFERRAL)
    return (marked or said) and is_service(resource)


FACE = Face(
    kind="referral",
    type="ServiceRequest",
    person="subject",
    base={
        "resourceType": "ServiceRequest",
        "intent": "order",
        "category": [
            {
                "coding": [
                    {"system": systems.ENTRY_KIND, "code": "referral"},
                    {"system": systems.SNOMED, "code": PATIENT_REFERRAL, "display": "Patient referral"},
                ]
            }
        ],
    },
    mine=is_referral,
    fields=(
        ("referral", title("code")),
        ("code", coding_beside("code")),
        ("status", Code(At("status"), STATUS)),
        ("to", First("performer", PARTY)),
        ("asked_by", party("requester")),
        ("asked", words("authoredOn")),
        ("priority", Code(At("priority"), PRIORITY)),
        ("instead_of", First("replaces", REFERENCE)),
        ("needs", refs("reasonReference")),
        ("goals", goals()),
        ("note", note()),
    ),
)
