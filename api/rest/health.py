"""Is the service alive, and can it work: for whoever starts, balances and restarts it. No token is asked for."""

import asyncio
import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.rest import said
from api.service import Service
from db import migrate
from plan.problem import Problem, Trouble

KEPT = 5.0
"""For how many seconds an answer of the database is believed."""


async def alive(_: Request) -> Response:
    """The process answers; nothing else is asked."""
    return said.value({"status": "alive"})


@dataclass(slots=True)
class Readiness:
    """What the database last said. The schema is asked until it is right; it does not go back by itself."""

    until: float = 0.0
    schema: bool = False

    async def read(self, request: Request) -> Response:
        """The service can do its work."""
        if time.monotonic() >= self.until:
            await self._ask(door.service_of(request))
            self.until = time.monotonic() + KEPT
        return said.value({"status": "ready"})

    async def _ask(self, service: Service) -> None:
        await service.database.rows("select 1")
        self.schema = self.schema or await asyncio.to_thread(migrate.is_current, service.settings.database)
        if not self.schema:
            what = "The database has not the schema of this version; run `oneplan db upgrade`."
            raise Problem(Trouble.UNAVAILABLE, what, headers={"Retry-After": "5"})
