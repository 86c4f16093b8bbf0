"""News at the desk: what changed in a plan since somebody read it. Leave is asked for anew at each look.

Looking happens every few seconds and tells nobody anything, so it leaves no event; what it finds is told by `tell`,
which leaves one like every disclosure. Leave that is gone is a refusal, and leaves one too.
"""

from collections.abc import Sequence
from dataclasses import replace

from api.deeds import Visit
from api.desk_leave import Leave
from auth.access import Verb, aim, allows, ask
from db import news
from db.news import Mark
from plan.model import Change, PersonId
from plan.problem import Problem, Trouble

TYPE = "CarePlan"
"""The FHIR type that scopes speak of."""


class News(Leave):
    """What is new in one plan."""

    async def look(self, visit: Visit, person: PersonId, mark: Mark, count: int) -> Sequence[Change]:
        """The changes after a mark, of which nothing may be told. Raises NOT_FOUND where nothing can be seen."""
        permit = ask(visit.caller, self.charter)
        now, database = self.store.clock(), self.store.database
        if allows(permit, Verb.READ, TYPE):
            aimed = aim(permit, Verb.READ, TYPE)
            if await news.is_open(database, aimed, person, now):
                return await news.since(database, aimed, person, mark, now, most=count)
        note = self.note(visit, "R", TYPE, person, person=person)
        await database.note([note.event("", "", found=False)])
        raise Problem(Trouble.NOT_FOUND)

    async def tell(self, visit: Visit, person: PersonId, mark: Mark, count: int) -> Sequence[Change]:
        """The changes after a mark, to be told."""
        permit = await self.leave(visit, Verb.READ, TYPE, person, person)
        note = replace(self.note(visit, "R", TYPE, person, person=person, shown=count), refused="")
        return await news.since(self.store.database, permit, person, mark, note.at, most=count, note=note)
