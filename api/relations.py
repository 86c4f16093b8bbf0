"""Which relationships follow from an entry: who is asked by a task, who accepts it, and who is on a team in secret.

A task (Gravity and FHIR R4 task.html: requested, accepted, completed) that names an agency which is not on the team
asks it: the agency sees the task, what the task is about, and who the person is, and nothing else. Accepting puts it
on the team, ending the task ends that. A CareTeam that is restricted to named agencies puts its participants on the
team without a mark in the plan's own CareTeam.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from api import frame
from api.ids import fresh
from api.scoped import shows
from auth.access import Permit, Question, Verb, must, must_belong, must_invite, refusal
from db.relations import Member
from db.writing import NO_PERSON
from fhir_facade import careteam, drafts, exact
from plan.model import AgencyId, Draft, EntryId, PersonId, Section, Stored
from plan.problem import Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work


class _Phase(StrEnum):
    """What a task's status says of its owner; in every other status there is no relationship by the task."""

    ASKED = "asked"
    TAKEN_ON = "taken on"


_SECRET = "restricted team"  # noqa: S105 - a basis
_PHASES = {
    **dict.fromkeys(("requested", "received"), _Phase.ASKED),
    **dict.fromkeys(("accepted", "ready", "in-progress", "on-hold"), _Phase.TAKEN_ON),
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a task says: whose it is, what it is about (references), and where it stands."""

    owner: str = ""
    about: str = ""
    phase: _Phase | None = None

    @classmethod
    def of(cls, task: dict[str, Any], stored: Stored) -> _Wanted:
        """What a task says; nothing when it is deleted."""
        if stored.deleted:
            return cls()
        return cls(_reference(task.get("owner")), _reference(task.get("focus")), _PHASES.get(str(task.get("status"))))


async def of_task(work: Work, draft: Draft, stored: Stored, before: Stored | None) -> None:
    """A task's owner is asked, or is on the team, as long as the task says so.

    Only a task that changes its owner or its phase brings somebody: who was taken off the team since stays away.
    """
    wanted = _Wanted.of(draft.fhir, stored)
    was = _Wanted.of(exact.stored(before.fhir), before) if before and before.fhir else _Wanted()
    if not wanted.owner and not was.owner:
        return
    mine = [one for one in await work.writing.members(stored.person) if one.given_by == stored.id and not one.until]
    agency, worker = await _agency(work, wanted.owner) if wanted.phase else (None, "")
    if agency and stored.restriction is not None and agency not in stored.restriction:
        agency = None
    new = (wanted.owner, wanted.phase) != (was.owner, was.phase)
    if agency is None or wanted.phase is None:
        await _leave(work, stored, mine)
    elif wanted.phase is _Phase.ASKED:
        await _leave(work, stored, [one for one in mine if one.party != agency or one.opens is None])
        await _ask(work, stored, agency, wanted.about, [one for one in mine if one.party == agency], new=new)
    else:
        await _leave(work, stored, [one for one in mine if one.party != agency or one.opens is not None])
        if new and not await _is_on_the_team(work, stored, agency):
            basis = "referral" if wanted.about.startswith("ServiceRequest/") else "task"
            await _take_on(work, stored, _given(work, stored, agency, basis, worker))


async def owns(work: Work, task: Stored, agency: AgencyId) -> bool:
    """Whether a task is an agency's, or a worker's of it, to move on."""
    owner = _parted(_reference(exact.stored(task.fhir).get("owner")))
    return (await frame.agency_of(work, *owner))[0] == agency


async def asks(work: Work, task: Stored) -> bool:
    """Whether a task is the person's own to move on, or that of the carer who has this account."""
    caller, (type_, id_) = work.visit.caller, _parted(_reference(exact.stored(task.fhir).get("owner")))
    if type_ == "Patient":
        return caller.person == task.person and id_ == task.person
    if type_ != "RelatedPerson":
        return False
    contact = await work.writing.current(task.person, EntryId(id_))
    return bool(contact and contact.body and exact.stored(contact.body).get("subject") == caller.subject)


async def must_ask(work: Work, permit: Permit, current: Stored) -> None:
    """Insist that who is asked changes the task that asks, and not another that this one is about."""
    if permit.entries is None:
        return
    agency, members = work.visit.caller.agency, await work.writing.members(current.person)
    if not any(one.given_by == current.id and one.party == agency and not one.until for one in members):
        what = "Your agency has been asked to join by another task, and has not accepted."
        raise refusal(Question.RELATIONSHIP, what, "Accept that task first.")


async def of_team(work: Work, draft: Draft, stored: Stored) -> None:
    """The agencies of a restricted CareTeam are on the team, for those to know whom it names."""
    mine = [one for one in await work.writing.members(stored.person) if one.given_by == stored.id and not one.until]
    shown_to = stored.restriction
    if shown_to is None or stored.deleted or draft.fhir.get("status") in ("inactive", "entered-in-error"):
        await _leave(work, stored, mine)
        return
    wanted = {}
    for reference, _, end, participant in careteam.sent(draft.fhir):
        agency, worker = await _agency(work, reference)
        if agency and not end:
            wanted[agency] = (worker, _role(participant))
    held = {one.party: one for one in mine}
    await _leave(work, stored, [one for one in mine if one.party not in wanted])
    if wanted.keys() - held.keys():
        must_invite(await work.leave(stored.person))
    for agency, (worker, role) in wanted.items():
        one = held.get(agency) or _given(work, stored, agency, _SECRET)
        known_to = frozenset({agency, stored.agency, *shown_to})
        work.writing.join(stored.person, replace(one, worker=worker, role=role, restriction=known_to))


async def join_in_secret(
    work: Work, person: PersonId, agency: AgencyId, role: str, worker: str, named: frozenset[AgencyId]
) -> Member:
    """An agency joins by a restricted CareTeam of its own; only it, the named and the caller's know.

    Raises NOT_FOUND, REFUSED, BAD_VALUE, and CONFLICT for an agency of whom all know already.
    """
    permit = await work.leave(person)
    must(permit, Verb.UPDATE, "CareTeam", Section.FRAME)
    must_belong(permit)
    for one in sorted({agency, *named}):
        await frame.must_be_listed(work, one)
    if any(_open(one) and one.party == agency for one in await work.writing.members(person)):
        raise Problem(Trouble.CONFLICT, "The agency is on the team already, and everybody on it may know.")
    place = Member(id=fresh(), party=agency, basis=_SECRET, role=role, worker=worker, since=work.writing.now)
    part = await frame.participant(work, place)
    draft = drafts.from_fhir(careteam.team(person, [part]), Section.FRAME, work.visit.caller.agency)
    draft.kind, draft.body = "team", {"members": [frame.shown(place, part.name)]}
    draft.restriction = frozenset({agency, work.visit.caller.agency, *named})
    stored = work.put(draft, person, EntryId(fresh()), None)
    place = replace(place, given_by=stored.id, restriction=draft.restriction)
    work.writing.join(person, place)
    return place


async def end_place(work: Work, person: PersonId, member_id: str) -> Member:
    """A membership ends; the restricted CareTeam of one that is a secret says so too."""
    ended = await frame.end_member(work, person, member_id)
    team = await work.writing.current(person, EntryId(ended.given_by)) if ended.given_by else None
    if team is None or team.type != "CareTeam" or team.deleted:
        return ended
    part = await frame.participant(work, ended)
    draft = drafts.from_fhir({**careteam.team(person, [part]), "status": "inactive"}, team.section, team.agency)
    draft.kind, draft.body = team.kind, {"members": [frame.shown(ended, part.name)]}
    draft.restriction = team.restriction
    work.put(draft, person, team.id, team)
    return ended


async def _ask(work: Work, stored: Stored, agency: AgencyId, about: str, mine: Sequence[Member], *, new: bool) -> None:
    """Open the task, what it is about and who the person is to the agency; nothing else."""
    if not mine and (not new or await _is_on_the_team(work, stored, agency)):
        return
    opened = {stored.id, EntryId(stored.person)}
    entry = await work.writing.current(stored.person, EntryId(_parted(about)[1])) if about else None
    permit = await work.leave(stored.person)
    if entry and f"{entry.type}/{entry.id}" == about and entry.restriction is None and shows(permit, entry):
        opened.add(entry.id)
    known = {one.opens for one in mine}
    if opened - known:
        must_invite(permit)
    await _leave(work, stored, [one for one in mine if one.opens not in opened])
    for entry_id in sorted(opened - known):
        one = _given(work, stored, agency, "asked")
        work.writing.join(stored.person, replace(one, opens=entry_id, restriction=frozenset({agency})))


async def _take_on(work: Work, stored: Stored, one: Member) -> None:
    """The agency is on the team until the task ends. It may accept by itself; anybody else needs leave to bring it."""
    permit = await work.leave(stored.person)
    must_belong(permit)
    if one.party != work.visit.caller.agency:
        must_invite(permit)
    if stored.restriction is not None:
        work.writing.join(
            stored.person,
            replace(one, restriction=frozenset({AgencyId(one.party), stored.agency, *stored.restriction})),
        )
        return
    work.writing.join(stored.person, one)
    await frame.retold(work, stored.person)


async def _leave(work: Work, stored: Stored, members: Iterable[Member]) -> None:
    """These places end."""
    ended = [replace(one, until=work.writing.now) for one in members if one.until is None]
    for one in ended:
        work.writing.join(stored.person, one)
    if any(_open(replace(one, until=None)) for one in ended):
        await frame.retold(work, stored.person)


async def _is_on_the_team(work: Work, stored: Stored, agency: AgencyId) -> bool:
    """Whether the agency has a place by itself, or by another entry, that opens the plan and that the caller may know.

    To who may not know of it, such an agency is as any other: a task would tell by what comes of it.
    """
    permit = await work.leave(stored.person)
    there = [one for one in await work.writing.members(stored.person) if not one.until and one.opens is None]
    return any(one.party == agency and permit.sees(agency, one.restriction) for one in there)


async def _agency(work: Work, reference: str) -> tuple[AgencyId | None, str]:
    """The agency of the directory that a reference leads to, and the worker when it is one."""
    agency, worker = await frame.agency_of(work, *_parted(reference))
    known = await work.writing.current(NO_PERSON, EntryId(agency)) if agency else None
    return (agency, worker) if known and not known.deleted else (None, "")


def _given(work: Work, stored: Stored, agency: AgencyId, basis: str, worker: str = "") -> Member:
    since = work.writing.now
    return Member(id=fresh(), party=agency, basis=basis, worker=worker, since=since, given_by=stored.id)


def _open(one: Member) -> bool:
    """Whether this is a place on the team that stands now and that everybody may know of."""
    return one.until is None and one.opens is None and one.restriction is None


def _reference(said: Any) -> str:
    return str(said.get("reference", "")) if isinstance(said, dict) else ""


def _parted(text: str) -> tuple[str, str]:
    type_, _, id_ = text.partition("/")
    return type_, id_.split("/")[0]


def _role(participant: dict[str, Any]) -> str:
    return str(next((role.get("text", "") for role in participant.get("role", ()) if isinstance(role, dict)), ""))
