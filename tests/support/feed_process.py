"""A worker that kills itself at a point that it is told: `python feed_process.py URL ORIGIN SHIFT [POINT]`.

It does what is due once, with its clock set forward by SHIFT milliseconds, so that no test waits for a lease. The kill
is SIGKILL: nothing is tidied up. At the point `tick` it writes a dot before and after each statement of a transaction
and each message that it sends, and whoever counts them may kill it there.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from api import webhook_signing
from api.feed_hook import Hook
from api.service import milliseconds, started, stopped
from api.settings import Settings
from db import postgres, sqlite, webhooks
from db.feed import FeedRows

POINTS = {
    "while it spreads": (FeedRows, "queue", "after"),
    "before it forgets what was spread": (FeedRows, "drop", "before"),
    "while it numbers": (FeedRows, "number", "after"),
    "before it sends": (Hook, "post", "before"),
    "after it sent": (Hook, "post", "after"),
    "while it settles": (FeedRows, "came", "after"),
    "after it settled": (FeedRows, "sent", "after"),
    "while it takes": (FeedRows, "take", "after"),
}
WEBHOOK_POINTS = {
    **{point: POINTS[point] for point in ("while it spreads", "while it numbers", "before it sends", "after it sent")},
    "while it signs": (webhook_signing, "signed", "after"),
    "while it settles a message": (webhooks, "settle", "after"),
    "after it settled": (FeedRows, "sent", "after"),
}
TICK = "tick"
_TICKING = (
    (sqlite._Transaction, "rows"),
    (sqlite._Transaction, "change"),
    (postgres._Transaction, "rows"),
    (postgres._Transaction, "change"),
    (Hook, "post"),
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(point: str) -> None:
    """Let the worker die at a point."""
    owner, name, when = {**POINTS, **WEBHOOK_POINTS}[point]
    was: Callable[..., Any] = getattr(owner, name)

    async def does(*args: Any, **more: Any) -> Any:
        if when == "before":
            die()
        await was(*args, **more)
        die()

    setattr(owner, name, does)


def ticking() -> None:
    """Let the worker tell where it is."""
    for owner, name in _TICKING:
        setattr(owner, name, _ticks(getattr(owner, name)))


def _ticks(was: Callable[..., Any]) -> Callable[..., Any]:
    async def does(*args: Any, **more: Any) -> Any:
        os.write(1, b".")
        found = await was(*args, **more)
        os.write(1, b".")
        return found

    return does


async def main(url: str, origin: str, shift: int, point: str = "") -> None:
    if point == TICK:
        ticking()
    elif point:
        deadly(point)
    settings = Settings(database=url, feed_origins=frozenset({origin}), feed_loopback=True)
    service = await started(settings)
    service.desk.store.clock = lambda: milliseconds() + shift
    try:
        await service.feed.turn()
    finally:
        await stopped(service)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
