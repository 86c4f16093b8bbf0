"""The faces of all kinds: which native kind a FHIR resource shows, and which resource a kind becomes."""

from collections.abc import Mapping
from typing import Any

from fhir_facade import (
    aboutme,
    allergyintolerance,
    ask,
    assessment,
    basic,
    benefits,
    careplan,
    communication,
    condition,
    consent,
    contingency,
    departure,
    detectedissue,
    devicerequest,
    discharge_notice,
    discharge_override,
    documentreference,
    encounter,
    failed_discharge,
    flag,
    goal,
    housing,
    instruction,
    legal,
    medicationrequest,
    medicationstatement,
    observation,
    patient,
    provenance,
    readiness,
    referral,
    relatedperson,
    riskassessment,
    servicerequest,
    task,
)
from fhir_facade.face import Face

FACES: Mapping[str, Face] = {
    module.FACE.kind: module.FACE
    for module in (
        condition,
        goal,
        ask,
        task,
        instruction,
        referral,
        servicerequest,
        devicerequest,
        riskassessment,
        flag,
        provenance,
        allergyintolerance,
        medicationstatement,
        medicationrequest,
        detectedissue,
        communication,
        encounter,
        readiness,
        discharge_notice,
        discharge_override,
        departure,
        failed_discharge,
        documentreference,
        assessment,
        observation,
        relatedperson,
        basic,
        consent,
        aboutme,
        housing,
        benefits,
        contingency,
        legal,
        patient,
        careplan,
    )
}
"""By kind. A kind that shares its type with another tells itself apart by its `mine`."""

_BY_TYPE: dict[str, list[Face]] = {}
for _face in FACES.values():
    _BY_TYPE.setdefault(_face.type, []).append(_face)


def face_of(resource: dict[str, Any]) -> Face | None:
    """The face that a resource shows; None for a type without a native kind, or one that fits no kind of its type."""
    return next((face for face in _BY_TYPE.get(resource["resourceType"], ()) if face.mine(resource)), None)
