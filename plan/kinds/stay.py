"""Stay: a time in hospital, from its admission to the way home that is planned for it.

Source: PRSB Hospital referral for assessment for community care and support v1.1, "Admission details" and "Discharge
details"; the pathways 0 to 3 are those of discharge to assess.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Coding, DateOrMoment, Form, Line, Party, in_order
from plan.model import Section


class Stay(Form):
    """One stay. `planned_discharge` is the expected date of discharge; `discharge_ready` is when hospital care ended.

    `number` is what the hospital itself calls it: the number of its spell or visit.
    `notice` is when the planned discharge was said; the service fills it in.
    `method` is how the person was admitted, `discharge_method` how they left, `destination` where to.
    """

    status: Literal["planned", "arrived", "in_hospital", "on_leave", "finished", "cancelled"]
    number: Line | None = None
    hospital: Annotated[Party, LeadsTo("Organization")] | None = None
    ward: Line | None = None
    admitted: DateOrMoment | None = None
    planned_discharge: DateOrMoment | None = None
    notice: DateOrMoment | None = None
    discharge_ready: DateOrMoment | None = None
    discharged: DateOrMoment | None = None
    reason: Coding | None = None
    method: Coding | None = None
    discharge_method: Coding | None = None
    destination: Coding | None = None
    pathway: Annotated[int, Field(ge=0, le=3)] | None = None

    @model_validator(mode="after")
    def _leaves_after_coming(self) -> Self:
        in_order(self.admitted, self.discharged, "discharged")
        in_order(self.admitted, self.planned_discharge, "planned_discharge")
        return self


def _title(body: dict[str, object]) -> str:
    hospital = body.get("hospital")
    name = hospital.get("name") if isinstance(hospital, dict) else None
    return f"Stay at {name}" if name else "Hospital stay"


KIND = Kind(name="stay", form=Stay, title=_title, sections=frozenset({Section.TRANSITIONS}), home=Section.TRANSITIONS)
