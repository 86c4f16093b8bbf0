"""One exchange with a provider: bounded in time and size, never redirected, JSON or nothing."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx

from auth.answers import PLAIN, body_of

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
    said = {"Accept": "application/json", **PLAIN, **(headers or {})}
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
    answer = await client.send(request, stream=True, follow_redirects=False, auth=auth)
    try:
        return await body_of(answer)
    finally:
        await answer.aclose()
