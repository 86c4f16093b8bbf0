"""`oneplan audit`: verify the chains, write an anchor, let go of what is older than the agreed time.

They open the database alone: no keys, no charter, no desk. Nothing of a plan is shown, and no event either.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from api import anchoring
from api.anchoring import Anchoring
from api.ids import fresh
from api.service import milliseconds
from db import audit_retain, wall
from db.audit_verify import REMOVED, Tell, verify
from db.engine import Database, Note, opened

Done = TypeVar("Done")

BLIND = "This role sees nobody's events: name another in ONEPLAN_OWNER_DATABASE or --database (docs/operations.md)."

UNSEEN = (
    "No anchors were given: an end that was cut off, a chain that was taken out whole, one that was sealed anew and an"
    " older copy of the database cannot be told without them (ONEPLAN_AUDIT_ANCHOR, or --anchors FILE)."
)


async def verified(url: str, anchors: str, tell: Tell) -> bool:
    """Tell every fault in a sentence, then what was looked at; whether there was none. `anchors`: a file, or empty.

    Raises Unavailable, FileNotFoundError.
    """
    known = anchoring.read(anchors) if anchors else None  # first, so that what they saw is there
    counts = await _with(url, lambda database: verify(database, known, tell))
    tell(f"{counts.events} events in {counts.links} links of {counts.chains} chains were looked at.")
    if known is None:
        tell(UNSEEN)
    tell(f"{counts.faults} faults." if counts.faults else "All is as it was written.")
    return not counts.faults


async def anchored(url: str, place: str) -> bool:
    """Write an anchor now; False when nothing was new. Raises OSError, httpx.HTTPError, Unavailable, ValueError."""
    if not place:
        raise ValueError("Say where anchors are written: ONEPLAN_AUDIT_ANCHOR, a file or https://...")
    return await _with(url, lambda database: Anchoring(database, place).once())


async def retained(url: str, place: str, days: int, now: int | None = None) -> int:
    """Remove what is older; how many events went. Raises ValueError, and what `anchored` raises, before any has gone.

    With a place for anchors, it is told there what goes before it goes.
    """
    if days < audit_retain.FLOOR_DAYS:
        raise ValueError(f"Nothing that is younger than {audit_retain.FLOOR_DAYS} days is removed.")
    at = milliseconds() if now is None else now

    async def work(database: Database) -> int:
        until = await audit_retain.old(database, at - days * audit_retain.DAY)
        if place and until:
            await Anchoring(database, place).once(retained=until)
        return await audit_retain.remove(database, until, _removal)

    return await _with(url, work)


def _removal(target: str) -> tuple[Any, ...]:
    """The event of a removal: whoever has the command line did it, so nobody is named."""
    action, type_ = REMOVED
    nobody: dict[str, Any] = dict.fromkeys(("subject", "agency", "role", "purpose", "client", "charter", "request"), "")
    said: dict[str, Any] = {"id": fresh(), "at": milliseconds(), "action": action, "type": type_, "target": target}
    return Note(**said, **nobody, door="command").event("", "", found=True)


async def _with(url: str, work: Callable[[Database], Awaitable[Done]]) -> Done:
    database = await opened(url)
    try:
        if not await wall.sees_everybody(database):
            raise ValueError(BLIND)
        return await work(database)
    finally:
        await database.close()
