"""Discharge notice: that a discharge is being planned, for when, since when the agencies know, and who was told.

Source: PRSB Hospital referral for assessment for community care and support v1.1 (notice and withdrawal). It follows
from the stay; whoever changes the date changes the stay.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.readiness import StayRef
from plan.kinds.types import Asking, DateOrMoment, Doing, Form, Text
from plan.model import Section


class DischargeNotice(Form):
    """One notice. `short_notice`: it came later than the first step of the clock (plan.discharge_table.CLOCKS)."""

    stay: StayRef
    status: Literal["active", "withdrawn", "completed"]
    planned: DateOrMoment | None = None
    issued: DateOrMoment | None = None
    asked_by: Asking | None = None
    to: Annotated[list[Doing], Field(min_length=1)] | None = None
    short_notice: bool | None = None
    note: Text | None = None


KIND = Kind(
    name="discharge_notice",
    form=DischargeNotice,
    title=lambda body: "Discharge planning",
    sections=frozenset({Section.TRANSITIONS}),
    home=Section.TRANSITIONS,
)
