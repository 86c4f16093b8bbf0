"""What the service checks and fills in when somebody writes about a stay, its readiness or its end.

One place for every door: it stands between what was sent and what is stored. The rules themselves are plain
(plan.discharge_writing); here they are told what the plan holds, inside the transaction that writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.knowing import known, read
from db import stay_events
from plan.discharge_writing import WRITTEN, Attempt, settled
from plan.known import Body, Known
from plan.model import Draft, PersonId, Role, Stored
from plan.names import mentioned

if TYPE_CHECKING:
    from api.deeds import Deed
    from api.work import Work


async def kept(work: Work, deed: Deed, draft: Draft, person: PersonId, current: Stored | None) -> Body:
    """The body of a draft with what the service knows of it. Raises UNPROCESSABLE, REFUSED and CONFLICT."""
    if draft.kind not in WRITTEN or (current and current.deleted):
        return draft.body
    there = await _known(work, person)
    caller = work.visit.caller
    attempt = Attempt(
        body=draft.body,
        before=there.entries.get(current.id) if current else None,
        subject=str(caller.subject),
        agency=caller.agency,
        role=caller.role.value,
        oneself=caller.role is Role.PERSON,
        late=deed.late,
    )
    return settled(there, draft.kind, attempt)


async def _known(work: Work, person: PersonId) -> Known:
    """The whole plan as this transaction sees it: what decides is not what the caller may see."""
    writing = work.writing
    entries, members = read(await writing.entries(person)), await writing.members(person)
    parties = [one.party for one in members]
    pages = await writing.listed(parties, mentioned(entries.values()))
    feeds = await stay_events.feeds(writing, parties)
    return known(person, writing.at(person), entries, members, pages, feeds=feeds)
