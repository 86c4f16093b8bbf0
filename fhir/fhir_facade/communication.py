"""A message as a Communication.

Source: https://hl7.org/fhir/R4/communication.html. R4 says `asap` for what the plan calls soon; `stat` reads as urgent.
"""

from fhir_facade.common import CONCEPT, REFERENCE, coding, own, parties, party, refs, words
from fhir_facade.face import Face
from fhir_facade.lens import Code, First, Many, Only, Via

_STATUS = {
    "draft": "preparation",
    "sending": "in-progress",
    "sent": "completed",
    "not_sent": "not-done",
    "on_hold": "on-hold",
    "stopped": "stopped",
}
_PRIORITY = {"urgent": "urgent", "soon": "asap", "routine": "routine"}
_OUTCOMES = ("no_change", "plan_amended", "visit_booked", "referred", "more_information_needed")
_TEXTS = Many("payload", Only(words("contentString"), ("contentAttachment", "contentReference")))

FACE = Face(
    kind="message",
    type="Communication",
    person="subject",
    base={"resourceType": "Communication"},
    fields=(
        ("text", Via(_TEXTS, "\n\n".join, lambda text: [text])),
        ("status", Code(words("status"), _STATUS)),
        ("urgency", Code(words("priority"), _PRIORITY, also={"stat": "urgent"})),
        ("topic", coding("topic")),
        ("concern", First("reasonCode", CONCEPT)),
        ("sender", party("sender")),
        ("to", parties("recipient")),
        ("sent", words("sent")),
        ("received", words("received")),
        ("about", refs("about")),
        ("in_reply_to", First("inResponseTo", REFERENCE)),
        ("outcome", Code(own("message-outcome", "valueCode"), {word: word for word in _OUTCOMES})),
    ),
)
