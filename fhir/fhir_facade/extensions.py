"""The extensions that we define, one row each; fhir/profiles/generate.py publishes them.

Source: FHIR R4 extensibility.html.
"""

from typing import NamedTuple


class Extension(NamedTuple):
    """One extension: where it stands, the type of its value (empty for one with parts), what it says."""

    name: str
    contexts: str
    value: str
    says: str
    parts: tuple[str, ...] = ()
    """Of a complex one: `url type`, in order."""


_MEDICINES = "MedicationRequest MedicationStatement"
_REVIEWED = f"AllergyIntolerance CarePlan Condition DeviceRequest Goal {_MEDICINES} RiskAssessment ServiceRequest Task"
_SAID = ("by string", "agency string", "role string", "at dateTime", "for dateTime")
_GATE = ("state code", "at dateTime", "open string", "stale string", "reason string", "evaluatedOn string")
_CAUSE = ("reason CodeableConcept", "agency Reference", "text string")
EXTENSIONS = (
    Extension("attainment-score", "Goal", "integer", "Goal Attainment Scaling: -2 (much less than hoped for) to +2."),
    Extension("attainment-scored", "Goal", "dateTime", "When the goal was scored."),
    Extension("attainment-scored-by", "Goal", "Reference", "Who scored how far the goal was reached."),
    Extension("ask-answer", "Task", "Reference", "The latest answer to what was asked."),
    Extension("ask-count", "Task", "integer", "How many messages said the same in one thread."),
    Extension(
        "ask-step",
        "Task",
        "",
        "One step of what was asked: its state, when, by whom and for which agency.",
        ("state code", "at dateTime", "by string", "agency string"),
    ),
    Extension("ask-unreached", "Task", "string", "Who ought to have been told and could not be."),
    Extension("ask-version", "Task", "integer", "The version of what is to be read."),
    Extension("carers", "ServiceRequest", "integer", "How many carers the instruction needs."),
    Extension("changes", "ServiceRequest", "Reference", "The entry of the plan that an instruction changes."),
    Extension("closed-because", "DetectedIssue", "string", "Why a finding closed by itself."),
    Extension("coding-text", "Coding", "string", "What people call the concept, beside its code."),
    Extension("comments", "RelatedPerson", "string", "What else is to be known about this contact."),
    Extension("communication-needs", "Patient", "string", "What others must do so that the person understands."),
    Extension("confidence", "Task", "integer", "How sure the person is to manage it: 1 (least) to 10 (most)."),
    Extension("consent-basis", "Consent", "code", "On which legal basis the decision rests."),
    Extension("consent-reason", "Consent", "string", "Why the person decided so, in their words."),
    Extension("copied-from", "DomainResource", "Reference", "The entry of which a merge made this copy."),
    Extension("delivered", "DeviceRequest", "dateTime", "When the equipment was delivered."),
    Extension("delivery-booked", "DeviceRequest", "dateTime", "For when the delivery of the equipment is arranged."),
    Extension("discharge-pathway", "Encounter", "integer", "The discharge pathway, 0 to 3."),
    Extension("discharge-ready", "Encounter", "dateTime", "Since when the person is ready to leave."),
    Extension("equipment-location", "DeviceRequest", "string", "Where in the home the equipment stands."),
    Extension("equipment-stage", "DeviceRequest", "code", "How far the equipment has come."),
    Extension("event-occurred", "MessageHeader", "dateTime", "When it happened that a message tells."),
    Extension("finding-inputs", "DetectedIssue", "string", "A digest of what the entries said that were compared."),
    Extension("finding-mark", "DetectedIssue", "string", "Which of several findings between the same entries."),
    Extension("finding-mark", "DetectedIssue", "string", "Which of several findings between the same entries."),
    Extension("finding-severity", "DetectedIssue", "code", "How bad it is: warn, high, critical or blocking."),
    Extension("funding", "ServiceRequest", "string", "Who pays for the service."),
    Extension("further-visit", "ServiceRequest", "Timing", "One more pattern of visits beside the first."),
    Extension("given-by", _MEDICINES, "Reference", "Who gives the medicine to the person."),
    Extension("gives-medicines", "ServiceRequest", "boolean", "Whether the visits include giving medicines."),
    Extension("importance", "Goal", "integer", "How much it matters to the person: 1 (least) to 10 (most)."),
    Extension("installed", "DeviceRequest", "dateTime", "When the equipment was installed."),
    Extension("installation-booked", "DeviceRequest", "dateTime", "For when installing the equipment is arranged."),
    Extension("instruction-action", "ServiceRequest", "code", "What the instruction asks for."),
    Extension("instrument", "QuestionnaireResponse", "CodeableConcept", "The assessment that was used."),
    Extension("key-holder", "RelatedPerson", "boolean", "Whether they hold a key of the home."),
    Extension("lives-with", "RelatedPerson", "boolean", "Whether they live with the person."),
    Extension(
        "measure-number",
        "MeasureReport.group.stratifier.stratum",
        "",
        "A further number of a measure: what it is, and how much.",
        ("name string", "number decimal"),
    ),
    Extension("message-outcome", "Communication Task", "code", "What came of a message."),
    Extension("message-outcome-reason", "Communication", "string", "Why nothing changes after a message."),
    Extension("next-due", "QuestionnaireResponse", "date", "When the assessment is due again."),
    Extension("nothing-to-say", "CarePlan", "code", "Why a section is empty: not applicable, not known, declined."),
    Extension("outcome", "QuestionnaireResponse Task", "string", "What came of it."),
    Extension("own-words", "Condition Goal", "string", "The need or goal in the person's own words."),
    Extension("parent-uprn", "Address", "string", "The UPRN of the estate, scheme or block that the home is in."),
    Extension("party-contact", "Reference", "string", "How whoever is named can be reached."),
    Extension("party-role", "Reference", "string", "In which role whoever is named acts."),
    Extension("planned-discharge", "Encounter", "dateTime", "When the discharge is planned."),
    Extension("proposal", "DetectedIssue", "string", "What could settle a finding."),
    Extension("recorded-how", "Consent", "string", "How the decision was taken down."),
    Extension("returned", "DeviceRequest", "dateTime", "When the equipment was given back."),
    Extension("review-date", _REVIEWED, "date", "When it is to be reviewed."),
    Extension("risk-to-whom", "RiskAssessment", "code", "Who may come to harm."),
    Extension("score", "QuestionnaireResponse", "decimal", "The score of the assessment."),
    Extension("sealed-address", "Basic", "Address", "Where somebody lives whom others must not find."),
    Extension("sealed-address-note", "Basic", "string", "How to visit, and whom never to tell."),
    Extension("self-given", _MEDICINES, "boolean", "Whether the person takes the medicine without help."),
    Extension("serial-number", "DeviceRequest", "string", "The serial number of the equipment."),
    Extension(
        "stage-goal",
        "Goal",
        "",
        "A step on the way to the goal.",
        ("goal string", "status code", "outcome string", "due date"),
    ),
    Extension("suggested-strategy", "Task", "string", "What may help to do it."),
    Extension("test-booked", "DeviceRequest", "dateTime", "For when testing the equipment is arranged."),
    Extension("tested", "DeviceRequest", "dateTime", "When the equipment was tested."),
    Extension("time-critical", _MEDICINES, "boolean", "Whether the medicine does harm when it comes late."),
    Extension("time-window", "ServiceRequest", "", "Between which times of the day.", ("start time", "end time")),
    Extension("tolerance-minutes", _MEDICINES, "integer", "How many minutes early or late do no harm."),
    Extension("understood", "Communication", "dateTime", "When the sender of a message had understood its answer."),
    Extension("was-active", "Patient", "boolean", "Whether the person was active before a merge."),
    Extension("visit-carers", "Timing", "integer", "How many carers come."),
    Extension("visit-joint", "Timing", "boolean", "Whether two agencies come together on purpose."),
    Extension("visit-tasks", "Timing", "string", "What is done at the visit."),
    Extension("decision", "Task", "", "Who decided it, and when.", _SAID),
    Extension(
        "discharge-gate",
        "AdverseEvent Observation Task",
        "",
        "How the gate of a discharge stood, and on which versions of which entries.",
        ("state code", "at dateTime", "open string", "stale string", "reason string", "evaluatedOn string"),
    ),
    Extension("discharge-notice", "Encounter", "dateTime", "When the planned discharge was said."),
    Extension("discharge-override", "Observation", "Reference", "The decision to leave all the same."),
    Extension(
        "failed-discharge-cause",
        "AdverseEvent",
        "",
        "One reason that contributed, and the agency whose part it was.",
        ("reason CodeableConcept", "agency Reference", "text string"),
    ),
    Extension("failed-discharge-text", "AdverseEvent", "string", "What happened."),
    Extension("override-mitigation", "Task", "string", "What was done so that nobody comes to harm."),
    Extension("override-role", "Task", "string", "As what somebody decided."),
    Extension(
        "readiness-answer",
        "Task",
        "",
        "Who answered, when, for which planned discharge.",
        _SAID,
    ),
    Extension("readiness-blocking", "Task", "boolean", "Whether it holds the discharge back."),
    Extension("readiness-by-time", "Task", "boolean", "Whether an answer counts for one planned discharge only."),
    Extension("readiness-for", "Task", "dateTime", "The planned discharge that the item is asked for."),
    Extension("readiness-ward", "Task", "string", "Which ward answers for the item."),
    Extension("recorded", "AdverseEvent", "", "Who recorded it, and when.", _SAID),
    Extension("short-notice", "Observation ServiceRequest", "boolean", "Notice came later than the clock begins."),
)
