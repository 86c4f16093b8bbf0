"""Equipment: what the person needs at home, from the request until it stands there tested, and back.

Source: PRSB Core Information Standard v2, "Equipment and adaptations"; HL7 FHIR R4 DeviceRequest.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Coding, Date, DateOrMoment, Doing, Form, Line, Party, Reason, Text
from plan.model import Section


class Equipment(Form):
    """One item. `delivered` is not `installed`, and `installed` is not `tested`: a discharge waits for the last.

    The three that end in `_booked`: for when that has been arranged.
    """

    item: Text
    code: Coding | None = None
    status: Literal[
        "requested",
        "ordered",
        "delivered",
        "installed",
        "tested",
        "on_hold",
        "returned",
        "cancelled",
        "entered_in_error",
    ]
    reason: Text | None = None
    needed_by: DateOrMoment | None = None
    supplier: Doing | None = None
    asked_by: Annotated[Party, LeadsTo("Device", "Organization", "Practitioner", "PractitionerRole")] | None = None
    serial: Line | None = None
    location: Text | None = None
    delivery_booked: DateOrMoment | None = None
    installation_booked: DateOrMoment | None = None
    test_booked: DateOrMoment | None = None
    delivered: DateOrMoment | None = None
    installed: DateOrMoment | None = None
    tested: DateOrMoment | None = None
    returned: DateOrMoment | None = None
    needs: Annotated[list[Reason], Field(min_length=1)] | None = None
    review_date: Date | None = None
    note: Text | None = None


KIND = Kind(
    name="equipment",
    form=Equipment,
    title=lambda body: str(body.get("item", "Equipment")),
    sections=frozenset({Section.HEALTH, Section.SOCIAL_CARE, Section.HOUSING, Section.TRANSITIONS}),
)
