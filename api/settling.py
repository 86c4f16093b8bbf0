"""Settling a finding: a clinician or the coordinator says why, and nothing else of it changes; nobody else writes one.

The service finds (plan.findings); people settle. Both doors come here, by the one line in api/work.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.deeds import UNSAID, Deed, Did, Outcome
from api.scoped import said
from auth.access import Permit, Question, Verb, must_by_scope, must_settle, refusal
from fhir_facade import drafts, exact
from fhir_facade.lens import same
from plan.findings import instant
from plan.model import Draft, PersonId, Stored
from plan.problem import Fault, Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work

KIND = "finding"
OURS = ("status", "resolution")
"""What of a finding people change."""
THEIRS = ("status", "mitigation", "text", "meta", "id")
"""The same of its R4 face; the narrative and the meta follow."""
_MEND = "Send it as it was read, with `status` and `resolution` (FHIR: `status` and `mitigation`) changed."


def must_find(draft: Draft, current: Stored | None) -> None:
    """Insist that a client does not write what only a rule finds."""
    if draft.kind == KIND and (current is None or current.kind != KIND):
        what = "Findings of the contradiction rules are written by the service."
        raise refusal(Question.OWNERSHIP, what, "Write the entry that you mean; the rules will see it.")


def must_stay() -> None:
    """Nobody takes a finding away."""
    raise Problem(Trouble.NO_METHOD, "A finding is not deleted: settle it, or change what contradicts.")


async def settle(work: Work, deed: Deed, permit: Permit, current: Stored) -> Outcome:
    """Settle a finding, or open it again. Raises REFUSED for others, UNPROCESSABLE for no reason or another change."""
    must_settle(permit, deed.type, current.section, [said(permit, current)])
    before, face = exact.stored(current.body), exact.stored(current.fhir)
    body = drafts.fields_of(deed.body) if deed.body is not None else _seen(deed.resource or {}, current)
    _must_keep(deed, body, drafts.fields_of(before), face, current)
    _must_say_why(body, before)
    body = _signed(work, body)
    base = face if deed.resource is None else {**deed.resource, "meta": face["meta"]}
    draft = drafts.from_body(KIND, body, current.section, current.person, current.agency, base)
    draft.restriction = current.restriction
    must_by_scope(permit, Verb.UPDATE, deed.type, [said(permit, draft)])
    stored = work.put(draft, PersonId(current.person), current.id, current)
    await work.follow(draft, stored, current, settled=True)
    return Outcome(Did.UPDATED, stored)


def _seen(resource: dict[str, Any], current: Stored) -> dict[str, Any]:
    return drafts.from_fhir(resource, current.section, current.agency).body


def _must_keep(deed: Deed, body: dict[str, Any], before: dict[str, Any], face: dict[str, Any], current: Stored) -> None:
    """Insist that all but the outcome stays as the rule said it."""
    kept = _without(body, OURS), _without(before, OURS)
    if deed.resource is not None:
        kept = _without(deed.resource, THEIRS), _without(face, THEIRS)
    moved = deed.section not in (None, current.section) or deed.restriction not in (UNSAID, None, current.restriction)
    if moved or not same(*kept):
        what = "only whether and why it is settled can be changed in a finding"
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, mend=_MEND),))


def _without(held: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name not in names}


def _must_say_why(body: dict[str, Any], before: dict[str, Any]) -> None:
    status = body.get("status")
    if before["status"] == "gone" or status == "gone":
        what = "the service itself says when a contradiction is gone"
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("status",), "Leave a finding that is gone."),))
    settled = status in ("resolved", "withdrawn")
    reason = (body.get("resolution") or {}).get("reason")
    if settled and not reason:
        what = "nothing is settled without a reason"
        mend = "Say why in `resolution.reason` (FHIR: `mitigation.action.text`)."
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("resolution", "reason"), mend),))
    if not settled and reason:
        what = "a finding with a resolution is settled"
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("status",), "It is `resolved` or `withdrawn`."),))


def _signed(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """With who settled it and when, where they did not say."""
    resolution = body.get("resolution")
    if not resolution:
        return body
    caller = work.visit.caller
    by = {"name": caller.name or caller.subject, "role": caller.role.value}
    return {**body, "resolution": {"by": by, "at": instant(work.writing.now), **resolution}}


def resolved(body: dict[str, Any], outcome: str, reason: str) -> dict[str, Any]:
    """The finding as it is once it is settled so."""
    return {**drafts.fields_of(body), "status": outcome, "resolution": {"reason": reason}}
