"""An observation as an Observation, and its value in the type that fits: Quantity, CodeableConcept, string, boolean.

Source: https://hl7.org/fhir/R4/observation.html. Values of further types (ranges, ratios, samples) stay unseen.
"""

from dataclasses import dataclass
from typing import Any

from fhir_facade.common import CONCEPT, PARTY, coding, note, quantity, words
from fhir_facade.departure import is_departure
from fhir_facade.face import Face
from fhir_facade.lens import At, First, Only, Resource, Via


def _yes_or_no(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_LENSES = {
    "valueQuantity": quantity("valueQuantity"),
    "valueCodeableConcept": coding("valueCodeableConcept"),
    "valueString": words("valueString"),
    "valueBoolean": Via(At("valueBoolean"), _yes_or_no, bool),
}
_TYPES = (
    *_LENSES,
    "valueInteger",
    "valueRange",
    "valueRatio",
    "valueSampledData",
    "valueTime",
    "valueDateTime",
    "valuePeriod",
)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an Observation. One that is there ends the reason why there was none (invariant obs-6)."""

    def view(self, resource: Resource) -> Any:
        seen = (lens.view(resource) for lens in _LENSES.values())
        return next((value for value in seen if value is not None), None)

    def put(self, resource: Resource, value: Any) -> None:
        for other in _LENSES if value is None else ():
            resource.pop(other, None)
        if value is not None:
            name = _type_of(value)
            rivals = (rival for rival in _TYPES if rival != name)
            Only(_LENSES[name], (*rivals, "dataAbsentReason")).put(resource, value)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "valueBoolean"
    if isinstance(value, dict):
        return "valueQuantity" if "value" in value else "valueCodeableConcept"
    return "valueString"


FACE = Face(
    kind="observation",
    type="Observation",
    person="subject",
    base={"resourceType": "Observation", "status": "final"},
    mine=lambda resource: not is_departure(resource),
    fields=(
        ("code", coding("code")),
        ("value", Value()),
        ("date", Only(words("effectiveDateTime"), ("effectivePeriod", "effectiveTiming", "effectiveInstant"))),
        ("performer", First("performer", PARTY)),
        ("interpretation", First("interpretation", CONCEPT)),
        ("note", note()),
    ),
)
