"""The pages for people at /auth: signing in and out, one-time codes, and what an app may do. No script runs on them."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from api.pages import consent, enrolling, entering, federated
from api.pages.shown import words
from api.pages.turn import PREFIX

__all__ = ["PREFIX", "app", "words"]
_FILES = files("api.pages") / "templates"
_STYLE, _ICON = (_FILES / "style.css").read_bytes(), (_FILES / "icon.svg").read_bytes()


def app() -> Router:
    """All pages. What they raise goes to the edge, which words it by `words`."""
    return Router(list(routes()), redirect_slashes=False)


def routes() -> tuple[Route, ...]:
    """Every address of the pages and what it does."""
    return (
        Route(f"{PREFIX}/style.css", _style),
        Route(f"{PREFIX}/icon.svg", _icon),
        Route(f"{PREFIX}/sign-in", entering.show, methods=["GET"]),
        Route(f"{PREFIX}/sign-in", entering.enter, methods=["POST"]),
        Route(f"{PREFIX}/code", entering.show_code, methods=["GET"]),
        Route(f"{PREFIX}/code", entering.enter_code, methods=["POST"]),
        Route(f"{PREFIX}/you", entering.you, methods=["GET"]),
        Route(f"{PREFIX}/sign-out", entering.leave, methods=["POST"]),
        Route(f"{PREFIX}/signed-out", entering.left, methods=["GET"]),
        Route(f"{PREFIX}/app/begin", enrolling.begin, methods=["POST"]),
        Route(f"{PREFIX}/app", enrolling.show, methods=["GET"]),
        Route(f"{PREFIX}/app", enrolling.enrol, methods=["POST"]),
        Route(f"{PREFIX}/app/code.svg", enrolling.picture, methods=["GET"]),
        Route(f"{PREFIX}/with/{{provider}}", federated.begin, methods=["GET"]),
        Route(f"{PREFIX}/with/{{provider}}/back", federated.back, methods=["GET"]),
        Route(f"{PREFIX}/consent/{{pending}}", consent.show, methods=["GET"]),
        Route(f"{PREFIX}/consent/{{pending}}", consent.decide, methods=["POST"]),
    )


async def _style(_: Request) -> Response:
    return Response(_STYLE, media_type="text/css")


async def _icon(_: Request) -> Response:
    return Response(_ICON, media_type="image/svg+xml")
