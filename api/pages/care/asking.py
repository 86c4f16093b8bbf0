"""What a page asks of the native API, in this process: the same addresses, checks, leave, audit and events as an app's.

A page writes by the route that an app would use, with the session's account in place of a token. So nothing that a
page can do is written twice, and nothing that an app may not do can be done on a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope

from api.deeds import Visit
from api.door import SEATED
from fhir_facade import exact
from plan.model import Json

_KEPT = ("type", "asgi", "http_version", "scheme", "server", "client", "app", "service", "request_id")
"""What the inner request has of the outer one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the JSON value (or the text), and the headers by lower-case names."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def version(self) -> int:
        """The version that the entity tag names."""
        return int(self.headers["etag"].strip('W/"'))


async def ask(  # noqa: PLR0913 - one keyword a part of a request
    native: ASGIApp,
    scope: Scope,
    visit: Visit,
    method: str,
    path: str,
    body: Mapping[str, Json] | None = None,
    *,
    query: Mapping[str, str] | None = None,
    version: int | None = None,
    key: str = "",
    why: str = "",
    media: str = "application/json",
    accept: str = "",
) -> Answer:
    """One request to the native API. Raises Problem, as its routes do, before anything is written.

    `accept`: what else than JSON is asked for; the body is its text then.
    """
    raw = b"" if body is None else exact.dumps(dict(body))
    headers = {
        "content-type": media if raw else "",
        "content-length": str(len(raw)),
        "if-match": "" if version is None else f'"{version}"',
        "idempotency-key": key,
        "accept": accept,
        "x-change-reason": " ".join(why.split()),
    }
    given = [(name.encode(), value.encode()) for name, value in headers.items() if value]
    inner = _within(scope, method, path, query or {}) | {"headers": given, SEATED: visit}
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Message) -> None:
        heard.append(message)

    await native(inner, receive, send)
    told = {name.decode(): value.decode() for name, value in heard[0]["headers"]}
    text = b"".join(message.get("body", b"") for message in heard[1:])
    if accept:
        return Answer(heard[0]["status"], text.decode(), told)
    return Answer(heard[0]["status"], exact.loads(text) if text else None, told)


def _within(scope: Scope, method: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The scope of an inner request: what it has of the outer one, and where it goes."""
    kept = {name: scope[name] for name in _KEPT if name in scope}
    where = {"path": path, "raw_path": path.encode(), "root_path": "", "query_string": urlencode(dict(query)).encode()}
    return {**kept, "method": method, **where}
