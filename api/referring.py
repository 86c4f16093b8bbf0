"""Referrals: who may move the task of one, and what follows: the referral ends with it, a handover ends the one before.

Source: Gravity SDOH Clinical Care 3.0.0 (plan/referral.py). Whom a task brings to the team is api/relations.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api import frame, relations
from auth.access import Question, refusal
from db.writing import NO_PERSON
from fhir_facade import drafts, exact
from plan.charter import Letter
from plan.kinds import referral
from plan.model import AgencyId, Draft, EntryId, Json, Stored
from plan.problem import Fault, Problem, Trouble
from plan.referral import ASKED, MOVES, OF_THE_ASKED, TAKEN_ON

if TYPE_CHECKING:
    from api.work import Work

KIND = referral.KIND.name


async def follow(work: Work, draft: Draft, stored: Stored, before: Stored | None) -> None:
    """Insist on the rules of a referral and of its task, and do what follows. Nothing of any other entry."""
    if stored.deleted:
        return
    if stored.kind == KIND:
        await _referral(work, draft, stored, before)
    elif stored.type == "Task":
        asked = await _about(work, stored, draft.fhir)
        if asked:
            await _task(work, draft, stored, before, asked)


# the referral


async def _referral(work: Work, draft: Draft, stored: Stored, before: Stored | None) -> None:
    to = _reference(draft.body.get("to"))
    if to and (before is None or to != _reference(exact.stored(before.body).get("to"))):
        await _must_be_listed(work, to)
    if before is None and draft.body.get("instead_of"):
        await _must_hold(work, stored, str(draft.body["instead_of"]))
    if draft.body.get("status") == "cancelled":
        for task in await _tasks(work, stored):
            if _status(task) in MOVES:
                await _end(work, task, "cancelled", "The referral was cancelled")


async def _must_be_listed(work: Work, reference: str) -> AgencyId:
    """The agency of the directory that a reference leads to; one that is not there cannot be asked."""
    type_, _, id_ = reference.partition("/")
    agency, _ = await frame.agency_of(work, type_, id_.split("/")[0])
    known = await work.writing.current(NO_PERSON, EntryId(agency)) if agency else None
    if agency is None or known is None or known.deleted or known.type != "Organization":
        what = f"{reference or 'nobody'} is no agency in the directory: it cannot be asked"
        mend = "Name an Organization or a PractitionerRole of the directory."
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
    return agency


async def _must_hold(work: Work, stored: Stored, old: str) -> None:
    """Only who has it hands it over, or who asked them, or who manages the section."""
    entry = await work.writing.current(stored.person, EntryId(old.partition("/")[2]))
    permit = await work.leave(stored.person)
    if entry is None or entry.deleted or entry.kind != KIND or not permit.shows(entry):
        what = f"{old} is no referral of this plan"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Name the referral that goes over."),))
    mine = work.visit.caller.agency
    holders = [await _agency_of(work, task) for task in await _tasks(work, entry) if _status(task) in TAKEN_ON]
    if mine not in (*holders, entry.agency) and permit.letters[entry.section] is not Letter.MANAGE:
        what = "A handover is begun by the agency that has the referral, or by the one that made it."
        raise refusal(Question.OWNERSHIP, what, "Ask one of them.")


# its task


async def _about(work: Work, stored: Stored, task: dict[str, Json]) -> Stored | None:
    """The referral that a task asks for."""
    type_, _, id_ = _reference(task.get("focus")).partition("/")
    if type_ != "ServiceRequest":
        return None
    found = await work.writing.current(stored.person, EntryId(id_))
    return found if found and not found.deleted and found.kind == KIND else None


async def _task(work: Work, draft: Draft, stored: Stored, before: Stored | None, asked: Stored) -> None:
    agency = await _must_be_listed(work, _reference(draft.fhir.get("owner")))
    now = str(draft.body.get("status"))
    was = _status(before) if before and not before.deleted else ""
    if not was and now != ASKED:
        what = f"a referral begins with asking: its task is not {now} at once"
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("status",), "Send it as requested."),))
    if was:
        _must_be_the_same(draft.fhir, exact.stored(before.fhir) if before else {})
    if was and now != was:
        await _must_move(work, stored, agency, was, now)
    if now == "refused" and not draft.body.get("status_reason"):
        what = "a refusal carries a reason"
        mend = "Say why in statusReason (status_reason), so that whoever asked can go on."
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, mend=mend),))
    if was != now:
        await _then(work, asked, now)


def _must_be_the_same(now: dict[str, Json], was: dict[str, Json]) -> None:
    """Who is asked, and for what, stays: another agency has to accept for itself."""
    for name in ("owner", "focus"):
        if _reference(now.get(name)) != _reference(was.get(name)):
            what = "a referral is not handed over by changing its task"
            mend = "Make a new referral that names this one in instead_of (replaces); it goes over when they accept."
            raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, mend=mend),))


async def _must_move(work: Work, stored: Stored, agency: AgencyId, was: str, now: str) -> None:
    """One step of the state machine, by who may take it."""
    if now not in MOVES.get(was, ()):
        may = ", ".join(sorted(MOVES.get(was, ()))) or "nothing more: make a new referral"
        what = f"a referral that is {was} does not become {now}"
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("status",), f"It may become: {may}."),))
    mine = work.visit.caller.agency
    if now in OF_THE_ASKED and mine != agency:
        what = f"Only the agency that is asked says that it is {now}."
        raise refusal(Question.OWNERSHIP, what, "Ask them to answer.")
    permit = await work.leave(stored.person)
    if now not in OF_THE_ASKED and mine != stored.agency and permit.letters[stored.section] is not Letter.MANAGE:
        what = "Only the agency that asked withdraws a referral."
        raise refusal(Question.OWNERSHIP, what, "Refuse it, with a reason, or say that it failed.")


async def _then(work: Work, asked: Stored, now: str) -> None:
    """The referral ends with its task; one that took over another's ends that one."""
    if now == "done" and _status(asked) != "completed":
        await _end(work, asked, "completed")
    elif now == "cancelled" and _status(asked) not in ("cancelled", "entered_in_error"):
        await _end(work, asked, "cancelled")
    old = exact.stored(asked.body).get("instead_of") if now == "accepted" else None
    entry = await work.writing.current(asked.person, EntryId(str(old).partition("/")[2])) if old else None
    if entry and entry.kind == KIND and not entry.deleted:
        for task in await _tasks(work, entry):
            if _status(task) in TAKEN_ON:
                await _end(work, task, "done", "Handed over; the next agency has accepted")
        if _status(entry) != "completed":
            await _end(work, entry, "completed")


async def _end(work: Work, entry: Stored, status: str, reason: str = "") -> None:
    """An entry that ends because another did: the service keeps the two together, whoever moved the first."""
    body = {**drafts.fields_of(exact.stored(entry.body)), "status": status}
    if reason:
        body["status_reason"] = reason
    before = exact.stored(entry.fhir)
    draft = drafts.from_body(entry.kind, body, entry.section, entry.person, entry.agency, before)
    draft.restriction = entry.restriction
    stored = work.put(draft, entry.person, entry.id, entry)
    await work.follow(draft, stored, entry, settled=True)
    if stored.type == "Task":
        await relations.of_task(work, draft, stored, entry)


async def _tasks(work: Work, asked: Stored) -> list[Stored]:
    """The tasks that ask for a referral."""
    return [task for task in await work.writing.referring(asked.person, "focus", asked) if task.type == "Task"]


async def _agency_of(work: Work, task: Stored) -> AgencyId | None:
    type_, _, id_ = _reference(exact.stored(task.fhir).get("owner")).partition("/")
    return (await frame.agency_of(work, type_, id_))[0]


def _status(entry: Stored) -> str:
    return str(exact.stored(entry.body).get("status"))


def _reference(said: Any) -> str:
    return str(said.get("reference", "")) if isinstance(said, dict) else ""
