"""Goal: what the person hopes for, in their own words, and how far it has come.

Source: PRSB Personalised Care and Support Plan v2.0, "Goals and hopes", "Stage goal", "Goal status"; Kiresuk TJ,
Sherman RE. Goal attainment scaling. Community Ment Health J 1968;4.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo, at
from plan.kinds.types import Coding, Date, DateOrMoment, Form, Ref, Score, Someone, Text

Addressed = Annotated[
    Ref,
    LeadsTo("Condition", "Observation", "MedicationStatement", "NutritionOrder", "RiskAssessment", "ServiceRequest"),
]


class StageGoal(Form):
    """A step on the way (PRSB "Stage goal")."""

    goal: Text
    status: Literal["not_started", "in_progress", "achieved", "not_achieved"] | None = None
    outcome: Text | None = None
    due: Date | None = None


class Goal(Form):
    """One goal. `importance` is the person's own, 1 to 10; `own_words` are theirs, not a summary of them.

    `score`: Goal Attainment Scaling, from -2 (much less than hoped for) over 0 (as hoped for) to +2 (much more), with
    who scored it and when.
    """

    goal: Text
    code: Coding | None = None
    status: Literal[
        "proposed", "accepted", "active", "on_hold", "completed", "cancelled", "rejected", "entered_in_error"
    ]
    own_words: Text | None = None
    importance: Score | None = None
    attainment: (
        Literal["in_progress", "improving", "worsening", "no_change", "achieved", "sustaining", "not_achieved"] | None
    ) = None
    score: Annotated[int, Field(ge=-2, le=2)] | None = None
    scored_by: Someone | None = None
    scored: DateOrMoment | None = None
    start: Date | None = None
    due: Date | None = None
    expressed_by: Someone | None = None
    needs: Annotated[list[Addressed], Field(min_length=1)] | None = None
    stage_goals: Annotated[list[StageGoal], Field(min_length=1)] | None = None
    outcome: Text | None = None
    review_date: Date | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _somebody_scored_it(self) -> Self:
        if self.score is not None and self.scored_by is None:
            raise at("scored_by", "says who scored it, when there is a score")
        return self


KIND = Kind(name="goal", form=Goal, title=lambda body: str(body.get("goal", "Goal")))
