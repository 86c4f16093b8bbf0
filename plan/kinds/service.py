"""Service: what an agency provides again and again: a package of care, its visits and who gives the medicines.

Source: PRSB Core Information Standard v2, "Services and care"; Local authority information v1.1, "Care package".
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.types import Asking, Coding, Date, Doing, Form, Line, Reason, Ref, Span, Text, TimeOfDay

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Visit(Form):
    """A visit that recurs every week on `days`, or every day when none are named. Times are local at the person's home.

    `joint`: it is meant to overlap with another agency's visit.
    """

    days: Annotated[list[Day], Field(min_length=1, max_length=7)] | None = None
    start: TimeOfDay
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    carers: Annotated[int, Field(ge=1, le=9)] | None = None
    joint: bool | None = None
    tasks: Text | None = None


class Service(Form):
    """One service. `gives_medicines`: its staff give or prompt them; said both ways, because silence is a risk."""

    service: Text
    code: Coding | None = None
    status: Literal["proposed", "active", "on_hold", "completed", "cancelled", "entered_in_error"]
    provider: Doing | None = None
    asked_by: Asking | None = None
    visits: Annotated[list[Visit], Field(min_length=1)] | None = None
    period: Span | None = None
    gives_medicines: bool | None = None
    goals: Annotated[list[Ref], Field(min_length=1)] | None = None
    needs: Annotated[list[Reason], Field(min_length=1)] | None = None
    package: Line | None = None
    funding: Text | None = None
    review_date: Date | None = None
    note: Text | None = None


KIND = Kind(name="service", form=Service, title=lambda body: str(body.get("service", "Service")))
