"""Work: the deeds of one transaction, each under leave asked for it alone; all of them happen or none does.

Who is concerned is found first and held; then each deed is checked (there for this caller, in the version they read,
theirs to change), composed into both faces and put. What follows from an entry (the section's list, a consent's rules,
a carer's place in the team) is done in the same breath, in `frame` and `follow`.
"""

from collections.abc import Sequence
from dataclasses import replace

from api import discharging, feedback, follow, frame, relations, reviewing, settling, shelf
from api.contents import (
    Unseen,
    changed,
    emptied,
    is_labelled,
    listed_in,
    named,
    nobody,
    pointed,
    rewritten,
    same,
    same_person,
    stale,
)
from api.deeds import NOT_YOURS, UNSAID, Deed, Did, Outcome, Visit
from api.ids import fresh
from api.scoped import said, shows
from auth.access import NOBODY, Permit, Verb, must, must_by_scope, must_see, must_stay_unknown, narrow
from db.gathered import Hand
from db.writing import NO_PERSON, Writing
from fhir_facade import drafts, exact, metas, references
from fhir_facade.careplan import LISTED
from fhir_facade.index import index
from fhir_facade.resources import Resource, served
from plan.identity import identity
from plan.kinds import KINDS
from plan.model import AgencyId, Draft, EntryId, IndexRow, PersonId, Role, Section, Stored
from plan.problem import Fault, Problem, Trouble


class Work:
    """One transaction of one visit."""

    def __init__(self, writing: Writing, permit: Permit, visit: Visit, identity_systems: frozenset[str]) -> None:
        self.writing = writing
        self.permit = permit
        self.visit = visit
        self.identity_systems = identity_systems
        self._permits: dict[PersonId, Permit] = {}

    async def leave(self, person: PersonId) -> Permit:
        """The permit narrowed to one person, who is held from here on; empty for somebody who does not exist."""
        known = self._permits.get(person)
        if known is None:
            standing = await self.writing.held(self.permit, person)
            if standing is None:
                return narrow(self.permit, person, NOBODY)
            known = narrow(self.permit, person, standing)
            self._permits[person] = known
        return known

    @property
    def hand(self) -> Hand:
        """Whose hand writes."""
        caller = self.visit.caller
        return Hand(subject=caller.subject, role=caller.role.value, agency=caller.agency, door=self.visit.door)

    def put(
        self,
        draft: Draft,
        person: PersonId,
        id_: EntryId,
        current: Stored | None,
        *,
        deleted: bool = False,
        indexed: Sequence[IndexRow] | None = None,
        owner: AgencyId | None = None,
        reason: str = "",
    ) -> Stored:
        """Finish a draft into both faces and leave it in the transaction. `indexed`: the search values that it had.

        `owner`: whose a new entry is, where it is not the caller's agency. `reason`: why, in words.
        """
        caller, at = self.visit.caller, self.writing.at(person)
        stamp = Stored(
            person=person,
            id=id_,
            type=draft.type,
            kind=draft.kind,
            section=draft.section,
            agency=current.agency if current else owner or caller.agency,
            author=current.author if current else caller.subject,
            version=self.writing.version_of(person, current),
            at=at,
            created=current.created if current else at,
            status=draft.status,
            slot=current.slot if current else draft.slot,
            restriction=draft.restriction,
            deleted=deleted,
        )
        body, fhir = ("", "") if deleted else drafts.finished(draft, stamp)
        stored = replace(stamp, body=body, fhir=fhir)
        action = "delete" if deleted else "update" if current else "create"
        if indexed is None:
            indexed = index(exact.stored(current.fhir)) if current and current.fhir else ()
        hand = replace(self.hand, reason=reason)
        self.writing.put(draft, stored, action=action, hand=hand, indexed=indexed)
        return stored

    async def one(self, deed: Deed) -> Outcome:
        """One deed, of an entry that is named by its id or its slot."""
        row = served(deed.type)
        if row.directory:
            return await self._in_directory(deed)
        must_by_scope(self.permit, deed.verb, deed.type)
        if deed.verb is Verb.CREATE:
            return await (frame.begin(self, deed) if deed.type == "Patient" else self._create(deed, row))
        person, permit, current = await self._there(deed)
        if deed.version is not None and deed.version != current.version:
            raise stale(deed, current, await self.writing.body_at(permit, current, deed.version))
        if deed.verb is Verb.DELETE:
            return await self._delete(deed, person, permit, current)
        return await self._update(deed, row, person, permit, current)

    async def _create(self, deed: Deed, row: Resource) -> Outcome:
        person = await self._person(deed, row)
        permit = await self.leave(person)
        if not permit.letters:
            raise nobody(row) if deed.resource else Problem(Trouble.NOT_FOUND)
        existing = await self.writing.current(person, deed.id) if deed.settled and deed.id else None
        if existing:
            return await self._update(deed, row, person, permit, existing)
        await self._others_are_seen(deed, person)
        deed = await reviewing.filled(self, deed, person, permit, None)
        section = self._section(deed, None)
        must(permit, Verb.CREATE, deed.type, section, said=())
        draft = self._draft(deed, section, person, None)
        draft.restriction = permit.known_to if draft.restriction is None else draft.restriction
        must_stay_unknown(permit, draft.restriction)
        must_by_scope(permit, Verb.CREATE, deed.type, [said(permit, draft)])
        draft = await self._minded(deed, draft, person, None)
        stored = self.put(draft, person, deed.id or EntryId(fresh()), None, reason=deed.reason)
        await self.follow(draft, stored, None, settled=deed.settled)
        return Outcome(Did.CREATED, stored)

    async def _update(self, deed: Deed, row: Resource, person: PersonId, permit: Permit, current: Stored) -> Outcome:
        deed = changed(deed, current)
        if current.slot:
            return await frame.amend(self, deed, permit, current)
        same_person(deed, row, person)
        await self._others_are_seen(deed, person)
        if current.kind == settling.KIND and not deed.settled:
            return await settling.settle(self, deed, permit, current)
        owner = await self._owner(current)
        deed = await reviewing.filled(self, deed, person, permit, current)
        section = self._section(deed, current)
        for wanted in {current.section, section}:
            must(permit, Verb.UPDATE, deed.type, wanted, owner, [said(permit, current)])
        await relations.must_ask(self, permit, current)
        if deed.body is not None and deed.restriction is None and is_labelled(current):
            must(permit, Verb.UPDATE, deed.type, current.section, NOT_YOURS, [said(permit, current)])
        draft = self._draft(deed, section, person, current)
        for restriction in (current.restriction, draft.restriction):
            must_stay_unknown(permit, restriction, current.agency)
        must_by_scope(permit, Verb.UPDATE, deed.type, [said(permit, draft)])
        if deed.settled and not current.deleted and same(draft, current):
            return Outcome(Did.SAME, current)
        draft = await self._minded(deed, draft, person, current)
        stored = self.put(draft, person, current.id, current, reason=deed.reason)
        await self.follow(draft, stored, current, settled=deed.settled)
        return Outcome(Did.UPDATED, stored)

    async def _delete(self, deed: Deed, person: PersonId, permit: Permit, current: Stored) -> Outcome:
        if current.slot:
            raise Problem(Trouble.NO_METHOD, "The frame of a plan cannot be deleted; close it instead.")
        if current.kind == settling.KIND:
            settling.must_stay()
        owner = await self._owner(current)
        must(permit, Verb.DELETE, deed.type, current.section, owner, [said(permit, current)])
        must_stay_unknown(permit, current.restriction, current.agency)
        if current.deleted:
            return Outcome(Did.GONE, current)
        draft = emptied(current)
        stored = self.put(draft, person, current.id, current, deleted=True, reason=deed.reason)
        await self.follow(draft, stored, current, settled=deed.settled)
        return Outcome(Did.DELETED, stored)

    async def _in_directory(self, deed: Deed) -> Outcome:
        """Agencies, workers, roles, places: anybody at work may add one; it is its agency's, or the administrator's."""
        current = await self.writing.current(NO_PERSON, deed.id) if deed.id else None
        if deed.verb is not Verb.CREATE and current is None:
            raise Problem(Trouble.NOT_FOUND)
        shelf.must_in_directory(self.permit, deed, current)
        if current and deed.version is not None and deed.version != current.version:
            raise stale(deed, current, None)
        if deed.verb is Verb.DELETE:
            assert current is not None
            if current.deleted:
                return Outcome(Did.GONE, current)
            return Outcome(Did.DELETED, self.put(emptied(current), NO_PERSON, current.id, current, deleted=True))
        if current:
            deed = changed(deed, current)
        draft = drafts.from_fhir(deed.resource or {}, Section.FRAME, self.visit.caller.agency)
        if current and deed.settled and not current.deleted and same(draft, current):
            return Outcome(Did.SAME, current)
        stored = self.put(draft, NO_PERSON, deed.id or EntryId(fresh()), current)
        return Outcome(Did.UPDATED if current else Did.CREATED, stored)

    async def _there(self, deed: Deed) -> tuple[PersonId, Permit, Stored]:
        """The entry that a deed names, when it is there for this caller; NOT_FOUND in every other case."""
        person = deed.person or (await self.writing.whose(deed.id) if deed.id else None)
        if person is None:
            raise Problem(Trouble.NOT_FOUND)
        permit = await self.leave(person)
        must_see(permit)
        slot = deed.slot
        current = await (
            self.writing.slot(person, slot) if slot else self.writing.current(person, deed.id or EntryId(""))
        )
        if current is None or current.type != deed.type or (deed.kind and current.kind != deed.kind):
            raise Problem(Trouble.NOT_FOUND)
        if not shows(permit, current, deed.verb):
            raise Problem(Trouble.NOT_FOUND)
        if deed.kind and deed.section and current.section is not deed.section:
            raise Problem(Trouble.NOT_FOUND)
        if current.deleted and deed.kind and deed.verb is Verb.UPDATE:
            raise Problem(Trouble.GONE)
        return person, permit, current

    async def _person(self, deed: Deed, row: Resource) -> PersonId:
        """Whose a new entry is: the address says it, or the resource does."""
        if deed.person:
            return deed.person
        resource = deed.resource or {}
        text = references.patient_of(resource, row)
        if text:
            type_, _, rest = text.partition("/")
            id_ = EntryId(rest.split("/")[0])
            person = PersonId(id_) if type_ == "Patient" else await self._whose(id_)
            if person:
                return person
            raise nobody(row)
        named = references.patient_identifier_of(resource, row)
        try:
            found = await self.writing.persons([identity(*named)]) if named else []
        except ValueError:  # an identifier that cannot be one names nobody
            raise nobody(row) from None
        if found:
            return found[0][1]
        raise nobody(row)

    async def _whose(self, id_: EntryId) -> PersonId | None:
        """Whose an entry is, where this caller may see it: what is hidden leads to nobody, as what is absent does."""
        person = await self.writing.whose(id_)
        entry = await self.writing.current(person, id_) if person else None
        if person is None or entry is None:
            return None
        permit = await self.leave(person)
        return person if shows(permit, entry) else None

    async def _others_are_seen(self, deed: Deed, person: PersonId) -> None:
        """A reference to another person is taken only where this caller may see that person."""
        for where, text in (*pointed(deed.resource or {}), *named(deed.body or {})):
            if text.startswith("Patient/"):
                other = PersonId(text.split("/")[1])
                if other != person and not (await self.leave(other)).letters:
                    what = f"{text} is not there"
                    raise Unseen(Trouble.BAD_VALUE, what, (Fault(what, where, "Refer to a person you work with."),))

    def _section(self, deed: Deed, current: Stored | None) -> Section:
        section = deed.section or (current.section if current and deed.body is not None else None)
        if not section:
            section = drafts.section_for(deed.resource or {}, self.visit.caller.role, current)
        allowed = KINDS[deed.kind].sections if deed.kind in KINDS else None
        if allowed is not None and section not in allowed:
            what = f"{deed.kind} cannot stand in {section.value}"
            mend = f"It stands in: {', '.join(sorted(allowed))}."
            raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("section",), mend),))
        return section

    def _draft(self, deed: Deed, section: Section, person: PersonId, current: Stored | None) -> Draft:
        agency = self.visit.caller.agency
        if deed.resource is not None:
            draft = drafts.from_fhir(deed.resource, section, agency)
        else:
            before = exact.stored(current.fhir) if current and current.fhir else None
            if before and deed.restriction is None:
                before["meta"] = metas.lifted(before["meta"])
            draft = drafts.from_body(deed.kind, deed.body or {}, section, person, agency, before)
        if deed.restriction is not UNSAID:
            draft.restriction = deed.restriction
        elif current and current.restriction is not None:
            draft.restriction = current.restriction
        return draft

    async def _minded(self, deed: Deed, draft: Draft, person: PersonId, current: Stored | None) -> Draft:
        """The draft with what the service fills in, once it is as it must be; what is settled was so elsewhere."""
        if deed.settled:
            return draft
        settling.must_find(draft, current)
        for kept in (feedback.kept, discharging.kept):
            body = await kept(self, deed, draft, person, current)
            if body != draft.body:
                draft = rewritten(draft, body, person, self.visit.caller.agency)
        return draft

    async def follow(self, draft: Draft, stored: Stored, before: Stored | None, *, settled: bool) -> None:
        """What follows from an entry in the rest of the plan."""
        if stored.type in LISTED:
            was, now = listed_in(before), listed_in(stored)
            if was and was is not now:
                await frame.list_entry(self, stored, was, present=False)
            if now and now is not was:
                await frame.list_entry(self, stored, now, present=True)
        await follow.follow(self, draft, stored, before, settled=settled)

    async def _owner(self, current: Stored) -> AgencyId:
        """Whose an entry is to change: its agency's, a task its owner's too; a person's or carer's own."""
        caller = self.visit.caller
        if caller.role in (Role.PERSON, Role.CARER):
            asked = current.type == "Task" and await relations.asks(self, current)
            return caller.agency if asked or current.author == caller.subject else NOT_YOURS
        if current.type == "Task" and current.fhir and await relations.owns(self, current, caller.agency):
            return caller.agency
        return current.agency
