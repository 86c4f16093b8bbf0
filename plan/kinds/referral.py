"""Referral: an agency is asked to take something on. It stays asked until the other agency answers.

Source: HL7 FHIR R4 ServiceRequest with intent `order`; Gravity SDOH Clinical Care 3.0.0, closed-loop referral. The
answer is the task that goes with it: requested, accepted or refused with a reason, in progress, done.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Asking, Coding, DateOrMoment, Doing, Form, Reason, Ref, Text


class Referral(Form):
    """One referral. `instead_of`: the referral whose agency hands over, and stays until the new one has accepted."""

    referral: Text
    code: Coding | None = None
    status: Literal["proposed", "active", "on_hold", "completed", "cancelled", "entered_in_error"]
    to: Doing | None = None
    asked_by: Asking | None = None
    asked: DateOrMoment | None = None
    priority: Literal["routine", "urgent", "asap", "stat"] | None = None
    instead_of: Annotated[Ref, LeadsTo("ServiceRequest")] | None = None
    needs: Annotated[list[Reason], Field(min_length=1)] | None = None
    goals: Annotated[list[Ref], Field(min_length=1)] | None = None
    note: Text | None = None


KIND = Kind(name="referral", form=Referral, title=lambda body: str(body.get("referral", "Referral")))
