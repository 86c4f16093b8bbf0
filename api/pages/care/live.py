"""What changed since a page was opened: an open page is told how many changes there are, and nothing else.

The page carries a mark of what was read, closed so that only we can read it. Its script (htmx, nobody's own) asks here
for a stream of events. Every few seconds it is asked again whether the session lives, whether the account is what it
was, whether the plan is still open to it, and what changed; only what differs is told. Source: the HTML standard,
section 9.2 (server-sent events).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from typing import Final

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.pages.care import shown
from api.pages.care.asking_for import bad
from api.pages.care.counted import counted
from api.pages.care.marks import marked
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.turn import SESSION
from db.engine import Conflict, Unavailable
from db.news import Mark
from plan.model import PersonId
from plan.problem import Problem

LOOK = 2.0
"""Seconds between two looks."""
BEAT: Final = 15
"""Seconds between two heartbeats, so that nothing between us takes the stream for dead."""
MOST: Final = 400
"""The most changes that are looked at: whoever is told of a hundred need not know how many more."""
_SLOW: Final = 30
"""Seconds that a browser may take to take an event."""
_ENDED: Final = ServerSentEvent(event="end", data="")
"""Tells the page to ask no more."""


async def news(reader: Reader) -> Response:
    """The stream. Raises BAD_VALUE for a mark that is none of ours, NOT_FOUND for a plan that is not open to them."""
    mark = marked(reader.turn.service.sign_in.seals, reader.person, reader.request.query_params.get("since", ""))
    if mark is None:
        raise bad("the mark is none that was given out", "Open the page again.")
    await reader.desk.access(reader.visit, reader.person)
    return EventSourceResponse(_events(reader, reader.person, mark), ping=BEAT, send_timeout=_SLOW, sep="\n")


async def _events(reader: Reader, person: PersonId, mark: Mark) -> AsyncIterator[ServerSentEvent]:
    token, told = reader.turn.cookie(SESSION), 0
    with reader.turn.service.streams.held(sha256(token.encode()).hexdigest()) as stop:
        # The answer begins with its first event: until then the browser would not know that it is there.
        yield ServerSentEvent(comment="open")
        while not stop.is_set():
            try:
                if not await _lives(reader, token):
                    break
                count = await _told(reader, person, mark, told)
            except Problem:
                break
            except (Conflict, Unavailable):
                count = told
            if count != told:
                told = count
                yield ServerSentEvent(data=shown.part("care/news.html", count=count, most=MOST))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK)
    yield _ENDED


async def _lives(reader: Reader, token: str) -> bool:
    """Whether the session lives, and its account is what it was; nobody does anything in it by looking."""
    found = await reader.turn.service.sign_in.sessions.find(token, used=False)
    return found is not None and found.login.account == reader.account


async def _told(reader: Reader, person: PersonId, mark: Mark, told: int) -> int:
    """How many changes there are: looked at, and when there are others than were told, disclosed. Raises Problem."""
    found = counted(await reader.desk.look(reader.visit, person, mark, MOST))
    if len(found) == told:
        return told
    return len(counted(await reader.desk.tell(reader.visit, person, mark, MOST)))


WAYS = (Way("/people/{person}/news", news, by_itself=True),)
