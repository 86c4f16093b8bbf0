"""Flag: what everybody on the team must see at once: a danger on the way in, or that somebody has not been heard.

Source: HL7 FHIR R4 Flag. A flag that the service raises says that something is missing, never what it is about.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from plan.kinds.consent import PlanSection
from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import ASKING, Coding, Form, Party, Span, Text

SYSTEM: Final = "https://oneplan.example/fhir/CodeSystem/plan-flag"
"""The code system of the flags that the service raises."""
CODES: Mapping[str, str] = {
    "no_medical_input": "No clinician has looked at this since it last changed",
    "no_social_care_input": "Social care has not been heard on this since it last changed",
    "no_housing_input": "Housing has not been heard on this since it last changed",
    "no_person_agreement": "The person has not been asked, or does not agree",
}
"""What the service raises, and how it reads."""


class Flag(Form):
    """One flag. `sections`: of which parts of the plan it speaks. `period`: since when, until when it held."""

    flag: Text
    code: Coding | None = None
    category: Coding | None = None
    status: Literal["active", "inactive", "entered_in_error"]
    sections: Annotated[list[PlanSection], Field(min_length=1)] | None = None
    period: Span | None = None
    raised_by: Annotated[Party, LeadsTo(*ASKING[:-1])] | None = None


KIND = Kind(name="flag", form=Flag, title=lambda body: str(body.get("flag", "Flag")))
