"""The edge: which door a request goes to, its id, the headers of every answer, and every error's last stop."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import of_http
from api.ids import fresh
from db.engine import Conflict, Unavailable
from plan.problem import Problem, Trouble

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LOG = logging.getLogger("oneplan")
_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """What stands behind an address: the application, and how it words a problem."""

    prefix: str
    app: ASGIApp
    words: Callable[[Problem, str], Response]


class Edge:
    """The whole service as one ASGI application. The last door takes what no other door's prefix claims."""

    def __init__(self, doors: tuple[Door, ...]) -> None:
        self._doors, self._last = doors[:-1], doors[-1]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._last.app(scope, receive, send)
            return
        request, headers = _identified(scope["headers"])
        scope["request_id"], scope["app"] = request, self
        door = self._door(scope["path"])
        sent = False

        async def out(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                sent = True
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        try:
            _readable(scope)
            await door.app(scope, receive, out)
        except Exception as error:
            if sent:
                raise
            await door.words(_problem(error), request)(scope, receive, out)

    def _door(self, path: str) -> Door:
        for door in self._doors:
            if path == door.prefix or path.startswith(door.prefix + "/"):
                return door
        return self._last


def _readable(scope: Scope) -> None:
    """No database keeps a NUL character, so no address with one finds anything."""
    if b"%00" in scope["query_string"] or "\0" in scope["path"]:
        raise Problem(Trouble.INVALID, "The address holds a NUL character.")


def _identified(headers: list[tuple[bytes, bytes]]) -> tuple[str, list[tuple[bytes, bytes]]]:
    """The request's id (the client's own where it has the form of one) and the headers of every answer."""
    given = correlation = None
    for name, value in headers:
        if name == b"x-request-id":
            given = value
        elif name == b"x-correlation-id":
            correlation = value
    taken = given if given and _REQUEST_ID.fullmatch(given) else fresh().encode()
    out = [*_ALWAYS, (b"x-request-id", taken)]
    if correlation and _REQUEST_ID.fullmatch(correlation):
        out.append((b"x-correlation-id", correlation))
    return taken.decode(), out


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return of_http(error)
    if isinstance(error, Conflict):
        return Problem(Trouble.CONFLICT, "Others were changing the same; try again.")
    if isinstance(error, Unavailable):
        _LOG.warning("the database cannot answer: %s", type(error.__cause__).__name__)
        return Problem(Trouble.UNAVAILABLE, "Try again in a moment.", headers={"Retry-After": "2"})
    _LOG.error("a request broke", exc_info=error)
    return Problem(Trouble.BROKEN, "Tell us the request id; nothing was changed.")
