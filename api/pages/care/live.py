"""What changed since a page was opened: an open page is told how many changes there are, and nothing else.

The page carries a mark of what was read, closed so that only we can read it. Its script (htmx, nobody's own) asks here
for a stream of events. Every few seconds it is asked again whether the session lives, whether the account is what it
was, whether the plan is still open to it, and what changed; only what differs is told. Source: the HTML standard,
section 9.2 (server-sent events).
"""

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from anyio import Event, move_on_after
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
from plan.model import Change, PersonId
from plan.problem import Problem

LOOK = 2.0
"""Seconds between two looks."""
BEAT: Final = 15
"""Seconds between two heartbeats, so that nothing between us takes the stream for dead."""
MOST: Final = 400
"""The most lines of the feed that are looked at: whoever is told of hundreds need not know how many more there are."""
_SLOW: Final = 30
"""Seconds that a browser may take to take an event."""
_LAST: Final = 2
"""Seconds that a stream has to end by itself when the service stops."""
_ENDED: Final = ServerSentEvent(event="end", data="")
"""Tells the page to ask no more. A service that stops does not say so: the page asks again, and finds the next one."""


async def news(reader: Reader) -> Response:
    """The stream. Raises BAD_VALUE for a mark that is none of ours, NOT_FOUND for a plan that is not open to them."""
    mark = marked(reader.turn.service.sign_in.seals, reader.person, reader.request.query_params.get("since", ""))
    if mark is None:
        raise bad("the mark is none that was given out", "Open the page again.")
    await reader.desk.access(reader.visit, reader.person)
    over = Event()
    return EventSourceResponse(
        _events(reader, reader.person, mark, over),
        ping=BEAT,
        send_timeout=_SLOW,
        shutdown_event=over,
        shutdown_grace_period=_LAST,
    )


async def _events(reader: Reader, person: PersonId, mark: Mark, over: Event) -> AsyncIterator[ServerSentEvent]:
    token, told = reader.turn.cookie(SESSION), Count(0)
    with reader.turn.service.streams.held(sha256(token.encode()).hexdigest(), over) as stream:
        # The answer begins with its first event: until then the browser would not know that it is there.
        yield ServerSentEvent(comment="open")
        while not over.is_set():
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
                yield ServerSentEvent(data=shown.part("care/news.html", count=count))
            with move_on_after(LOOK):
                await over.wait()
        if stream.ousted or not over.is_set():
            yield _ENDED


async def _lives(reader: Reader, token: str) -> bool:
    """Whether the session lives, and its account is what it was; nobody does anything in it by looking."""
    found = await reader.turn.service.sign_in.sessions.find(token, used=False)
    return found is not None and found.login.account == reader.account


async def _told(reader: Reader, person: PersonId, mark: Mark, told: "Count") -> "Count":
    """How many changes there are: looked at, and when there are others than were told, disclosed. Raises Problem."""
    found = Count.of(await reader.desk.look(reader.visit, person, mark, MOST))
    return told if found == told else Count.of(await reader.desk.tell(reader.visit, person, mark, MOST))


class Count(NamedTuple):
    """How many changes; `more`: there may be more than that."""

    number: int
    more: bool = False

    @classmethod
    def of(cls, changes: Sequence[Change]) -> "Count":
        """The number of those that somebody made."""
        return cls(len(counted(changes)), more=len(changes) >= MOST)


WAYS = (Way("/people/{person}/news", news, by_itself=True),)
