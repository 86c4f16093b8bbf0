"""What the doors of the authorization server read of a request, and how they answer."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.fhir_asked import base_of
from auth.server.authorize import Pairs, Place
from auth.server.proofs import Shown
from fhir_facade import exact
from fhir_facade.versions import R4, VERSIONS

FORM = ("application/x-www-form-urlencoded",)
MOST = 64 * 1024
"""The largest body that is taken, in bytes."""
_FIELDS = 50


def place(request: Request) -> Place:
    """Our address as the client knows it, and those of our FHIR doors."""
    settings = door.service_of(request).settings
    issuer = base_of(request, settings, R4).removesuffix(R4.prefix)
    return Place(issuer, tuple(f"{issuer}{version.prefix}" for version in VERSIONS.values()))


async def pairs(request: Request) -> Pairs:
    """The parameters: of the address, or of the form of a POST. Raises InvalidRequestError, TOO_LARGE, MEDIA_TYPE."""
    raw = await door.body(request, FORM, MOST) if request.method == "POST" else request.scope["query_string"]
    try:
        found = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError:
        raise InvalidRequestError("the parameters cannot be read, or are too many") from None
    if any("\0" in name or "\0" in value for name, value in found):
        raise InvalidRequestError("a parameter holds a NUL character")
    return found


async def shown(request: Request) -> Shown:
    """The form and what proves the client. Each parameter stands once (RFC 6749 section 3.2)."""
    found = await pairs(request)
    if max(Counter(name for name, _ in found).values(), default=1) > 1:
        raise InvalidRequestError("a parameter stands twice")
    url = f"{place(request).issuer}/auth/token"
    return Shown(request.headers.get("authorization", ""), dict(found), url)


async def an_object(request: Request) -> Mapping[str, Any]:
    """A JSON object. Raises InvalidRequestError, TOO_LARGE, MEDIA_TYPE, MALFORMED."""
    said = exact.loads(await door.body(request, ("application/json",), MOST))
    if not isinstance(said, dict):
        raise InvalidRequestError("the body is no JSON object")
    return said


def json_answer(said: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that nobody keeps (RFC 6749 section 5.1; the edge says Cache-Control: no-store to all)."""
    return Response(exact.dumps(dict(said)), status, {"Pragma": "no-cache", **(headers or {})}, "application/json")
