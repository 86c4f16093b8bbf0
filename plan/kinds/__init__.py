"""The kinds of entry, one row each: a new kind is one file beside this one and one row here."""

from collections.abc import Mapping

from plan.kinds import (
    about_me,
    action,
    allergy,
    ask,
    assessment,
    benefits,
    consent,
    contact,
    contingency,
    departure,
    discharge_notice,
    discharge_override,
    document,
    equipment,
    failed_discharge,
    finding,
    flag,
    goal,
    housing,
    instruction,
    legal,
    medicine,
    message,
    need,
    observation,
    person,
    prescription,
    readiness,
    referral,
    review,
    risk,
    sealed_address,
    section,
    service,
    stay,
)
from plan.kinds.kind import Kind
from plan.problem import Fault, Problem, Trouble

KINDS: Mapping[str, Kind] = {
    row.name: row
    for row in (
        need.KIND,
        goal.KIND,
        action.KIND,
        service.KIND,
        instruction.KIND,
        referral.KIND,
        equipment.KIND,
        risk.KIND,
        flag.KIND,
        review.KIND,
        allergy.KIND,
        medicine.KIND,
        prescription.KIND,
        finding.KIND,
        message.KIND,
        ask.KIND,
        stay.KIND,
        readiness.KIND,
        discharge_notice.KIND,
        discharge_override.KIND,
        departure.KIND,
        failed_discharge.KIND,
        document.KIND,
        assessment.KIND,
        observation.KIND,
        contact.KIND,
        sealed_address.KIND,
        consent.KIND,
        about_me.KIND,
        housing.KIND,
        benefits.KIND,
        contingency.KIND,
        legal.KIND,
    )
}
"""What may stand in a section, by name."""

PERSON = person.KIND
SECTION = section.KIND
FRAME_KINDS: Mapping[str, Kind] = {PERSON.name: PERSON, SECTION.name: SECTION}
"""What a plan has once: written through addresses of its own."""


def kind(name: str) -> Kind:
    """The row of a kind; raises Problem(NOT_FOUND) for one that does not exist."""
    found = KINDS.get(name)
    if found is None:
        what = f"{name[:64]!r} is no kind of entry"
        raise Problem(Trouble.NOT_FOUND, what, (Fault(what, mend=f"The kinds are: {', '.join(KINDS)}."),))
    return found
