"""An item of readiness as a Task whose code is of our code system `readiness-item`.

Source: https://hl7.org/fhir/R4/task.html. Task.focus is the stay, Task.partOf the task of the agency; Task.status says
how it stands, so that an EHR which completes the task has confirmed the item.
"""

from fhir_facade import systems
from fhir_facade.common import REFERENCE, Tag, coding, note, own, party, ref, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Lens, Resource, Table, Through, Where, dig, extension

_STATUS = {
    "asked": "requested",
    "confirmed": "completed",
    "blocked": "on-hold",
    "not_needed": "rejected",
    "closed": "cancelled",
}
_ALSO = {
    **dict.fromkeys(("draft", "received", "accepted", "ready", "in-progress"), "asked"),
    "failed": "blocked",
    "entered-in-error": "closed",
}
_SAID = (
    ("by", extension("by", "valueString")),
    ("agency", extension("agency", "valueString")),
    ("role", extension("role", "valueString")),
    ("at", extension("at", "valueDateTime")),
    ("given_for", extension("for", "valueDateTime")),
)
_ITEM = Through(("code",), Tag(systems.READINESS_ITEM))


def said_by(url: str) -> Lens:
    """Who said something, and when, in an extension of ours with parts."""
    return Where("extension", {"url": url}, Table(_SAID))


def is_item(resource: Resource) -> bool:
    """A code of the system says it, whichever it is: an item that no table knows is no action either."""
    return isinstance(dig(resource, ("code",)), dict) and _ITEM.view(resource) is not None


FACE = Face(
    kind="readiness",
    type="Task",
    person="for",
    base={"resourceType": "Task", "intent": "order"},
    mine=is_item,
    fields=(
        ("item", _ITEM),
        ("what", words("description")),
        ("stay", ref("focus")),
        ("part_of", First("partOf", REFERENCE)),
        ("who", party("owner")),
        ("status", Code(At("status"), _STATUS, _ALSO)),
        ("reason", coding("statusReason")),
        ("asked_for", own("readiness-for", "valueDateTime")),
        ("due", words("restriction", "period", "end")),
        ("blocking", own("readiness-blocking", "valueBoolean")),
        ("depends_on_time", own("readiness-by-time", "valueBoolean")),
        ("starts", words("executionPeriod", "start")),
        ("ward", own("readiness-ward", "valueString")),
        ("answered", said_by(systems.own_extension("readiness-answer"))),
        ("note", note()),
    ),
)
