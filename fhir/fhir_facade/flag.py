"""Flag <-> Flag. Source: https://hl7.org/fhir/R4/flag.html."""

from typing import get_args

from fhir_facade.common import CONCEPT, coding_beside, own_list, party, span, title, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, First
from plan.kinds.consent import PlanSection

_STATUS = {"active": "active", "inactive": "inactive", "entered_in_error": "entered-in-error"}
_SECTIONS = {section: section for section in get_args(PlanSection)}

FACE = Face(
    kind="flag",
    type="Flag",
    person="subject",
    base={"resourceType": "Flag"},
    fields=(
        ("flag", title("code")),
        ("code", coding_beside("code")),
        ("category", First("category", CONCEPT)),
        ("status", Code(At("status"), _STATUS)),
        ("sections", own_list("about-section", Code(words("valueCode"), _SECTIONS))),
        ("period", span("period")),
        ("raised_by", party("author")),
    ),
)
