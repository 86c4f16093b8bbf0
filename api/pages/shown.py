"""How a page is shown: its template, its policy, its status. A page runs no script and stands in no other's frame."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.answers import problem_json
from api.pages.turn import Turn
from plan.problem import Problem

_TEMPLATES = Environment(
    loader=PackageLoader("api.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{}; base-uri 'none';"
    " frame-ancestors 'none'"
)


def page(
    made: Turn, name: str, status: int = 200, /, *, to: str = "", headers: dict[str, str] | None = None, **said: Any
) -> Response:
    """A page for this turn. `to`: where else, beside ourselves, its forms may lead (as a policy spells sources)."""
    said = {"turn": made, "account": made.session.login.account if made.session else None, "faults": (), **said}
    return made.dressed(_page(name, status, said, to, headers or {}))


def words(problem: Problem, scope: Scope) -> Response:
    """A problem as a page, for whoever reads pages; as problem+json for others."""
    if "text/html" not in Request(scope).headers.get("accept", ""):
        return problem_json(problem, scope["request_id"])
    said = {"problem": problem, "line": problem.trouble.value, "request": scope["request_id"], "account": None}
    return _page("problem.html", problem.trouble.value.status, {**said, "faults": ()}, "", dict(problem.headers))


def _page(name: str, status: int, said: dict[str, Any], to: str, headers: dict[str, str]) -> Response:
    text = _TEMPLATES.get_template(name).render(said)
    policy = _POLICY.format(f" {to}" if to else "")
    # With `no-referrer` a browser would send its forms from nowhere (Origin: null), and we could not tell our own.
    given = {**headers, "Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}
    return Response(text, status, given, "text/html")
