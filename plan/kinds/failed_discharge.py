"""Failed discharge: somebody came home and it did not hold, why, and whose part each reason was.

Source: coordination scenario D9. There are several reasons, each with its agency: one coded reason is a known mistake.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.departure import Gate
from plan.kinds.kind import Kind
from plan.kinds.person import AgencyRef
from plan.kinds.readiness import Said, StayRef
from plan.kinds.types import Coding, DateOrMoment, Form, Text
from plan.model import Section

Category = Literal["turned_back", "no_package", "back_within_48h", "back_within_7d", "emergency_respite"]


class Cause(Form):
    """One thing that contributed to it, and the agency whose part it was."""

    reason: Coding
    agency: AgencyRef
    text: Text | None = None


class FailedDischarge(Form):
    """One failed discharge. `gate`: as it stood at departure; `gate` and `recorded` are filled in by the service."""

    stay: StayRef
    category: Category
    at: DateOrMoment
    causes: Annotated[list[Cause], Field(min_length=1)]
    text: Text | None = None
    recorded: Said | None = None
    gate: Gate | None = None


KIND = Kind(
    name="failed_discharge",
    form=FailedDischarge,
    title=lambda body: f"Failed discharge: {str(body.get('category', '')).replace('_', ' ')}".rstrip(": "),
    sections=frozenset({Section.TRANSITIONS, Section.ABOUT_ME}),
    home=Section.TRANSITIONS,
)
