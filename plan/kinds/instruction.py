"""Instruction: one thing that everybody who supports the person must do or leave, in a form that can be compared.

Source: HL7 FHIR R4 ServiceRequest. Two agencies' instructions can be set against each other only when topic, action,
amount and time are fields of their own.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.types import Asking, Coding, Date, Doing, Form, Quantity, Range, Ref, Span, Text, TimeOfDay


class Window(Form):
    """Between two times of the day, both included; a window that ends before it starts passes midnight."""

    start: TimeOfDay
    end: TimeOfDay


class Instruction(Form):
    """One instruction. `code`: what it is about (a medicine, a food). `level`: an amount in a code (IDDSI 4, hoist).

    `value` or `range`: how much. `times`: when exactly; `window`: between when. `changes`: the entry that it alters.
    `to`: whose carers it is for; nobody named: all who visit.
    """

    text: Text
    topic: Literal[
        "fluids",
        "diet",
        "texture",
        "mobility",
        "medicines",
        "skin",
        "continence",
        "breathing",
        "monitoring",
        "communication",
        "safety",
        "other",
    ]
    action: Literal["do", "encourage", "restrict", "avoid", "give", "monitor", "call"]
    status: Literal["proposed", "active", "on_hold", "completed", "cancelled", "entered_in_error"]
    code: Coding | None = None
    level: Coding | None = None
    value: Quantity | None = None
    range: Range | None = None
    times: Annotated[list[TimeOfDay], Field(min_length=1)] | None = None
    window: Window | None = None
    carers: Annotated[int, Field(ge=1, le=9)] | None = None
    source: Asking | None = None
    to: Annotated[list[Doing], Field(min_length=1)] | None = None
    period: Span | None = None
    review_date: Date | None = None
    changes: Ref | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if self.value is not None and self.range is not None:
            raise ValueError("has a value or a range, not both")
        return self


KIND = Kind(name="instruction", form=Instruction, title=lambda body: str(body.get("text", "Instruction")))
