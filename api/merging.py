"""Two people found to be one: the plan of one is copied into the other's, under review, and can be taken back.

Nothing moves (docs/decisions/0028-merging-is-copy-and-link.md). The service carries the whole plan, with what the
caller may not see: a copy keeps its agency, its author, its section and its restriction, and the consents of the one
hold for the other. The caller is told of what they may see and of nothing else. Teams stay as they are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from api import frame
from api.contents import emptied, listed_in
from api.deeds import NOT_YOURS, Deed
from api.ids import fresh
from api.scoped import shows
from api.work import Work
from auth.access import Permit, Question, Verb, must, must_belong, refusal
from db import merging
from fhir_facade import drafts, exact, merge
from fhir_facade.careplan import LISTED
from plan.model import PLAN_SECTIONS, EntryId, Json, PersonId, Section, Slot, Stored
from plan.problem import Fault, Problem, Trouble

MOST = 5000
"""Entries of one plan that are carried in one go."""
_FRAME_SLOTS = (Slot.ROOT.value, Slot.TEAM.value, *(frame.section_slot(section) for section in PLAN_SECTIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of it, as far as the caller may see it.

    `seen`: how many entries by section; `kept`: copies that were changed since and stay, as `Type/id`. `touched`: all
    sections that were written in, for the audit alone.
    """

    target: Stored
    seen: Mapping[Section, int]
    task: Stored | None = None
    kept: Sequence[str] = ()
    touched: frozenset[Section] = field(default_factory=frozenset)


@dataclass(slots=True)
class Pair:
    """The two people, held until the transaction ends, each with its leave and its Patient."""

    source: Stored
    target: Stored
    permit: Permit
    into: Permit

    def may_see(self, entry: Stored) -> bool:
        """Whether the caller may see an entry of either."""
        permit = self.permit if entry.person == self.source.person else self.into
        return shows(permit, entry)


async def preview(work: Work, source: PersonId, target: PersonId) -> Merged:
    """What a merge would copy; nothing is written."""
    pair = await _mergeable(work, source, target)
    entries = await _entries(work, source)
    return Merged(target=pair.target, seen=_counted(pair, entries))


async def join(work: Work, source: PersonId, target: PersonId, result: dict[str, Json] | None) -> Merged:
    """Copy the plan of the source into the target's; `result` is the target's Patient as it shall be."""
    pair = await _mergeable(work, source, target)
    if result is not None:
        merge.must_result(result, target, source)
    entries = await _entries(work, source)
    copies = await _copied(work, pair, entries)
    task = await _review(work, source, target)
    await _listed(work, target, [*copies, task], present=True)
    before = exact.stored(pair.source.fhir)
    stays = merge.replacing(exact.stored(pair.target.fhir) if result is None else result, before, source)
    stored = await _amended(work, pair.target, pair.into, stays)
    await _amended(work, pair.source, pair.permit, merge.replaced(before, target))
    return Merged(
        target=stored,
        seen=_counted(pair, entries),
        task=task if pair.may_see(task) else None,
        touched=frozenset(entry.section for entry in [*entries, task]),
    )


async def part(work: Work, source: PersonId, target: PersonId) -> Merged:
    """Take a merge back: the copies go, as long as nobody has changed them, and the Patients are as they were."""
    pair = await _pair(work, source, target)
    mine = exact.stored(pair.source.fhir)
    if target not in merge.replaced_by(mine):
        _rule("this Patient is not merged into that one", "Name the two as they were merged.")
    copies = await merging.entries(work.writing, target, 2 * MOST, (merge.MERGED_FROM, source))
    gone = [copy for copy in copies if copy.version == 1]
    kept = [copy for copy in copies if copy.version > 1 and not _is_review(copy)]
    for copy in gone:
        work.put(emptied(copy), target, copy.id, copy, deleted=True)
        if copy.kind == "consent":
            await work.writing.rule(target, copy.id, ())
    for task in copies:
        if task.version > 1 and _is_review(task):
            _cancel(work, task)
    await _listed(work, target, gone, present=False)
    stored = await _amended(work, pair.target, pair.into, merge.released(exact.stored(pair.target.fhir), source))
    await _amended(work, pair.source, pair.permit, merge.restored(mine, target))
    return Merged(
        target=stored,
        seen=_counted(pair, gone),
        kept=[f"{copy.type}/{copy.id}" for copy in kept if pair.may_see(copy)],
        touched=frozenset(copy.section for copy in copies),
    )


async def _pair(work: Work, source: PersonId, target: PersonId) -> Pair:
    """Both people, when the caller manages the frame of both plans. Raises NOT_FOUND, REFUSED."""
    if source == target:
        _rule("a person cannot be merged with themself", "Name two people.")
    leave = {person: await work.leave(person) for person in sorted((source, target))}
    for permit in leave.values():
        must(permit, Verb.UPDATE, "Patient", Section.FRAME, NOT_YOURS)
        must_belong(permit)
    if not all(work.permit.scopes.freely(verb, "*") for verb in (Verb.CREATE, Verb.UPDATE)):
        what = "A merge writes entries of every type; the app's scopes name some."
        raise refusal(Question.TOKEN, what, "Ask for a scope on all types (user/*.cu).")
    mine, theirs = [await work.writing.current(person, EntryId(person)) for person in (source, target)]
    assert mine is not None
    assert theirs is not None
    return Pair(mine, theirs, leave[source], leave[target])


async def _mergeable(work: Work, source: PersonId, target: PersonId) -> Pair:
    """The pair, when neither has been merged away already."""
    pair = await _pair(work, source, target)
    for which, one in (("source", pair.source), ("target", pair.target)):
        if any(merge.replaced_by(exact.stored(one.fhir))):
            _rule(f"the {which} has been merged into another already", "Take that merge back first, or use the other.")
    return pair


async def _entries(work: Work, person: PersonId) -> list[Stored]:
    entries = await merging.entries(work.writing, person, MOST + 1)
    if len(entries) > MOST:
        raise Problem(Trouble.TOO_COSTLY, f"A plan of more than {MOST} entries is not merged in one go.")
    return entries


async def _copied(work: Work, pair: Pair, entries: Sequence[Stored]) -> list[Stored]:
    """Put the copies, with new ids; they point at each other as the first ones do."""
    source, target = pair.source.person, pair.target.person
    ids = {entry.id: EntryId(fresh()) for entry in entries}
    names = {f"{entry.type}/{entry.id}": f"{entry.type}/{ids[entry.id]}" for entry in entries}
    names |= await _frames(work, source, target)
    decided = await merging.rules(work.writing, source)
    hand = replace(work.hand, reason=f"merged from Patient/{source}")
    copies = []
    for entry in entries:
        resource = merge.copied(exact.stored(entry.fhir), names, source)
        draft = drafts.from_fhir(resource, entry.section, entry.agency)
        draft.restriction = entry.restriction
        at = work.writing.at(target)
        stamp = replace(entry, person=target, id=ids[entry.id], version=1, at=at)
        body, text = drafts.finished(draft, stamp)
        stored = replace(stamp, kind=draft.kind, status=draft.status, body=body, fhir=text)
        work.writing.put(draft, stored, action="create", hand=hand)
        if entry.id in decided:
            await work.writing.rule(target, stored.id, decided[entry.id])
        copies.append(stored)
    return copies


async def _frames(work: Work, source: PersonId, target: PersonId) -> dict[str, str]:
    """What the frame of the one is called in the other."""
    names = {f"Patient/{source}": f"Patient/{target}"}
    for slot in _FRAME_SLOTS:
        mine, theirs = [await work.writing.slot(person, slot) for person in (source, target)]
        if mine and theirs:
            names[f"{mine.type}/{mine.id}"] = f"{theirs.type}/{theirs.id}"
    return names


async def _review(work: Work, source: PersonId, target: PersonId) -> Stored:
    agency = work.visit.caller.agency
    task = merge.review(source, target, agency, work.writing.at(target))
    return work.put(drafts.from_fhir(task, Section.TRANSITIONS, agency), target, EntryId(fresh()), None)


def _is_review(entry: Stored) -> bool:
    return merge.is_review(exact.stored(entry.fhir))


def _cancel(work: Work, task: Stored) -> None:
    """The review of a merge that was taken back is no longer asked for; what was written in it stays."""
    resource = {**exact.stored(task.fhir), "status": "cancelled"}
    draft = drafts.from_fhir(resource, task.section, task.agency)
    draft.restriction = task.restriction
    work.put(draft, task.person, task.id, task)


async def _listed(work: Work, person: PersonId, entries: Sequence[Stored], *, present: bool) -> None:
    by_section: dict[Section, list[Stored]] = {}
    for entry in entries:
        section = listed_in(entry)
        if section and entry.type in LISTED:
            by_section.setdefault(section, []).append(entry)
    for section, some in by_section.items():
        await frame.list_entries(work, person, section, some, present=present)


async def _amended(work: Work, current: Stored, permit: Permit, resource: dict[str, Json]) -> Stored:
    deed = Deed(verb=Verb.UPDATE, type="Patient", id=current.id, resource=resource, meta_set=True)
    return (await frame.amend(work, deed, permit, current)).stored


def _counted(pair: Pair, entries: Sequence[Stored]) -> Mapping[Section, int]:
    return Counter(entry.section for entry in entries if pair.may_see(entry))


def _rule(what: str, mend: str) -> None:
    raise Problem(Trouble.UNPROCESSABLE, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
