"""The whole service on one screen: its doors, what starts and what stops with it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import anchoring, cds_hooks, fhir_routes, pages, rest
from api.answers import problem_json
from api.authorization import routes as authorization
from api.authorization.opened import refuse_unready
from api.edge import Door, Edge
from api.pages import care
from api.service import Service, must_see_everybody, started, stopped
from api.settings import Settings
from api.witness import witness
from fhir_facade.versions import R4, VERSIONS
from plan.problem import Problem


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The service as an ASGI application; it opens its database when the server starts it.

    Raises ValueError, with a sentence, when something is missing that it cannot be in production without.
    """
    known = settings or Settings()
    refuse_unready(known)
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

    async def witnessed(scope: Scope, status: int, problem: Problem | None) -> None:
        await witness(held[0].desk, scope, status, problem)

    fhir = [Door(row.prefix, within(fhir_routes.app(name)), fhir_routes.words(row)) for name, row in VERSIONS.items()]
    asked = within(authorization.app())
    native = rest.app(lifespan)
    return Edge(
        (
            *(Door(path, asked, authorization.words) for path in authorization.ROWS),
            *fhir,
            Door("/fhir", fhir_routes.nowhere, fhir_routes.words(R4)),
            Door(pages.PREFIX, within(pages.app()), pages.words),
            Door(care.PREFIX, within(care.app(native)), _at_care(held)),
            Door(cds_hooks.PREFIX, within(cds_hooks.app()), cds_hooks.words),
            Door("/", care.front, care.front_words),
            Door("", within(native), lambda problem, scope: problem_json(problem, scope["request_id"])),
        ),
        witnessed,
        known.origins,
    )


def _at_care(held: list[Service]) -> Callable[[Problem, Scope], Response]:
    """How a problem of the pages is worded: also at an address that cannot be read, which came to no service."""

    def words(problem: Problem, scope: Scope) -> Response:
        scope["service"] = held[0]
        return care.words(problem, scope)

    return words


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """What goes on beside the doors: what others revoke is looked for, and what the clock of the database says; and the
    worker works, unless it is switched off. What is begun is finished.
    """
    if service.settings.feed_worker:
        await must_see_everybody(service)
    stop = asyncio.Event()
    await service.server.look()
    tasks = [asyncio.create_task(service.server.watch(stop)), asyncio.create_task(service.clock.watch(stop))]
    if service.settings.feed_worker:
        tasks += [asyncio.create_task(service.feed.run(stop)), asyncio.create_task(anchoring.beside(service, stop))]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
