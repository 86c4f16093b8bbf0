"""The edge: which door a request goes to, its id, the headers of every answer, its event, and every error's last stop.

What happens to the bytes of an answer stands in wire.py. X-Request-Id and X-Correlation-Id: FHIR R4 http.html, custom
headers. An answer that nothing behind the door left an event of leaves one here, before it starts.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import wire
from api.answers import of_http
from api.ids import fresh
from db.engine import Conflict, Unavailable
from db.watched import TRAIL, Trail
from plan.problem import Problem, Trouble

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ECHOED = re.compile(rb"[\x21-\x7e]{1,200}")
"""What a client may have back as it was: visible characters, no header's end."""
_LOG = logging.getLogger("oneplan")
_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"vary", b"Accept-Encoding, Origin"),
)
_OWN = frozenset({b"cache-control", b"content-security-policy", b"referrer-policy"})
"""What an answer may say for itself: a page has styles and forms, a form says where it comes from, styles are kept."""


@dataclass(frozen=True, slots=True)
class Door:
    """What stands behind an address: the application, and how it words a problem to who asked."""

    prefix: str
    app: ASGIApp
    words: Callable[[Problem, Scope], Response]


Witness = Callable[[Scope, int, Problem | None], Awaitable[None]]
"""What leaves the event of an answer with this status, and says which problem it tells of."""


class Edge:
    """The whole service as one ASGI application. The last door takes what no other door's prefix claims.

    `origins`: whose web pages may read the answers.
    """

    def __init__(self, doors: tuple[Door, ...], witness: Witness, origins: frozenset[str] = frozenset()) -> None:
        self._doors, self._last = doors[:-1], doors[-1]
        self._witness = witness
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._last.app(scope, receive, send)
            return
        given = dict(scope["headers"])
        request, headers = _identified(given)
        scope["request_id"], scope["app"] = request, self
        known = self._origins and given.get(b"origin") in self._origins
        if known:
            headers += wire.readable(given[b"origin"])
        way = _way_out(scope, given, send)
        trail, sent = Trail(), False
        TRAIL.set(trail)

        async def out(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                if not trail.left and wire.OPEN not in scope:
                    await self._witness(scope, message["status"], None)
                sent = True
                own = {name for name, _ in message["headers"]} & _OWN
                told = [*message["headers"], *(held for held in headers if held[0] not in own)]
                message["headers"] = wire.framed(told, scope[wire.FRAMERS]) if wire.FRAMERS in scope else told
            await way(message)

        if known and wire.preflight(scope["method"], given):
            scope[wire.OPEN] = True
            await wire.allow(out)
            return
        door = self._door(scope["path"])
        try:
            _readable(scope)
            await door.app(scope, receive, out)
        except Exception as error:
            if sent:
                raise
            problem = await self._witnessed(scope, trail, _problem(error))
            await door.words(problem, scope)(scope, receive, out)

    async def _witnessed(self, scope: Scope, trail: Trail, problem: Problem) -> Problem:
        """The problem that may be told, once its event is left: another one where it cannot be."""
        if not trail.left and wire.OPEN not in scope:
            try:
                await self._witness(scope, problem.trouble.value.status, problem)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing but that is told
                problem = _problem(error)
            trail.left = True
        return problem

    def _door(self, path: str) -> Door:
        for door in self._doors:
            if path.startswith(door.prefix) and path[len(door.prefix) :][:1] in ("", "/"):
                return door
        return self._last


def _readable(scope: Scope) -> None:
    """No database keeps a NUL character, so no address with one finds anything."""
    if b"%00" in scope["query_string"] or "\0" in scope["path"]:
        raise Problem(Trouble.INVALID, "The address holds a NUL character.")


def _way_out(scope: Scope, given: Mapping[bytes, bytes], send: Send) -> Send:
    """What lies between an answer and the client. HEAD is packed like GET, so that its headers are the same."""
    way = wire.bare(send) if scope["method"] == "HEAD" else send
    return wire.Packed(way) if wire.takes_gzip(given.get(b"accept-encoding", b"")) else way


def _identified(given: Mapping[bytes, bytes]) -> tuple[str, list[tuple[bytes, bytes]]]:
    """The request's id, the client's own where it has the form of one, and the headers of every answer.

    An id that has not comes back as X-Correlation-Id, so that the client finds its own again.
    """
    own, correlation = given.get(b"x-request-id", b""), given.get(b"x-correlation-id", b"")
    if _REQUEST_ID.fullmatch(own):
        taken = own
    else:
        taken, correlation = fresh().encode(), own or correlation
    out = [*_ALWAYS, (b"x-request-id", taken)]
    if correlation and _ECHOED.fullmatch(correlation):
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
