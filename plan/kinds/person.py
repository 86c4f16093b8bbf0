"""Person: who the plan is about: names, numbers, addresses and how to talk with them.

Source: PRSB Personalised Care and Support Plan v2.0, "Person demographics" and "GP practice"; UK Core Patient.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from plan.kinds.housing import Uprn
from plan.kinds.kind import Kind
from plan.kinds.types import Coding, Date, DateOrMoment, Form, Line, Text, Uri
from plan.model import Section

NhsNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
"""Ten digits, no spaces. Its check digit is verified where the number is looked up."""
AgencyRef = Annotated[str, StringConstraints(pattern=r"^Organization/[A-Za-z0-9.-]{1,64}$")]
NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"


class Name(Form):
    """A name in parts, or as it is written (`text`) where the parts are not known."""

    title: Line | None = None
    given: Annotated[list[Line], Field(min_length=1)] | None = None
    family: Line | None = None
    text: Line | None = None

    @model_validator(mode="after")
    def can_be_said(self) -> "Name":
        """Given names alone are the names of too many people."""
        if not (self.family or self.text):
            raise ValueError("has a family name or a text")
        return self


class Identifier(Form):
    """A number that another agency knows the person by: tenant, hospital, social care."""

    system: Uri | None = None
    value: Line

    @field_validator("system")
    @classmethod
    def is_not_the_nhs_number(cls, value: str | None) -> str | None:
        """The number that matches people has one place only."""
        if value == NHS_NUMBER_SYSTEM:
            raise ValueError("is the NHS number's: write it as nhs_number")
        return value


class Address(Form):
    """Where the person lives, or gets their letters."""

    type: Literal["home", "temporary", "old", "work", "billing"] | None = None
    lines: Annotated[list[Line], Field(min_length=1)] | None = None
    city: Line | None = None
    postcode: Line | None = None
    uprn: Uprn | None = None
    parent_uprn: Uprn | None = None


class Communication(Form):
    """How to talk with the person. `needs`: large print, sign language, easy read (accessible information standard)."""

    language: Coding | None = None
    interpreter_required: bool | None = None
    needs: Text | None = None


class Practice(Form):
    """The general practice that the person is registered with; `ods_code` is its code in England and Wales."""

    ods_code: Line | None = None
    name: Line | None = None
    reference: AgencyRef | None = None


class Person(Form):
    """One person. `died` is the date where it is known, else true."""

    name: Name
    preferred_name: Line | None = None
    birth_date: Date | None = None
    gender: Literal["male", "female", "other", "unknown"] | None = None
    died: bool | DateOrMoment | None = None
    nhs_number: NhsNumber | None = None
    identifiers: Annotated[list[Identifier], Field(min_length=1)] | None = None
    addresses: Annotated[list[Address], Field(min_length=1)] | None = None
    phones: Annotated[list[Line], Field(min_length=1)] | None = None
    emails: Annotated[list[Line], Field(min_length=1)] | None = None
    communication: Communication | None = None
    ethnicity: Coding | None = None
    gp_practice: Practice | None = None


def _title(body: dict[str, object]) -> str:
    name = body.get("name")
    said = name if isinstance(name, dict) else {}
    parts = (*said.get("given", ()), said.get("family", ""))
    return str(said.get("text") or " ".join(parts).strip() or "Person")


KIND = Kind(name="person", form=Person, title=_title, sections=frozenset({Section.FRAME}), home=Section.FRAME)
