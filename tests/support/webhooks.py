"""A partner app in tests: its webhook, and what it makes of a message with the library of Standard Webhooks."""

import json
from datetime import UTC, datetime, tzinfo
from typing import Any
from unittest.mock import patch

import httpx
import standardwebhooks.webhooks as library

from tests.support.feed import ORIGIN, Receiver
from tests.support.world import World

URL = f"{ORIGIN}/hooks/oneplan"
SHELF = "/v1/webhooks"


def webhook(*events: str, **more: Any) -> dict[str, Any]:
    """A webhook as a partner app asks for it."""
    return {"url": URL, "events": list(events or ("*",)), **more}


async def hooked(client: httpx.AsyncClient, *events: str, **more: Any) -> dict[str, Any]:
    """A webhook that was just made, with its secret."""
    answer = await client.post(SHELF, json=webhook(*events, **more))
    assert answer.status_code == httpx.codes.CREATED, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def reads(client: httpx.AsyncClient, id_: str) -> dict[str, Any]:
    """A webhook as its owner reads it."""
    answer = await client.get(f"{SHELF}/{id_}")
    assert answer.status_code == httpx.codes.OK, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def log(client: httpx.AsyncClient, id_: str, query: str = "") -> list[dict[str, Any]]:
    """The messages of a webhook, the newest first."""
    answer = await client.get(f"{SHELF}/{id_}/deliveries{query}")
    assert answer.status_code == httpx.codes.OK, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def verified(world: World, request: httpx.Request, secret: str) -> dict[str, Any]:
    """What a message says, after the library found that it is ours; its clock is that of the world."""

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(world.clock / 1000, tz or UTC)

    with patch.object(library, "datetime", Now):
        said: dict[str, Any] = library.Webhook(secret).verify(request.content, dict(request.headers))
    return said


def messages(receiver: Receiver) -> list[dict[str, Any]]:
    """What came, in order."""
    return [json.loads(request.content) for request in receiver.sent]


def ids(receiver: Receiver) -> list[str]:
    """The `webhook-id` of what came, in order."""
    return [request.headers["webhook-id"] for request in receiver.sent]
