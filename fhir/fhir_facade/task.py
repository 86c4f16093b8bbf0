"""Action <-> Task. Source: https://hl7.org/fhir/R4/task.html; extension resource-pertainsToGoal."""

from fhir_facade import systems
from fhir_facade.common import code_said, coding, note, own, own_list, party, phrase, ref, refs, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Lens, Many, Resource
from fhir_facade.readiness import is_item

PERTAINS_TO_GOAL = f"{systems.HL7_EXTENSION}/resource-pertainsToGoal"
_STATUS = {
    "planned": "requested",
    "accepted": "accepted",
    "doing": "in-progress",
    "paused": "on-hold",
    "done": "completed",
    "not_achieved": "failed",
    "refused": "rejected",
    "cancelled": "cancelled",
    "entered_in_error": "entered-in-error",
}
_OTHERS = frozenset({"discharge_override"})
"""Kinds of entry that are tasks too, told by a code of our own."""
PRIORITY = {word: word for word in ("routine", "urgent", "asap", "stat")}


def is_action(resource: Resource) -> bool:
    """Every task that no other kind claims by its code."""
    return not is_item(resource) and code_said(resource, systems.ENTRY_KIND) not in _OTHERS


def goals() -> Lens:
    """The goals that something serves, as `Goal/id`."""
    return Many("extension", ref("valueReference"), {"url": PERTAINS_TO_GOAL})


FACE = Face(
    kind="action",
    type="Task",
    person="for",
    base={"resourceType": "Task", "intent": "plan"},
    mine=is_action,
    fields=(
        ("what", words("description")),
        ("code", coding("code")),
        ("who", party("owner")),
        ("due", words("restriction", "period", "end")),
        ("start", words("executionPeriod", "start")),
        ("end", words("executionPeriod", "end")),
        ("status", Code(At("status"), _STATUS, {"draft": "planned", "received": "planned", "ready": "planned"})),
        ("status_reason", phrase("statusReason")),
        ("priority", Code(At("priority"), PRIORITY)),
        ("confidence", own("confidence", "valueInteger")),
        ("suggested_strategies", own_list("suggested-strategy", words("valueString"))),
        ("goals", goals()),
        ("focus", ref("focus")),
        ("based_on", refs("basedOn")),
        ("asked_by", party("requester")),
        ("review_date", own("review-date", "valueDate")),
        ("outcome", own("outcome", "valueString")),
        ("note", note()),
    ),
)
