"""Legal: who may decide for the person, what they have refused in advance, and what a court or authority has ordered.

Source: PRSB Core Information Standard v2, "Legal information" and "End of life"; Mental Capacity Act 2005.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.types import Date, Form, Line, Party, Ref, Text
from plan.model import Section

AttorneyType = Literal[
    "health_and_welfare", "property_and_affairs", "deputy_health_and_welfare", "deputy_property_and_affairs"
]
CapacityOutcome = Literal["has_capacity", "lacks_capacity", "fluctuating"]
LibertyStatus = Literal["requested", "authorised", "refused", "ended"]
CprChoice = Literal["attempt", "do_not_attempt"]


class Attorney(Form):
    """Somebody who holds a lasting power of attorney, or a deputy whom the court named."""

    name: Line
    type: AttorneyType
    contact: Line | None = None
    document: Ref | None = None


class AdvanceDecision(Form):
    """A treatment that the person refuses in advance. Nobody can follow what nobody can read: it says where it is.

    `withdrawn`: since when it no longer holds.
    """

    decision: Text
    date: Date | None = None
    withdrawn: Date | None = None
    document: Ref | None = None
    location: Line | None = None

    @model_validator(mode="after")
    def can_be_found(self) -> "AdvanceDecision":
        """A refusal of treatment is checked on its paper before it is followed."""
        if not (self.document or self.location):
            raise ValueError("says where it can be read: document or location")
        return self


class MentalCapacity(Form):
    """One assessment of capacity: always for one decision, at one time."""

    decision: Text
    outcome: CapacityOutcome
    date: Date | None = None
    assessor: Party | None = None


class DeprivationOfLiberty(Form):
    """A deprivation of liberty safeguard or its successor."""

    status: LibertyStatus
    start: Date | None = None
    end: Date | None = None


class CprDecision(Form):
    """Whether cardiopulmonary resuscitation is to be attempted."""

    decision: CprChoice
    date: Date | None = None
    document: Ref | None = None


class Legal(Form):
    """The legal information of one person."""

    attorneys: Annotated[list[Attorney], Field(min_length=1)] | None = None
    advance_decisions: Annotated[list[AdvanceDecision], Field(min_length=1)] | None = None
    mental_capacity: Annotated[list[MentalCapacity], Field(min_length=1)] | None = None
    deprivation_of_liberty: DeprivationOfLiberty | None = None
    cpr_decision: CprDecision | None = None
    other: Text | None = None


KIND = Kind(
    name="legal",
    form=Legal,
    title=lambda body: "Legal information",
    sections=frozenset({Section.LEGAL}),
    home=Section.LEGAL,
)
