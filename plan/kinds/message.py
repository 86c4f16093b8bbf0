"""Message: what somebody who sees the person tells somebody who decides, with its urgency and its answer.

Source: FHIR R4 Communication; the words of urgency and outcome are those of the plan's feedback loop. An emergency is
not a message: whoever writes one is told the number to ring (plan.feedback_checks), by the word that FHIR has for it.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import ASKING, DOING, Coding, DateOrMoment, Form, Party, Ref, Text

_TITLE = 80
Urgency = Literal["emergency", "urgent", "soon", "routine"]
Outcome = Literal["no_change", "plan_amended", "visit_booked", "referred", "more_information_needed"]


class Message(Form):
    """One message. `concern` is the coded sign that it is about; an answer has `in_reply_to` and `outcome`.

    `outcome_reason`: why nothing changes. `understood`: when its sender had understood the answer; the service says it.
    """

    text: Text
    status: Literal["draft", "sending", "sent", "not_sent", "on_hold", "stopped"]
    urgency: Urgency | None = None
    topic: Coding | None = None
    concern: Coding | None = None
    sender: Annotated[Party, LeadsTo("HealthcareService", *ASKING)] | None = None
    to: Annotated[list[Annotated[Party, LeadsTo("Group", *DOING)]], Field(min_length=1)] | None = None
    sent: DateOrMoment | None = None
    received: DateOrMoment | None = None
    about: Annotated[list[Ref], Field(min_length=1)] | None = None
    in_reply_to: Annotated[Ref, LeadsTo("Communication")] | None = None
    outcome: Outcome | None = None
    outcome_reason: Text | None = None
    understood: DateOrMoment | None = None


def _title(text: str) -> str:
    """The first line, short enough for a list."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 3]}..."


KIND = Kind(name="message", form=Message, title=lambda body: _title(str(body.get("text", "Message"))))
