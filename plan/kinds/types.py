"""The shapes that fields of every kind share. Strict on the way in: a number in quotes is not a number.

A body is validated, never rebuilt: what the client wrote is what is stored, so dates and numbers keep their precision.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from plan.dates import order
from plan.kinds.refs import LeadsTo, at, known

_DATE = re.compile(r"(\d{4})(-(\d{2})(-(\d{2}))?)?", re.ASCII)
_ZONE = r"(Z|[+-](0\d:[0-5]\d|1[0-3]:[0-5]\d|14:00))"
_MOMENT = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}T([01]\d|2[0-3]):\d{{2}}:\d{{2}}(\.\d{{1,9}})?{_ZONE}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
ACTIVE = re.compile(r"<(?:script|iframe|object|embed)[\s/>]", re.IGNORECASE)
"""Markup that a browser would run: what people read of each other may not act (FHIR R4 security.html 6.1.0.6)."""


class Form(BaseModel):
    """What every native form is: unknown fields are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def says_something(cls, data: Any) -> Any:
        """Neither `{}` nor null has a FHIR face: what is not known is left out."""
        if isinstance(data, dict):
            if not data:
                raise ValueError("is empty: leave it out")
            nulls = [name for name, value in data.items() if value is None]
            if nulls:
                raise ValueError(f"{nulls[0]} is null: leave it out")
        return data


def _date(value: str) -> str:
    found = _DATE.fullmatch(value)
    if not found:
        raise ValueError("is a date: YYYY, YYYY-MM or YYYY-MM-DD")
    date(int(found[1]), int(found[3] or 1), int(found[5] or 1))
    return value


def _moment(value: str) -> str:
    if not _MOMENT.fullmatch(value):
        raise ValueError("is a moment with a time zone: YYYY-MM-DDThh:mm:ssZ or with +hh:mm")
    datetime.fromisoformat(re.sub(r"\.\d+", "", value))
    return value


def _date_or_moment(value: str) -> str:
    return _moment(value) if "T" in value else _date(value)


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError("is a time of day: hh:mm")
    return value


def _plain(value: str) -> str:
    if "<" in value and ACTIVE.search(value):
        raise ValueError("is plain text: markup that a browser would run may not stand in it")
    return value


def in_order(start: str | None, end: str | None, field: str) -> None:
    """Raises a fault at `field` for an end that comes before its start, as far as the two are known (FHIR per-1)."""
    if start is not None and end is not None and order(start, end) == 1:
        raise at(field, f"is not before the start, {start}")


Line = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"\S"), AfterValidator(_plain)]
"""One line of text: a name, a title. 1 to 255 characters, not only white space."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S"), AfterValidator(_plain)]
"""Prose, plain text. 1 to 20,000 characters, not only white space."""
Date = Annotated[str, AfterValidator(_date)]
"""A date as precise as it is known (FHIR `date`)."""
Moment = Annotated[str, AfterValidator(_moment)]
"""A moment with its time zone (FHIR `instant`)."""
DateOrMoment = Annotated[str, AfterValidator(_date_or_moment)]
"""FHIR `dateTime`: a date as precise as known, or a moment with its time zone."""
TimeOfDay = Annotated[str, AfterValidator(_time)]
"""Local wall-clock time to the minute, hh:mm."""
Score = Annotated[int, Field(ge=1, le=10)]
"""PRSB importance and confidence: 1 (least) to 10 (most)."""
CodeWord = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\s]+( [^\s]+)*$")]
"""FHIR `code`: no space at either end, and single ones inside."""
Uri = Annotated[str, StringConstraints(pattern=r"^\S{1,2000}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}$"), AfterValidator(known)]
"""A reference to an entry or to the directory, as `Type/id`."""
Amount = Annotated[int | Decimal, Field()]
"""A number; it keeps the digits that were written."""


class Coding(Form):
    """A concept: what people call it, and where known the code of a code system (SNOMED CT, LOINC)."""

    text: Line | None = None
    system: Uri | None = None
    code: CodeWord | None = None
    display: Line | None = None


class Quantity(Form):
    """An amount with its unit (UCUM where known)."""

    value: Amount
    unit: Line | None = None


class Range(Form):
    """From low to high, both included; one end may be open."""

    low: Quantity | None = None
    high: Quantity | None = None

    @model_validator(mode="after")
    def _low_is_low(self) -> Self:
        if self.low and self.high and self.low.unit == self.high.unit and self.low.value > self.high.value:
            raise at("high", f"is not less than the low end, {self.low.value}")
        return self


class Span(Form):
    """From start to end, both included; one end may be open."""

    start: DateOrMoment | None = None
    end: DateOrMoment | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        in_order(self.start, self.end, "end")
        return self


class Party(Form):
    """Somebody who is named: a reference where the plan knows them, and their name as people say it."""

    reference: Ref | None = None
    name: Line | None = None
    role: Line | None = None
    contact: Line | None = None


SOMEONE = ("Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
ASKING = ("Device", "Organization", *SOMEONE)
DOING = ("CareTeam", "HealthcareService", *ASKING)
Someone = Annotated[Party, LeadsTo(*SOMEONE)]
"""A Party that is a person: the person themselves, somebody of theirs, or a worker."""
Asking = Annotated[Party, LeadsTo(*ASKING)]
"""A Party that says or asks for something: a person, an agency, or a device."""
Doing = Annotated[Party, LeadsTo(*DOING)]
"""A Party that does something: one who may ask, a team, or a service."""
Reason = Annotated[Ref, LeadsTo("Condition", "Observation", "DiagnosticReport", "DocumentReference")]
"""Why something is asked for."""
