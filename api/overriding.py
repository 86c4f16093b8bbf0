"""The desk for overrides: who opens a plan without a relationship, who ends that, and who looks into it afterwards.

Opening leaves an event of its own in the person's audit, and stands in the review queue at once: the queue is a
question to the same rows. What the override then lets in is decided where all leave is (docs/access.md).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from api.deeds import Deed, Key, Visit
from api.desk import Desk, holder
from api.ids import fresh
from api.work import Work
from auth.access import Question, Verb, ask, must_by_scope, refusal
from auth.caller import Caller
from db import overrides
from db.engine import Who
from db.overrides import Override, Use
from db.sight import Sql, who
from fhir_facade.drafts import moment
from plan.model import EntryId, PersonId, Role
from plan.override import BREAK_THE_GLASS, OVERRIDE, ROLES, Outcome
from plan.problem import Fault, Problem, Trouble

Done = TypeVar("Done")
WATCHED = "AuditEvent"
"""The FHIR type that scopes speak of for the review queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for: whose plan (by id, or by an identifier in its one spelling), why, for how long."""

    person: PersonId | None = None
    identifier: tuple[str, str] | None = None
    reason: str
    text: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An override, and whether an earlier request with the same key opened it."""

    override: Override
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which overrides: whose review has ended, or has not; after which moment and id."""

    reviewed: bool = False
    after: tuple[int, str] = (-1, "")
    count: int = 20


class Overriding(Desk):
    """The desk, opening plans to who has no relationship, and telling of it."""

    @classmethod
    def of(cls, desk: Desk) -> "Overriding":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def open(self, visit: Visit, wanted: Wanted, key: Key | None = None) -> Opened:
        """Open a plan. Raises REFUSED for other roles, NOT_FOUND for nobody, DUPLICATE where there is no need."""
        by = replace(visit, caller=replace(visit.caller, purpose=BREAK_THE_GLASS))

        async def work(one: Work) -> Opened:
            must_by_scope(one.permit, Verb.READ, "Patient")
            _must_be(
                by.caller, ROLES, "Only a clinician, a social worker or a coordinator opens a plan by an override."
            )
            known = await self._known(one, key) if key else None
            if known:
                return Opened(known, replayed=True)
            made = await self._made(one, wanted)
            await overrides.open_(one.writing, made)
            self._note(one, "E", made)
            if key:
                row = (holder(by), key.key, key.digest, 201, made.person, made.id, 1, one.writing.now)
                one.writing.remember(*row)
            return Opened(made)

        return await self.attempt(by, work, Deed(verb=Verb.SEARCH, type=OVERRIDE, person=wanted.person))

    async def end(self, visit: Visit, id_: str) -> None:
        """End one before its time: its maker, or an auditor who may see it. What has ended stays as it is."""

        async def work(one: Work) -> None:
            found = await self._held(one, id_)
            if found.until > one.writing.now:
                await overrides.end(one.writing, found)
            self._note(one, "D", found)

        await self._watching(visit, work, Verb.DELETE, id_)

    async def review(self, visit: Visit, id_: str, outcome: Outcome, comment: str) -> tuple[Override, Use]:
        """Say what came of looking into one. Raises REFUSED for one's own, DUPLICATE for one whose review has ended.

        The same said twice is said once.
        """

        async def work(one: Work) -> Override:
            must_by_scope(one.permit, Verb.UPDATE, WATCHED)
            _must_be(visit.caller, {Role.AUDITOR}, "Only an auditor reviews an override.")
            found = await self._held(one, id_)
            if found.subject == visit.caller.subject:
                raise refusal(Question.OWNERSHIP, "Nobody reviews their own override.", "Ask another auditor.")
            if found.reviewed_at is not None:
                if (found.outcome, found.comment, found.reviewed_by) == (outcome.value, comment, visit.caller.subject):
                    return found
                raise Problem(Trouble.DUPLICATE, f"It was reviewed on {moment(found.reviewed_at)[:10]} already.")
            ended = None if outcome is Outcome.MORE else one.writing.now
            by = visit.caller.subject
            made = replace(found, reviewed_at=ended, reviewed_by=by, outcome=outcome.value, comment=comment)
            await overrides.review(one.writing, made)
            self._note(one, "U", made)
            return made

        return await self._used(visit, await self.attempt(visit, work, _deed(Verb.UPDATE, id_)))

    async def one(self, visit: Visit, id_: str) -> tuple[Override, Use]:
        """One that the caller opened or may look into. Raises NOT_FOUND for every other."""

        async def work(one: Work) -> Override:
            found = await self._held(one, id_)
            self._note(one, "R", found)
            return found

        return await self._used(visit, await self._watching(visit, work, Verb.READ, id_))

    async def queue(self, visit: Visit, page: Page) -> list[tuple[Override, Use]]:
        """The review queue: an auditor's, or what somebody opened themself; one more when more follow a page."""

        async def work(one: Work) -> None:
            if page.reviewed:
                _must_be(one.visit.caller, {Role.AUDITOR}, "What has been reviewed is listed for auditors.")

        await self._watching(visit, work, Verb.SEARCH, "")
        database, name = self.store.database, self._name(visit)
        found = await overrides.listed(
            database, name, self._whose(visit), reviewed=page.reviewed, after=page.after, count=page.count
        )
        used = await overrides.used(database, name, found)
        note = replace(self.note(visit, "E", OVERRIDE, "", shown=page.count), refused="")
        await database.note(note.events([(one.person, "") for one in found]))
        return [(one, used[one.id]) for one in found]

    async def _made(self, work: Work, wanted: Wanted) -> Override:
        person = wanted.person
        if wanted.identifier:
            owners = await work.writing.persons([wanted.identifier])
            person = owners[0][1] if owners else None
        if person is None or not await work.writing.lock(person, met=True):
            raise Problem(Trouble.NOT_FOUND, "Nobody of that id or identifier has a plan here.")
        caller, now = work.visit.caller, work.writing.now
        permit = await work.leave(person)
        # Who is only asked by a task sees no more than the task.
        if permit.basis not in ("", OVERRIDE) and permit.entries is None:
            raise _needless("Your agency is on this person's team: the plan is open to you without an override.")
        running = await overrides.running(work.writing, person, caller.subject, caller.agency)
        if running:
            what = f"You have an override of this plan until {moment(running.until)} already."
            raise _needless(what, override=running.id)
        return Override(
            person=person,
            id=fresh(),
            subject=caller.subject,
            agency=caller.agency,
            role=caller.role.value,
            name=caller.name,
            reason=wanted.reason,
            text=wanted.text,
            since=now,
            until=now + wanted.minutes * 60_000,
        )

    async def _known(self, work: Work, key: Key) -> Override | None:
        """What the same key opened before."""
        led = await self.led(work, key)
        return await overrides.held(work.writing, led[2], self._whose(work.visit)) if led else None

    async def _held(self, work: Work, id_: str) -> Override:
        found = await overrides.held(work.writing, id_, self._whose(work.visit))
        if found is None:
            raise Problem(Trouble.NOT_FOUND)
        return found

    async def _used(self, visit: Visit, one: Override) -> tuple[Override, Use]:
        return one, (await overrides.used(self.store.database, self._name(visit), [one]))[one.id]

    def _name(self, visit: Visit) -> Who:
        return who(ask(visit.caller, self.charter), self.store.clock())

    def _whose(self, visit: Visit) -> Sql:
        """Which overrides are there for this caller at all."""
        caller = visit.caller
        if caller.role is Role.AUDITOR:
            return overrides.by_agency(caller.agency, self.store.clock())
        return overrides.by_maker(caller.subject, caller.agency)

    def _note(self, work: Work, action: str, one: Override) -> None:
        note = self.note(work.visit, action, OVERRIDE, one.id)
        work.writing.audit([note.event(one.person, "", found=True)])

    async def _watching(self, visit: Visit, do: Callable[[Work], Awaitable[Done]], verb: Verb, id_: str) -> Done:
        """Do it for an auditor or for who may open plans themself."""
        auditor = visit.caller.role is Role.AUDITOR

        async def work(one: Work) -> Done:
            must_by_scope(one.permit, Verb.READ, WATCHED if auditor else "Patient")
            _must_be(visit.caller, {*ROLES, Role.AUDITOR}, "Overrides are shown to who opened them, and to auditors.")
            return await do(one)

        return await self.attempt(visit, work, _deed(verb, id_))


def _deed(verb: Verb, id_: str) -> Deed:
    """What is tried, for the event of a refusal."""
    return Deed(verb=verb, type=OVERRIDE, id=EntryId(id_))


def _must_be(caller: Caller, roles: frozenset[Role] | set[Role], what: str) -> None:
    if caller.role not in roles:
        raise refusal(Question.CHARTER, what, "Ask the information-governance lead of your agency.")


def _needless(what: str, **extra: str) -> Problem:
    return Problem(Trouble.DUPLICATE, what, (Fault(what, mend="Go on with what you have."),), extra=extra)
