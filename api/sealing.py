"""A sealed address takes the place of the one in the Patient: nobody reads it there any more, nor in old versions.

That an address is sealed is told to who writes one into the Patient (as the national service tells that a record is
sensitive), because a silent loss would bring it back the next time. Where it is, nobody is told who is not named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth.access import Verb, must
from fhir_facade import drafts, exact
from plan.kinds import sealed_address
from plan.model import Draft, PersonId, Section, Slot, Stored
from plan.problem import Fault, Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work

KIND = sealed_address.KIND.name


async def seal(work: Work, stored: Stored) -> None:
    """Take the address out of the Patient, and hide the versions that had it from who is not named."""
    if stored.deleted:
        return
    patient = await work.writing.slot(stored.person, Slot.PATIENT.value)
    if patient is None:
        return
    said = exact.stored(patient.fhir)
    if "address" in said:
        must(await work.leave(stored.person), Verb.UPDATE, "Patient", Section.FRAME)
        left = {name: value for name, value in said.items() if name != "address"}
        draft = drafts.from_fhir(drafts.retold(left), Section.FRAME, patient.agency)
        patient = work.put(draft, stored.person, patient.id, patient)
    named = frozenset({stored.agency, *(stored.restriction or ())})
    await work.writing.hide_versions(stored.person, patient.id, '"address"', named)


async def must_not_say(work: Work, draft: Draft, person: PersonId) -> None:
    """Insist that a Patient says no address while one is sealed. Raises UNPROCESSABLE."""
    if "address" in draft.fhir and await work.writing.has_kind(person, KIND):
        what = "this person's address is sealed"
        mend = "Leave it out here; who may know it keeps it as a sealed address."
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("address",), mend),))
