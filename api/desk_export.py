"""Bulk exports at the desk: a job is a question that was put down; what it shows is asked leave for when it is fetched.

So nothing lies about: no file is written, and whoever lost leave since the export was asked for gets no further line.
Source: FHIR Bulk Data Access 2.0.0 (export.html).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from api.deeds import Visit
from api.desk import Desk
from api.ids import fresh
from auth.access import Permit, Question, Verb, allows, ask, refusal
from db.exporting import Exporting, Job
from fhir_facade.resources import RESOURCES
from plan.override import BREAK_THE_GLASS
from plan.problem import Problem, Trouble

KEPT = 24 * 3600 * 1000
"""How long a job is answered for, in milliseconds."""
DIRECTORY = frozenset(row.type for row in RESOURCES.values() if row.directory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a job shows to its owner now: how many entries of each type, and how many are gone since."""

    counts: dict[str, int]
    deleted: int


class Exports:
    """The bulk exports of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reader = Exporting(desk.store.database)

    async def begin(self, visit: Visit, job: Job) -> None:
        """Put a job down, with its audit event."""
        await self._must_last(visit, job.id)
        note = replace(self._desk.note(visit, "E", "Bundle", job.id), refused="")
        await self._reader.begin(_owner(visit), job, note)

    async def job(self, visit: Visit, id_: str) -> Job:
        """A job of this caller. Raises NOT_FOUND for any other, for one that was cancelled and for one that is old."""
        await self._must_last(visit, id_)
        found = await self._reader.job(id_, _owner(visit), self._desk.store.clock() - KEPT)
        if found is None:
            raise Problem(Trouble.NOT_FOUND)
        return found

    async def _must_last(self, visit: Visit, id_: str) -> None:
        """An export is of a caseload: an override opens one plan, for an hour."""
        if visit.caller.purpose == BREAK_THE_GLASS:
            question = Question.RELATIONSHIP
            note = replace(self._desk.note(visit, "E", "Bundle", id_), refused=question.value)
            await self._desk.store.database.note([note.event("", "", found=False)])
            what = "An override opens no export."
            raise refusal(question, what, "Ask under the purpose of your work with people, as TREAT.")

    async def cancel(self, visit: Visit, id_: str) -> None:
        """Forget a job."""
        job = await self.job(visit, id_)
        await self._reader.forget(job.id)

    async def found(self, visit: Visit, job: Job) -> Found:
        """How much there is, of what this caller may see now."""
        permit = ask(visit.caller, self._desk.charter)
        counts: dict[str, int] = {}
        deleted = 0
        async for people in self._reader.people(permit, job.extent, self._desk.store.clock()):
            note = replace(self._desk.note(visit, "E", "Bundle", job.id), refused="")
            for type_, count in (await self._reader.types(permit, people, job.extent, note)).items():
                counts[type_] = counts.get(type_, 0) + count
            if job.extent.since >= 0:
                gone = await self._reader.deleted(permit, people, job.extent, replace(note, id=fresh()))
                deleted += sum(_wanted(job, permit, type_) for type_, _ in gone)
        if job.level == "system":
            counts |= await self._reader.listed_types(job.extent)
        return Found(counts={t: counts[t] for t in sorted(counts) if _wanted(job, permit, t)}, deleted=deleted)

    async def lines(self, visit: Visit, job: Job, type_: str) -> AsyncIterator[str]:
        """The stored faces of a type, one by one, of whom this caller works with at the moment of each stretch.

        Insist on leave for the type before: once lines are on their way nothing can be refused.
        """
        if type_ in DIRECTORY:
            async for text in self._listed(visit, job, type_):
                yield text
            return
        permit = ask(visit.caller, self._desk.charter)
        async for people in self._reader.people(permit, job.extent, self._desk.store.clock()):
            after, more = ("", ""), True
            while more:
                note = replace(self._desk.note(visit, "E", type_, job.id, shown=10**6), refused="")
                rows = await self._reader.entries(permit, people, type_, job.extent, note, after)
                for *_, text in rows:
                    yield text
                more = bool(rows)
                after = (rows[-1][0], rows[-1][2]) if rows else after

    async def gone(self, visit: Visit, job: Job) -> AsyncIterator[tuple[str, str]]:
        """Type and id of what is there no longer."""
        permit = ask(visit.caller, self._desk.charter)
        async for people in self._reader.people(permit, job.extent, self._desk.store.clock()):
            note = replace(self._desk.note(visit, "E", "Bundle", job.id), refused="")
            for pair in await self._reader.deleted(permit, people, job.extent, note):
                if _wanted(job, permit, pair[0]):
                    yield pair

    async def _listed(self, visit: Visit, job: Job, type_: str) -> AsyncIterator[str]:
        rows: Sequence[tuple[str, str]] = [("", "")]
        while rows:
            note = replace(self._desk.note(visit, "E", type_, job.id, shown=10**6), refused="")
            rows = await self._reader.listed(type_, job.extent, note, rows[-1][0])
            for _, text in rows:
                yield text


def _wanted(job: Job, permit: Permit, type_: str) -> bool:
    asked = not job.types or type_ in job.types
    return asked and any(allows(permit, verb, type_) for verb in (Verb.READ, Verb.SEARCH))


def _owner(visit: Visit) -> str:
    """Whose a job is: the same caller through the same app."""
    return f"{visit.caller.agency}/{visit.caller.subject}/{visit.caller.client}"
