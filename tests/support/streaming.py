"""A stream of events as a browser without a screen reads it: over ASGI, event by event, packed or not."""

import asyncio
import zlib
from typing import Any

from starlette.types import Message

from tests.support.sign_in import Browser
from tests.support.world import World

PATIENCE = 30
"""Seconds after which an event that does not come is one."""


class Streaming:
    """One request that is answered bit by bit. `ended`: the service has ended it."""

    def __init__(self, world: World, browser: Browser, path: str, accept: bytes = b"") -> None:
        where, _, query = path.partition("?")
        cookies = "; ".join(f"{one.name}={one.value}" for one in browser.client.cookies.jar)
        headers = [(b"host", b"127.0.0.1"), (b"cookie", cookies.encode()), (b"accept", b"text/event-stream")]
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [*headers, (b"accept-encoding", accept)],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self._gone, self._sent = asyncio.Event(), False
        self._unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if accept else None
        self._text, self.ended = "", False
        self.status, self.headers = 0, dict[str, str]()
        self._task = asyncio.ensure_future(world.app(self._scope, self._receive, self._send))

    async def event(self) -> str:
        """The next event or comment, its lines as they came; empty once there is none any more."""
        while "\n\n" not in self._text and not self.ended:
            await self._more()
        event, _, self._text = self._text.partition("\n\n")
        return event

    async def leave(self) -> None:
        """The browser goes."""
        self._gone.set()
        await asyncio.wait_for(self._task, PATIENCE)

    async def _more(self) -> None:
        message = await asyncio.wait_for(self._heard.get(), PATIENCE)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        raw = message.get("body", b"")
        self._text += (self._unpack.decompress(raw) if self._unpack else raw).decode().replace("\r\n", "\n")
        self.ended = not message.get("more_body", False)

    async def _receive(self) -> Message:
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self._heard.put(dict(message))
