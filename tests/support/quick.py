"""A client of the web application for tests that ask ten thousand times: the bare ASGI call, nothing of a network."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message

ORIGIN = "http://127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; headers by lower-case name, in the order in which they came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Everything that was said: the headers and the body."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers.items()) + "\n" + self.body.decode()


@dataclass(frozen=True, slots=True)
class Quick:
    """Somebody who asks; `token` is empty for who has none, `stated` is sent with every request."""

    app: ASGIApp
    token: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)

    async def __call__(
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request. A body that is no bytes is sent as JSON, in the type that `headers` say."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {
            "host": "127.0.0.1",
            "x-request-id": "the-same",
            **self.stated,
            **{k.lower(): v for k, v in (headers or {}).items()},
        }
        if self.token:
            given["authorization"] = f"Bearer {self.token}"
        if raw:
            given.setdefault("content-type", "application/json")
            given["content-length"] = str(len(raw))
        path, _, query = url.removeprefix(ORIGIN).partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode(),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        said: list[Message] = []

        asked = [raw]

        async def receive() -> Message:
            if not asked:
                await asyncio.Event().wait()  # the client stays as long as the answer comes
            asked.clear()
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        await self.app(scope, receive, send)
        start, *rest = said
        told = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], told, b"".join(part.get("body", b"") for part in rest))
