"""The audit at the desk: who may read the access log of a person, and what of it they are shown.

The person reads their own. An auditor reads it whose agency is or was on the person's team, or whose worker was shown
something of the plan. To all others the log does not exist; who works on the plan is told whom to ask. Reading the log
leaves an event like every other look.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.deeds import Visit
from api.desk_leave import Leave
from auth.access import Permit, Question, Standing, Verb, narrow, refusal
from db import audited
from db.audited import Wanted
from db.engine import Who
from db.sight import who
from fhir_facade import exact
from fhir_facade.audit_event import name_of
from plan.audit import Event, Named
from plan.log_words import SOMETHING
from plan.model import AgencyId, PersonId, Role, Section
from plan.problem import Problem, Trouble

TYPE = "AuditEvent"
"""The FHIR type that scopes speak of."""
_OPEN_TYPES = frozenset({"Patient", "CareTeam", TYPE, "Subscription", "override", "calendar"})
"""Types that tell a person nothing of an entry that is kept from them."""


@dataclass(frozen=True, slots=True)
class Log:
    """A page of events, newest first, the names that the directory has for agencies and workers, and whether more
    events follow.
    """

    events: tuple[Event, ...]
    names: Mapping[str, Named]
    more: bool


class Logs(Leave):
    """The access log of a person."""

    async def log(self, visit: Visit, wanted: Wanted, verb: Verb = Verb.READ) -> Log:
        """A page of the log. Raises NOT_FOUND, REFUSED."""
        permit, name = await self._may_read_log(visit, verb, wanted.person)
        note = self.note(visit, "E" if verb is Verb.SEARCH else "R", TYPE, "", person=wanted.person)
        known = replace(wanted, reader=_reader(permit))
        found = await audited.page(self.store.database, known, replace(note, refused=""), name)
        return await self._shown(permit, found[: wanted.count], more=len(found) > wanted.count)

    async def event(self, visit: Visit, person: PersonId, id_: str) -> Log:
        """One event. Raises NOT_FOUND, REFUSED."""
        permit, name = await self._may_read_log(visit, Verb.READ, person)
        note = self.note(visit, "R", TYPE, id_, person=person)
        found = await audited.one(self.store.database, person, id_, note, name, _reader(permit))
        if found is None:
            raise Problem(Trouble.NOT_FOUND)
        return await self._shown(permit, [found], more=False)

    async def _may_read_log(self, visit: Visit, verb: Verb, person: PersonId) -> tuple[Permit, Who]:
        """The permit, and in whose name the log is read."""
        permit = await self.leave(visit, verb, TYPE, "", person)
        caller, own = visit.caller, who(permit, self.store.clock())
        if caller.role is Role.PERSON and caller.person == person:
            return permit, own
        if caller.role is Role.AUDITOR and (name := await audited.concerned(self.store.database, person, own)):
            return permit, name
        async with self.store.writing(permit) as writing:
            standing = await writing.held(permit, person) or Standing()
            related = bool(narrow(permit, person, standing).letters)
            question = Question.CHARTER if related else Question.RELATIONSHIP
            note = replace(self.note(visit, "R", TYPE, ""), refused=question.value)
            writing.audit([note.event(person, "", found=False)])
        if not related:
            raise Problem(Trouble.NOT_FOUND)
        raise refusal(question, "The access log is the person's own.", "Ask the person, or the auditor of your agency.")

    async def _shown(self, permit: Permit, events: list[Event], *, more: bool) -> Log:
        if permit.caller.role is Role.PERSON:
            events = [_softened(event, permit.sections) for event in events]
        return Log(tuple(events), await self._names(events), more)

    async def _names(self, events: list[Event]) -> dict[str, Named]:
        """What the directory says of agencies and workers, by id; a worker's role is named by who is in it."""
        known = await self._faces(id_ for event in events for id_ in (event.agency, event.subject))
        people = await self._faces(_worker(face) for _, face in known.values())
        found: dict[str, Named] = {}
        for id_, (type_, face) in known.items():
            _, person = people.get(_worker(face), ("", {}))
            found[id_] = Named(type_, name_of(person) or name_of(face))
        return found

    async def _faces(self, ids: Iterable[str]) -> dict[str, tuple[str, Mapping[str, Any]]]:
        found = await audited.named(self.store.database, ids)
        return {id_: (type_, exact.stored(face)) for id_, (type_, face) in found.items()}


def _reader(permit: Permit) -> AgencyId | None:
    """Whose secrets are kept from the reader: an auditor's agency may not know of all; the person knows who looked."""
    return permit.caller.agency if permit.caller.role is Role.AUDITOR else None


def _softened(event: Event, readable: frozenset[Section]) -> Event:
    """An event as the person may see it: nothing of sections, or of single entries, that are kept from them."""
    sections = tuple(name for name in event.sections if name in readable) or (SOMETHING,) * bool(event.sections)
    if event.type in _OPEN_TYPES or event.target == event.person:
        return replace(event, sections=sections)
    return replace(event, sections=sections, type="", target="")


def _worker(face: Mapping[str, Any]) -> str:
    """The id of the Practitioner who is in a role; empty for what is no role."""
    return str(face.get("practitioner", {}).get("reference", "")).removeprefix("Practitioner/")
