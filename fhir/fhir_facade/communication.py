"""A message as a Communication.

Source: https://hl7.org/fhir/R4/communication.html. R4 says `asap` for what the plan calls soon, and
`stat` for an emergency, which no message is.
"""

from typing import get_args

from fhir_facade.common import CONCEPT, REFERENCE, coding, own, parties, party, refs, words
from fhir_facade.face import Face
from fhir_facade.lens import Code, First, Lens, Many, Only, Via
from plan.kinds.message import Outcome

_STATUS = {
    "draft": "preparation",
    "sending": "in-progress",
    "sent": "completed",
    "not_sent": "not-done",
    "on_hold": "on-hold",
    "stopped": "stopped",
}
PRIORITY = {"emergency": "stat", "urgent": "urgent", "soon": "asap", "routine": "routine"}
_OUTCOMES = {word: word for word in get_args(Outcome)}
_TEXTS = Many("payload", Only(words("contentString"), ("contentAttachment", "contentReference")))


def outcome() -> Lens:
    """What came of a message."""
    return Code(own("message-outcome", "valueCode"), _OUTCOMES)


FACE = Face(
    kind="message",
    type="Communication",
    person="subject",
    base={"resourceType": "Communication"},
    fields=(
        ("text", Via(_TEXTS, "\n\n".join, lambda text: [text])),
        ("status", Code(words("status"), _STATUS)),
        ("urgency", Code(words("priority"), PRIORITY)),
        ("topic", coding("topic")),
        ("concern", First("reasonCode", CONCEPT)),
        ("sender", party("sender")),
        ("to", parties("recipient")),
        ("sent", words("sent")),
        ("received", words("received")),
        ("about", refs("about")),
        ("in_reply_to", First("inResponseTo", REFERENCE)),
        ("outcome", outcome()),
        ("outcome_reason", own("message-outcome-reason", "valueString")),
        ("understood", own("understood", "valueDateTime")),
    ),
)
