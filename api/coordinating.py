"""Coordination: the service's own hand, which asks the rules what ought to be in a plan, and writes what differs.

A person is held while the rules are asked and until what they want is durable: with every version, its place in the
feed and its audit event, in one transaction that also says when to ask again. Whoever dies in it has done nothing; who
asks twice finds nothing left to write.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from api import house, knowing, mailing
from api.contents import emptied
from api.house import ROLE
from api.work import Work
from auth import access
from auth.caller import HOUSE
from db.engine import Who
from db.feed import FeedRows, Job
from db.gathered import Hand
from db.writing import Writing
from fhir_facade import drafts, exact
from fhir_facade.lens import same
from plan import coordination
from plan.kinds import KINDS
from plan.known import Known, Wake, Want, derived
from plan.model import PersonId, Stored

if TYPE_CHECKING:
    from api.desk import Desk
    from api.feed import Feed

__all__ = ["DOOR", "ROLE", "Restless", "coordinate", "settle"]

DOOR = "coordination"
"""The name of the service's own hand in the audit and in the versions."""
ROUNDS = 8
"""How often the rules are asked of what they wanted before; a chain of rules that is longer does not come to rest."""


class Restless(Exception):  # noqa: N818 - it is a rule's fault, told by its name
    """Rules that want something else each time that they are asked."""


class HouseWork(Work):
    """One transaction of the service itself in one person's plan."""

    async def leave(self, person: PersonId) -> access.Permit:
        return self.permit if person == self.permit.person else access.narrow(self.permit, person, access.NOBODY)

    @property
    def hand(self) -> Hand:
        return Hand(subject=HOUSE.subject, role=ROLE, agency=HOUSE.agency, door=DOOR)


async def coordinate(feed: "Feed", job: Job) -> None:
    """Ask the rules about one person, write what they want, and come again when they say."""
    desk, store = feed.desk, feed.store
    async with store.everybody.transaction() as transaction:
        rows = FeedRows(transaction, feed.clock(), store.everybody.sharing)
        name = Who(now=rows.now)
        writing = Writing(transaction, name, store.everybody.sharing, desk.store.directory)
        if not await writing.lock(job.person):
            await rows.drop(job)
            return
        visit = house.visit(DOOR, f"{job.kind}-{job.person}")
        work = HouseWork(writing, access.house(desk.charter, job.person), visit, desk.identity_systems)
        known = await knowing.everything(transaction, desk.charter, job.person, rows.now)
        written, wake = await settle(work, known)
        writing.audit(_events(desk, work, written))
        await writing.flush()
        await mailing.expect(feed, rows, _after(known, (stored for _, stored in written)))
        await (rows.drop(job) if wake is None else rows.again(job, wake))
        await rows.flush()


async def settle(work: Work, known: Known) -> tuple[list[tuple[str, Stored]], int | None]:
    """Ask until nothing new is wanted: what was written, each by its letter in the audit, and when to come again."""
    written: list[tuple[str, Stored]] = []
    for _ in range(ROUNDS):
        said = [one for rule in coordination.RULES for one in rule(known)]
        changed = [await _write(work, known, one) for one in said if isinstance(one, Want) and _differs(known, one)]
        written += changed
        if not changed:
            return written, min((one.at for one in said if isinstance(one, Wake) and one.at > known.now), default=None)
        known = _after(known, (stored for _, stored in changed))
    wanted = ", ".join(sorted({stored.kind for _, stored in changed}))
    raise Restless(f"the rules do not come to rest about: {wanted}")


def _differs(known: Known, want: Want) -> bool:
    there = known.made(want.key)
    if there is None or want.body is None:
        return (there is None) != (want.body is None)
    return there.restriction != want.restriction or there.section is not want.section or not same(there.body, want.body)


async def _write(work: Work, known: Known, want: Want) -> tuple[str, Stored]:
    person = known.person
    id_ = derived(person, want.key)
    current = await work.writing.current(person, id_)
    if want.body is None:
        assert current is not None
        draft = emptied(current)
        stored = work.put(draft, person, id_, current, deleted=True, reason=want.reason)
    else:
        body = dict(want.body)
        KINDS[want.kind].form.model_validate(body)
        before = exact.stored(current.fhir) if current and not current.deleted else None
        draft = drafts.from_body(want.kind, body, want.section, person, want.agency, before)
        draft.restriction = want.restriction
        stored = work.put(draft, person, id_, current, owner=want.agency, reason=want.reason)
    await work.follow(draft, stored, current, settled=True)
    return "D" if want.body is None else "U" if current else "C", stored


def _after(known: Known, written: Iterable[Stored]) -> Known:
    """What is known once this is written."""
    entries = dict(known.entries)
    for one in written:
        if one.deleted:
            entries.pop(one.id, None)
        else:
            entries[one.id] = replace(knowing.entry(one), by_role=ROLE, by_agency=HOUSE.agency)
    return replace(known, entries=entries)


def _events(desk: "Desk", work: Work, written: Iterable[tuple[str, Stored]]) -> Iterable[tuple[object, ...]]:
    """One event for each entry that was written."""
    for action, stored in written:
        note = replace(desk.note(work.visit, action, stored.type, stored.id), role=ROLE)
        yield note.event(stored.person, stored.section.value, found=True)
