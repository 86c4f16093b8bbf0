"""Goal <-> Goal. Source: https://hl7.org/fhir/R4/goal.html; HL7 goal-achievement code system."""

from fhir_facade import systems
from fhir_facade.common import PHRASE, code_in, coding_beside, note, own, own_list, party, refs, title, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First, Only, Table, Where, extension
from fhir_facade.systems import own_extension

_STATUS = {word: word for word in ("proposed", "accepted", "active", "completed", "cancelled", "rejected")} | {
    "on_hold": "on-hold",
    "entered_in_error": "entered-in-error",
}
_ATTAINMENT = {word: word for word in ("improving", "worsening", "achieved", "sustaining")} | {
    "in_progress": "in-progress",
    "no_change": "no-change",
    "not_achieved": "not-achieved",
}
_STAGE_GOAL = (
    ("goal", extension("goal", "valueString")),
    ("status", extension("status", "valueCode")),
    ("outcome", extension("outcome", "valueString")),
    ("due", extension("due", "valueDate")),
)

FACE = Face(
    kind="goal",
    type="Goal",
    person="subject",
    base={"resourceType": "Goal"},
    fields=(
        ("goal", title("description")),
        ("code", coding_beside("description")),
        ("status", Code(At("lifecycleStatus"), _STATUS, {"planned": "accepted"})),
        ("own_words", own("own-words", "valueString")),
        ("importance", own("importance", "valueInteger")),
        (
            "attainment",
            code_in(
                f"{systems.HL7}/goal-achievement",
                _ATTAINMENT,
                "achievementStatus",
                also={"no-progress": "not_achieved", "not-attainable": "not_achieved"},
            ),
        ),
        ("score", own("attainment-score", "valueInteger")),
        ("scored_by", Where("extension", {"url": own_extension("attainment-scored-by")}, party("valueReference"))),
        ("scored", own("attainment-scored", "valueDateTime")),
        ("start", Only(words("startDate"), ("startCodeableConcept",))),
        ("due", First("target", Only(words("dueDate"), ("dueDuration",)))),
        ("expressed_by", party("expressedBy")),
        ("needs", refs("addresses")),
        ("stage_goals", own_list("stage-goal", Table(_STAGE_GOAL))),
        ("outcome", First("outcomeCode", PHRASE)),
        ("review_date", own("review-date", "valueDate")),
        ("note", note()),
    ),
)
