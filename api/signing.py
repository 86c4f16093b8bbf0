"""Signing off several sections of one plan: all of them in one transaction, or none.

Each becomes a review of its own, with the leave, the checks and the face of one that is signed by itself
(api/reviewing.py). All that moved is gathered before anything is said, so that one answer names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api import frame, reviewing
from api.deeds import Deed, Key, Outcome, Visit
from api.desk import Desk, Replayed
from api.scoped import shows
from api.work import Work
from auth.access import Permit, Verb, must_by_scope, must_see
from fhir_facade import exact
from plan.dates import date_range
from plan.known import moment
from plan.model import Json, PersonId, Section, Stored
from plan.problem import Fault, Path, Problem, Trouble

TYPE = "Provenance"
"""What a review is in FHIR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """What somebody signs: the sections, each in the version that they read, and what they say of all of them.

    `review`: the fields of a review that are the same for each. `reason`: why, in words.
    """

    person: PersonId
    sections: Sequence[tuple[Section, int]]
    review: Mapping[str, Json]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """The reviews in the order of the sections. `replayed`: the same was signed before, under the same key."""

    reviews: list[Stored]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Moved:
    """A section that is not as it was read: where it stands in the request, and what of it changed."""

    at: int
    now: Stored
    read: int
    changed: list[str]


class Signing(Desk):
    """The desk, taking the signatures of several sections together."""

    @classmethod
    def of(cls, desk: Desk) -> "Signing":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def sign(self, visit: Visit, wanted: SignOff, key: Key | None = None) -> Signed:
        """Sign all of these sections or none; a key makes it happen once.

        Raises STALE with all that moved; NOT_FOUND, REFUSED, UNPROCESSABLE, BAD_VALUE of the first that is refused,
        whatever else has moved.
        """

        async def work(one: Work) -> list[Stored] | list[Replayed]:
            before = await self._before(one, key, len(wanted.sections)) if key else []
            if before:
                one.writing.audit([self._again(visit, known) for known in before])
                return before
            outcomes = await _signed(one, wanted)
            one.writing.audit(self.events(visit, outcomes))
            if key:
                for nth, outcome in enumerate(outcomes):
                    self.remember(one, key, outcome, nth)
            return [outcome.stored for outcome in outcomes]

        done = await self.attempt(visit, work, Deed(verb=Verb.CREATE, type=TYPE, person=wanted.person))
        reviews = [await self._as_signed(visit, one) if isinstance(one, Replayed) else one for one in done]
        return Signed(reviews, replayed=any(isinstance(one, Replayed) for one in done))

    async def _before(self, work: Work, key: Key, count: int) -> list[Replayed]:
        """The reviews that the same key made before; none when it was not used."""
        first = await self.remembered(work, key)
        if first is None:
            return []
        others = [await self.remembered(work, key, nth) for nth in range(1, count)]
        return [first, *(one for one in others if one)]

    async def _as_signed(self, visit: Visit, one: Replayed) -> Stored:
        """A review as it was when it was signed, taken back though it may be."""
        stored = one.stored
        if stored.version == one.version:
            return stored
        return await self.version(visit, stored.type, stored.id, one.version, "body")


async def _signed(work: Work, wanted: SignOff) -> list[Outcome]:
    """Sign one after the other, or say of all that moved what did."""
    must_by_scope(work.permit, Verb.CREATE, TYPE)
    permit = await work.leave(wanted.person)
    must_see(permit)
    outcomes: list[Outcome] = []
    moved: list[_Moved] = []
    for at, (section, version) in enumerate(wanted.sections):
        plan = await _section(work, permit, section, at)
        try:
            outcomes.append(await work.one(_deed(wanted, plan, version)))
        except Problem as problem:
            if problem.trouble is not Trouble.STALE:
                problem.faults = tuple(_placed(fault, at) for fault in problem.faults)
                raise
            moved.append(_Moved(at, plan, version, await _changed(work, permit, wanted, plan, version, problem)))
    if moved:
        raise _stale(moved)
    return outcomes


async def _section(work: Work, permit: Permit, section: Section, at: int) -> Stored:
    """A section's own entry. One that the caller may not read is as one that is not there."""
    plan = await work.writing.slot(permit.person or PersonId(""), frame.section_slot(section))
    if plan is None or not shows(permit, plan):
        raise reviewing.of_no_section(("sections", at, "section"), "name one that is shown to you")
    return plan


def _deed(wanted: SignOff, plan: Stored, version: int) -> Deed:
    return Deed(
        verb=Verb.CREATE,
        type=TYPE,
        kind=reviewing.KIND,
        person=wanted.person,
        section=plan.section,
        body={"signed": f"CarePlan/{plan.id}/_history/{version}", **wanted.review},
        reason=wanted.reason,
    )


def _placed(fault: Fault, at: int) -> Fault:
    """A fault of what is signed, where the request says what that is."""
    return replace(fault, where=_version_at(at)) if fault.where == reviewing.TARGET else fault


def _version_at(at: int) -> Path:
    return ("sections", at, "version")


async def _changed(
    work: Work, permit: Permit, wanted: SignOff, plan: Stored, version: int, problem: Problem
) -> list[str]:
    """What changed in a section: pointers to its own fields, and its entries as `Type/id`, since it was read."""
    told = [name for name in problem.extra["changed"] if name.startswith("/")]  # type: ignore[attr-defined]
    span = date_range(str(wanted.review.get("seen", "")))
    if span is None:
        was = await work.writing.body_at(permit, plan, version)
        since = moment(exact.stored(was)["updated"]) if was else None
    else:
        since = span[1]
    return told + (await reviewing.changed_since(work, permit, plan.section, since) if since is not None else [])


def _stale(moved: Sequence[_Moved]) -> Problem:
    """412: which sections moved, and what changed in each."""
    names = ", ".join(one.now.section.value for one in moved)
    told = [
        {"section": one.now.section.value, "current_version": one.now.version, "changed": one.changed} for one in moved
    ]
    return Problem(
        Trouble.STALE,
        f"Nothing was signed, because this changed since you read it: {names}.",
        tuple(_fault(one) for one in moved),
        extra={"moved": told},
    )


def _fault(one: _Moved) -> Fault:
    name, now = one.now.section.value, one.now.version
    if one.read < now:
        what = f"version {one.read} of {name} was read, and it is at version {now} now"
    else:
        what = f"{len(one.changed)} entries of {name} changed since it was read"
    return Fault(what, _version_at(one.at), "Read it again, and sign what you read.")
