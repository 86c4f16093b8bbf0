"""A departure as an Observation of the gate, at the moment when the person left.

Source: https://hl7.org/fhir/R4/observation.html. What the gate was computed from stands in an extension of ours.
"""

from fhir_facade import systems
from fhir_facade.common import code_in, code_said, concept, own, ref, words
from fhir_facade.face import Face
from fhir_facade.lens import Code, Lens, Many, Only, Resource, Table, Where, extension

_STATES = {word: word for word in ("ready", "not_ready", "unknown")}
_VALUES = (
    "valueQuantity",
    "valueString",
    "valueBoolean",
    "valueInteger",
    "valueRange",
    "valueRatio",
    "valueSampledData",
    "valueTime",
    "valueDateTime",
    "valuePeriod",
    "dataAbsentReason",
)


def _lines(url: str) -> Lens:
    return Many("extension", words("valueString"), {"url": url})


_GATE = (
    ("state", Code(extension("state", "valueCode"), _STATES)),
    ("at", extension("at", "valueDateTime")),
    ("open", _lines("open")),
    ("stale", _lines("stale")),
    ("reasons", _lines("reason")),
    ("evaluated_on", _lines("evaluatedOn")),
)


def gate() -> Lens:
    """The gate as it stood, in an extension of ours with parts."""
    return Where("extension", {"url": systems.own_extension("discharge-gate")}, Table(_GATE))


def is_departure(resource: Resource) -> bool:
    """Our code says so."""
    return code_said(resource, systems.ENTRY_KIND) == "departure"


FACE = Face(
    kind="departure",
    type="Observation",
    person="subject",
    base={"resourceType": "Observation", "status": "final", "code": concept(systems.ENTRY_KIND, "departure")},
    mine=is_departure,
    fields=(
        ("stay", ref("encounter")),
        ("left", Only(words("effectiveDateTime"), ("effectivePeriod", "effectiveTiming", "effectiveInstant"))),
        ("state", Only(code_in(systems.DISCHARGE_GATE, _STATES, "valueCodeableConcept"), _VALUES)),
        ("gate", gate()),
        ("override", Where("extension", {"url": systems.own_extension("discharge-override")}, ref("valueReference"))),
        ("short_notice", own("short-notice", "valueBoolean")),
    ),
)
