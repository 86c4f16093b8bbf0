"""Need: a need, concern or problem of the person, and in whose words it is told.

Source: PRSB Personalised Care and Support Plan v2.0, "Needs, concerns or health problems".
"""

from typing import Literal, Self

from pydantic import model_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import at
from plan.kinds.types import Coding, Date, DateOrMoment, Form, Someone, Text

ENDED = ("inactive", "remission", "resolved")


class Need(Form):
    """One need. `own_words` are the person's; `raised_by` says whose view it is, `identified_by` who wrote it down.

    `category` is left out for what it mostly is: a health or care concern. `certainty` is "entered_in_error" for what
    should never have stood here; such a need has no status (FHIR con-5), and an end needs one that says so (con-4).
    """

    need: Text
    code: Coding | None = None
    category: Literal["problem", "diagnosis"] | None = None
    status: Literal["active", "recurrence", "relapse", "inactive", "remission", "resolved"] | None = None
    certainty: (
        Literal["unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered_in_error"] | None
    ) = None
    severity: Literal["mild", "moderate", "severe"] | None = None
    own_words: Text | None = None
    since: DateOrMoment | None = None
    until: DateOrMoment | None = None
    raised_by: Someone | None = None
    identified_by: Someone | None = None
    identified: DateOrMoment | None = None
    review_date: Date | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _status_fits(self) -> Self:
        if self.certainty == "entered_in_error":
            if self.status is not None:
                raise at("status", "has no place in a need that was entered in error")
            if self.until is not None:
                raise at("until", "has no place in a need that was entered in error")
        elif self.status is None:
            raise ValueError("has a status: active, recurrence, relapse, inactive, remission or resolved")
        elif self.until is not None and self.status not in ENDED:
            raise at("until", "stands only where the status is inactive, remission or resolved")
        return self


KIND = Kind(name="need", form=Need, title=lambda body: str(body.get("need", "Need")))
