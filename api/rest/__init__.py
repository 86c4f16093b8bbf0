"""The REST door: nouns of the plan at /v1, in JSON, with problems by RFC 9457."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

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
    made.router.routes.extend(_routes())
    made.router.redirect_slashes = False
    made.middleware_stack = made.router
    return made


@cache
def _routes() -> list[BaseRoute]:
    """All routes, which know no service: it comes with the request."""
    return router(Way("GET", "/openapi.json", _described, _WORDS)).routes


async def _described(_: Request) -> Response:
    return Response(_description(), media_type=JSON)


@cache
def _description() -> bytes:
    return exact.dumps(document(_routes()))
