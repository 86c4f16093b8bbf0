"""The clock of the database, which is the only one: deadlines, leases and moments of all processes are told by it.

A process counts on by itself from the last time that it looked, by a counter that nobody sets; so a machine whose clock
is wrong, or is set back, changes nothing. On SQLite the database has the clock of the machine that it lies on.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from db.engine import Database, Unavailable

EVERY = 10.0
"""Seconds between two looks where nobody looks more often."""
_NOW = "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"


def counted() -> int:
    """Milliseconds since some moment, always forward."""
    return time.monotonic_ns() // 1_000_000


class Clock:
    """Now, in milliseconds since 1970 UTC, as the database has it. `own`: what this process counts on by."""

    def __init__(self, database: Database, own: Callable[[], int] = counted) -> None:
        self._database, self._own = database, own
        self._ahead = _machine() - own()

    def __call__(self) -> int:
        """Now."""
        return self._own() + self._ahead

    async def look(self) -> None:
        """Ask the database. What the answer took is no reason to move. Raises Unavailable."""
        before = self._own()
        there = await self._there()
        took = self._own() - before
        ahead = there - before - took // 2
        if abs(ahead - self._ahead) > took + 1:
            self._ahead = ahead

    async def watch(self, stop: asyncio.Event) -> None:
        """Look every few seconds until told to stop; a database that cannot answer is asked again later."""
        while not stop.is_set():
            with suppress(Unavailable):
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    async def _there(self) -> int:
        if not self._database.sharing:
            return _machine()
        return int((await self._database.rows(_NOW))[0][0])


def _machine() -> int:
    return time.time_ns() // 1_000_000
