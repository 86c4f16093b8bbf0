"""Consent: what the person allows or forbids: who may see which sections of the plan, and from when to when.

Source: PRSB Core Information Standard v2, "Consent for information sharing"; FHIR R4 Consent. The access decision
reads it: a permit that names no section or nobody permits nothing, a deny that names no section denies them all.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import SOMEONE, DateOrMoment, Form, Line, Party, Ref, Text, in_order
from plan.model import Section

PlanSection = Literal[
    "about_me",
    "health",
    "social_care",
    "housing",
    "benefits",
    "contingency",
    "transitions",
    "legal",
    "safeguarding",
]
GranteeRole = Literal[
    "carer",
    "clinician",
    "social_worker",
    "housing_officer",
    "benefits_adviser",
    "care_provider",
    "coordinator",
]
AgencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
ContactRef = Annotated[str, StringConstraints(pattern=r"^RelatedPerson/[A-Za-z0-9.-]{1,64}$")]


class Grantee(Form):
    """Whom the decision is about: one of an agency (its id), a role, a carer (their contact entry) or an account."""

    agency: AgencyCode | None = None
    role: GranteeRole | None = None
    carer: ContactRef | None = None
    subject: Line | None = None

    @model_validator(mode="after")
    def names_one(self) -> "Grantee":
        """Two at once would be read as "both" by one reader and as "either" by the next."""
        if sum(said is not None for said in (self.agency, self.role, self.carer, self.subject)) != 1:
            raise ValueError("names exactly one of agency, role, carer and subject")
        return self


class Consent(Form):
    """One decision. `evidence` is the signed document, `recorded_how` is in words; `reason` is the person's own."""

    decision: Literal["permit", "deny"]
    status: Literal["draft", "proposed", "active", "refused", "withdrawn"]
    to: Annotated[list[Grantee], Field(min_length=1)]
    sections: Annotated[list[PlanSection], Field(min_length=1)]
    start: DateOrMoment | None = None
    end: DateOrMoment | None = None
    date: DateOrMoment | None = None
    given_by: Annotated[Party, LeadsTo("Organization", *SOMEONE)] | None = None
    basis: Literal["consent", "best_interests", "statutory_duty", "safeguarding", "court_order"] | None = None
    evidence: Annotated[Ref, LeadsTo("Consent", "Contract", "DocumentReference", "QuestionnaireResponse")] | None = None
    recorded_how: Line | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        in_order(self.start, self.end, "end")
        return self


def _title(body: dict[str, object]) -> str:
    return "Sharing refused" if body.get("decision") == "deny" else "Sharing agreed"


KIND = Kind(name="consent", form=Consent, title=_title, sections=frozenset({Section.ABOUT_ME}), home=Section.ABOUT_ME)
