"""How a page of work is shown: templates over the NHS frontend's, the policy that browsers keep, and the assets.

No script and no style stands in a page, and nothing comes from another host: the policy says so to the browser, and
the assets are this service's own, under an address that changes with them, so that browsers may keep them for good.
"""

import logging
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Final

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api import door
from api.answers import problem_json
from api.pages.care.banner import banner
from api.pages.care.emergency import glass
from api.pages.care.forms import Form
from api.pages.care.marks import mark_of
from api.pages.care.navigation import OWN, links
from plan.known import Known
from plan.model import Role
from plan.problem import Problem, Trouble

if TYPE_CHECKING:
    from api.pages.care.reader import Reader
    from api.pages.turn import Turn

PREFIX: Final = "/care"
DONE: Final = "oneplan-done"
"""The cookie that carries, to the next page and no further, what was done."""
_DONE_SECONDS = 60
UNBUILT: Final = "The pages are not built, so only the API is served: install Node, then run `make pages`."
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors {}"
)
_ROOM = files("api.pages")
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_STATIC = _ROOM / "care" / "static"


def _read(folder: Traversable) -> dict[str, bytes]:
    found = sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else []
    return {one.name: one.read_bytes() for one in found if one.name.rpartition(".")[2] in _TYPES}


def _assets() -> dict[str, bytes]:
    """Everything that a page may load, by its name; our own styles are one file, base.css before the others."""
    own = _read(_STATIC)
    styles = sorted((name for name in own if name.endswith(".css")), key=lambda name: (name != "base.css", name))
    kept = {name: raw for name, raw in own.items() if name not in styles}
    return {**_read(_ROOM / "assets"), **kept, "care.css": b"".join(own[name] for name in styles)}


ASSETS: Final = _assets()
BUILT: Final = "nhsuk.css" in ASSETS
_DIGEST = blake2b(b"".join(ASSETS.values()), digest_size=8).hexdigest()
_AT = f"{PREFIX}/assets/{_DIGEST}"
TEMPLATES: Final = Environment(
    loader=ChoiceLoader([PackageLoader("api.pages.care"), PackageLoader("nhsuk_frontend_jinja")]),
    autoescape=True,
    undefined=ChainableUndefined,  # the NHS frontend's templates ask for parts of what was not given
    trim_blocks=True,
    lstrip_blocks=True,
)

TEMPLATES.filters["fault_link"] = lambda fault: {"text": fault.text, "href": f"#{fault.field}"}


def must_be_built() -> None:
    """Raises UNAVAILABLE where there are no assets."""
    if not BUILT:
        raise Problem(Trouble.UNAVAILABLE, UNBUILT)


def tell() -> None:
    """Say at start when there are no assets."""
    if not BUILT:
        logging.getLogger(__name__).warning(UNBUILT)


def page(reader: "Reader", name: str, known: Known | None, status: int, said: dict[str, Any]) -> Response:
    """A page for a reader. `known`: of the person whom it is about."""
    form: Form | None = said.get("form")
    at = f"{PREFIX}/people/{known.person}" if known else ""
    more = {
        "reader": reader,
        "turn": reader.turn,
        "account": reader.account,
        "links": links(reader),
        "known": known,
        "words": reader.wording(known) if known else None,
        "banner": banner(known) if known else None,
        "at": at,
        "own_pages": reader.role in OWN,
        "to_plan": _to_plan(reader, at),
        "glass": glass.opened(reader.turn, reader.visit.caller).get(known.person) if known else None,
        "mark": mark_of(reader.turn.service.sign_in.seals, known) if known else "",
        "faults": form.faults if form else (),
        "done": _done(reader),
    }
    return reader.turn.dressed(_answer(name, status, more | said))


def _to_plan(reader: "Reader", at: str) -> tuple[str, str]:
    """Where the plan is shown to this reader, and the words of the way back there."""
    if reader.role not in OWN:
        return at, "Back to the plan"
    return f"{at}/mine", "Back to your plan" if reader.role is Role.PERSON else "Back to the plan"


def part(name: str, **said: Any) -> str:
    """A part of a page from its template, on one line."""
    return " ".join(TEMPLATES.get_template(name).render(said).split())


def _done(reader: "Reader") -> str:
    ticket = reader.turn.ticket(DONE, _DONE_SECONDS)
    if ticket is None:
        return ""
    reader.turn.drop(DONE)
    return str(ticket["said"])


def _answer(name: str, status: int, said: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    text = TEMPLATES.get_template(name).render({"assets": _AT, **said})
    given = {
        **(headers or {}),
        "Content-Security-Policy": POLICY.format("'none'"),
        "Referrer-Policy": "same-origin",
    }
    return Response(text, status, given, "text/html")


def plain(made: "Turn", name: str, status: int = 200, **said: Any) -> Response:
    """A page for somebody who has no session."""
    return made.dressed(_answer(name, status, {"links": (), **said}))


def words(problem: Problem, scope: Scope) -> Response:
    """A problem as a page, for whoever reads pages; as problem+json for others. It tells nothing of anybody."""
    if "text/html" not in Request(scope).headers.get("accept", "") or not BUILT:
        return problem_json(problem, scope["request_id"])
    said = {"problem": problem, "line": problem.trouble.value, "request": scope["request_id"], "links": ()}
    return _answer("care/problem.html", problem.trouble.value.status, said, dict(problem.headers))


async def asset(request: Request) -> Response:
    """A style, a script or an icon. Under the address of today it never changes."""
    door.open_to_all(request)
    name = request.path_params["name"]
    if name not in ASSETS:
        raise Problem(Trouble.NOT_FOUND)
    kept = "public, max-age=31536000, immutable" if request.path_params["digest"] == _DIGEST else "no-store"
    return Response(ASSETS[name], headers={"Cache-Control": kept}, media_type=_TYPES[name.rpartition(".")[2]])
