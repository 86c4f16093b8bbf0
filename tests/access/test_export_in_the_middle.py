"""An export that is interrupted: the person takes leave away while the lines of a file are on their way. What was sent
was sent under the leave of then; from the next stretch of the database on, nothing more of it comes.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from api.operations import export
from db import exporting
from tests.support import deeds
from tests.support.quick import Quick
from tests.support.world import World

GOALS, STRETCH = 12, 3


async def streamed(world: World, token: str, url: str, between: Callable[[], Any]) -> bytes:
    """The answer to a GET; `between` happens once, as soon as the first piece has come."""
    path, _, query = url.removeprefix("http://127.0.0.1").partition("?")
    pieces: list[bytes] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    asked = [b""]

    async def receive() -> dict[str, Any]:
        if not asked:
            await asyncio.Event().wait()
        asked.clear()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body" and message.get("body"):
            pieces.append(message["body"])
            if len(pieces) == 1:
                await between()

    await world.app(scope, receive, send)
    return b"".join(pieces)


@pytest.mark.parametrize("way", ["closes", "leaves", "nothing"])
async def test_from_the_next_stretch_on_nothing_more_is_shown(world: World, monkeypatch: pytest.MonkeyPatch, way: str):
    monkeypatch.setattr(exporting, "ENTRIES", STRETCH)
    monkeypatch.setattr(export, "_BLOCK", 1)
    world.at("2026-03-02T10:00:00Z")
    for agency in ("RX1", "LA1"):
        await world.agency(agency)
    person = await world.person(world.visit())
    member = await world.desk.add_member(world.visit("coordinator"), person, "LA1", "", "")
    for number in range(GOALS):
        await world.write(world.visit(), deeds.goal(person, f"Goal {number}", "health"))
    world.later(seconds=1)
    token = world.token("social_worker", "LA1")
    job = await Quick(world.app, token)("GET", "/fhir/R4/$export", None, {"prefer": "respond-async"})
    url = job.headers["content-location"].replace("$export-status", "$export-file") + "&type=Goal"

    async def between() -> None:
        world.later(seconds=1)
        if way == "closes":
            said = deeds.consent(person, "deny", ["health"], {"agency": "LA1"})
            await world.write(world.visit("person", "PERSON", "self", "patient/*.cruds", person), said)
        elif way == "leaves":
            await world.desk.end_member(world.visit("coordinator"), person, member.id)

    shown = (await streamed(world, token, url, between)).splitlines()
    assert len(shown) == (GOALS if way == "nothing" else STRETCH)
    again = await Quick(world.app, token)("GET", url)
    assert (b"Goal 1" in again.body) is (way == "nothing")
