"""Prescription: a medicine that a clinician has ordered.

Source: PRSB Core Information Standard v2, "Medications"; HL7 FHIR R4 MedicationRequest.
"""

from typing import Literal

from plan.kinds.kind import Kind
from plan.kinds.medicine import Taken
from plan.kinds.types import Asking, Date, DateOrMoment, Text


class Prescription(Taken):
    """One prescription. `prescribed`: when it was written, and by whom."""

    status: Literal["draft", "active", "completed", "stopped", "on_hold", "cancelled", "unknown", "entered_in_error"]
    prescribed: DateOrMoment | None = None
    prescribed_by: Asking | None = None
    review_date: Date | None = None
    note: Text | None = None


KIND = Kind(name="prescription", form=Prescription, title=lambda body: str(body.get("medicine", "Prescription")))
