"""A discharge notice as a ServiceRequest for discharge planning (SNOMED CT 371754007).

Source: https://hl7.org/fhir/R4/servicerequest.html; PRSB's notice and withdrawal: a withdrawn notice is revoked.
"""

from fhir_facade import systems
from fhir_facade.common import note, own, parties, party, ref, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Only
from fhir_facade.servicerequest import DISCHARGE_PLANNING, is_notice

_STATUS = {"active": "active", "withdrawn": "revoked", "completed": "completed"}
_ALSO = {"draft": "active", "on-hold": "active", "entered-in-error": "withdrawn"}
_MARK = {"system": systems.SNOMED, "code": DISCHARGE_PLANNING, "display": "Discharge planning"}

FACE = Face(
    kind="discharge_notice",
    type="ServiceRequest",
    person="subject",
    base={"resourceType": "ServiceRequest", "intent": "order", "code": {"coding": [_MARK]}},
    mine=is_notice,
    fields=(
        ("stay", ref("encounter")),
        (
            "status",
            Code(At("status"), _STATUS, _ALSO),
        ),
        ("planned", Only(words("occurrenceDateTime"), ("occurrencePeriod", "occurrenceTiming"))),
        ("issued", words("authoredOn")),
        ("asked_by", party("requester")),
        ("to", parties("performer")),
        ("short_notice", own("short-notice", "valueBoolean")),
        ("note", note()),
    ),
)
