"""Discharge override: somebody lets a person go home although the gate is not ready, and says why and who receives.

Source: coordination scenario D4: the gate is not a lock. The gate as it stood is kept with the decision.
"""

from typing import Literal

from pydantic import field_validator

from plan.kinds.departure import Gate
from plan.kinds.kind import Kind
from plan.kinds.readiness import Said, StayRef
from plan.kinds.types import Coding, Doing, Form, Line, Text
from plan.model import Section


class DischargeOverride(Form):
    """One decision. `role`: as what they decide (ward sister); `receives`: the named person who takes over at home.

    `decided` and `gate` are filled in by the service.
    """

    stay: StayRef
    status: Literal["decided", "entered_in_error"]
    role: Line
    reason: Coding
    text: Text
    receives: Doing
    mitigation: Text
    decided: Said | None = None
    gate: Gate | None = None

    @field_validator("reason")
    @classmethod
    def has_a_code(cls, value: Coding) -> Coding:
        """Text alone cannot be counted."""
        if not value.code:
            raise ValueError("has a code")
        return value

    @field_validator("receives")
    @classmethod
    def is_named(cls, value: Doing) -> Doing:
        """An organisation receives nobody: a person does, who has a name."""
        if not value.name:
            raise ValueError("has a name")
        return value


KIND = Kind(
    name="discharge_override",
    form=DischargeOverride,
    title=lambda body: "Discharge although not ready",
    sections=frozenset({Section.TRANSITIONS}),
    home=Section.TRANSITIONS,
)
