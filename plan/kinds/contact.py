"""Contact: somebody in the person's own life: next of kin, unpaid carer, attorney, neighbour with the key.

Source: PRSB Core Information Standard v2, "Personal contacts"; FHIR R4 RelatedPerson, HL7 v3 RoleCode.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.kinds.kind import Kind
from plan.kinds.types import Form, Line, Text
from plan.model import Section

ContactRole = Literal[
    "next_of_kin",
    "unpaid_carer",
    "attorney",
    "health_attorney",
    "guardian",
    "responsible_person",
    "advocate",
    "spouse",
    "partner",
    "parent",
    "daughter",
    "son",
    "sibling",
    "friend",
    "neighbour",
]


class Contact(Form):
    """One contact. `relationship` is the person's word for it ("my sister's girl"), `roles` what follows from it.

    `attorney` holds a power of attorney for property, `health_attorney` for health and welfare. `subject` is the
    account that a carer signs in with.
    """

    name: Line
    relationship: Line | None = None
    roles: Annotated[list[ContactRole], Field(min_length=1)] | None = None
    phone: Line | None = None
    email: Line | None = None
    lives_with: bool | None = None
    key_holder: bool | None = None
    comments: Text | None = None
    subject: Line | None = None


KIND = Kind(
    name="contact",
    form=Contact,
    title=lambda body: str(body.get("name", "Contact")),
    sections=frozenset({Section.ABOUT_ME}),
    home=Section.ABOUT_ME,
)
