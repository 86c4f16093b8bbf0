"""How the REST door answers: stored bytes as they are, views joined from them, each with the tag that names it."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.deeds import Deed, Did, Visit
from api.desk import Replayed
from api.rest.asked import JSON, desk_of
from auth.access import Verb
from fhir_facade import exact
from plan.model import Json, Stored

NO_CONTENT, NOT_MODIFIED, OK, CREATED = 204, 304, 200, 201


def tag(version: int) -> str:
    """A version as an entity tag; strong, because the stored bytes of a version never change."""
    return f'"{version}"'


def entry(request: Request, stored: Stored) -> Response:
    """One entry as it is stored, or 304 when the client has it."""
    return _unless_known(request, stored.body.encode(), tag(stored.version))


def view(request: Request, text: str) -> Response:
    """What was put together for this caller; its tag is a hash of what it shows."""
    raw = text.encode()
    return _unless_known(request, raw, f'"{blake2b(raw, digest_size=16).hexdigest()}"')


def value(said: Json, status: int = OK, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON value of our own making."""
    return Response(exact.dumps(said), status, dict(headers or {}), JSON)


def items(texts: Iterable[str], following: str | None = None) -> str:
    """A list of ready JSON texts, with the cursor of what follows when more does."""
    more = f',"next":"{following}"' if following else ""
    return f'{{"items":[{",".join(texts)}]{more}}}'


async def written(
    request: Request, visit: Visit, deed: Deed, raw: bytes, shelf: str = "", beside: Sequence[Deed] = ()
) -> Response:
    """Do one deed and answer with the entry as it is now. `shelf`: the address under which a new one is found.

    `beside`: what is done with it, or not at all.
    """
    deed.reason = door.reason_of(request)
    done = await desk_of(request).write(visit, [deed, *beside], door.key_of(request, raw))
    if isinstance(done, Replayed):
        status, stored, headers = done.status, done.stored, {"Idempotency-Replayed": "true"}
        if deed.verb is not Verb.DELETE and stored.version != done.version:
            stored = await desk_of(request).version(visit, stored.type, stored.id, done.version, "body")
    else:
        stored, headers = done[0].stored, {}
        status = CREATED if done[0].did is Did.CREATED else OK
    headers["ETag"] = tag(stored.version)
    if deed.verb is Verb.DELETE:
        return Response(None, NO_CONTENT, headers)
    if shelf:
        headers["Location"] = f"{shelf}/{stored.id}"
    return Response(stored.body, status, headers, JSON)


def _unless_known(request: Request, raw: bytes, name: str) -> Response:
    asked = request.headers.get("if-none-match")
    if asked is not None and _names(asked, name):
        return Response(None, NOT_MODIFIED, {"ETag": name})
    return Response(raw, OK, {"ETag": name}, JSON)


def _names(header: str, name: str) -> bool:
    """RFC 9110 13.1.2: weak comparison, any of a list, or any at all."""
    return "*" in header.split(",") or name in [one.strip().removeprefix("W/") for one in header.split(",")]
