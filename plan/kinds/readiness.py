"""Readiness: one thing that must be true at home before a discharge, who answers for it, and what they answered.

Source: coordination scenarios D1 to D7; PRSB eDischarge and the notices of Care Act assessment. Whether the discharge
is ready is computed from these (plan.discharge_gate) and stored nowhere.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from plan.discharge_table import CODES
from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Coding, DateOrMoment, Doing, Form, Line, Ref, Text
from plan.model import Section


def _listed(code: str) -> str:
    if code not in CODES:
        raise ValueError(f"is no item of readiness; the items are: {', '.join(CODES)}")
    return code


ItemCode = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(_listed)]
"""The code of an item of plan.discharge_table."""
StayRef = Annotated[Ref, LeadsTo("Encounter")]
"""The stay that something is about."""
Status = Literal["asked", "confirmed", "blocked", "not_needed", "closed"]


class Said(Form):
    """Who said it: the account, its agency and role, when, and for which planned discharge. The service fills it in."""

    by: Line
    agency: Line | None = None
    role: Line | None = None
    at: DateOrMoment
    given_for: DateOrMoment | None = None


class Readiness(Form):
    """One item of one stay.

    `asked_for` is the planned discharge that it is asked for; `reason` says why it is blocked, not needed or closed.
    `starts`: when what was arranged begins: the arrival, the first visit, the appointment. `ward`: which ward answers.
    """

    item: ItemCode
    what: Text
    stay: StayRef
    part_of: Annotated[Ref, LeadsTo("Task")] | None = None
    who: Doing
    status: Status
    reason: Coding | None = None
    asked_for: DateOrMoment | None = None
    due: DateOrMoment | None = None
    blocking: bool | None = None
    depends_on_time: bool | None = None
    starts: DateOrMoment | None = None
    ward: Line | None = None
    answered: Said | None = None
    note: Text | None = None


KIND = Kind(
    name="readiness",
    form=Readiness,
    title=lambda body: str(body.get("what", "Readiness for a discharge")),
    sections=frozenset({Section.TRANSITIONS, Section.ABOUT_ME}),
    home=Section.TRANSITIONS,
)
