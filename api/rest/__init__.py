"""The REST door: nouns of the plan at /v1, in JSON, with problems by RFC 9457."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from api.rest.asked import JSON
from api.rest.openapi import document
from api.rest.routes import router
from api.rest.ways import Way
from api.rest.words import Words
from fhir_facade import exact

_WORDS = Words(name="describe", summary="This description", tag="service", open=True)


def app(lifespan: Callable[[FastAPI], Any] | None) -> FastAPI:
    """The REST door. What it raises goes to the edge, which alone words errors; so it has no handlers of its own."""
    made = FastAPI(title="Oneplan", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    held: list[bytes] = []

    async def described(_: Request) -> Response:
        if not held:
            held.append(exact.dumps(document(made)))
        return Response(held[0], media_type=JSON)

    routes = router(Way("GET", "/openapi.json", described, _WORDS)).routes
    made.router.routes.extend(routes)
    made.router.redirect_slashes = False
    made.middleware_stack = made.router
    return made
