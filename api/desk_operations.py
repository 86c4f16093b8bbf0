"""The desk for operations: what concerns many entries at once, with the same leave and the same audit as all else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from api import merging
from api.deeds import NOT_YOURS, Deed, Visit
from api.desk import ATTEMPTS, Desk, Replayed
from api.frame import PATIENT
from api.merging import Merged
from api.scoped import said as says
from api.work import Work
from auth.access import Permit, Verb, allows, ask, must
from db import everything, matching
from db.everything import Wanted
from db.sight import Look
from db.store import Hit
from fhir_facade import exact, match, metas, references
from fhir_facade.match import Likeness
from fhir_facade.resources import RESOURCES, served
from plan.model import EntryId, PersonId, Section, Stored
from plan.problem import Problem, Trouble

Meta = dict[str, Any]

DEPTH = 3
"""How far the directory is followed: a role leads to a worker, who leads to an agency, which leads to a place."""
PEOPLE = 20
"""How many people one page of everything about everybody looks at."""
LABELS = 1000
"""How many labels a summary names at most."""


class Operations(Desk):
    """The desk, doing operations."""

    @classmethod
    def of(cls, desk: Desk) -> "Operations":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def everything(self, visit: Visit, wanted: Wanted, type_: str = "Patient") -> tuple[Sequence[Hit], bool]:
        """A page of everything that may be seen of some people, and whether more follow.

        Every type takes part that the app's scopes let it read. Raises REFUSED where they do not let it read `type_`.
        """
        permit = await self.leave(visit, Verb.READ, type_, "")
        person = wanted.persons[0] if len(wanted.persons) == 1 else ""
        note = self.note(visit, "R", type_, wanted.about or person, person=person, shown=wanted.count)
        found = await everything.everything(self.store.database, permit, wanted, note)
        return found[: wanted.count], len(found) > wanted.count

    async def people(self, visit: Visit, after: str) -> list[PersonId]:
        """The next people whom the caller works with, one more than a page looks at when there are more."""
        permit = await self.leave(visit, Verb.READ, "Patient", "")
        found = await everything.people(self.store.database, permit, self.store.clock(), after, PEOPLE + 1)
        if not found:
            # What is shown of somebody is noted with it; that there was nobody must be noted here.
            note = replace(self.note(visit, "E", "Patient", "$everything"), refused="")
            await self.store.database.note([note.event("", "", found=False)])
        return found

    async def supporting(self, visit: Visit, texts: Iterable[str]) -> list[Hit]:
        """What the directory says of whatever these resources refer to, and of what that refers to in turn."""
        permit = ask(visit.caller, self.charter)
        known: set[str] = set()
        found: list[Hit] = []
        level: Iterable[str] = texts
        for _ in range(DEPTH):
            ids = sorted(await _directory(permit, level) - known)
            known.update(ids)
            hits = await everything.listed(self.store.database, ids) if ids else []
            found += [hit for hit in hits if allows(permit, Verb.READ, hit.type)]
            level = [hit.text for hit in hits]
        return found

    async def labels(self, visit: Visit, type_: str) -> list[tuple[str, str, str]]:
        """The tags, labels and profiles on what may be seen of one type, or of all for an empty one."""
        permit = await self.leave(visit, Verb.SEARCH, type_ or "Patient", "")
        await self.store.database.note([self.note(visit, "E", type_ or "Resource", "").event("", "", found=True)])
        directory = bool(type_) and served(type_).directory
        database, now = self.store.database, self.store.clock()
        return await everything.labels(database, permit, now, type_, LABELS, directory=directory)

    async def match(
        self, visit: Visit, patient: Mapping[str, Any], *, certain: bool, count: int
    ) -> list[tuple[Hit, Likeness]]:
        """Who may be this Patient of those whom the caller may see, the likeliest first; `certain`: only those.

        Raises REQUIRED for a Patient that says nothing to look by. The audit names whom the answer shows.
        """
        permit = await self.leave(visit, Verb.SEARCH, "Patient", "")
        queries = list(match.queries(patient))
        if not queries:
            raise Problem(Trouble.REQUIRED, "Say at least a name, a date of birth, an identifier or a postcode.")
        look = Look(permit, self.store.clock(), self.store.directory)
        candidates = await matching.candidates(self.store.database, look, queries)
        scored = []
        for hit in candidates:
            held = exact.stored(hit.text)
            like = match.likeness(patient, held)
            wanted = like.grade == "certain" if certain else like.grade != "certainly-not"
            if wanted and not match.replaced(held):
                scored.append((hit, like))
        scored.sort(key=lambda one: (-one[1].score, one[0].id))
        shown = scored[:count]
        note = replace(self.note(visit, "E", "Patient", "$match", shown=count), refused="")
        await self.store.database.note(note.events([(hit.person, hit.section) for hit, _ in shown]))
        return shown

    async def preview(self, visit: Visit, source: PersonId, target: PersonId) -> Merged:
        """What a merge of two people would copy, as far as the caller may see it."""
        return await self._merge(visit, source, target, lambda one: merging.preview(one, source, target), "R")

    async def merge(
        self, visit: Visit, source: PersonId, target: PersonId, result: dict[str, Any] | None = None
    ) -> Merged:
        """Copy the plan of the source into the target's, under review. Raises NOT_FOUND, REFUSED, UNPROCESSABLE."""
        return await self._merge(visit, source, target, lambda one: merging.join(one, source, target, result))

    async def unmerge(self, visit: Visit, source: PersonId, target: PersonId) -> Merged:
        """Take a merge back. Raises NOT_FOUND, REFUSED, UNPROCESSABLE."""
        return await self._merge(visit, source, target, lambda one: merging.part(one, source, target))

    async def _merge(
        self,
        visit: Visit,
        source: PersonId,
        target: PersonId,
        do: Callable[[Work], Awaitable[Merged]],
        action: str = "U",
    ) -> Merged:
        async def work(one: Work) -> Merged:
            merged = await do(one)
            sections = ",".join(sorted({Section.FRAME, *merged.touched}))
            for person, said in ((source, Section.FRAME.value), (target, sections)):
                note = self.note(visit, action, "Patient", person)
                one.writing.audit([note.event(person, said, found=True)])
            return merged

        return await self.attempt(visit, work, Deed(verb=Verb.UPDATE, type="Patient", id=EntryId(source)))

    async def label(
        self, visit: Visit, type_: str, id_: EntryId, change: Callable[[Meta], Meta], version: int | None
    ) -> Stored:
        """The entry with its labels changed, as it then is; no new version where they are right already.

        `version`: the one that the client changes, when it says so; otherwise whichever there is.
        """
        for left in reversed(range(ATTEMPTS)):
            stored = await self.read(visit, type_, id_)
            try:
                return await self._labelled(visit, stored, change, version or stored.version)
            except Problem as problem:
                if problem.trouble is not Trouble.STALE or version is not None or not left:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _labelled(self, visit: Visit, stored: Stored, change: Callable[[Meta], Meta], version: int) -> Stored:
        if stored.slot and stored.slot != PATIENT:
            raise Problem(Trouble.UNPROCESSABLE, "The service keeps the labels of the frame of a plan itself.")
        resource = exact.stored(stored.fhir)
        before = resource.get("meta", {})
        after = change(before)
        deed = Deed(verb=Verb.UPDATE, type=stored.type, id=stored.id, version=version, meta_set=True)
        deed.resource = {**resource, "meta": after}
        opens = metas.opened(before, after)
        if opens and not metas.restricted(after) and stored.restriction == frozenset({stored.agency}):
            deed.restriction = None

        deed.settled = after == before and version == stored.version
        if opens and stored.person:
            await self._must_manage(visit, stored, deed)
        # The version is said, so what was asked leave for is what is written.
        outcomes = await self.write(visit, [deed])
        assert not isinstance(outcomes, Replayed)  # no key was given
        return outcomes[0].stored

    async def _must_manage(self, visit: Visit, stored: Stored, deed: Deed) -> None:
        """Insist that the caller manages the section of an entry."""

        async def work(one: Work) -> None:
            permit = await one.leave(stored.person)
            must(permit, Verb.UPDATE, stored.type, stored.section, NOT_YOURS, [says(permit, stored)])

        await self.attempt(visit, work, deed)


async def _directory(permit: Permit, texts: Iterable[str]) -> set[str]:
    """The ids of the directory entries that resources refer to, of the types that may be read."""
    ids: set[str] = set()
    for at, text in enumerate(texts):
        if at % 50 == 0:
            # A page of many resources lets other requests in between.
            await asyncio.sleep(0)
        for _, held in references.walk(exact.stored(text)):
            found = references.RELATIVE.fullmatch(str(held.get("reference", "")))
            row = RESOURCES.get(found["type"]) if found else None
            if found and row and row.directory and allows(permit, Verb.READ, row.type):
                ids.add(found["id"])
    return ids
