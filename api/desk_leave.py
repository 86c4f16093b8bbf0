"""What the parts of the desk share: to ask leave, and to say in the audit who asked for what.

The desk itself is api/desk.py; every door comes there.
"""

from dataclasses import replace

from api.deeds import Visit
from api.ids import fresh
from auth.access import Permit, Question, Verb, aim, allows, ask, beyond
from db.engine import Note
from db.store import Store
from db.writing import NO_PERSON
from plan.charter import Charter
from plan.model import PersonId, Stored
from plan.problem import Problem, Trouble

AUDITED = {"c": "C", "r": "R", "u": "U", "d": "D", "s": "E"}
"""The letter of each verb in the audit."""


class Leave:
    """Leave and audit for one store under one charter."""

    store: Store
    charter: Charter

    async def leave(self, visit: Visit, verb: Verb, type_: str, target: str, person: PersonId = NO_PERSON) -> Permit:
        """Questions 1 and 3; the store asks 2 and 4 in the statement itself."""
        permit = ask(visit.caller, self.charter)
        if not allows(permit, verb, type_):
            note = replace(self.note(visit, AUDITED[verb.value], type_, target), refused=Question.TOKEN.value)
            await self.store.database.note([note.event(person, "", found=False)])
            raise beyond(type_)
        return aim(permit, verb, type_)

    def note(
        self,
        visit: Visit,
        action: str,
        type_: str,
        target: str,
        *,
        person: str = "",
        shown: int = 1,
        by_key: bool = False,
    ) -> Note:
        caller = visit.caller
        return Note(
            id=fresh(),
            at=self.store.clock(),
            subject=caller.subject,
            agency=caller.agency,
            role=caller.role.value,
            purpose=caller.purpose,
            client=caller.client,
            action=action,
            door=visit.door,
            type=type_,
            target=target,
            charter=self.charter.version,
            request=visit.request,
            person=person,
            shown=shown,
            by_key=by_key,
            refused=Question.RELATIONSHIP.value,
        )


def there(found: Stored | None) -> Stored:
    """What was found. Raises NOT_FOUND for nothing, GONE for what was deleted."""
    if found is None:
        raise Problem(Trouble.NOT_FOUND)
    if found.deleted:
        raise Problem(Trouble.GONE)
    return found
