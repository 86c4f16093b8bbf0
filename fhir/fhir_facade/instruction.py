"""Instruction <-> ServiceRequest with a category mark. Source: https://hl7.org/fhir/R4/servicerequest.html.

`doNotPerform` is a modifier: every EHR reads it, so "avoid" stands there and nowhere else, and the other actions in an
extension that counts only while `doNotPerform` is not set.
"""

from dataclasses import dataclass
from typing import Any, get_args

from fhir_facade import systems
from fhir_facade.common import (
    CONCEPT,
    Tagged,
    coding_beside,
    concept,
    note,
    own,
    parties,
    party,
    quantity,
    range_,
    ref,
    title,
)
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Only, Resource, Table, Where
from fhir_facade.servicerequest import STATUS, is_instruction
from fhir_facade.timing import Period, Times, clock
from plan.kinds.instruction import Instruction

TOPIC = f"{systems.OURS}/CodeSystem/instruction-topic"
_TOPICS = {word: word for word in get_args(Instruction.model_fields["topic"].annotation)}
_ACTIONS = {word: word for word in get_args(Instruction.model_fields["action"].annotation) if word != "avoid"}
_SAID = Code(own("instruction-action", "valueCode"), _ACTIONS)


@dataclass(frozen=True, slots=True)
class Action:
    """What to do: `doNotPerform` for "avoid", our extension for the rest."""

    def view(self, resource: Resource) -> Any:
        return "avoid" if resource.get("doNotPerform") is True else _SAID.view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        avoid = value == "avoid"
        At("doNotPerform").put(resource, True if avoid else None)
        _SAID.put(resource, None if avoid else value)


def _window(name: str) -> Where:
    return Where("extension", {"url": name}, clock("valueTime"))


FACE = Face(
    kind="instruction",
    type="ServiceRequest",
    person="subject",
    base={
        "resourceType": "ServiceRequest",
        "intent": "plan",
        "category": [concept(systems.ENTRY_KIND, "instruction")],
    },
    mine=is_instruction,
    fields=(
        ("text", title("code")),
        ("topic", Code(Tagged("category", TOPIC), _TOPICS)),
        ("action", Action()),
        ("status", Code(At("status"), STATUS)),
        ("code", coding_beside("code")),
        ("level", First("orderDetail", CONCEPT)),
        ("value", Only(quantity("quantityQuantity"), ("quantityRange", "quantityRatio"))),
        ("range", Only(range_("quantityRange"), ("quantityQuantity", "quantityRatio"))),
        ("times", Times()),
        (
            "window",
            Where(
                "extension",
                {"url": systems.own_extension("time-window")},
                Table((("start", _window("start")), ("end", _window("end")))),
            ),
        ),
        ("carers", own("carers", "valueInteger")),
        ("source", party("requester")),
        ("to", parties("performer")),
        ("period", Period()),
        ("review_date", own("review-date", "valueDate")),
        ("changes", Where("extension", {"url": systems.own_extension("changes")}, ref("valueReference"))),
        ("note", note()),
    ),
)
