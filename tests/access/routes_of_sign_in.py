"""The routes that pass no desk because they come before it: the authorization server, its descriptions, and the pages
on which people sign in. Each with what it answers to somebody who brings nothing, and why that is right.
"""

from collections.abc import Iterator, Mapping

from api import cds_hooks
from api.authorization.routes import ROWS
from api.pages import routes
from api.pages.care import launching
from fhir_facade.versions import VERSIONS

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
_DESCRIBED = "what a client must know before it can ask; the same for everybody"
_LOOKS = "how a page looks, or what it says to everybody"
_NO_PAGE = "a form that no page of ours sent is not taken (the origin is asked)"
_NO_SESSION = "without a session it leads to the sign-in and says nothing"
_NO_APP = "a request of no known client is refused on a page, and sent nowhere"
BEFORE: Mapping[str, tuple[int, str]] = {
    "GET /auth/authorize": (400, _NO_APP),
    "POST /auth/authorize": (400, _NO_APP),
    "POST /auth/launch": (401, "asked with the token of somebody who works on the plan"),
    "POST /auth/token": (401, "no client that proves itself, no token"),
    "POST /auth/introspect": (401, "a client that proves itself, or nothing is said"),
    "POST /auth/revoke": (401, "a client that proves itself, or nothing is taken back"),
    "POST /auth/register": (401, "asked with the token of an administrator"),
    "GET /auth/jwks": (200, _DESCRIBED),
    "GET /auth/style.json": (200, _LOOKS),
    "GET /.well-known/openid-configuration": (200, _DESCRIBED),
    "GET /.well-known/oauth-authorization-server": (200, _DESCRIBED),
    **{f"GET {row.prefix}/.well-known/smart-configuration": (200, _DESCRIBED) for row in VERSIONS.values()},
    "GET /auth/style.css": (200, _LOOKS),
    "GET /auth/icon.svg": (200, _LOOKS),
    "GET /auth/sign-in": (200, _LOOKS),
    "POST /auth/sign-in": (403, _NO_PAGE),
    "GET /auth/code": (303, _NO_SESSION),
    "POST /auth/code": (403, _NO_PAGE),
    "GET /auth/you": (303, _NO_SESSION),
    "POST /auth/sign-out": (303, "who is signed out already is signed out"),
    "GET /auth/signed-out": (200, _LOOKS),
    "POST /auth/app/begin": (403, _NO_PAGE),
    "GET /auth/app": (303, _NO_SESSION),
    "POST /auth/app": (403, _NO_PAGE),
    "GET /auth/app/code.svg": (404, "there is no picture without a session that asked for it"),
    "GET /auth/with/{provider}": (404, "there is no such provider"),
    "GET /auth/with/{provider}/back": (401, "an answer that nobody asked for is not taken"),
    "GET /auth/consent/{pending}": (303, _NO_SESSION),
    "POST /auth/consent/{pending}": (303, _NO_SESSION),
    "GET /care/launch": (400, "what names no record system of ours opens nothing, and causes nothing to be fetched"),
    "GET /care/launch/back": (401, "an answer that nobody asked for is not taken"),
    "GET /care/launch/over": (200, _LOOKS),
    "GET /cds-services": (200, _DESCRIBED),
    "POST /cds-services/oneplan-patient-view": (401, "asked with a token that a record system of ours has signed"),
}
"""What each answers to who brings nothing, and why."""


def before() -> Iterator[tuple[str, str]]:
    """Method and path of every route of the authorization server and of the pages."""
    for path, row in ROWS.items():
        yield from ((method, path) for method, does in (("GET", row.get), ("POST", row.post)) if does)
    for page in (*routes(), *launching.ROUTES, *cds_hooks.ROUTES):
        yield from ((method, page.path) for method in sorted((page.methods or {"GET"}) - {"HEAD"}))
