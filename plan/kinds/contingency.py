"""Contingency: what to do when things go wrong: the signs, the steps, and whom to ring.

Source: PRSB Personalised Care and Support Plan v2.0, "Contingency plans".
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.types import Coding, Date, Form, Line, Party, Text
from plan.model import Section

LevelOfTreatment = Literal["full_treatment", "selected_treatment", "comfort"]
Resuscitation = Literal["attempt", "do_not_attempt"]


class TriggerFactor(Form):
    """What sets the plan off, in words and where possible in a code."""

    text: Text
    code: Coding | None = None


class AdvanceStatement(Form):
    """That the person has written down their wishes, and where that paper is."""

    date: Date | None = None
    location: Line


class Contingency(Form):
    """One contingency plan. Lists are in the order in which things are tried.

    `treatment` and `resuscitation` say in words that can be compared what an emergency crew is asked to do.
    """

    plan_name: Line | None = None
    trigger_factors: Annotated[list[TriggerFactor], Field(min_length=1)]
    what_should_happen: Annotated[list[Text], Field(min_length=1)] | None = None
    treatment: LevelOfTreatment | None = None
    resuscitation: Resuscitation | None = None
    who_should_be_contacted: Annotated[list[Party], Field(min_length=1)] | None = None
    coping_strategies: Annotated[list[Text], Field(min_length=1)] | None = None
    early_warning_signs: Annotated[list[Text], Field(min_length=1)] | None = None
    advance_statement: AdvanceStatement | None = None
    anticipatory_medicines_or_equipment: Annotated[list[Text], Field(min_length=1)] | None = None
    agreed_with: Party | None = None
    review_date: Date | None = None
    responsible_for_review: Party | None = None


KIND = Kind(
    name="contingency",
    form=Contingency,
    title=lambda body: str(body.get("plan_name", "Contingency plan")),
    sections=frozenset({Section.CONTINGENCY}),
    home=Section.CONTINGENCY,
)
