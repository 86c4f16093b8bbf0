"""The desk for the history of consents: what a person decided on sharing, when, and who wrote it down.

It is shown to the person, and to auditors, who otherwise see nothing of any plan; so it is told in facts of the
decision alone, without the words that people wrote beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

from api.deeds import Visit
from api.desk import Desk
from auth.access import Question, Verb, refusal
from db import consents
from db.consents import Mark
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.model import Json, PersonId, Role, Stored
from plan.problem import Problem, Trouble

TYPE = "Consent"
FACTS = ("decision", "status", "to", "sections", "start", "end", "date", "basis")
"""What is told of a decision (plan/kinds/consent.py)."""


async def history(desk: Desk, visit: Visit, person: PersonId, after: Mark, count: int) -> Sequence[Stored]:
    """Every version of every consent, the oldest first, one more than `count` when there are more.

    Raises REFUSED for other roles, NOT_FOUND for a person with whom the caller has nothing to do.
    """
    permit = await desk.leave(visit, Verb.READ, TYPE, "", person)
    note = replace(desk.note(visit, "R", TYPE, "", person=person, shown=count), refused="")
    database, refused = desk.store.database, ""
    name = await consents.concerned(database, permit, person, note.at)
    if visit.caller.role not in (Role.PERSON, Role.AUDITOR):
        refused = Question.CHARTER.value
    elif name is None:
        refused = Question.RELATIONSHIP.value
    if name and not refused:
        return await consents.history(database, name, person, note, after, count)
    await database.note([replace(note, refused=refused).event(person, "", found=False)])
    if refused == Question.RELATIONSHIP.value:
        raise Problem(Trouble.NOT_FOUND)
    what = "The history of consents is shown to the person and to auditors."
    raise refusal(Question.CHARTER, what, "Read the consents themselves where your role may.")


def told(one: Stored) -> dict[str, Json]:
    """One version as facts; of one that is no native consent, or was deleted, less is known."""
    said = exact.stored(one.body) if one.body else {}
    facts = {name: said[name] for name in FACTS if name in said}
    if one.status and not one.deleted:
        facts.setdefault("status", one.status)
    by = {"subject": one.by_subject, "role": one.by_role, "agency": one.by_agency}
    head = {"consent": one.id, "version": one.version, "at": moment(one.at), "recorded_by": by}
    return {**head, "deleted": one.deleted, **facts}
