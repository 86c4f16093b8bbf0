"""The deeds of one transaction, in the order of the specification, whatever the order they came in.

FHIR R4 http.html 3.1.0.11.2: deletes, creates, updates and patches; what criteria find is decided before anything that
they could find is made, and after what is deleted is gone; no entry is changed twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from api import proof
from api.contents import absent, linked, overlapping, rank
from api.deeds import Deed, Did, Outcome
from api.ids import fresh
from api.work import Work
from auth.access import Verb, must_by_scope
from db.engine import Conflict
from db.writing import NO_PERSON
from fhir_facade.resources import RESOURCES
from plan.model import EntryId, Json
from plan.problem import Fault, Problem, Trouble
from plan.query import Query


async def do(
    work: Work, deeds: Sequence[Deed], provenance: dict[str, Json] | None = None
) -> tuple[list[Outcome], list[Outcome]]:
    """All deeds: the outcomes in the order that they came in, and those of the Provenances that were kept.

    `provenance`: a Provenance without target, to be kept for each version that is written.
    """
    criteria = (query for deed in deeds for query in (deed.unless, deed.where) if query)
    await work.writing.in_turn(map(repr, criteria))
    run = _Run(work, deeds)
    away = [at for at, deed in enumerate(deeds) if deed.verb is Verb.DELETE]
    others = [at for at, deed in enumerate(deeds) if deed.verb is not Verb.DELETE]
    await run.look(away)
    # Deletes come first, so that the criteria of the others find what these leave.
    await run.each(away, {})
    await run.look(others)
    run.once()
    links = run.links()
    await run.each(sorted(others, key=lambda at: rank(run.found[at])), links)
    outcomes = [run.done[at] for at in range(len(deeds))]
    return outcomes, [] if provenance is None else await proof.keep(work, provenance, outcomes, links)


@dataclass(slots=True)
class _Run:
    """The deeds by their number, as they were found, and what came of them."""

    work: Work
    deeds: Sequence[Deed]
    found: dict[int, Deed] = field(default_factory=dict)
    done: dict[int, Outcome] = field(default_factory=dict)

    async def look(self, which: Sequence[int]) -> None:
        """Find what these deeds are of, and which of them need no doing."""
        for at in which:
            with _numbered(at):
                self.found[at], there = await _found(self.work, self.deeds[at])
            if there:
                self.done[at] = there

    async def each(self, which: Sequence[int], links: dict[str, str]) -> None:
        """Do those of these deeds that are not done."""
        for at in which:
            if at not in self.done:
                with _numbered(at):
                    self.done[at] = await _done(self.work, linked(self.found[at], links))

    def once(self) -> None:
        """Insist that no entry is changed twice."""
        at = overlapping([self.found[at] for at in range(len(self.deeds))])
        if at is not None:
            what = "another entry of the transaction changes the same resource"
            with _numbered(at):
                raise Problem(Trouble.INVALID, what, (Fault(what, mend="Send each resource once."),))

    def links(self) -> dict[str, str]:
        """What the addresses of the transaction became, as `Type/id`."""
        ids = {at: self.done[at].stored.id if at in self.done else one.id for at, one in self.found.items()}
        return {one.link: f"{one.type}/{ids[at]}" for at, one in self.found.items() if one.link}


async def _found(work: Work, deed: Deed) -> tuple[Deed, Outcome | None]:
    """A deed of an entry that has an id, and its outcome when nothing is left to do.

    Scopes are asked before criteria are looked up: what they find must not decide whether the app may ask.
    """
    must_by_scope(work.permit, deed.verb, deed.type)
    if deed.verb is Verb.CREATE:
        there = await _there(work, deed)
        if not there and deed.id is None:
            deed.id = EntryId(fresh())
        return deed, there
    if deed.where is None:
        return deed, None
    id_ = await _match(work, deed, deed.where)
    said = deed.resource.get("id") if deed.resource else None
    if id_ is not None:
        if said not in (None, id_):
            what = "the id of the resource is not that of the one that the criteria find"
            raise Problem(Trouble.INVALID, what, (Fault(what, ("id",), "Leave the id out."),))
        return replace(deed, id=id_, where=None), None
    if deed.version is not None:
        raise Problem(Trouble.UNMATCHED, "The criteria find nothing whose version could match.")
    if deed.resource is not None and said is None:
        return replace(deed, verb=Verb.CREATE, id=EntryId(fresh()), where=None, unless=deed.where), None
    if deed.idempotent:
        return deed, Outcome(Did.ABSENT, absent(deed))
    raise Problem(Trouble.NOT_FOUND)


async def _there(work: Work, deed: Deed) -> Outcome | None:
    """Conditional create: the one that is there already."""
    id_ = await _match(work, deed, deed.unless) if deed.unless else None
    if id_ is None:
        return None
    person = NO_PERSON if RESOURCES[deed.type].directory else await work.writing.whose(id_)
    stored = None if person is None else await work.writing.current(person, id_)
    return Outcome(Did.FOUND, stored) if stored else None


async def _match(work: Work, deed: Deed, query: Query) -> EntryId | None:
    """The one entry that criteria find, of what this caller may see."""
    ids = await work.writing.matches(work.permit, query)
    if len(ids) > 1:
        raise Problem(Trouble.MANY, "The criteria find more than one; narrow them.")
    return ids[0] if ids else None


async def _done(work: Work, deed: Deed) -> Outcome:
    """One deed. A conditional create that was overtaken since it looked is to look again: Conflict."""
    try:
        return await work.one(deed)
    except Problem as problem:
        if problem.trouble is Trouble.DUPLICATE and await _there(work, deed):
            raise Conflict("created by another in the meantime") from problem
        if problem.trouble is Trouble.NOT_FOUND and deed.idempotent and deed.version is None:
            return Outcome(Did.ABSENT, absent(deed))
        raise


@contextmanager
def _numbered(at: int) -> Iterator[None]:
    """A problem inside says which of the deeds it was."""
    try:
        yield
    except Problem as problem:
        problem.at = at
        raise
