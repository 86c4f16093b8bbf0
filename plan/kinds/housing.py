"""Housing: the home that somebody lives in or goes back to, its tenancy, dangers and alarms.

Source: MHCLG CORE lettings log (tenancy and property references), Client Level Data (accommodation status), PRSB Core
Information Standard v2 ("Social context", access); UPRN of OS and GeoPlace. No code of a key safe is kept here.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from plan.kinds.kind import Kind
from plan.kinds.types import Coding, Date, DateOrMoment, Form, Line, Party, Text, in_order
from plan.model import Section

Uprn = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]
"""Unique Property Reference Number: 1 to 12 digits. A parent's is that of the estate, scheme or block a home is in."""
TenancyType = Literal["sheltered", "extra_care", "supported", "general_needs", "temporary", "none"]
TenancyStatus = Literal["applied", "active", "notice_given", "ended"]
AdaptationStatus = Literal["requested", "approved", "ordered", "installed", "declined"]
HazardType = Literal["heating", "damp", "hoarding", "fire", "electrical", "structure", "pets", "access", "other"]
WorksType = Literal[
    "heating", "water", "electrical", "lift", "structure", "adaptation", "decant", "possession", "other"
]
WorksStatus = Literal["planned", "under_way", "done", "cancelled"]


class Tenancy(Form):
    """The agreement that the person lives there by."""

    landlord: Party | None = None
    tenancy_reference: Line | None = None
    property_reference: Line | None = None
    type: TenancyType | None = None
    start: Date | None = None
    end: Date | None = None
    status: TenancyStatus | None = None


class Telecare(Form):
    """The alarm or pendant. `working` is what the last test call said.

    `switched_off` and `switched_on`: when it last was, or when that is booked. `relied_on` false: the plan does
    without.
    """

    supplier: Line | None = None
    phone: Line | None = None
    working: bool | None = None
    switched_off: DateOrMoment | None = None
    switched_on: DateOrMoment | None = None
    relied_on: bool | None = None


class Adaptation(Form):
    """A change to the home (ramp, rail, level shower), and how far it has come."""

    type: Line
    status: AdaptationStatus | None = None
    due: Date | None = None


class Hazard(Form):
    """What can hurt somebody in this home."""

    type: HazardType
    detail: Text | None = None


class Works(Form):
    """What the landlord does with the home: repairs, a decant (moving out while they last), a step to possession."""

    type: WorksType
    status: WorksStatus | None = None
    detail: Text | None = None
    start: DateOrMoment | None = None
    end: DateOrMoment | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        in_order(self.start, self.end, "end")
        return self


class EvacuationPlan(Form):
    """How the person gets out in an emergency (a personal emergency evacuation plan)."""

    text: Text
    updated: Date | None = None


class Housing(Form):
    """One home. `access` says how to get in and who holds a key, never the code of a key safe.

    `hold_tenancy_until` is the day up to which the landlord keeps the home for somebody who is away.
    """

    tenancy: Tenancy | None = None
    scheme: Line | None = None
    uprn: Uprn | None = None
    parent_uprn: Uprn | None = None
    accommodation_status: Coding | None = None
    access: Text | None = None
    scheme_manager: Party | None = None
    warden_hours: Line | None = None
    telecare: Telecare | None = None
    adaptations: Annotated[list[Adaptation], Field(min_length=1)] | None = None
    hazards: Annotated[list[Hazard], Field(min_length=1)] | None = None
    works: Annotated[list[Works], Field(min_length=1)] | None = None
    evacuation_plan: EvacuationPlan | None = None
    household: Text | None = None
    hold_tenancy_until: Date | None = None


KIND = Kind(
    name="housing",
    form=Housing,
    title=lambda body: str(body.get("scheme", "Home")),
    sections=frozenset({Section.HOUSING}),
    home=Section.HOUSING,
)
