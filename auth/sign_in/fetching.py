"""One exchange with a provider: bounded in time and size, never redirected, JSON or nothing."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx

MAX_BYTES = 64 * 1024
SECONDS = 5.0


class Unanswered(Exception):  # noqa: N818 - it is an outcome, and the text says which
    """The provider gave no answer that can be used; the text says why, and quotes nothing of it."""


async def asked(
    client: httpx.AsyncClient,
    address: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object at an address; with `form` it is posted there. Raises Unanswered."""
    # Nothing compressed, whatever the provider prefers: a small compressed answer can be a very large one.
    said = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    request = client.build_request(
        "GET" if form is None else "POST", address, data=dict(form) if form is not None else None, headers=said
    )
    try:
        async with asyncio.timeout(SECONDS):
            found = json.loads(await _body(client, request, auth))
    except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as reason:
        raise Unanswered(str(reason) or type(reason).__name__) from reason
    if not isinstance(found, dict):
        raise Unanswered("the answer was no JSON object")
    return found


async def _body(client: httpx.AsyncClient, request: httpx.Request, auth: tuple[str, str] | None) -> bytes:
    body = bytearray()
    answer = await client.send(request, stream=True, follow_redirects=False, auth=auth)
    try:
        if answer.status_code != httpx.codes.OK or "Content-Encoding" in answer.headers:
            raise Unanswered(f"the answer was {answer.status_code}, or compressed")
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise Unanswered(f"the answer is longer than {MAX_BYTES} bytes")
    finally:
        await answer.aclose()
    return bytes(body)
