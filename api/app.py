"""The whole service on one screen: its doors, what starts and what stops with it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from api import fhir_routes, rest
from api.answers import problem_json
from api.edge import Door, Edge
from api.service import Service, must_see_everybody, started, stopped
from api.settings import Settings
from fhir_facade.versions import R4, VERSIONS


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The service as an ASGI application; it opens its database when the server starts it."""
    known = settings or Settings()
    held: list[Service] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service = await started(known)
        held.append(service)
        # What start-up made lives as long as the service: the collector need not walk it at every turn.
        gc.collect()
        gc.freeze()
        async with working(service):
            yield
        held.clear()
        await stopped(service)

    def within(app: ASGIApp) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope["service"] = held[0]
            await app(scope, receive, send)

        return serve

    fhir = [Door(row.prefix, within(fhir_routes.app(name)), fhir_routes.words(row)) for name, row in VERSIONS.items()]
    return Edge(
        (
            *fhir,
            Door("/fhir", fhir_routes.nowhere, fhir_routes.words(R4)),
            Door("", within(rest.app(lifespan)), lambda problem, scope: problem_json(problem, scope["request_id"])),
        ),
        known.origins,
    )


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """The worker beside the doors, unless it is switched off; what it has begun is finished."""
    if not service.settings.feed_worker:
        yield
        return
    await must_see_everybody(service)
    stop = asyncio.Event()
    task = asyncio.create_task(service.feed.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
