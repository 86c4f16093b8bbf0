"""The desk for hospital feeds: events come in, are kept, and the stay that they come to is written like any other.

The events of one person are one transaction, through the same leave, audit and feed as every write. What is wrong with
one event keeps none of the others from being taken; leave that is missing keeps out all of that person's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from api import forms, together
from api.deeds import Deed, Visit
from api.desk import Desk
from api.stay_sent import (
    Taken,
    Whose,
    at_fault,
    happened,
    kept_as,
    meet,
    number_of,
    ordered,
    read,
    refuse,
    span,
    tell,
    whose,
    without,
)
from api.work import Work
from auth.access import Permit, Question, Verb, ask, must, must_by_scope, must_see, refusal
from db import stay_events
from db.stay_events import Kept
from db.writing import NO_PERSON
from fhir_facade import exact
from fhir_facade.drafts import fields_of
from fhir_facade.lens import same
from plan import stay_events as told
from plan.charter import Letter
from plan.identity import NHS_NUMBER, identity
from plan.kinds import KINDS
from plan.known import derived, moment
from plan.model import EntryId, Json, PersonId, Section, Stored
from plan.problem import Fault, Problem, Trouble
from plan.stay_events import HEARTBEAT, SLACK, Happened

TYPE = "Encounter"
KIND = KINDS["stay"]
UNKNOWN = (
    "Nobody whom your agency works with has this id or number. Begin the plan or join the team, then send it again."
)


@dataclass(frozen=True, slots=True)
class _New:
    """An event that is new and may be kept."""

    taken: Taken
    happened: Happened
    number: str
    digest: str


class StayFeed(Desk):
    """The desk, hearing what hospitals send."""

    @classmethod
    def of(cls, desk: Desk) -> "StayFeed":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def take(self, visit: Visit, events: Sequence[Json]) -> list[Taken]:
        """Take these events, and say of each what came of it. Raises REFUSED where the caller may send none."""
        taken = [read(event, visit.caller.agency) for event in events]
        good = [(one, event) for one, event in zip(taken, events, strict=True) if one.problem is None]
        await self._hear(visit, known=bool(good))
        by_person: dict[Whose, list[tuple[Taken, Mapping[str, Json]]]] = {}
        owners = await self._owners(visit, [event for _, event in good])
        for one, event in good:
            if event["type"] == HEARTBEAT:
                one.outcome = "heard"
            else:
                by_person.setdefault(whose(event, owners), []).append((one, event))
        for named, theirs in by_person.items():
            await self._of_person(visit, named, theirs)
        return taken

    async def _hear(self, visit: Visit, *, known: bool) -> None:
        """The feed was heard of, by somebody who may send it. `known`: it brought something that could be read."""

        async def work(one: Work) -> None:
            _must_send(one.permit)
            if known:
                await stay_events.heard(one.writing, visit.caller.agency, one.writing.now)
            one.writing.audit([replace(self.note(visit, "E", TYPE, "$events"), refused="").event("", "", found=False)])

        await self.attempt(visit, work, Deed(verb=Verb.CREATE, type=TYPE))

    async def _owners(self, visit: Visit, events: Sequence[Mapping[str, Json]]) -> dict[str, PersonId]:
        """Whose the NHS numbers are. It is told to nobody; leave is asked for each of them afterwards."""
        pairs = sorted({identity(NHS_NUMBER, event["nhs_number"]) for event in events if "nhs_number" in event})
        async with self.store.writing(ask(visit.caller, self.charter)) as writing:
            return {pair[1]: person for pair, person in await writing.persons(pairs)}

    async def _of_person(self, visit: Visit, named: Whose, events: list[tuple[Taken, Mapping[str, Json]]]) -> None:
        """The events of one person, in one transaction."""
        person = NO_PERSON if isinstance(named, tuple) else named

        async def work(one: Work) -> None:
            for taken, _ in events:
                taken.problem, taken.outcome, taken.warnings = None, "", []
            await _Arrival(self, one, person).take(events)

        try:
            await self.attempt(visit, work, Deed(verb=Verb.CREATE, type=TYPE, person=person or None))
        except Problem as problem:
            missing = problem.trouble is Trouble.NOT_FOUND
            told_ = Problem(Trouble.NOT_FOUND, UNKNOWN) if missing else problem
            for taken, _ in events:
                taken.outcome, taken.problem, taken.person = "refused", taken.problem or told_, None


class _Arrival:
    """The events of one person as one transaction takes them."""

    def __init__(self, desk: StayFeed, work: Work, person: PersonId) -> None:
        self.desk, self.work, self.person = desk, work, person
        self.agency = work.visit.caller.agency
        self.now = work.writing.now
        self.seen: dict[str, str] = {}
        self.written: list[Stored] = []

    async def take(self, events: Sequence[tuple[Taken, Mapping[str, Json]]]) -> None:
        """All of them: those that are new are kept, and their stays written as they now are."""
        permit = await self.work.leave(self.person)
        must_see(permit)
        must(permit, Verb.CREATE, TYPE, Section.TRANSITIONS, said=())
        by_stay: dict[str, list[_New]] = {}
        for taken, event in events:
            taken.person = self.person
            new = await self._new(taken, event)
            if new:
                by_stay.setdefault(new.number, []).append(new)
        stays = await stay_events.numbers(self.work.writing, self.person, self.agency)
        for number, some in by_stay.items():
            await self._of_stay(number, some, stays)
        self._noted([taken for taken, _ in events])

    async def _new(self, taken: Taken, event: Mapping[str, Json]) -> _New | None:
        """An event that was not taken before. Of one that was, `taken` says where it led."""
        digest = blake2b(exact.dumps(ordered(event)), digest_size=16).hexdigest()
        known = await self.work.writing.remembered(stay_events.holder(self.agency), taken.id)
        before = self.seen.get(taken.id) or (known[0] if known else None)
        if before is not None and before != digest:
            what = "this id was used for another event"
            mend = "Give every event an id of its own; send a repeated one as it was."
            refuse(taken, Problem(Trouble.DUPLICATE, "", (Fault(what, ("id",), mend),)))
        elif before is not None:
            taken.outcome = "repeated"
            if known:
                taken.stay, taken.version = EntryId(known[3]), known[4]
        elif (moment(event["occurred_at"]) or 0) > self.now + SLACK:
            what = "it lies in the future: what has happened has a time that has come"
            mend = "Send it once it has happened, by a clock that is right; what is planned is planned_discharge."
            refuse(taken, Problem(Trouble.UNPROCESSABLE, "", (Fault(what, ("occurred_at",), mend),)))
        else:
            self.seen[taken.id] = digest
            return _New(taken, happened(event), event["stay"], digest)
        return None

    async def _of_stay(self, number: str, new: Sequence[_New], stays: Sequence[Stored]) -> None:
        """New events of one stay: kept, and the stay written as all of its events together tell it."""
        there = next((one for one in stays if number_of(one) == number), None)
        id_ = there.id if there else derived(self.person, f"stay:{self.agency}:{number}")
        there = there or await self.work.writing.current(self.person, id_)
        body = fields_of(exact.stored(there.body)) if there and not there.deleted else {}
        before = [kept_as(one) for one in await stay_events.of_stay(self.work.writing, self.person, id_)]
        edit = told.by_hand(before, body, f"{id_}/{there.version}", there.at) if there and body else None
        if edit:
            before.append(edit)
            self._keep(id_, edit, "")
        kept = self._fitting(before, new, body)
        if not kept:
            return
        known = {**without(body), **tell([*before, *(one.happened for one in kept)]), "number": number}
        known.setdefault("hospital", {"reference": f"Organization/{self.agency}"})
        changed = there is None or not same(body, known)
        stored = await self._written(id_, known, there) if changed or there is None else there
        self._take(kept, stored, await self._overlaps(stored), changed=changed)

    def _fitting(self, before: Sequence[Happened], new: Sequence[_New], body: Mapping[str, Json]) -> list[_New]:
        """Those of the new events that fit to all the others; the others are refused."""
        kept: list[_New] = []
        for one in new:
            others = [*before, *(other.happened for other in new if other.taken.problem is None)]
            admission = told.too_late(others, one.happened)
            if admission:
                what = f"it comes before the admission of this stay, {admission.said}"
                refuse(one.taken, at_fault(what, "Check both times, or the number of the stay."))
                continue
            would = {**without(body), **tell([*before, *(each.happened for each in kept), one.happened])}
            faults = forms.found(KIND.form, would, KIND.name)
            if faults:
                what = f"with what is known of the stay it makes no sense: {faults[0].what}. {faults[0].mend}"
                refuse(one.taken, at_fault(what, "Correct the stay, or the event."))
                continue
            kept.append(one)
        return kept

    async def _written(self, id_: EntryId, body: dict[str, Json], there: Stored | None) -> Stored:
        """The stay, written as by anybody at a door. One that was deleted is there again once something happens."""
        verb = Verb.UPDATE if there and not there.deleted else Verb.CREATE
        deed = Deed(verb=verb, type=TYPE, kind=KIND.name, id=id_, person=self.person, body=body, late=True)
        deed.settled = there is not None and there.deleted
        if verb is Verb.CREATE:
            deed.section = Section.TRANSITIONS
        outcomes, _ = await together.do(self.work, [deed])
        self.work.writing.audit(self.desk.events(self.work.visit, outcomes))
        return outcomes[0].stored

    def _take(self, kept: Sequence[_New], stored: Stored, warnings: list[str], *, changed: bool) -> None:
        """Keep events, and where they led."""
        for one in kept:
            one.taken.outcome = "applied" if changed else "unchanged"
            one.taken.stay, one.taken.version, one.taken.warnings = stored.id, stored.version, warnings
            self._keep(stored.id, one.happened, one.digest)
            led = (200, self.person, stored.id, stored.version, self.now)
            self.work.writing.remember(stay_events.holder(self.agency), one.happened.id, one.digest, *led)

    def _keep(self, stay: EntryId, one: Happened, digest: str) -> None:
        made = Kept(
            person=self.person,
            agency=self.agency,
            id=one.id,
            stay=stay,
            type=one.type,
            at=one.at,
            said=one.said,
            received=self.now,
            digest=digest,
            body=exact.text(one.body),
        )
        stay_events.keep(self.work.writing, made)

    async def _overlaps(self, stored: Stored) -> list[str]:
        """Other stays of the person at the same time, those that the caller may see: both cannot be right."""
        permit = await self.work.leave(self.person)
        here = [*await stay_events.seen(self.work.writing, permit, self.person), *self.written]
        others = {one.id: one for one in here if one.id != stored.id}
        self.written.append(stored)
        mine = span(fields_of(exact.stored(stored.body)))
        clash = [one.id for one in others.values() if meet(mine, span(fields_of(exact.stored(one.body))))]
        return [f"It overlaps another stay of this person, {TYPE}/{id_}." for id_ in clash]

    def _noted(self, taken: Sequence[Taken]) -> None:
        """What is told of events that wrote nothing is shown all the same."""
        shown = {one.stay for one in taken if one.outcome in ("repeated", "unchanged") and one.stay}
        for id_ in sorted(shown):
            note = self.desk.note(self.work.visit, "R", TYPE, id_)
            self.work.writing.audit([note.event(self.person, Section.TRANSITIONS.value, found=True)])


def _must_send(permit: Permit) -> None:
    """Insist on a caller who may write stays at all, whosever they are."""
    must_by_scope(permit, Verb.CREATE, TYPE)
    must_by_scope(permit, Verb.UPDATE, TYPE)
    if permit.letters.get(Section.TRANSITIONS, Letter.NOTHING).height < Letter.CONTRIBUTE.height:
        what = f"The role {permit.caller.role.value} writes no stays."
        raise refusal(Question.CHARTER, what, "Ask an agency that contributes to transitions.")
