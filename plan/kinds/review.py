"""Review: somebody has looked at a section as it was, and signs what came of it: a sign-off, or the person's own word.

Source: PRSB Personalised Care and Support Plan v2.0, "Planned review date", "Agreed with person or legitimate
representative"; HL7 FHIR R4 Provenance with a signature. A review stands in the section that it is of, and is never
changed: who thinks otherwise later signs again.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import ASKING, Date, DateOrMoment, Form, Line, Moment, Party, Text

Signed = Annotated[str, StringConstraints(pattern=r"^CarePlan/[A-Za-z0-9.-]{1,64}/_history/[1-9][0-9]{0,9}$")]
"""The version of a section's CarePlan that is signed, as `CarePlan/id/_history/version`."""
Outcome = Literal["no_change", "plan_amended", "change_needed", "agreed", "disagreed"]
AGREEMENT = ("agreed", "disagreed")
"""What the person alone can say."""


class Review(Form):
    """One review. `signed`: the version that was seen; `seen`: when it was read. `next_review`: the latest day.

    Who signed (`signed_by`), for which agency, when, and what exactly (`content`, a digest of the section as it was)
    is filled in by the service.
    """

    signed: Signed
    outcome: Outcome | None = None
    comment: Text | None = None
    next_review: Date | None = None
    seen: DateOrMoment | None = None
    signed_by: Annotated[Party, LeadsTo(*ASKING)] | None = None
    signed_for: Annotated[Party, LeadsTo(*ASKING)] | None = None
    signed_at: Moment | None = None
    content: Line | None = None


def _title(body: dict[str, object]) -> str:
    outcome = str(body.get("outcome", "")).replace("_", " ")
    return f"Review: {outcome}" if outcome else "Review"


KIND = Kind(name="review", form=Review, title=_title)
