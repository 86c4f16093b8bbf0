"""Which address of the authorization server is what, in one table. A plain ASGI application, as the FHIR door is.

What an OAuth client reads is worded as OAuth has it (RFC 6749 section 5.2), whatever went wrong. Web pages of every
origin may use what SMART App Launch 2.2 opens to them (`open`): no cookie means anything there.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import door
from api.authorization import ask, published, tokens
from api.authorization.asked import json_answer
from fhir_facade.versions import VERSIONS
from plan.problem import Problem, Trouble

Handler = Callable[[Request], Awaitable[Response]]

_OPEN_HEADERS = {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "Authorization, Content-Type, Accept",
    "access-control-max-age": "86400",
}


class Row(NamedTuple):
    """One address: what answers to GET and to POST; `open`: to web pages of every origin."""

    get: Handler | None = None
    post: Handler | None = None
    open: bool = False


ROWS: Mapping[str, Row] = {
    "/auth/authorize": Row(ask.authorize, ask.authorize),
    "/auth/launch": Row(post=ask.launch),
    "/auth/token": Row(post=tokens.token, open=True),
    "/auth/introspect": Row(post=tokens.introspect, open=True),
    "/auth/revoke": Row(post=tokens.revoke, open=True),
    "/auth/register": Row(post=tokens.register),
    "/auth/jwks": Row(published.jwks, open=True),
    "/auth/style.json": Row(published.style, open=True),
    "/.well-known/openid-configuration": Row(published.openid, open=True),
    "/.well-known/oauth-authorization-server": Row(published.openid, open=True),
    **{
        f"{version.prefix}/.well-known/smart-configuration": Row(published.smart, open=True)
        for version in VERSIONS.values()
    },
}

_CODES: Mapping[Trouble, str] = {
    Trouble.BAD_TOKEN: "invalid_token",
    Trouble.EXPIRED: "invalid_token",
    Trouble.NO_TOKEN: "invalid_token",
    Trouble.REFUSED: "access_denied",
    Trouble.UNAVAILABLE: "temporarily_unavailable",
    Trouble.BROKEN: "server_error",
}


def app() -> ASGIApp:
    """The addresses of the table."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        row = ROWS.get(scope["path"])
        if row is None:
            raise Problem(Trouble.NOT_FOUND)
        answer = await _answer(request, row)
        if row.open and _by_a_page_we_do_not_know(request):
            answer.headers["access-control-allow-origin"] = "*"
        await answer(scope, receive, send)

    return serve


def words(problem: Problem, scope: Scope) -> Response:
    """A problem as OAuth clients read it; open addresses tell it to web pages too."""
    line = problem.trouble.value
    said = {"error": _CODES.get(problem.trouble, "invalid_request"), "error_description": _plain(str(problem))}
    answer = json_answer(said, line.status, problem.headers)
    row = ROWS.get(scope["path"])
    if row and row.open and _by_a_page_we_do_not_know(Request(scope)):
        answer.headers["access-control-allow-origin"] = "*"
    return answer


async def _answer(request: Request, row: Row) -> Response:
    handlers = {"GET": row.get, "HEAD": row.get, "POST": row.post}
    if request.method == "OPTIONS" and row.open:
        return Response(status_code=204, headers=_OPEN_HEADERS)
    handler = handlers.get(request.method)
    if handler is None:
        allowed = [method for method, one in handlers.items() if one]
        raise Problem(Trouble.NO_METHOD, headers={"Allow": ", ".join(allowed)})
    try:
        return await handler(request)
    except OAuth2Error as error:
        headers = {name: value for name, value in error.get_headers() if name == "WWW-Authenticate"}
        return json_answer(dict(error.get_body()), error.status_code, headers)


def _by_a_page_we_do_not_know(request: Request) -> bool:
    """Whether a web page asks whose origin the edge has not answered for already."""
    origin = request.headers.get("origin")
    return origin is not None and origin not in door.service_of(request).settings.origins


def _plain(text: str) -> str:
    """In the characters that RFC 6749 allows in `error_description`."""
    return "".join(mark if " " <= mark <= "~" and mark not in '"\\' else "'" for mark in text)
