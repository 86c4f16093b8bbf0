"""Is the service alive, and can it work: for whoever starts, balances and restarts it. No token is asked for."""

import asyncio
import time

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.rest import said
from db import migrate
from plan.problem import Problem, Trouble

KEPT = 5.0
"""For how many seconds an answer of the database is believed."""


async def alive(_: Request) -> Response:
    """The process answers; nothing else is asked."""
    return said.value({"status": "alive"})


async def ready(request: Request) -> Response:
    """The service can do its work. The schema is asked until it is right; it does not go back by itself."""
    service = door.service_of(request)
    last = service.readiness
    if time.monotonic() >= last.until:
        await service.database.rows("select 1")
        last.schema = last.schema or await asyncio.to_thread(migrate.is_current, service.settings.database)
        if not last.schema:
            what = "The database has not the schema of this version; run `oneplan db upgrade`."
            raise Problem(Trouble.UNAVAILABLE, what, headers={"Retry-After": "5"})
        last.until = time.monotonic() + KEPT
    return said.value({"status": "ready"})
