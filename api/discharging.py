"""What the service checks and fills in when somebody writes about a stay, its readiness or its end.

One place for every door: it stands between what was sent and what is stored. The rules themselves are plain
(plan.discharge_writing); here they are told what the plan holds, inside the transaction that writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.knowing import apart, place, read
from db import stay_events
from fhir_facade import drafts
from plan.discharge_writing import WRITTEN, Attempt, settled
from plan.kinds import PERSON
from plan.known import Known
from plan.model import Draft, PersonId, Role, Stored
from plan.names import mentioned

if TYPE_CHECKING:
    from api.work import Work


async def discharged(
    work: Work, draft: Draft, person: PersonId, current: Stored | None, *, late: bool = False
) -> Draft:
    """The draft with what the service knows of it. Raises UNPROCESSABLE, REFUSED and CONFLICT."""
    if draft.kind not in WRITTEN or (current and current.deleted):
        return draft
    known = await _known(work, person)
    caller = work.visit.caller
    attempt = Attempt(
        body=draft.body,
        before=known.entries.get(current.id) if current else None,
        subject=str(caller.subject),
        agency=caller.agency,
        role=caller.role.value,
        oneself=caller.role is Role.PERSON,
        late=late,
    )
    body = dict(settled(known, draft.kind, attempt))
    if body == draft.body:
        return draft
    made = drafts.from_body(draft.kind, body, draft.section, person, caller.agency, draft.fhir)
    made.restriction = draft.restriction
    return made


async def _known(work: Work, person: PersonId) -> Known:
    """The whole plan as this transaction sees it: what decides is not what the caller may see."""
    stored = await work.writing.entries(person)
    members = await work.writing.members(person)
    entries = read(stored)
    pages = await work.writing.listed([one.party for one in members], mentioned(entries.values()))
    agencies, names = apart(pages, members)
    feeds = await stay_events.feeds_in(work.writing, [one.party for one in members])
    return Known(
        person=person,
        now=work.writing.at(person),
        entries=entries,
        identity=next((one.body for one in entries.values() if one.kind == PERSON.name), {}),
        team=tuple(map(place, members)),
        agencies=agencies,
        names=names,
        feeds=feeds,
    )
