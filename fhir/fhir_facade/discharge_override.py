"""A discharge override as a completed Task: decided, with its reason, and owned by who receives the person.

Source: https://hl7.org/fhir/R4/task.html.
"""

from fhir_facade import systems
from fhir_facade.common import code_said, coding, concept, own, party, ref, words
from fhir_facade.departure import gate
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Resource
from fhir_facade.readiness import said_by

_STATUS = {"decided": "completed", "entered_in_error": "entered-in-error"}


def is_override(resource: Resource) -> bool:
    """Our code says so."""
    return code_said(resource, systems.ENTRY_KIND) == "discharge_override"


FACE = Face(
    kind="discharge_override",
    type="Task",
    person="for",
    base={"resourceType": "Task", "intent": "order", "code": concept(systems.ENTRY_KIND, "discharge_override")},
    mine=is_override,
    fields=(
        ("stay", ref("focus")),
        ("status", Code(At("status"), _STATUS)),
        ("role", own("override-role", "valueString")),
        ("reason", coding("reasonCode")),
        ("text", words("description")),
        ("receives", party("owner")),
        ("mitigation", own("override-mitigation", "valueString")),
        ("decided", said_by(systems.own_extension("decision"))),
        ("gate", gate()),
    ),
)
