"""The worker: does what is due, by kind. Notices to subscribers today; whatever has a deadline or must survive a death.

A job is taken by setting its lease in a transaction of its own: whoever dies with it is given up when the lease ends,
and another takes it. So every kind must bear being done twice, and none may take longer than the lease.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from api.coordinating import coordinate
from api.desk import Desk
from api.feed_hook import Hook
from api.feed_notify import notify
from api.feed_spread import spread
from api.mail_server import Sender
from api.mailing import post
from auth.sign_in.seals import Seals
from db.engine import Conflict, Database, Unavailable
from db.feed import LEASE, NOTIFY, FeedStore, Job
from db.mails import MAIL
from db.writing import COORDINATE, SPREAD

Do = Callable[[Job], Awaitable[None]]

POLL = 1.0
"""Seconds between two looks at what is due."""
AT_ONCE = 16
"""How many jobs one worker does at a time."""
LATER = 60_000
"""Milliseconds until a job that broke is tried again."""
SOON = 1000
"""The same for one that another worker got in the way of."""
TIDY = "tidy"
KEPT = 30 * 86_400_000
"""Milliseconds for which what was taken can be asked for by $events."""
_TIDY_EVERY = 6 * 3_600_000
_TIDY_AT_ONCE = 1000
_UNHEARD_AT_ONCE = 500
_LOG = logging.getLogger("oneplan.feed")


async def unmoved() -> None:
    """A clock that needs no look at another."""


class Feed:
    """The worker of one service. `secret` seals what webhooks are signed with; `look`: how the clock is put right;
    `mail`: where mails go out, if anywhere.
    """

    def __init__(
        self,
        desk: Desk,
        everybody: Database,
        hook: Hook,
        *,
        limit: int,
        days: int,
        secret: bytes = b"",
        look: Callable[[], Awaitable[None]] = unmoved,
        mail: Sender | None = None,
    ) -> None:
        self.desk = desk
        self.look = look
        self.mail = mail
        self.hook = hook
        self.seals = Seals(secret, self.clock) if secret else None
        self.limit = limit
        self.days = days
        self.store = FeedStore(desk.store.database, everybody, self.clock)
        self.kinds: Mapping[str, Do] = {
            SPREAD: lambda job: spread(self.store, job),
            NOTIFY: lambda job: notify(self, job),
            COORDINATE: lambda job: coordinate(self, job),
            MAIL: lambda job: post(self, job),
            TIDY: self._tidy,
        }

    async def turn(self, most: int = 1000) -> int:
        """Do what is due, one after the other, until nothing is; how much was done."""
        for done in range(most):
            jobs = await self._due(1)
            if not jobs:
                return done
            await self.do(jobs[0])
        return most

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is begun is finished.

        What is done may leave more to do, which is looked for at once. For news it is looked when the last look found
        more than could be done, else after a while: what came in meanwhile is gone through together.
        """
        running: dict[asyncio.Task[Any], Job] = {}
        stopping = asyncio.create_task(stop.wait())
        clock = asyncio.get_running_loop().time
        news = clock()
        await self._begin()
        while not stop.is_set():
            free, looks = AT_ONCE - len(running), clock() >= news
            busy = {(job.person, job.kind, job.id) for job in running.values()}
            found = await self._due(free, news=looks) if free else []
            for job in found:
                if (job.person, job.kind, job.id) not in busy:
                    running[asyncio.create_task(self.do(job))] = job
            if looks and len(found) < free:
                news = clock() + POLL
            waited, left = {stopping, *running}, news - clock()
            wait = left if left > 0 else POLL
            done, _ = await asyncio.wait(waited, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.pop(task, None)
        if running:
            await asyncio.wait(running)

    async def do(self, job: Job) -> None:
        """One job, unless another worker has it. What breaks is told in the log and tried again."""
        try:
            async with self.store.working() as rows:
                taken = await rows.take(job, rows.now + LEASE)
            if taken:
                await self.kinds[job.kind](taken)
        except Unavailable as away:
            _LOG.warning("a job of kind %s waits: %s", job.kind, type(away).__name__)
        except Conflict:
            await self._later(job, SOON)
        except Exception:  # noqa: BLE001 - one broken job must not stop all others
            _LOG.exception("a job of kind %s broke", job.kind)
            await self._later(job, LATER)

    async def _later(self, job: Job, wait: int) -> None:
        with suppress(Conflict, Unavailable):
            async with self.store.working() as rows:
                await rows.again(job, rows.now + wait, tries=job.tries)

    async def _due(self, count: int, *, news: bool = True) -> list[Job]:
        """What is to be done now, news too if they are asked for: those that somebody wants to hear."""
        kinds = tuple(kind for kind in self.kinds if news or kind != SPREAD)
        try:
            await self.look()
            jobs = await self.store.due(self.clock(), kinds, count)
            while any(job.kind == SPREAD for job in jobs):
                async with self.store.working() as rows:
                    gone = await rows.unheard(_UNHEARD_AT_ONCE)
                if gone:
                    jobs = await self.store.due(self.clock(), kinds, count)
                if gone < _UNHEARD_AT_ONCE:
                    break
        except (Conflict, Unavailable) as away:
            _LOG.warning("the database cannot answer: %s", type(away.__cause__).__name__)
            return []
        return jobs

    def clock(self) -> int:
        """Now, as the plans count it."""
        return self.desk.store.clock()

    async def _begin(self) -> None:
        with suppress(Conflict, Unavailable):
            async with self.store.working() as rows:
                await rows.call(TIDY, "", rows.now)

    async def _tidy(self, job: Job) -> None:
        """Forget what was taken long ago."""
        async with self.store.working() as rows:
            gone = await rows.tidy(rows.now - KEPT, _TIDY_AT_ONCE)
            await rows.again(job, rows.now + (0 if gone == _TIDY_AT_ONCE else _TIDY_EVERY))
