"""The desk for $validate: leave to have something checked, and a write rehearsed, of which only the audit stays."""

from dataclasses import replace
from typing import NoReturn

from api import together
from api.deeds import Deed, Visit
from api.desk import Desk
from api.work import Work
from auth.access import Verb, allows, ask


class _Rehearsed(Exception):  # noqa: N818 - it undoes what went well
    """Ends the transaction of a rehearsal, so that nothing of it stays."""


class Checking(Desk):
    """The desk, looking at what it is not to keep."""

    @classmethod
    def of(cls, desk: Desk) -> "Checking":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def check(self, visit: Visit, type_: str, target: str = "") -> None:
        """Leave to have a resource of a type checked: for whoever may do anything with the type. Raises REFUSED."""
        permit = ask(visit.caller, self.charter)
        verb = next((verb for verb in Verb if allows(permit, verb, type_)), Verb.READ)
        await self.leave(visit, verb, type_, target)
        note = self.note(visit, "E", type_, target)
        await self.store.database.note([replace(note, refused="").event("", "", found=True)])

    async def rehearse(self, visit: Visit, deed: Deed) -> None:
        """Raise the Problem that this deed would end in now; what is hidden is absent here as everywhere."""

        async def work(one: Work) -> NoReturn:
            await together.do(one, [deed])
            raise _Rehearsed

        try:
            await self.attempt(visit, work, deed)
        except _Rehearsed:
            return
