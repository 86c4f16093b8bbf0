"""Anchors of the audit go out of the database's reach: to a file elsewhere or to a receiver, every minute with news.

Nobody waits for an anchor: one that fails is told in the log and tried again with the next.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from api.service import Service, milliseconds
from db.audit_anchors import Anchors, heads, starts
from db.audit_chain import OPENER
from db.engine import Database, Unavailable

EVERY = 60.0
"""Seconds between two anchors."""
_WAIT = 0.05
_PATIENCE = 200
"""So many waits for another process that is just writing its anchor to the same file."""
_SECONDS = 10.0
_LOG = logging.getLogger("oneplan.audit")


class Anchoring:
    """Writes the anchors of one database to one place: the path of a file, or an https address."""

    def __init__(
        self,
        database: Database,
        place: str,
        clock: Callable[[], int] = milliseconds,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.database = database
        self.place = place
        self.clock = clock
        self._transport = transport
        self._known = Anchors()
        self._read = 0
        self._unsent: bytes | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """An anchor every minute until told to stop, and one at the end."""
        while True:
            ending = stop.is_set()
            try:
                await self.once()
            except (OSError, httpx.HTTPError, Unavailable) as error:
                _LOG.warning("an anchor of the audit was not written (%s); it is tried again", type(error).__name__)
            if ending:
                return
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    async def once(self, retained: Mapping[str, int] | None = None) -> bool:
        """Write where the chains end; whether there was anything new. `retained`: what retention is about to remove.

        Raises OSError, httpx.HTTPError, Unavailable: then nothing was written, or a line that its reader puts aside.
        """
        if self.place.startswith("https:"):
            await self._sent()
            self._unsent = await self._line(retained)
            return await self._sent()
        async with self._locked() as file:
            await asyncio.to_thread(self._catch_up, file)
            line = await self._line(retained)
            if line:
                await asyncio.to_thread(_write, file, line, Path(self.place).parent)
        return bool(line)

    async def _line(self, retained: Mapping[str, int] | None) -> bytes | None:
        now = await heads(self.database)
        away = {**await starts(self.database), **(retained or {})}
        return self._known.line(now, self.clock(), OPENER, away, retention=retained is not None)

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[int]:
        """The file, while no other process writes to it."""
        file = os.open(self.place, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            for left in reversed(range(_PATIENCE)):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not left:
                        raise
                    await asyncio.sleep(_WAIT)
            yield file
        finally:
            os.close(file)

    def _catch_up(self, file: int) -> None:
        """Read what was written since the last time, by whichever process."""
        with os.fdopen(os.dup(file), "rb") as lines:
            lines.seek(self._read)
            for line in lines:
                self._known.add(line.rstrip(b"\n"))
            self._read = lines.tell()

    async def _sent(self) -> bool:
        """Send the line that waits, the very same until the receiver says that it has it; whether there was one."""
        line = self._unsent
        if line is None:
            return False
        async with httpx.AsyncClient(transport=self._transport, timeout=_SECONDS) as client:
            answer = await client.post(self.place, content=line, headers={"Content-Type": "application/json"})
            if not answer.is_success:
                answer.raise_for_status()
                raise httpx.HTTPError(f"the receiver answered {answer.status_code}")
        self._known.add(line)
        self._unsent = None
        return True


def read(place: str) -> Anchors:
    """The anchors of a file. Raises FileNotFoundError."""
    with Path(place).open("rb") as lines:
        return Anchors().read(lines)


async def beside(service: Service, stop: asyncio.Event) -> None:
    """Anchor while the service runs, if a place for it is set."""
    if service.settings.audit_anchor:
        await Anchoring(service.everybody, service.settings.audit_anchor).run(stop)


def _write(file: int, line: bytes, folder: Path) -> None:
    """Append a line durably; what a writer left that died is ended first."""
    size = os.fstat(file).st_size
    torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
    whole = (b"\n" if torn else b"") + line + b"\n"
    if os.write(file, whole) != len(whole):
        raise OSError("there is no room for the whole line")
    os.fsync(file)
    if not size:
        entry = os.open(folder, os.O_RDONLY)
        os.fsync(entry)
        os.close(entry)
