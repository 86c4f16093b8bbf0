"""Departure: how the gate stood at the moment when somebody left hospital. Kept, because the gate itself is not.

Source: coordination scenarios D4 and D9, and the measure "ready at departure". The service writes it once.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.readiness import StayRef
from plan.kinds.refs import LeadsTo
from plan.kinds.types import DateOrMoment, Form, Line, Ref
from plan.model import Section

State = Literal["ready", "not_ready", "unknown"]
Lines = Annotated[list[Line], Field(min_length=1)]


class Gate(Form):
    """The gate as it stood. `evaluated_on`: each entry that it was computed from, as `Type/id/_history/version`."""

    state: State
    at: DateOrMoment
    open: Lines | None = None
    stale: Lines | None = None
    reasons: Lines | None = None
    evaluated_on: Lines | None = None


class Departure(Form):
    """One departure. `override`: the decision to let the person leave all the same."""

    stay: StayRef
    left: DateOrMoment
    state: State
    gate: Gate
    override: Annotated[Ref, LeadsTo("Task")] | None = None
    short_notice: bool | None = None


KIND = Kind(
    name="departure",
    form=Departure,
    title=lambda body: f"Left hospital: {str(body.get('state', 'unknown')).replace('_', ' ')}",
    sections=frozenset({Section.TRANSITIONS}),
    home=Section.TRANSITIONS,
)
