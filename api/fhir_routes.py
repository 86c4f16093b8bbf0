"""The FHIR door: which address and method is which interaction, in one table that /metadata is made from as well.

FHIR R4 http.html. A plain ASGI application: the interactions are few and the types are many, so an address is taken
apart once and looked up, for a request of its own as for an entry of a Bundle. Problems propagate to the edge.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api import door, fhir_published, subscribing
from api.fhir_asked import KINDS, Answer, Asked, Place, base_of, negotiate, place, speaks_r4
from api.fhir_bundle import bundle
from api.fhir_read import history, read, vread
from api.fhir_search import search
from api.fhir_write import write
from api.operations import operation
from api.service import Service
from fhir_facade import capability, exact
from fhir_facade.resources import served
from fhir_facade.versions import R4, VERSIONS, Version
from plan.problem import Problem, Trouble

FORM = ("application/x-www-form-urlencoded",)


class Row(NamedTuple):
    """One interaction. `codes`: what the CapabilityStatement calls it; `body`: what is sent with it, if anything."""

    codes: tuple[str, ...]
    do: Callable[[Asked], Awaitable[Answer]]
    body: str = ""


async def perform(asked: Asked) -> Answer:
    """One interaction, whoever asks for it."""
    return await _row(asked.version, asked.place, asked.method).do(asked)


async def _bundle(asked: Asked) -> Answer:
    return await bundle(asked, perform)


TABLE: Mapping[str, Mapping[str, Row]] = {
    "T/id": {
        "GET": Row(("read",), read),
        "PUT": Row(("update",), write, "resource"),
        "DELETE": Row(("delete",), write),
    },
    "T": {
        "GET": Row(("search-type",), search),
        "POST": Row(("create",), write, "resource"),
    },
    "T/_search": {"POST": Row(("search-type",), search, "form")},
    "T/id/_history": {"GET": Row(("history-instance",), history)},
    "T/id/_history/v": {"GET": Row(("vread",), vread)},
    "": {"POST": Row(("batch", "transaction"), _bundle, "bundle")},
}
"""Form of the address, method, interaction. HEAD goes wherever GET goes; /metadata is open to all and stands apart."""

OWNED: Mapping[str, Mapping[str, Mapping[str, Row]]] = {
    "Subscription": {
        "T/id": {
            "GET": Row(("read",), subscribing.read),
            "PUT": Row(("update",), subscribing.update, "resource"),
            "DELETE": Row(("delete",), subscribing.delete),
        },
        "T": {
            "GET": Row(("search-type",), subscribing.search),
            "POST": Row(("create",), subscribing.create, "resource"),
        },
        "T/_search": {"POST": Row(("search-type",), subscribing.search, "form")},
        "T/id/_history": {"GET": Row(("history-instance",), subscribing.history)},
        "T/id/_history/v": {"GET": Row(("vread",), subscribing.vread)},
    },
}
"""The types that are no entries of a plan or of the directory: their own interactions."""


def metadata(base: str, version: Version) -> bytes:
    """The CapabilityStatement, made from the table."""
    rows = [(shape, row) for shape, methods in TABLE.items() for row in methods.values()]
    codes = [(shape.startswith("T"), code) for shape, row in rows for code in row.codes]
    own = tuple(dict.fromkeys(code for of_type, code in codes if of_type))
    whole = tuple(dict.fromkeys(code for of_type, code in codes if not of_type))
    others = tuple(capability.Other(type_, _codes_of(shapes), subscribing.OFFERED) for type_, shapes in OWNED.items())
    return capability.statement(base, version, own, whole, others)


def _codes_of(shapes: Mapping[str, Mapping[str, Row]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for methods in shapes.values() for row in methods.values() for code in row.codes))


def published() -> str:
    """The CapabilityStatement as openapi/capability-r4.json holds it, to be read as a diff."""
    said = json.loads(metadata(f"http://127.0.0.1:8000{R4.prefix}", R4))
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def app(version: str) -> ASGIApp:
    """The door of one version of FHIR. Raises KeyError for a version that is not served."""
    row = VERSIONS[version]

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await _serve(row, scope, receive, send)

    return serve


async def _serve(version: Version, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    there = place(scope["path"][len(version.prefix) :])
    if there is None:
        raise Problem(Trouble.NOT_FOUND)
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    answer = await _answered(request, version, there, method)
    response = answer.response()
    if scope["method"] == "HEAD":
        response.body = b""
    await response(scope, receive, send)


async def _answered(request: Request, version: Version, there: Place, method: str) -> Answer:
    service = door.service_of(request)
    query = _text(request.scope["query_string"])
    if there.shape == "metadata":
        return _metadata(request, version, method, query)
    if fhir_published.serves(version, there):
        return await _published(request, version, there, method, query)
    visit = await door.visit(request, version.door)
    row = _row(version, there, method)
    negotiate(request.headers, query)
    sent: Any = await _sent(request, row.body, service) if row.body else None
    if row.body == "form":
        query, sent = f"{query}&{sent}" if query else sent, None
    asked = Asked(
        visit=visit,
        desk=service.desk,
        version=version,
        base=base_of(request, service.settings, version),
        method=method,
        place=there,
        query=query,
        headers=request.headers,
        resource=sent,
    )
    return await row.do(asked)


def _metadata(request: Request, version: Version, method: str, query: str) -> Answer:
    if method != "GET":
        raise _no_method(("GET",))
    negotiate(request.headers, query)
    base = base_of(request, door.service_of(request).settings, version)
    return Answer(text=metadata(base, version))


async def _published(request: Request, version: Version, there: Place, method: str, query: str) -> Answer:
    """What we define ourselves is open to all, as /metadata is."""
    if method not in fhir_published.SHAPES[there.shape]:
        raise _no_method(fhir_published.SHAPES[there.shape])
    negotiate(request.headers, query)
    service = door.service_of(request)
    form = await _sent(request, "form", service) if method == "POST" else ""
    strict = "handling=strict" in request.headers.get("prefer", "")
    base = base_of(request, service.settings, version)
    return fhir_published.answer(fhir_published.Wanted(version, there, base, f"{query}&{form}".strip("&"), strict))


def _row(version: Version, there: Place, method: str) -> Row:
    """The interaction. Raises NOT_FOUND for a type or an operation that is not served, NO_METHOD."""
    table = OWNED.get(there.type, TABLE)
    methods = _operation(there) if there.operation else table.get(there.shape, {})
    for type_ in {there.type, there.member} - {"", "*"} if not there.operation and table is TABLE else ():
        served(version.stored_type(type_) or type_)
    if not methods:
        raise Problem(Trouble.NOT_FOUND)
    row = methods.get(method)
    if row is None:
        raise _no_method(methods)
    return row


def _operation(there: Place) -> Mapping[str, Row]:
    """How an operation is asked for at this address: by GET too where it changes nothing."""
    found = operation(there.operation, there.shape, there.type)
    methods = found.methods or (("GET", "POST") if found.reads else ("POST",))
    return {method: Row((), found.do, "parameters" if method == "POST" else "") for method in methods}


def _no_method(known: Iterable[str]) -> Problem:
    allowed = [name for method in known for name in ((method, "HEAD") if method == "GET" else (method,))]
    return Problem(Trouble.NO_METHOD, headers={"Allow": ", ".join(allowed)})


async def _sent(request: Request, kind: str, service: Service) -> Any:
    """The body: a form as text, anything else parsed."""
    if kind == "form":
        raw = await door.body(request, FORM, service.settings.max_body)
        return _text(raw)
    speaks_r4(request.headers.get("content-type", ""))
    limit = service.settings.max_bundle if kind == "bundle" else service.settings.max_body
    return exact.loads(await door.body(request, KINDS, limit))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Problem(Trouble.MALFORMED, "The parameters are not in UTF-8.") from error
