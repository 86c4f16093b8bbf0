"""Import: files of FHIR into the plans of one database, through the desk, in the name of one worker.

Everything is read twice: first to learn what the resources are called, then to write them, so that a reference may come
before its target and no more than a batch is held in memory. Ids follow from the old names: a run that comes again, or
that was cut off, finds what is there and doubles nothing. One bad resource refuses itself only.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api import reframing
from api.bearings import Bearings, begun
from api.deeds import UNSAID, Deed, Did, Visit
from api.desk import Desk
from api.report import JOINED, Fate, Reason, Report, reason_of, unfit
from auth.access import Verb
from fhir_facade import intake, references
from fhir_facade.addresses import logical
from fhir_facade.intake import Piece
from fhir_facade.resources import RESOURCES
from plan.problem import Problem, Trouble

BATCH = 200
"""The most resources that one transaction writes."""
_FILES = (".json", ".ndjson", ".jsonl", ".gz")
_MANIFEST = "manifest"
_LATER = frozenset({Trouble.BAD_VALUE, Trouble.NOT_FOUND})
"""What may be well once everything else is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a run is meant: `source` in place of the folder's name, people who may begin by being named."""

    source: str = ""
    batch: int = BATCH
    new_people: bool = True


@dataclass(slots=True)
class Import:
    """One run. `told` learns the fate of each resource, `read` of each file's bytes."""

    desk: Desk
    visit: Visit
    terms: Terms = field(default_factory=Terms)
    told: Callable[[Fate], None] = lambda fate: None
    read: Callable[[int], None] = lambda size: None
    report: Report = field(default_factory=Report)
    later: list[Piece] | None = field(default_factory=list)
    unsure: list[Piece] = field(default_factory=list)
    out: set[tuple[str, int]] = field(default_factory=set)
    bearings: Bearings = field(init=False)

    def __post_init__(self) -> None:
        self.bearings = Bearings(self.desk, self.visit)

    async def run(self, paths: Iterable[Path]) -> Report:
        """Import files and folders; the report says what became of each resource."""
        found = sorted(files(paths))
        heads = {path for path in found if self._learn(path)}
        await self._drop_nobodys()
        await self.bearings.join()
        batch: list[Piece] = []
        for path in sorted(found, key=lambda path: path not in heads):
            for piece in self._wanted(path):
                batch.append(piece)
                if len(batch) >= self.terms.batch:
                    await self._write(batch)
                    batch = []
        await self._write(batch)
        # What waited for others is tried once more, now that all that could be written is.
        again, self.later = self.later or [], None
        for at in range(0, len(again), self.terms.batch):
            await self._write(again[at : at + self.terms.batch])
        return self.report

    def _learn(self, path: Path) -> bool:
        """First reading: what is it all called? Tells whether the file brings people or entries of the directory."""
        heads = False
        for piece in self._pieces(path, first=True):
            self.report.read += 1
            reason, detail = unfit(logical(piece.resource))
            if reason:
                self._out(piece, reason, detail)
                if piece.type == "Patient":
                    self.bearings.addresses.ghost(piece)
                continue
            self.bearings.addresses.add(piece)
            heads = heads or _is_head(piece)
            if not _is_head(piece) and not _names_a_patient(piece):
                self.unsure.append(piece)
        return heads

    async def _drop_nobodys(self) -> None:
        """What leads to nobody is out before anything is written, and so is what leads there by way of it."""
        while lost := [piece for piece in self.unsure if not await self.bearings.reaches(piece)]:
            for piece in lost:
                self.unsure.remove(piece)
                self.bearings.addresses.drop(piece)
                self._out(piece, Reason.NOBODY, "what it refers to is no person and leads to none")

    def _wanted(self, path: Path) -> Iterator[Piece]:
        """Second reading: what can be written, in an order in which the named mostly stand before what names them."""
        kept = []
        for piece in self._pieces(path, first=False):
            if (piece.file, piece.at) in self.out:
                continue
            other = self.bearings.addresses.twice(piece)
            if other:
                self._refuse(piece, Reason.TWICE, f"the other stands in {other.file}")
            elif piece.target in self.bearings.addresses.became and piece.type == "Patient":
                self._done(piece, JOINED, self.bearings.addresses.became[piece.target])
            else:
                kept.append(piece)
        return iter(sorted(kept, key=_rank))

    def _pieces(self, path: Path, *, first: bool) -> Iterator[Piece]:
        """The resources of a file; what cannot be read is reported at the first reading."""
        at, source = 0, self.terms.source or intake.source_of(path.resolve())
        for value in _documents(path):
            try:
                if isinstance(value, Problem):
                    raise value
                found = intake.pieces(value, str(path), source, at, forced=bool(self.terms.source))
            except Problem as problem:
                if first:
                    reason = Reason.NOT_JSON if problem is value else Reason.NOT_FHIR
                    self.report.refuse(reason, str(path), str(problem))
                continue
            at += len(found)
            yield from found
        self.read(path.stat().st_size)

    async def _write(self, batch: list[Piece]) -> None:
        framed = [piece for piece in batch if piece.slot]
        if not framed:
            await self._attempt(batch)
            return
        await self._attempt([piece for piece in batch if _is_head(piece)])
        for patient in (piece for piece in framed if piece.type == "Patient"):
            await reframing.match(self.desk, self.visit, self.bearings.addresses, patient.target)
        await self._attempt([piece for piece in batch if not _is_head(piece) and not piece.slot])
        for piece in framed:
            if piece.type != "Patient":
                await self._reframe(piece)

    async def _attempt(self, batch: list[Piece]) -> None:
        ready = [(piece, deed) for piece in batch async for deed in self._deed(piece)]
        people = {deed.id: (None, deed) for piece, _ in ready async for deed in self._people(piece)}
        await self._together([*people.values(), *ready])

    async def _together(self, work: Sequence[tuple[Piece | None, Deed]]) -> None:
        """One transaction; where it fails, two of half the size, down to the one that cannot be written."""
        if not work:
            return
        try:
            outcomes = await self.desk.write(self.visit, [deed for _, deed in work])
        except Problem as problem:
            if len(work) > 1:
                await self._together(work[: len(work) // 2])
                await self._together(work[len(work) // 2 :])
            else:
                await self._failed(*work[0], problem)
            return
        assert isinstance(outcomes, list)
        for (piece, deed), outcome in zip(work, outcomes, strict=True):
            target = f"{deed.type}/{outcome.stored.id}"
            self.bearings.here.add(target)
            if piece:
                self._done(piece, outcome.did, target)
            else:
                self.report.begun += outcome.did is Did.CREATED

    async def _deed(self, piece: Piece) -> AsyncIterator[Deed]:
        """What is to be written of a resource: nothing, with the reason told, when nobody new is wanted."""
        if not self.terms.new_people and await self.bearings.strangers(piece, coming=self.later is not None):
            self._refuse(piece, Reason.NEW_PERSON, "")
            return
        yield Deed(
            verb=Verb.CREATE,
            type=piece.type,
            id=piece.id,
            resource=self.bearings.addresses.rewritten(piece, await self.bearings.known(piece)),
            restriction=piece.restriction or UNSAID,
            settled=True,
        )

    async def _reframe(self, piece: Piece) -> None:
        """What an export says of the frame goes to the frame that is here, when it says anything else than that."""
        resource = self.bearings.addresses.rewritten(piece, await self.bearings.known(piece))
        target = self.bearings.addresses.became.get(piece.target, piece.target)
        deed = await reframing.deed(self.desk, self.visit, target, resource)
        if deed is None:
            self._done(piece, Did.SAME, target)
        else:
            await self._together([(piece, deed)])

    async def _people(self, piece: Piece) -> AsyncIterator[Deed]:
        """The people who begin because this resource names them, and nothing says more of them."""
        for target, system, value in await self.bearings.strangers(piece, coming=self.later is not None):
            yield begun(target, system, value)

    async def _failed(self, piece: Piece | None, deed: Deed, problem: Problem) -> None:
        """What cannot be written may be there already, in the very same words, as somebody else's."""
        if piece is None:
            self.bearings.absent.add(f"{deed.type}/{deed.id}")
        elif self.later is not None and problem.trouble in _LATER:
            self.later.append(piece)
        elif reason_of(problem) is Reason.LEAVE and await self.bearings.says_the_same(deed):
            self._done(piece, Did.SAME, f"{deed.type}/{deed.id}")
        else:
            nobody = problem.trouble is Trouble.BAD_VALUE and deed.type != "Patient"
            self._refuse(piece, Reason.NOBODY if nobody else reason_of(problem), str(problem))

    def _done(self, piece: Piece, did: Did | str, target: str) -> None:
        self.report.count(did)
        self.told(Fate(piece, did, target))

    def _out(self, piece: Piece, reason: Reason, detail: str) -> None:
        """Refused at the first reading, and so passed over at the second."""
        self.out.add((piece.file, piece.at))
        self._refuse(piece, reason, detail)

    def _refuse(self, piece: Piece, reason: Reason, detail: str) -> None:
        self.report.refuse(reason, piece.file, detail)
        self.told(Fate(piece, reason, detail=detail))


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """All files of files and folders. Raises FileNotFoundError for what is not there."""
    for path in paths:
        if path.is_dir():
            yield from (one for one in path.rglob("*") if one.is_file())
        elif path.is_file():
            yield path
        else:
            raise FileNotFoundError(path)


def _documents(path: Path) -> Iterator[Any]:
    if path.suffix not in _FILES:
        return iter((Problem(Trouble.MALFORMED, f"{path.suffix or 'no'} suffix"),))
    if path.name.partition(".")[0].lower() == _MANIFEST:
        return iter(("a list of files",))
    return intake.documents(path.read_bytes(), path.name)


def _is_head(piece: Piece) -> bool:
    row = RESOURCES.get(piece.type)
    return piece.type == "Patient" or bool(row and row.directory)


def _names_a_patient(piece: Piece) -> bool:
    """Whether it is plain at the first reading that a resource is about a person."""
    text = references.patient_of(piece.resource, RESOURCES[piece.type]) or ""
    return references.target_type(piece.links.get(text, text)) == "Patient"


def _rank(piece: Piece) -> int:
    row = RESOURCES.get(piece.type)
    return 1 if row is None else 3 if row.any_target else 2 - 2 * _is_head(piece)
