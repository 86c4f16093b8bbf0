"""What is filled in or refused before an entry is written, by what it is; what follows from it is api/follow.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api import reviewing

if TYPE_CHECKING:
    from api.deeds import Deed
    from api.work import Work
    from auth.access import Permit
    from plan.model import PersonId, Stored


async def filled(work: Work, deed: Deed, person: PersonId, permit: Permit, current: Stored | None) -> Deed:
    """The deed as it will be done. What is settled was so elsewhere (import), and is taken as it is."""
    if deed.settled:
        return deed
    if reviewing.concerns(deed, current):
        return await reviewing.filled(work, deed, person, permit, current)
    return deed
