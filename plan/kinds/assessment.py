"""Assessment: one use of an instrument (a falls scale, a carer's assessment), its score and what came of it.

Source: PRSB Core Information Standard v2, "Assessments"; FHIR R4 QuestionnaireResponse. Kept so that the second agency
can use the first one's answers instead of asking again.
"""

from typing import Literal

from pydantic import field_validator

from plan.kinds.kind import Kind
from plan.kinds.types import Amount, Asking, Coding, Date, DateOrMoment, Form, Text, Uri

OWN_QUESTIONS = "https://oneplan.example/"


class Assessment(Form):
    """One assessment. `questionnaire` is the address of the instrument's questions, where it has one.

    `status` is left out for what it mostly is: complete. One whose `date` is still to come is planned.
    """

    instrument: Coding
    status: Literal["in_progress", "amended", "stopped", "entered_in_error"] | None = None
    questionnaire: Uri | None = None
    date: DateOrMoment | None = None
    score: Amount | None = None
    outcome: Text | None = None
    assessed_by: Asking | None = None
    next_due: Date | None = None

    @field_validator("questionnaire")
    @classmethod
    def is_not_a_section_detail(cls, value: str | None) -> str | None:
        """The answers to our own questionnaires are kinds of their own (housing, legal, ...)."""
        if value and value.startswith(OWN_QUESTIONS):
            raise ValueError("is a section's own detail: write it as the kind of that name")
        return value


def _title(body: dict[str, object]) -> str:
    instrument = body.get("instrument")
    said = instrument if isinstance(instrument, dict) else {}
    return str(said.get("text") or said.get("display") or said.get("code") or "Assessment")


KIND = Kind(name="assessment", form=Assessment, title=_title)
