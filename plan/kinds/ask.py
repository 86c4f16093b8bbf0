"""Ask: what a team has to answer for, with how far it has come: a message to acknowledge, an instruction to read.

Source: coordination scenarios F1 to F4; FHIR R4 Task (requested, received, accepted, completed). The service makes
one for every message that asks, and writes down who took each step and when. Seen is never acknowledged.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.message import Outcome
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Asking, DateOrMoment, Form, Line, Party, Ref, Text

State = Literal["sent", "delivered", "seen", "acknowledged", "acted", "closed"]


class Step(Form):
    """One step: who took it, for which agency, and when."""

    state: State
    at: DateOrMoment
    by: Line
    agency: Line


class Ask(Form):
    """One ask. `focus`: the message or instruction that it is about, in `focus_version` of it.

    `messages`: everything that was said in one thread, `count` of them. `due`: until when it must be acknowledged.
    `answer` and `outcome`: the latest answer. `unreached`: who ought to have been told and could not be.
    """

    what: Text
    state: State
    focus: Ref | None = None
    focus_version: Annotated[int, Field(ge=1)] | None = None
    to: Annotated[Party, LeadsTo("Organization")] | None = None
    asked_by: Asking | None = None
    urgency: Literal["urgent", "soon", "routine"] | None = None
    messages: Annotated[list[Annotated[Ref, LeadsTo("Communication")]], Field(min_length=1)] | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    started: DateOrMoment | None = None
    due: DateOrMoment | None = None
    answer: Annotated[Ref, LeadsTo("Communication")] | None = None
    outcome: Outcome | None = None
    steps: Annotated[list[Step], Field(min_length=1)] | None = None
    unreached: Annotated[list[Line], Field(min_length=1)] | None = None


KIND = Kind(name="ask", form=Ask, title=lambda body: str(body.get("what", "Ask")))
