"""A failed discharge as an AdverseEvent of our code system `failed-discharge`, with its causes in an extension.

Source: https://hl7.org/fhir/R4/adverseevent.html: its contributors are workers and devices, so agencies are ours.
"""

from typing import get_args

from fhir_facade import systems
from fhir_facade.common import CONCEPT, code_in, code_said, own, own_list, ref, words
from fhir_facade.departure import gate
from fhir_facade.face import Face
from fhir_facade.lens import Resource, Table, Through, Where, extension
from fhir_facade.readiness import said_by
from plan.kinds.failed_discharge import Category

_CATEGORIES = {word: word for word in get_args(Category)}
_CAUSE = (
    ("reason", Where("extension", {"url": "reason"}, Through(("valueCodeableConcept",), CONCEPT))),
    ("agency", Where("extension", {"url": "agency"}, ref("valueReference"))),
    ("text", extension("text", "valueString")),
)


def is_failed(resource: Resource) -> bool:
    """A code of our system says so."""
    return code_said(resource, systems.FAILED_DISCHARGE, "event") is not None


FACE = Face(
    kind="failed_discharge",
    type="AdverseEvent",
    person="subject",
    base={"resourceType": "AdverseEvent", "actuality": "actual"},
    mine=is_failed,
    fields=(
        ("stay", ref("encounter")),
        ("category", code_in(systems.FAILED_DISCHARGE, _CATEGORIES, "event")),
        ("at", words("date")),
        ("causes", own_list("failed-discharge-cause", Table(_CAUSE))),
        ("text", own("failed-discharge-text", "valueString")),
        ("recorded", said_by(systems.own_extension("recorded"))),
        ("gate", gate()),
    ),
)
