"""What happens to bytes at the edge: gzip, answers to HEAD, and which web pages may read an answer.

Source: RFC 9110 (HEAD, Accept-Encoding), RFC 1952, the Fetch standard (CORS); FHIR R4 http.html asks for all three.
Starlette's middlewares do not serve here: its gzip takes `gzip;q=0` for a yes and knows nothing of HEAD, its CORS words
refusals of its own, which under /fhir are OperationOutcomes.
"""

import asyncio
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache

from starlette.types import Message, Send

OPEN = "open"
"""Stands in the scope of a request whose answer is the same for everybody, and so leaves no event."""
FRAMERS = "framers"
"""Where the scope of a request says whose pages may show its answer in a frame, as a policy spells them."""
Headers = list[tuple[bytes, bytes]]

_POLICY = b"content-security-policy"
LEAST = 1024
"""The smallest body that is packed, in bytes."""
LEVEL = 1
"""The quickest of zlib: a page of a search shrinks to a tenth with it, and waits for less than a millisecond."""
_ELSEWHERE = 256 * 1024
"""A larger body, in bytes, is packed in a thread, and lets others in."""
_GZIP = re.compile(rb"(?:\A|,)\s*(?:x-)?gzip\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?(?=,|\Z)", re.IGNORECASE)
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_TOLD = b"""ETag, Location, Content-Location, Last-Modified, Link, Retry-After, X-Progress, X-Request-Id,\
 X-Correlation-Id, Preference-Applied, Content-Encoding, WWW-Authenticate"""
_SENT = b"""Authorization, Accept, Content-Type, Content-Encoding, If-Match, If-None-Match, If-Modified-Since,\
 If-None-Exist, Prefer, Idempotency-Key, X-Provenance, X-Request-Id, X-Correlation-Id"""
_ALL_DAY = b"86400"


@lru_cache(maxsize=64)
def takes_gzip(accepted: bytes) -> bool:
    """Whether an Accept-Encoding wants gzip."""
    found = _GZIP.search(accepted)
    return found is not None and (found[1] is None or found[1].strip(b"0.") != b"")


def readable(origin: bytes) -> Headers:
    """The headers by which a page of this origin may read the answer."""
    return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _TOLD)]


def framed(headers: Headers, framers: str) -> Headers:
    """The headers of an answer that these may show in a frame, which X-Frame-Options has no word for."""
    kept = [pair for pair in headers if pair[0] != b"x-frame-options"]
    ours, theirs = b"frame-ancestors 'none'", f"frame-ancestors {framers}".encode()
    return [(name, value.replace(ours, theirs) if name == _POLICY else value) for name, value in kept]


def preflight(method: str, given: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks what a page may send."""
    return method == "OPTIONS" and b"access-control-request-method" in given


async def allow(send: Send) -> None:
    """The answer to that: whatever the doors understand. Who may do what is asked when it is sent."""
    headers = [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _SENT),
        (b"access-control-max-age", _ALL_DAY),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def bare(send: Send) -> Send:
    """An answer to HEAD: all of its headers and nothing of its body."""

    async def out(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return out


class Packed:
    """A way out that packs a body worth packing; what is small, or packed already, goes as it is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._packer: zlib._Compress | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            if _worth(start["headers"], body, more=more):
                self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
                body = await self._pack(body, more=more)
                start["headers"] = _packed(start["headers"], None if more else len(body))
            await self._send(start)
        elif self._packer is not None:
            body = await self._pack(body, more=more)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _pack(self, body: bytes, *, more: bool) -> bytes:
        packer = self._packer
        assert packer is not None

        def done() -> bytes:
            return packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)

        return await asyncio.to_thread(done) if len(body) > _ELSEWHERE else done()


def _worth(headers: Headers, body: bytes, *, more: bool) -> bool:
    return (more or len(body) >= LEAST) and all(name != b"content-encoding" for name, _ in headers)


def _packed(headers: Headers, length: int | None) -> Headers:
    kept = [pair for pair in headers if pair[0] != b"content-length"]
    told = [(b"content-length", str(length).encode())] if length is not None else []
    return [*kept, *told, (b"content-encoding", b"gzip")]
