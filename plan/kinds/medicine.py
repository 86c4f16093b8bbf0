"""Medicine: what the person takes, when, how strictly to the time, and who gives it.

Source: PRSB Core Information Standard v2, "Medications"; HL7 FHIR R4 MedicationStatement. What was prescribed is a kind
of its own (prescription): what is ordered is not always what is taken.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import SOMEONE, Coding, Date, Doing, Form, Party, Span, Text, TimeOfDay


class Taken(Form):
    """What a medicine that is taken and one that is prescribed have in common.

    `times`: when it is due each day, local. `time_critical`: it does harm when it comes late, by more than
    `tolerance_minutes`. `given_by`: who gives it; `self_given`: the person takes it without anybody's help.
    """

    medicine: Text
    code: Coding | None = None
    dose: Text | None = None
    times: Annotated[list[TimeOfDay], Field(min_length=1)] | None = None
    as_needed: bool | None = None
    time_critical: bool | None = None
    tolerance_minutes: Annotated[int, Field(ge=1, le=720)] | None = None
    given_by: Doing | None = None
    self_given: bool | None = None


class Medicine(Taken):
    """One medicine that is taken. `source`: who says so."""

    status: Literal["active", "intended", "completed", "stopped", "on_hold", "not_taken", "unknown", "entered_in_error"]
    period: Span | None = None
    source: Annotated[Party, LeadsTo("Organization", *SOMEONE)] | None = None
    review_date: Date | None = None
    note: Text | None = None


KIND = Kind(name="medicine", form=Medicine, title=lambda body: str(body.get("medicine", "Medicine")))
