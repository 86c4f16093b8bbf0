"""An assessment as a QuestionnaireResponse: the answers to an instrument that is not one of our own questionnaires.

Source: https://hl7.org/fhir/R4/questionnaireresponse.html. Answers stay as the client wrote them; a total is an
extension, because only the instrument knows which of its items is one.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_facade import systems
from fhir_facade.common import coding, own, party, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Resource, Via, Where
from fhir_facade.questionnaire import is_detail

_INSTRUMENT = {"url": systems.own_extension("instrument")}


def _number(value: Any) -> Any:
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


_STATUS = {
    "in_progress": "in-progress",
    "amended": "amended",
    "stopped": "stopped",
    "entered_in_error": "entered-in-error",
}
_COMPLETE = "completed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come; nothing is said natively of what is complete, and FHIR wants to be told."""

    def view(self, resource: Resource) -> Any:
        found = words("status").view(resource)
        return next((native for native, fhir in _STATUS.items() if fhir == found), None)

    def put(self, resource: Resource, value: Any) -> None:
        At("status").put(resource, _STATUS.get(value, _COMPLETE))


def _not_ours(resource: Resource) -> bool:
    return not is_detail(resource)


FACE = Face(
    kind="assessment",
    type="QuestionnaireResponse",
    person="subject",
    base={"resourceType": "QuestionnaireResponse", "status": "completed"},
    mine=_not_ours,
    fields=(
        ("instrument", Where("extension", _INSTRUMENT, coding("valueCodeableConcept"))),
        ("status", Progress()),
        ("questionnaire", words("questionnaire")),
        ("date", words("authored")),
        ("score", Via(own("score", "valueDecimal"), _number, _number)),
        ("outcome", own("outcome", "valueString")),
        ("assessed_by", party("author")),
        ("next_due", own("next-due", "valueDate")),
    ),
)
