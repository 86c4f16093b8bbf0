"""Reading: how far somebody has read a plan, and what is news to them. Marking as read is not signing.

Each reader has a mark of their own, which nobody else sees and no rule of coordination asks for.
"""

from dataclasses import dataclass, replace

from api import knowing
from api.deeds import Deed, Visit
from api.desk import Desk
from api.work import Work
from auth.access import Permit, Standing, Verb, ask, must_see, narrow
from db import audited, reading
from fhir_facade import exact
from fhir_facade.audit_event import name_of
from plan.changed import Hand, Line, Mark, Version, changed, hands, in_order, joined, since, told_by
from plan.known import Entry, Known
from plan.model import PersonId, Section, Stored, Subject
from plan.problem import Fault, Problem, Trouble

TYPE = "reading"
"""What the audit calls it."""


@dataclass(frozen=True, slots=True)
class News:
    """What is news to one reader: the lines, the mark that they left, and from when on each section is news."""

    lines: tuple[Line, ...]
    mark: Mark | None
    since: dict[Section, int]


class Reading(Desk):
    """The desk, remembering who has read how far."""

    @classmethod
    def of(cls, desk: Desk) -> "Reading":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def news(self, visit: Visit, known: Known, from_: int | None = None) -> News:
        """What changed since the caller looked last, or since a moment: by others, as far as they see it.

        `known` was read for this caller just now.
        """
        permit = ask(visit.caller, self.charter)
        database, person = self.store.database, known.person
        mark = await reading.mark(database, permit, person, known.now)
        moments = since(known.now, mark, own_reviews(known, visit))
        if from_ is not None:
            moments = dict.fromkeys(moments, from_)
        found = await reading.news(database, permit, person, moments, known.now)
        was = {pair.was.id: _version(pair.was) for pair in found.pairs if pair.was}
        now = {pair.now.id: _version(pair.now) for pair in found.pairs}
        team = told_by(joined(known, moments[Section.FRAME]), hands(map(_version, found.team)))
        others = (one for one in team if not _is_own(one, visit))
        return News(tuple(in_order([*changed(was, now), *others])), mark, moments)

    async def mark(self, visit: Visit, person: PersonId) -> Mark | None:
        """How far the caller has read. Raises NOT_FOUND for a plan that is not there for them."""
        permit, _ = await self.access(visit, person)
        return await reading.mark(self.store.database, permit, person, self.store.clock())

    async def read_on(self, visit: Visit, person: PersonId, seen: int) -> Mark:
        """The caller has read everything up to a moment. Raises NOT_FOUND, UNPROCESSABLE for a moment to come."""
        return await self.attempt(visit, lambda one: self._read_on(one, person, seen), _deed(person))

    async def _read_on(self, one: Work, person: PersonId, seen: int) -> Mark:
        permit = await self._may_see(one, person)
        if seen > one.writing.at(person):
            what = "nothing of that moment has been read: it is still to come"
            mend = "Send the newest `updated` of what was shown."
            raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("seen",), mend),))
        made = await reading.read_on(one.writing, permit, person, seen)
        one.writing.audit([self.note(one.visit, "U", TYPE, person).event(person, "", found=True)])
        return made

    async def _may_see(self, one: Work, person: PersonId) -> Permit:
        standing = await one.writing.held(one.permit, person) or Standing()
        permit = narrow(one.permit, person, standing)
        must_see(permit)
        return permit

    async def names(self, lines: list[Line]) -> dict[str, str]:
        """What the directory calls those who wrote some lines, by their accounts."""
        found = await audited.named(self.store.database, (one.by.subject for one in lines if one.by))
        return {id_: name for id_, (_, text) in found.items() if (name := name_of(exact.stored(text)))}


def own_reviews(known: Known, visit: Visit) -> list[Entry]:
    """The sections that the caller signed off."""
    caller = visit.caller
    return [one for one in known.of("review") if (one.author, one.agency) == (caller.subject, caller.agency)]


def _is_own(line: Line, visit: Visit) -> bool:
    """Whether the caller did it themself: that is no news to them."""
    caller = visit.caller
    return line.by is not None and (line.by.subject, line.by.agency) == (caller.subject, caller.agency)


def _deed(person: PersonId) -> Deed:
    return Deed(verb=Verb.UPDATE, type=TYPE, person=person)


def _version(stored: Stored) -> Version:
    by = Hand(subject=Subject(stored.by_subject), role=stored.by_role, agency=stored.by_agency)
    whole = replace(stored, body=stored.body or "{}")
    return Version(entry=knowing.entry(whole), by=by, reason=stored.reason, gone=stored.deleted)
