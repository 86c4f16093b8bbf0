"""The desk: every door comes here. It asks leave, does the work, leaves the audit, and answers with stored entries.

A read is one statement that carries the permit and its audit event; a write is one transaction. A refusal is audited
before it is said. When the audit cannot be written nothing is answered but 503.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from api import frame, relations, together
from api.contents import Unseen
from api.deeds import Deed, Did, Key, Outcome, Visit
from api.desk_leave import AUDITED, there
from api.desk_log import Logs
from api.desk_news import News
from api.desk_searching import Searching
from api.knowing import known, read
from api.scoped import shows
from api.work import Work
from auth.access import Permit, Question, Standing, Verb, ask, narrow
from db import knowing, stay_events
from db.engine import Conflict, Row
from db.relations import Member
from db.store import Face, Store
from db.writing import NO_PERSON
from fhir_facade.faces import FACES
from fhir_facade.resources import served
from plan.charter import Charter
from plan.known import Known
from plan.model import AgencyId, Change, EntryId, PersonId, Section, Stored
from plan.names import mentioned
from plan.problem import Problem, Trouble

if TYPE_CHECKING:
    from api.feed import Feed

ATTEMPTS = 4
"""How often a write is tried when others were at the same rows: the last loss is told to the client."""
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Replayed:
    """An Idempotency-Key that was used before for the same action: the entry now, and the version it led to."""

    status: int
    stored: Stored
    version: int


class Desk(Searching, Logs, News):
    """Leave, work and audit for one store under one charter. `feed`: its worker, once the service has started."""

    feed: "Feed"

    def __init__(self, store: Store, charter: Charter, identity_systems: frozenset[str] = frozenset()) -> None:
        self.store = store
        self.charter = charter
        self.identity_systems = identity_systems

    # reading

    async def read(self, visit: Visit, type_: str, id_: EntryId, face: Face = "fhir") -> Stored:
        """The current version of one entry. Raises NOT_FOUND, GONE, REFUSED."""
        row = served(type_)
        permit = await self.leave(visit, Verb.READ, type_, id_)
        note = self.note(visit, "R", type_, id_, by_key=True)
        if row.directory:
            return there(await self.store.listed(type_, id_, note, face))
        return there(await self.store.read(permit, type_, id_, note, face))

    async def entry(self, visit: Visit, person: PersonId, kind: str, id_: EntryId) -> Stored:
        """One entry of a known person, native face."""
        permit = await self.leave(visit, Verb.READ, _type(kind), id_, person)
        note = self.note(visit, "R", _type(kind), id_, person=person, by_key=True)
        found = there(await self.store.entry(permit, person, id_, note, "body"))
        if found.kind != kind:
            raise Problem(Trouble.NOT_FOUND)
        return found

    async def plan(
        self, visit: Visit, person: PersonId, at: int | None = None, section: Section | None = None
    ) -> Sequence[Stored]:
        """Everything of a plan, or of one section of it as it is now, that may be seen. NOT_FOUND for nothing."""
        permit = await self.leave(visit, Verb.READ, "CarePlan", person, person)
        note = self.note(visit, "R", "CarePlan", person, person=person, shown=10**6)
        if at is None:
            found = await self.store.plan(permit, person, note, section)
        else:
            found = await self.store.plan_at(permit, person, at, note)
        if not found:
            raise Problem(Trouble.NOT_FOUND)
        return found

    async def kind(self, visit: Visit, person: PersonId, kind: str, section: Section | None) -> Sequence[Stored]:
        """The entries of one kind in a section, or in all that may be seen. NOT_FOUND for a plan that is not there."""
        permit = await self.leave(visit, Verb.SEARCH, _type(kind), "", person)
        note = replace(self.note(visit, "E", _type(kind), "", person=person, shown=10**6), refused="")
        found = await self.store.kind(permit, person, kind, section, note)
        if not found:
            await self._must_be_there(permit, visit, person, section)
        return found

    async def changes(self, visit: Visit, person: PersonId, since: int = -1, count: int = 100) -> Sequence[Change]:
        """What changed in a plan after a moment, oldest first, one more than `count` when there are more."""
        permit = await self.leave(visit, Verb.READ, "CarePlan", person, person)
        note = replace(self.note(visit, "R", "CarePlan", person, person=person, shown=count), refused="")
        found = await self.store.changes(permit, person, note, since=since, count=count)
        if not found:
            await self._must_be_there(permit, visit, person, None)
        return found

    async def known(self, visit: Visit, person: PersonId) -> Known:
        """What the rules of coordination may know for this caller: what they see of a plan. NOT_FOUND for nothing."""
        permit = await self.leave(visit, Verb.READ, "CarePlan", person, person)
        note = self.note(visit, "R", "CarePlan", person, person=person, shown=10**6)
        database = self.store.database
        stored = await knowing.entries_of(database, permit, person, note)
        if not stored:
            raise Problem(Trouble.NOT_FOUND)
        members = await knowing.team_of(database, permit, person, note.at)
        entries = read(stored)
        pages = await knowing.directory(database, [one.party for one in members], mentioned(entries.values()))
        feeds = await stay_events.feeds(database, [AgencyId(one.party) for one in members])
        return known(person, note.at, entries, members, pages, charter=self.charter, feeds=feeds)

    async def access(self, visit: Visit, person: PersonId) -> tuple[Permit, Standing]:
        """What this caller may do in this plan, and which question decided. NOT_FOUND for a plan that is not there."""
        permit = ask(visit.caller, self.charter)
        async with self.store.writing(permit) as writing:
            standing = await writing.held(permit, person) or Standing()
            narrowed = narrow(permit, person, standing)
            note = self.note(visit, "R", "CarePlan", person, person=person)
            writing.audit([note.event(person, "", found=bool(narrowed.letters))])
        if not narrowed.letters:
            raise Problem(Trouble.NOT_FOUND)
        return narrowed, standing

    # writing

    async def write(
        self, visit: Visit, deeds: Sequence[Deed], key: Key | None = None, provenance: dict[str, Any] | None = None
    ) -> list[Outcome] | Replayed:
        """Do all of the deeds or none, with their audit, in one transaction; a key makes it happen once.

        `provenance`: a Provenance without target, kept for each version that is written.
        """

        async def work(one: Work) -> list[Outcome] | Replayed:
            known = await self.remembered(one, key) if key else None
            if known:
                one.writing.audit([self._again(visit, known)])
                return known
            outcomes, proofs = await together.do(one, deeds, provenance)
            one.writing.audit(self.events(visit, [*outcomes, *proofs]))
            if key:
                self.remember(one, key, outcomes[0])
            return outcomes

        return await self.attempt(visit, work, deeds[0])

    async def add_member(
        self, visit: Visit, person: PersonId, agency: str, role: str, worker: str, known_to: Sequence[str] | None = None
    ) -> Member:
        """An agency joins the team of a plan; `known_to`: only these agencies may know of it."""
        place = (person, AgencyId(agency), role, worker)
        if known_to is None:
            return await self._team(visit, person, lambda one: frame.add_member(one, *place))
        named = frozenset(map(AgencyId, known_to))
        return await self._team(visit, person, lambda one: relations.join_in_secret(one, *place, named))

    async def end_member(self, visit: Visit, person: PersonId, member: str) -> Member:
        """A membership ends."""
        return await self._team(visit, person, lambda one: relations.end_place(one, person, member))

    async def _team(self, visit: Visit, person: PersonId, change: Callable[[Work], Awaitable[Member]]) -> Member:
        async def work(one: Work) -> Member:
            member = await change(one)
            one.writing.audit([self.note(visit, "U", "CareTeam", person).event(person, "frame", found=True)])
            return member

        return await self.attempt(visit, work, Deed(verb=Verb.UPDATE, type="CareTeam", person=person))

    async def attempt(self, visit: Visit, work: Callable[[Work], Awaitable[Done]], deed: Deed) -> Done:
        """One transaction, begun again when others were at the same rows; a refusal of `deed` leaves its event."""
        permit = ask(visit.caller, self.charter)
        for left in reversed(range(ATTEMPTS)):
            try:
                async with self.store.writing(permit) as writing:
                    return await work(Work(writing, permit, visit, self.identity_systems))
            except Conflict as conflict:
                if not left:
                    raise Problem(Trouble.CONFLICT, "Others were changing the same; try again.") from conflict
            except Problem as problem:
                await self._refused(visit, deed, problem)
                raise
        raise AssertionError("the last attempt returns or raises")

    async def _refused(self, visit: Visit, deed: Deed, problem: Problem) -> None:
        """A refusal leaves its event before it is told."""
        if problem.trouble not in (Trouble.REFUSED, Trouble.NOT_FOUND) and not isinstance(problem, Unseen):
            return
        question = str(problem.extra.get("question", Question.RELATIONSHIP.value))
        action = AUDITED[deed.verb.value]
        note = replace(self.note(visit, action, deed.type, deed.id or ""), refused=question)
        await self.store.database.note([note.event(deed.person or "", "", found=False)])

    async def _must_be_there(self, permit: Permit, visit: Visit, person: PersonId, section: Section | None) -> None:
        """Tell an empty part of a plan that is there from a plan, or a section, that is not."""
        async with self.store.writing(permit) as writing:
            standing = await writing.held(permit, person) or Standing()
        narrowed = narrow(permit, person, standing)
        if not narrowed.letters or (section and not narrowed.may_read(section)):
            raise Problem(Trouble.NOT_FOUND)

    def events(self, visit: Visit, outcomes: Sequence[Outcome]) -> list[tuple[Any, ...]]:
        """One event for each entry that was written or found."""
        actions = {Did.CREATED: "C", Did.UPDATED: "U", Did.DELETED: "D", Did.GONE: "D", Did.ABSENT: "D"}
        made = []
        for one in outcomes:
            note = self.note(visit, actions.get(one.did, "R"), one.stored.type, one.stored.id)
            there = one.did is not Did.ABSENT
            made.append(note.event(one.stored.person, one.stored.section.value if there else "", found=there))
        return made

    def _again(self, visit: Visit, known: Replayed) -> tuple[Any, ...]:
        """What is shown again under a used key is shown all the same."""
        stored = known.stored
        note = self.note(visit, "R", stored.type, stored.id)
        return note.event(stored.person, stored.section.value, found=True)

    async def led(self, work: Work, key: Key, nth: int = 0) -> Row | None:
        """Where a key led before: status, person, entry, version; None when it is new. Raises KEY_REUSED.

        `nth`: of which of several entries that it made.
        """
        known = await work.writing.remembered(holder(work.visit, nth), key.key)
        if known is None:
            return None
        key.must_be_of(known[0])
        return known[1:]

    async def remembered(self, work: Work, key: Key, nth: int = 0) -> Replayed | None:
        """What a key made before: the first of several, or the one of this number."""
        led = await self.led(work, key, nth)
        if led is None:
            return None
        status, person, entry, version = led
        stored = await work.writing.current(PersonId(person), EntryId(entry))
        if stored is None or not (person == NO_PERSON or await self._seen(work, stored)):
            raise Problem(Trouble.NOT_FOUND)
        return Replayed(status, stored, version)

    async def _seen(self, work: Work, stored: Stored) -> bool:
        permit = await work.leave(stored.person)
        return shows(permit, stored, "cud")

    def remember(self, work: Work, key: Key, outcome: Outcome, nth: int = 0) -> None:
        """Keep what a key made, under the same number."""
        stored = outcome.stored
        status = 201 if outcome.did is Did.CREATED else 200
        led = (status, stored.person, stored.id, stored.version, work.writing.now)
        work.writing.remember(holder(work.visit, nth), key.key, key.digest, *led)


def holder(visit: Visit, nth: int = 0) -> str:
    """Whose an Idempotency-Key is: nobody finds another's. `nth`: of which of several entries that it made.

    No name of a caller has a tab.
    """
    whose = f"{visit.caller.agency}/{visit.caller.subject}"
    return f"{whose}\t{nth}" if nth else whose


def _type(kind: str) -> str:
    """The FHIR type that scopes speak of for a native kind."""
    return FACES[kind].type if kind in FACES else "CarePlan"
