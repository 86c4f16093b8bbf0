"""The feedback loop at the desk: what somebody writes of it is checked, and who and when are filled in, at either door.

The rules are plan.feedback_checks; here is only what they must know: who writes, and which agencies are on the team as
far as this caller may know. What is settled elsewhere (import) has been said already, and is kept as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api import knowing
from api.scoped import shows
from auth.access import Permit
from fhir_facade import drafts, exact
from plan import feedback_checks
from plan.feedback_checks import Around
from plan.known import Body
from plan.model import AgencyId, Draft, EntryId, Json, PersonId, Stored
from plan.problem import Fault, Problem

if TYPE_CHECKING:
    from api.deeds import Deed
    from api.work import Work

Check = Callable[[Body, Body, Around], dict[str, Json]]
_CHECKS: Mapping[str, Check] = {
    "message": feedback_checks.message,
    "instruction": feedback_checks.instruction,
    "ask": feedback_checks.ask,
}
_IN_FHIR: Mapping[str, str] = {
    "urgency": "priority",
    "to": "recipient",
    "state": "status",
    "outcome_reason": "extension",
    "understood": "extension",
    "changes": "extension",
    "period": "occurrencePeriod",
}
"""How FHIR calls the fields that a fault may name."""


async def kept(work: Work, deed: Deed, draft: Draft, person: PersonId, current: Stored | None) -> Body:
    """The body of a draft of the loop as it is kept; of other kinds as it is. Raises Problem."""
    was = current.kind if current else draft.kind
    check = _CHECKS.get("ask" if was == "ask" else draft.kind)
    if check is None:
        return draft.body
    before = drafts.fields_of(exact.stored(current.body)) if current and current.body else {}
    around = await _around(work, draft, person, current)
    try:
        return check(draft.body, before if was in (draft.kind, "ask") else {}, around)
    except Problem as problem:
        raise problem if deed.resource is None else _in_fhir(problem) from None


async def _around(work: Work, draft: Draft, person: PersonId, current: Stored | None) -> Around:
    caller, permit = work.visit.caller, await work.leave(person)
    owner = current.agency if current else caller.agency
    places = [one for one in await work.writing.members(person) if not one.until and one.opens is None]
    known = [one for one in places if permit.sees(AgencyId(one.party), one.restriction)]
    listed = knowing.listed(await work.writing.listed([one.party for one in known]))
    return Around(
        subject=caller.subject,
        agency=caller.agency,
        role=caller.role,
        now=work.writing.at(person),
        owner=owner,
        team=listed,
        workers={one.worker: AgencyId(one.party) for one in known if one.worker},
        restriction=draft.restriction,
        changed=await _is_there(work, permit, draft.body.get("changes")),
    )


async def _is_there(work: Work, permit: Permit, reference: Any) -> bool:
    """Whether an entry of this plan is there for the caller."""
    type_, _, id_ = str(reference or "").partition("/")
    found = await work.writing.current(permit.person, EntryId(id_)) if id_ and permit.person else None
    return found is not None and found.type == type_ and not found.deleted and shows(permit, found)


def _in_fhir(problem: Problem) -> Problem:
    """The same problem, with its places as FHIR calls them."""
    problem.faults = tuple(map(_renamed, problem.faults))
    return problem


def _renamed(fault: Fault) -> Fault:
    first, *rest = fault.where
    return replace(fault, where=(_IN_FHIR.get(str(first), first), *(part for part in rest if first != "period")))
