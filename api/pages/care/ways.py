"""Way: one address of the pages, who it shows itself to, and what its form does. The tables of them are in the pages.

A page is shown to whoever has signed in; the desk decides what of it they may see. A form is taken once it is known to
come from a page of ours, by somebody whose session lives.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.pages.care import kept, pinned, shown
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.turn import form_of, sign_in_first, turn
from plan.problem import Problem, Trouble

Show = Callable[[Reader], Awaitable[Response]]
Send = Callable[[Reader, Form], Awaitable[Response]]


class Way(NamedTuple):
    """One address below /care: what GET shows, and what POST does with its form.

    `by_itself`: an open page asks for it, nobody does: it keeps no session alive, and is refused without one.
    """

    path: str
    show: Show | None = None
    send: Send | None = None
    by_itself: bool = False


def routes(ways: Iterable[Way]) -> Iterator[Route]:
    """The routes of some ways."""
    for way in ways:
        if way.show:
            yield Route(f"{shown.PREFIX}{way.path}", _showing(way.show, by_itself=way.by_itself), methods=["GET"])
        if way.send:
            yield Route(f"{shown.PREFIX}{way.path}", _taking(way.send), methods=["POST"])


def _showing(show: Show, *, by_itself: bool) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        shown.must_be_built()
        made = pinned.framed(await turn(request, used=not by_itself))
        if made.session is None and by_itself:
            raise Problem(Trouble.NO_TOKEN)
        if made.session is None:
            return sign_in_first(made)
        reader = Reader.of(made, made.session.login.account)
        pinned.hold(made)
        return await show(reader)

    return endpoint


def _taking(send: Send) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        shown.must_be_built()
        made = pinned.framed(await turn(request))
        if made.session is None:
            return await kept.keep(made)
        reader = Reader.of(made, made.session.login.account)
        pinned.hold(made)
        return await send(reader, Form(sent=await form_of(made)))

    return endpoint
