"""What follows from an entry in the access decision: a consent makes rules, a carer's contact a place on the team."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api import referring, relations, sealing
from auth.access import Permit, Question, must_belong, refusal
from db.relations import Member, Rule
from fhir_facade import exact
from fhir_facade.index import HIGH, LOW
from plan.dates import date_range
from plan.model import Draft, EntryId, PersonId, Section, Stored
from plan.problem import Fault, Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work


async def follow(work: Work, draft: Draft, stored: Stored, before: Stored | None, *, settled: bool) -> None:
    """Project a consent, a contact, a sealed address, a task or a restricted team; nothing follows from other kinds.

    What is settled was so elsewhere (import): its tasks ask nobody, and whom they brought its team says.
    """
    if not settled:
        await referring.follow(work, draft, stored, before)
    if draft.kind == "consent":
        must_belong(await work.leave(stored.person))
        await work.writing.rule(stored.person, stored.id, [rule async for rule in _rules(work, draft, stored)])
    elif draft.kind == "contact":
        await _carer(work, draft, stored)
    elif draft.kind == sealing.KIND:
        await sealing.seal(work, stored)
    elif stored.type == "Task" and not settled:
        await relations.of_task(work, draft, stored, before)
    elif stored.type == "CareTeam":
        await relations.of_team(work, draft, stored)


async def _rules(work: Work, draft: Draft, stored: Stored) -> AsyncIterator[Rule]:
    body = draft.body
    if stored.deleted or body.get("status") != "active" or body.get("decision") not in ("permit", "deny"):
        return
    if body["decision"] == "deny" and not body.get("to"):
        what = "it keeps nobody out whom the plan knows"
        mend = "Name an Organization, a role of the charter, or a contact of the person."
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("provision", "actor"), mend),))
    since, until = _moment(body.get("start"), LOW, 0), _moment(body.get("end"), HIGH, 1)
    sections = tuple(_sections(body))
    _must_know(await work.leave(stored.person), sections, named="sections" in body)
    for grantee in body.get("to", ()):
        party = await _party(work, stored.person, grantee)
        if party and sections:
            end = None if until >= HIGH else until
            yield Rule(party=party, sections=sections, decision=body["decision"], since=since, until=end)


def _must_know(permit: Permit, sections: Iterable[Section], *, named: bool) -> None:
    """Who records a consent can open or close only what they may read: leave cannot be handed on by who has none."""
    unknown = [section.value for section in sections if not permit.may_read(section)]
    if unknown and named:
        what = f"Your role may not decide on the sharing of {', '.join(unknown)}."
        raise refusal(Question.CHARTER, what, "Ask the person, or an agency that manages the section.")


def _sections(body: dict[str, Any]) -> Iterator[Section]:
    """The frame is never closed or opened by a consent: it follows from the relationship alone."""
    named = body.get("sections")
    if named is None and body.get("decision") == "deny":
        yield from (section for section in Section if section is not Section.FRAME)
    for name in dict.fromkeys(named or ()):
        if name in set(Section) - {Section.FRAME}:
            yield Section(name)


def _moment(said: Any, open_: int, end: int) -> int:
    found = date_range(said) if isinstance(said, str) else None
    return found[end] if found else open_


async def _party(work: Work, person: PersonId, grantee: dict[str, Any]) -> str | None:
    if grantee.get("agency"):
        return f"agency:{grantee['agency']}"
    if grantee.get("role"):
        return f"role:{grantee['role']}"
    if grantee.get("subject"):
        return f"user:{grantee['subject']}"
    carer = str(grantee.get("carer", "")).removeprefix("RelatedPerson/")
    contact = await work.writing.current(person, EntryId(carer)) if carer else None
    subject = exact.stored(contact.body).get("subject") if contact and contact.body else None
    return f"user:{subject}" if subject else None


async def _carer(work: Work, draft: Draft, stored: Stored) -> None:
    """A contact with an account of their own is on the team; what they may see, the person's consents say."""
    subject = draft.body.get("subject") if not stored.deleted else None
    known = next((m for m in await work.writing.members(stored.person) if m.id == stored.id), None)
    if subject or known:
        must_belong(await work.leave(stored.person))
    if subject:
        since = known.since if known else work.writing.now
        member = Member(id=stored.id, party=f"user:{subject}", basis="carer", role="carer", since=since)
        work.writing.join(stored.person, member)
    elif known and known.until is None:
        work.writing.join(stored.person, replace(known, until=work.writing.now))
