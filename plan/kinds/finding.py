"""Finding: two entries of the plan that contradict each other, found by a rule, until it is settled or gone.

The service writes findings (plan.findings); people settle them, with a reason. Source: docs/coordination.md, section 4;
HL7 FHIR R4 DetectedIssue.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo, at
from plan.kinds.types import CodeWord, DateOrMoment, Form, Line, Party, Ref, Text


class Evidence(Form):
    """What one side says that does not fit."""

    says: Text
    entry: Ref


class Resolution(Form):
    """How it was settled: why, by whom and when. Without a reason nothing is settled."""

    reason: Text
    by: Annotated[Party, LeadsTo("Practitioner", "PractitionerRole")] | None = None
    at: DateOrMoment | None = None


class Finding(Form):
    """One contradiction. `sides`: the entries that it is between; `mark` tells it from others of its rule between them.

    `inputs`: what the sides said when the rule was asked. `open`: to be settled. `resolved`: settled, as long as
    `inputs` stay as they are. `gone`: what contradicted does so no more, and `closed` says why. `withdrawn`: the rule
    was wrong here.
    """

    rule: CodeWord
    mark: Line | None = None
    title: Line
    severity: Literal["warn", "high", "critical", "blocking"]
    status: Literal["open", "resolved", "gone", "withdrawn"]
    sides: Annotated[list[Ref], Field(min_length=1)]
    detail: Text
    evidence: Annotated[list[Evidence], Field(min_length=1)] | None = None
    proposal: Text | None = None
    identified: DateOrMoment | None = None
    inputs: Line | None = None
    resolution: Resolution | None = None
    closed: Text | None = None

    @model_validator(mode="after")
    def _settled_with_a_reason(self) -> Self:
        if self.status in ("resolved", "withdrawn") and self.resolution is None:
            raise at("resolution", "says why: nothing is settled without a reason")
        return self


KIND = Kind(name="finding", form=Finding, title=lambda body: str(body.get("title", "Finding")))
