"""Risk: what could go wrong, for whom, how likely it is and what lessens it.

Source: PRSB Core Information Standard v2, "Risks" (to self, to others, from others, of accident, of infection).
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Coding, Date, DateOrMoment, Form, Party, Ref, Span, Text


class Risk(Form):
    """One risk. `period`: when it is expected. `assessed`: when somebody last looked, `evidence`: at what."""

    risk: Text
    code: Coding | None = None
    to_whom: Literal["self", "others", "from_others", "accident", "infection", "other"] | None = None
    likelihood: Literal["negligible", "low", "moderate", "high", "certain"] | None = None
    status: Literal["draft", "final", "amended", "corrected", "cancelled", "entered_in_error"]
    mitigation: Text | None = None
    period: Span | None = None
    assessed_by: Annotated[Party, LeadsTo("Device", "Practitioner", "PractitionerRole")] | None = None
    assessed: DateOrMoment | None = None
    evidence: Annotated[list[Ref], Field(min_length=1)] | None = None
    review_date: Date | None = None
    note: Text | None = None


KIND = Kind(name="risk", form=Risk, title=lambda body: str(body.get("risk", "Risk")))
