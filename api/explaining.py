"""The access decision explained for somebody else: what a worker may do in a plan, and which question decided.

Only an auditor asks this, of people with whom their agency has or had to do; the answer holds no plan content.
"""

from dataclasses import replace

from api.deeds import Visit
from api.desk import Desk
from auth.access import Permit, Question, Standing, Verb, ask, narrow, refusal
from auth.caller import Caller
from auth.scopes import parse
from db import audited
from db.sight import who
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble

TYPE = "AuditEvent"
"""The FHIR type that scopes speak of: to ask who may look belongs to reading who did."""


def somebody(agency: AgencyId, role: Role, subject: Subject, person: PersonId, purpose: str) -> Caller:
    """A worker with an app that may do everything, so that what decides is not the app."""
    own = person if role is Role.PERSON else None
    scopes = parse("system/*.cruds")
    return Caller(subject=subject, agency=agency, role=role, scopes=scopes, person=own, purpose=purpose)


async def explained(desk: Desk, visit: Visit, person: PersonId, other: Caller) -> tuple[Permit, Standing]:
    """What `other` may do in this plan today. Raises NOT_FOUND, and REFUSED for who is no auditor."""
    own = await desk.leave(visit, Verb.READ, TYPE, "", person)
    note = replace(desk.note(visit, "R", TYPE, "", person=person), refused=Question.CHARTER.value)
    if visit.caller.role is not Role.AUDITOR:
        await desk.store.database.note([note.event("", "", found=False)])
        what = "What others may do is explained to auditors."
        raise refusal(Question.CHARTER, what, "Leave out agency and role to be told what you may do.")
    name = await audited.concerned(desk.store.database, person, who(own, desk.store.clock()))
    if name is None:
        note = replace(note, refused=Question.RELATIONSHIP.value)
        await desk.store.database.note([note.event(person, "", found=False)])
        raise Problem(Trouble.NOT_FOUND)
    permit = ask(other, desk.charter)
    async with desk.store.writing(own, name) as writing:
        standing = await writing.held(permit, person) or Standing()
        writing.audit([note.event(person, "", found=True)])
    return narrow(permit, person, standing), standing
