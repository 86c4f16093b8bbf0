"""Action: what somebody will do, who and by when, and how sure the person is that it can be done.

Source: PRSB Personalised Care and Support Plan v2.0, "Actions and activities".
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.types import Asking, Coding, Date, DateOrMoment, Doing, Form, Ref, Score, Text, in_order


class Action(Form):
    """One action. `confidence` is the person's own, 1 to 10. `due`: the latest; `start` and `end`: when it is done."""

    what: Text
    code: Coding | None = None
    who: Doing | None = None
    due: DateOrMoment | None = None
    start: DateOrMoment | None = None
    end: DateOrMoment | None = None
    status: Literal[
        "planned",
        "accepted",
        "doing",
        "paused",
        "done",
        "not_achieved",
        "refused",
        "cancelled",
        "entered_in_error",
    ]
    status_reason: Text | None = None
    priority: Literal["routine", "urgent", "asap", "stat"] | None = None
    confidence: Score | None = None
    suggested_strategies: Annotated[list[Text], Field(min_length=1)] | None = None
    goals: Annotated[list[Ref], Field(min_length=1)] | None = None
    focus: Ref | None = None
    based_on: Annotated[list[Ref], Field(min_length=1)] | None = None
    asked_by: Asking | None = None
    review_date: Date | None = None
    outcome: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        in_order(self.start, self.end, "end")
        return self


KIND = Kind(name="action", form=Action, title=lambda body: str(body.get("what", "Action")))
