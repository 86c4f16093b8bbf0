"""The pages of work at /care: plans, lists, discharges, messages. docs/pages.md says what each is for.

Here stands what all pages are made with, and the table of them; each room beside it holds those of one kind of work.
"""

from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from api.pages.care import launching, pinned, shown
from api.pages.care.navigation import home
from api.pages.care.paper import calendars
from api.pages.care.reader import NATIVE, Reader
from api.pages.care.shown import PREFIX
from api.pages.care.table import WAYS
from api.pages.care.ways import Way, routes
from api.wire import FRAMERS, OPEN
from plan.problem import Problem

__all__ = ["PREFIX", "app", "front", "front_words", "words"]
front_words = shown.words


def app(native: ASGIApp) -> ASGIApp:
    """All pages of work over the native API. What they raise goes to the edge, which words it by `words`."""
    shown.tell()
    asset = Route(f"{PREFIX}/assets/{{digest}}/{{name}}", shown.asset, methods=["GET"])
    calendar = Route(f"{PREFIX}/calendar/{{token}}.ics", calendars.file, methods=["GET"])
    router = Router([asset, calendar, *launching.ROUTES, *routes((Way("", _begin), *WAYS))], redirect_slashes=False)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope[NATIVE] = native
        await router(scope, receive, send)

    return serve


async def _begin(reader: Reader) -> Response:
    """Where somebody's work begins."""
    return reader.go(pinned.start(reader.turn) or home(reader.role))


def words(problem: Problem, scope: Scope) -> Response:
    """A problem under /care as shown.words says it, which whoever launched the session may frame as any page of it."""
    if FRAMERS not in scope:
        pinned.framed_anyway(scope)
    return shown.words(problem, scope)


async def front(scope: Scope, receive: Receive, send: Send) -> None:
    """The address of the service itself leads browsers to the pages."""
    scope[OPEN] = True
    await Response(status_code=303, headers={"Location": PREFIX})(scope, receive, send)
