"""The frame of a plan: it begins with a person, has one root, one team and one CarePlan for each section.

The service keeps these entries itself: their lists and ties are ours, their words the agencies'. What a client sends
for a list is a set of additions, never of deletions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api import sealing
from api.contents import changed, listed_in, same
from api.deeds import NOT_YOURS, Deed, Did, Outcome
from api.ids import fresh
from api.scoped import said
from auth.access import (
    Permit,
    Question,
    Verb,
    must,
    must_belong,
    must_by_scope,
    must_freely,
    must_stay_unknown,
    refusal,
)
from db.relations import Member
from db.writing import NO_PERSON
from fhir_facade import careplan, careteam, drafts, exact, lens
from fhir_facade.index import index
from plan.identity import unique
from plan.model import PLAN_SECTIONS, AgencyId, Draft, EntryId, IndexRow, Json, PersonId, Role, Section, Slot, Stored
from plan.problem import Fault, Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work

ROOT, TEAM, PATIENT = Slot.ROOT.value, Slot.TEAM.value, Slot.PATIENT.value


def section_slot(section: Section) -> str:
    """The slot of a section's own entry."""
    return f"{Slot.SECTION.value}:{section.value}"


async def begin(work: Work, deed: Deed) -> Outcome:
    """A new person, and with them the plan: root, team, sections. The creator's agency is on the team from the start.

    Raises DUPLICATE when an identifier that names one person is somebody's already; the answer names that person only
    to a caller who may see them.
    """
    must_freely(work.permit, Verb.CREATE, "Patient")
    draft = _identity(work, deed, None)
    existing = await _settled(work, deed)
    if existing:
        return await amend(work, changed(deed, existing), await work.leave(existing.person), existing)
    pairs = [pair for pair in draft.identifiers if unique(pair[0], work.identity_systems)]
    await _free(work, pairs, None)
    person = PersonId(deed.id or fresh())
    caller = work.visit.caller
    if caller.role in (Role.PERSON, Role.CARER):
        raise refusal(Question.CHARTER, "A plan is begun by an agency.", "Ask an agency that works with you.")
    work.writing.begin(person)
    work.writing.identify(person, pairs)
    work.writing.join(person, _member(caller.agency, "created", work.writing.now, caller.subject))
    must(await work.leave(person), Verb.CREATE, "Patient", Section.FRAME)
    draft.slot = PATIENT
    stored = work.put(draft, person, EntryId(person), None)
    await _skeleton(work, person)
    return Outcome(Did.CREATED, stored)


async def amend(work: Work, deed: Deed, permit: Permit, current: Stored) -> Outcome:
    """Change an entry of the frame, each in its own way."""
    must_stay_unknown(permit, current.restriction)
    slot = current.slot or ""
    if slot == TEAM:
        must(permit, Verb.UPDATE, current.type, current.section)
        must_belong(permit)
        others = await _team_sent(work, deed, current)
        return Outcome(Did.UPDATED, await retold(work, current.person, others))
    if slot == PATIENT:
        must(permit, Verb.UPDATE, current.type, current.section)
        return await _amend_person(work, deed, current)
    must(permit, Verb.UPDATE, current.type, current.section, NOT_YOURS, [said(permit, current)])
    before = exact.stored(current.fhir)
    if deed.resource is None:
        made = lens.put(careplan.FACE.fields, deed.body or {}, before)
        made = careplan.amended(before, made)
    else:
        made = await _with_additions(work, deed, current, careplan.amended(before, deed.resource))
    draft = _plan_draft(current, made)
    must_by_scope(permit, Verb.UPDATE, current.type, [said(permit, draft)])
    return Outcome(Did.UPDATED, work.put(draft, current.person, current.id, current, reason=deed.reason))


async def list_entry(work: Work, entry: Stored, section: Section, *, present: bool) -> None:
    """Put an entry on its section's list, or take it off; nothing is written where the list is right already."""
    plan = await work.writing.slot(entry.person, section_slot(section))
    if plan is None:
        return
    before = exact.stored(plan.fhir)
    after = careplan.listing(before, entry.type, entry.id, present=present)
    if after is before:
        return
    # The hundredth entry of a list must not cost a hundred: only the values of this one come or go.
    own = index(careplan.listing({"resourceType": "CarePlan"}, entry.type, entry.id, present=True))
    draft = _plan_draft(plan, after, own if present else [])
    work.put(draft, plan.person, plan.id, plan, indexed=[] if present else own)


async def list_entries(
    work: Work, person: PersonId, section: Section, entries: Sequence[Stored], *, present: bool
) -> None:
    """Put many entries on a section's list at once, or take them off."""
    plan = await work.writing.slot(person, section_slot(section))
    if plan is None or not entries:
        return
    pairs = [(entry.type, entry.id) for entry in entries]
    after = careplan.listing_all(exact.stored(plan.fhir), pairs, present=present)
    work.put(_plan_draft(plan, after), person, plan.id, plan)


async def add_member(work: Work, person: PersonId, agency: AgencyId, role: str, worker: str) -> Member:
    """An agency joins the team. Raises NOT_FOUND for a plan that is not there, REFUSED where the role may not add."""
    permit = await work.leave(person)
    must(permit, Verb.UPDATE, "CareTeam", Section.FRAME)
    must_belong(permit)
    must_stay_unknown(permit, None)
    await must_be_listed(work, agency)
    members = await work.writing.members(person)
    present = [m for m in members if m.party == agency and m.until is None and _all_may_know(m)]
    if present and (not worker or present[0].worker == worker):
        return present[0]
    member = _member(agency, "added", work.writing.now, worker, role)
    work.writing.join(person, member)
    await retold(work, person)
    return member


async def must_be_listed(work: Work, agency: AgencyId) -> None:
    """Insist that an agency stands in the directory."""
    if await work.writing.current(NO_PERSON, EntryId(agency)) is None:
        what = f"{agency} is no agency in the directory"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, ("agency",), "Give the id of an Organization."),))


async def end_member(work: Work, person: PersonId, member_id: str) -> Member:
    """A membership ends: one's own agency's, or anybody's for who manages the frame."""
    permit = await work.leave(person)
    must(permit, Verb.UPDATE, "CareTeam", Section.FRAME)
    must_belong(permit)
    found = next((m for m in await work.writing.members(person) if m.id == member_id), None)
    if found is None or found.opens or not permit.sees(AgencyId(found.party), found.restriction):
        raise Problem(Trouble.NOT_FOUND)
    must(permit, Verb.UPDATE, "CareTeam", Section.FRAME, AgencyId(found.party))
    must_stay_unknown(permit, found.restriction)
    if found.until is not None:
        return found
    ended = replace(found, until=work.writing.now)
    work.writing.join(person, ended)
    if _all_may_know(found):
        await retold(work, person)
    return ended


def _identity(work: Work, deed: Deed, current: Stored | None) -> Draft:
    agency = work.visit.caller.agency
    if deed.resource is not None:
        return drafts.from_fhir(deed.resource, Section.FRAME, agency)
    before = exact.stored(current.fhir) if current else None
    person = PersonId(current.person if current else "")
    return drafts.from_body("person", deed.body or {}, Section.FRAME, person, agency, before)


async def _settled(work: Work, deed: Deed) -> Stored | None:
    """An import that comes again finds the person it made."""
    if not (deed.settled and deed.id):
        return None
    person = PersonId(deed.id)
    found = await work.writing.current(person, deed.id)
    if found is None or not (await work.leave(person)).letters:
        return None
    return found


async def _free(work: Work, pairs: list[tuple[str, str]], person: PersonId | None) -> None:
    twice = work.writing.tied(pairs, person)
    if twice:
        what = f"another person of this transaction has this identifier of {twice[0][0]} too"
        raise Problem(
            Trouble.DUPLICATE, what, (Fault(what, ("identifier",), "Send a person once, and refer to them."),)
        )
    taken = [(pair, owner) for pair, owner in await work.writing.persons(pairs) if owner != person]
    if not taken:
        return
    (system, _), owner = taken[0]
    what = f"somebody has this identifier of {system} already"
    mend = "Read the person instead, or ask an agency on their team to add yours."
    seen = bool((await work.leave(owner)).letters)
    shown = {"person": owner} if seen else {}
    raise Problem(Trouble.DUPLICATE, what, (Fault(what, ("identifier",), mend),), extra=shown)


async def _amend_person(work: Work, deed: Deed, current: Stored) -> Outcome:
    draft = _identity(work, deed, current)
    pairs = {pair for pair in draft.identifiers if unique(pair[0], work.identity_systems)}
    if deed.settled and same(draft, current):
        return Outcome(Did.SAME, current)
    await sealing.must_not_say(work, draft, current.person)
    held = await work.writing.identifiers(current.person)
    await _free(work, sorted(pairs), current.person)
    await work.writing.unidentify(current.person, held - pairs)
    work.writing.identify(current.person, pairs - held)
    return Outcome(Did.UPDATED, work.put(draft, current.person, current.id, current, reason=deed.reason))


async def _skeleton(work: Work, person: PersonId) -> None:
    created = drafts.moment(work.writing.at(person))
    root, team = EntryId(fresh()), EntryId(fresh())
    made = careplan.root(person, team, created)
    work.put(_made("plan", made, ROOT), person, root, None)
    for section in PLAN_SECTIONS:
        plan = careplan.section(section, person, root, created)
        draft = _made("section", plan, section_slot(section), section)
        work.put(draft, person, EntryId(fresh()), None)
    work.put(_made("team", careteam.team(person, []), TEAM), person, team, None)
    await retold(work, person)


def _made(
    kind: str,
    resource: dict[str, Json],
    slot: str,
    section: Section = Section.FRAME,
    rows: list[IndexRow] | None = None,
) -> Draft:
    body = lens.view(careplan.FACE.fields, resource) if kind == "section" else {"status": resource["status"]}
    status = str(resource["status"])
    return Draft(
        type=resource["resourceType"],
        kind=kind,
        section=section,
        body=body,
        fhir=resource,
        status=status,
        slot=slot,
        index=index(drafts.standing(resource, section)) if rows is None else rows,
    )


def _plan_draft(current: Stored, resource: dict[str, Json], rows: list[IndexRow] | None = None) -> Draft:
    draft = _made(current.kind, resource, current.slot or "", current.section, rows)
    if current.kind == "plan":
        draft.body = drafts.fields_of(exact.stored(current.body))
    return draft


async def retold(work: Work, person: PersonId, others: Sequence[dict[str, Json]] = ()) -> Stored:
    """Write the CareTeam, and the contributors of the root, anew from the members; `others` are no agency's."""
    current = await work.writing.slot(person, TEAM)
    root = await work.writing.slot(person, ROOT)
    assert current is not None
    assert root is not None
    members = [m for m in await work.writing.members(person) if _all_may_know(m)]
    parts = [await participant(work, member) for member in members]
    before = exact.stored(current.fhir)
    ours = {part.id for part in parts}
    kept = [p for *_, p in careteam.sent(before) if p.get("id") not in ours and not _about(p, person)]
    more = [p for p in others if p not in kept and not _about(p, person)]
    draft = _made("team", careteam.team(person, parts, [*kept, *more]), TEAM)
    draft.body = {"members": [shown(member, part.name) for member, part in zip(members, parts, strict=True)]}
    stored = work.put(draft, person, current.id, current)
    _contributors(work, root, sorted({m.party for m in members if m.until is None}))
    return stored


def _all_may_know(member: Member) -> bool:
    """Whether a row of the team is an agency's place on it that is no secret."""
    return ":" not in member.party and member.opens is None and member.restriction is None


def _contributors(work: Work, root: Stored, agencies: list[str]) -> None:
    plan = exact.stored(root.fhir)
    wanted = [{"reference": f"Organization/{agency}"} for agency in agencies]
    if plan.get("contributor", []) != wanted:
        lens.plant(plan, ("contributor",), wanted or None)
        draft = _plan_draft(root, plan)
        draft.body = {"status": "active", "agencies": agencies}
        work.put(draft, root.person, root.id, root)


async def participant(work: Work, member: Member) -> careteam.Participant:
    """A place on the team as the CareTeam shows it."""
    worker = await work.writing.current(NO_PERSON, EntryId(member.worker)) if member.worker else None
    agency = await work.writing.current(NO_PERSON, EntryId(member.party))
    reference = f"PractitionerRole/{member.worker}" if worker and worker.type == "PractitionerRole" else ""
    if not reference and agency:
        reference = f"Organization/{member.party}"
    name = exact.stored(agency.fhir).get("name", "") if agency and agency.fhir else ""
    return careteam.Participant(
        id=member.id,
        member=reference,
        agency=member.party,
        role=member.role,
        name=str(name),
        start=drafts.moment(member.since),
        end=drafts.moment(member.until) if member.until else "",
    )


def shown(member: Member, name: str) -> dict[str, Json]:
    """A place on the team in the native face."""
    said = {
        "id": member.id,
        "agency": member.party,
        "name": name,
        "role": member.role,
        "worker": member.worker,
        "basis": member.basis,
        "since": drafts.moment(member.since),
        "until": drafts.moment(member.until) if member.until else "",
    }
    return {key: value for key, value in said.items() if value}


async def _team_sent(work: Work, deed: Deed, current: Stored) -> list[dict[str, Json]]:
    """A CareTeam that a client sends: agencies it adds join, those it gives an end leave; none is taken away.

    Gives back the participants that are no agency: they have a place in the team, and no leave from it.
    """
    person, others = current.person, []
    known = {member.id: member for member in await work.writing.members(person)}
    for reference, _, end, participant in careteam.sent(deed.resource or {}):
        member = known.get(str(participant.get("id", "")))
        if member and end and member.until is None:
            await end_member(work, person, member.id)
        if member:
            continue
        type_, _, id_ = reference.partition("/")
        agency, worker = await agency_of(work, type_, id_)
        if agency:
            role = next((r.get("text", "") for r in participant.get("role", ()) if isinstance(r, dict)), "")
            await add_member(work, person, agency, str(role), worker)
        else:
            others.append(participant)
    return others


async def agency_of(work: Work, type_: str, id_: str) -> tuple[AgencyId | None, str]:
    """The agency that a reference leads to, and the worker when it is one's role."""
    if type_ == "Organization":
        return AgencyId(id_), ""
    found = await work.writing.current(NO_PERSON, EntryId(id_)) if type_ == "PractitionerRole" else None
    if found is None:
        return None, ""
    organization = exact.stored(found.fhir).get("organization", {})
    return AgencyId(str(organization.get("reference", "")).removeprefix("Organization/")), id_


def _about(participant: dict[str, Json], person: PersonId) -> bool:
    return bool(participant.get("member", {}).get("reference") == f"Patient/{person}")


async def _with_additions(work: Work, deed: Deed, current: Stored, made: dict[str, Json]) -> dict[str, Json]:
    """What a client lists beyond ours joins the list when it stands in this section; a `detail` becomes a Task."""
    sent = deed.resource or {}
    for reference in sorted(careplan.references(sent) - careplan.references(made)):
        type_, _, id_ = reference.partition("/")
        entry = await work.writing.current(current.person, EntryId(id_))
        if listed_in(entry) is not current.section:
            what = f"{reference} does not stand in this section"
            raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, mend="List what stands in the section."),))
        made = careplan.listing(made, type_, id_, present=True)
    for detail in careplan.details(sent):
        must(await work.leave(current.person), Verb.CREATE, "Task", current.section)
        task = careplan.task_of(detail, current.person, current.id)
        draft = drafts.from_fhir(task, current.section, work.visit.caller.agency)
        stored = work.put(draft, current.person, EntryId(fresh()), None)
        made = careplan.listing(made, stored.type, stored.id, present=True)
    return made


def _member(agency: str, basis: str, since: int, worker: str = "", role: str = "") -> Member:
    return Member(id=fresh(), party=agency, basis=basis, role=role, worker=worker, since=since)
