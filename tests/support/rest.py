"""What tests of the REST door share: bodies of the examples, and what a problem must look like."""

import json
from typing import Any

import httpx

from api.rest.examples import EXAMPLES
from fhir_facade import exact
from tests.support.world import World

MERGE = {"Content-Type": "application/merge-patch+json"}
GOAL: dict[str, Any] = dict(EXAMPLES["goal"])
APART = {
    "review": "it names a version of a section of this very plan, and is never changed (test_reviews)",
    "finding": "the service writes it, and people settle it",
}
"""Kinds that are not written, changed and taken away like every other, and why."""


async def begun(world: World, client: httpx.AsyncClient, **more: Any) -> str:
    """A new person of this client's; the address of their plan's person."""
    body = {"name": {"given": ["Sam"], "family": "Test"}, "nhs_number": world.nhs_number(), **more}
    answer = await client.post("/v1/people", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def made(client: httpx.AsyncClient, shelf: str, **body: Any) -> httpx.Response:
    """A new entry on a shelf; a goal when nothing is said of it."""
    answer = await client.post(shelf, json=body or GOAL)
    assert answer.status_code == 201, answer.text
    return answer


def problem(answer: httpx.Response, status: int, code: str, pointer: str | None = None) -> dict[str, Any]:
    """The problem that an answer is: RFC 9457, with this status and code, and a fault at `pointer` with its mend."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["code"] == code, said
    assert said["type"].endswith(f"/{code}")
    assert said["request_id"] == answer.headers["x-request-id"]
    if pointer is not None:
        places = {one["pointer"]: one for one in said["errors"]}
        assert pointer in places, said
        assert places[pointer]["mend"], said
    return said


def sent(body: Any) -> bytes:
    """A body as bytes, numbers as they are written."""
    return body if isinstance(body, bytes) else exact.dumps(body)


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    """What a list holds."""
    assert answer.status_code == 200, answer.text
    return list(json.loads(answer.content)["items"])
