"""Allergy: what the person must not be given, and how they react to it.

Source: PRSB Core Information Standard v2, "Allergies and adverse reactions"; HL7 FHIR R4 AllergyIntolerance.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import at
from plan.kinds.types import Coding, Date, DateOrMoment, Form, Someone, Text


class Allergy(Form):
    """One substance. `status` is left out for what was entered in error, and said of all else (FHIR ait-1, ait-2)."""

    substance: Text
    code: Coding | None = None
    status: Literal["active", "inactive", "resolved"] | None = None
    certainty: Literal["unconfirmed", "confirmed", "refuted", "entered_in_error"] | None = None
    nature: Literal["allergy", "intolerance"] | None = None
    categories: (
        Annotated[list[Literal["food", "medication", "environment", "biologic"]], Field(min_length=1)] | None
    ) = None
    criticality: Literal["low", "high", "unknown"] | None = None
    reaction: Text | None = None
    since: DateOrMoment | None = None
    recorded: DateOrMoment | None = None
    recorded_by: Someone | None = None
    told_by: Someone | None = None
    review_date: Date | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _status_fits(self) -> Self:
        if self.certainty == "entered_in_error":
            if self.status is not None:
                raise at("status", "has no place in an allergy that was entered in error")
        elif self.status is None:
            raise ValueError("has a status: active, inactive or resolved")
        return self


KIND = Kind(name="allergy", form=Allergy, title=lambda body: str(body.get("substance", "Allergy")))
