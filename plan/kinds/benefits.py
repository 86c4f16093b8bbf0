"""Benefits: one entitlement, where it stands and what a stay in hospital does to it. Never an amount of money.

Source: our own list of benefits; no national record standard was found. That an amount cannot be written down is the
point: a plan that is shared with nine roles is no place for somebody's income.
"""

from typing import Literal

from pydantic import model_validator

from plan.kinds.kind import Kind
from plan.kinds.types import Date, Form, Line, Party, Text
from plan.model import Section

Benefit = Literal[
    "universal_credit",
    "personal_independence_payment",
    "attendance_allowance",
    "carers_allowance",
    "housing_benefit",
    "pension_credit",
    "council_tax_reduction",
    "discretionary_housing_payment",
    "other",
]
BenefitStatus = Literal["none", "claimed", "awarded", "suspended", "appeal", "ended"]


class Benefits(Form):
    """One entitlement. `name` says which, when `benefit` is `other`. `appointee` acts for the person with the payer."""

    benefit: Benefit
    name: Line | None = None
    status: BenefitStatus
    effective: Date | None = None
    review_date: Date | None = None
    expiry: Date | None = None
    hospital_stay_impact: Text | None = None
    next_action: Text | None = None
    caseworker: Party | None = None
    appointee: Party | None = None

    @model_validator(mode="after")
    def other_has_a_name(self) -> "Benefits":
        """`other` alone tells an adviser nothing."""
        if self.benefit == "other" and not self.name:
            raise ValueError("says its name when the benefit is other")
        return self


def _title(body: dict[str, object]) -> str:
    return str(body.get("name") or str(body.get("benefit", "Benefit")).replace("_", " ").capitalize())


KIND = Kind(name="benefits", form=Benefits, title=_title, sections=frozenset({Section.BENEFITS}), home=Section.BENEFITS)
