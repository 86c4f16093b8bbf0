"""The FHIR door: which address and method is which interaction, in one table that /metadata is made from as well.

FHIR R4 http.html. A plain ASGI application: the interactions are few and the types are many, so an address is taken
apart once and looked up, for a request of its own as for an entry of a Bundle. Problems propagate to the edge.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import auditing, door, fhir_patch, fhir_published, subscribing
from api.answers import outcome
from api.fhir_asked import Answer, Asked, Place, base_of, place
from api.fhir_bundle import bundle
from api.fhir_form import Form, body, negotiate
from api.fhir_history import histories, history
from api.fhir_read import read, vread
from api.fhir_search import search, search_all, search_plan
from api.fhir_write import write
from api.operations import OPERATIONS, operation
from api.service import Service
from fhir_facade import capability
from fhir_facade.query import pairs_of
from fhir_facade.resources import APART
from fhir_facade.versions import R4, VERSIONS, Version
from plan.problem import Fault, Problem, Trouble

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
        "PATCH": Row(("patch",), write, "patch"),
        "DELETE": Row(("delete",), write),
    },
    "T": {
        "GET": Row(("search-type",), search),
        "POST": Row(("create",), write, "resource"),
        "PUT": Row(("update",), write, "resource"),
        "PATCH": Row(("patch",), write, "patch"),
        "DELETE": Row(("delete",), write),
    },
    "T/_search": {"POST": Row(("search-type",), search, "form")},
    "T/id/T": {"GET": Row((), search_plan)},
    "T/id/T/_search": {"POST": Row((), search_plan, "form")},
    "T/id/*": {"GET": Row((), search_plan)},
    "T/id/*/_search": {"POST": Row((), search_plan, "form")},
    "T/_history": {"GET": Row(("history-type",), histories)},
    "_history": {"GET": Row(("history-system",), histories)},
    "_search": {"POST": Row(("search-system",), search_all, "form")},
    "T/id/_history": {"GET": Row(("history-instance",), history)},
    "T/id/_history/v": {"GET": Row(("vread",), vread)},
    "": {
        "GET": Row(("search-system",), search_all),
        "POST": Row(("batch", "transaction"), _bundle, "bundle"),
    },
}
"""Form of the address, method, interaction. HEAD goes wherever GET goes; /metadata is open to all and stands apart."""

OWNED: Mapping[str, Mapping[str, Mapping[str, Row]]] = {
    "AuditEvent": {
        "T/id": {"GET": Row(("read",), auditing.read)},
        "T": {"GET": Row(("search-type",), auditing.search)},
        "T/_search": {"POST": Row(("search-type",), auditing.search, "form")},
    },
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
"""The types that are no entries of a plan or of the directory (resources.APART): their own interactions."""
_OFFERED = {auditing.TYPE: auditing.OFFERED, subscribing.TYPE: subscribing.OFFERED}
"""What each of them is searched by."""


def metadata(base: str, version: Version) -> bytes:
    """The CapabilityStatement, made from the table."""
    rows = [(shape, row) for shape, methods in TABLE.items() for row in methods.values()]
    codes = [(shape.startswith("T"), code) for shape, row in rows for code in row.codes]
    own = tuple(dict.fromkeys(code for of_type, code in codes if of_type))
    whole = tuple(dict.fromkeys(code for of_type, code in codes if not of_type))
    offers = tuple(
        capability.Offer(row.name, row.levels, row.types, row.definition) for row in OPERATIONS if row.definition
    )
    others = tuple(capability.Other(type_, _codes_of(shapes), _OFFERED[type_]) for type_, shapes in OWNED.items())
    return capability.statement(base, version, capability.Doings(own, whole, offers, others))


def _codes_of(shapes: Mapping[str, Mapping[str, Row]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for methods in shapes.values() for row in methods.values() for code in row.codes))


def published(version: Version = R4) -> str:
    """The CapabilityStatement as openapi/capability-r4.json or -r5.json holds it, to be read as a diff."""
    said = json.loads(metadata(f"http://127.0.0.1:8000{version.prefix}", version))
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def app(version: str) -> ASGIApp:
    """The door of one version of FHIR. Raises KeyError for a version that is not served."""
    row = VERSIONS[version]

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await _serve(row, scope, receive, send)

    return serve


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands below /fhir and is no version that is spoken."""
    what = "this version of FHIR is not spoken here"
    mend = f"Ask one of {', '.join(row.prefix for row in VERSIONS.values())}."
    raise Problem(Trouble.NOT_FOUND, "", (Fault(what, mend=mend),))


def words(version: Version) -> Callable[[Problem, Scope], Response]:
    """How the door of a version says a problem: in the form that was asked for, or as JSON if that is the problem."""

    def said(problem: Problem, scope: Scope) -> Response:
        try:
            form = negotiate(Headers(scope=scope), _text(scope["query_string"]), version)
        except Problem:
            form = Form(version.name)
        return outcome(problem, scope["request_id"], form)

    return said


async def _serve(version: Version, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    there = place(scope["path"][len(version.prefix) :])
    if there is None:
        raise Problem(Trouble.NOT_FOUND)
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    form, answer = await _answered(request, version, there, method)
    await answer.response(form)(scope, receive, send)


async def _answered(request: Request, version: Version, there: Place, method: str) -> tuple[Form, Answer]:
    service = door.service_of(request)
    query = _text(request.scope["query_string"])
    if there.shape == "metadata":
        return _metadata(request, version, method, query)
    if fhir_published.serves(version, there):
        return await _published(request, version, there, method, query)
    visit = await door.visit(request, version.door)
    row = _row(version, there, method)
    form = negotiate(request.headers, query, version)
    sent: Any = await _sent(request, row.body, version, service) if row.body else None
    if row.body == "form":
        query, sent = f"{query}&{sent}" if query else sent, None
        form = negotiate(request.headers, query, version)
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
    return form, await row.do(asked)


def _metadata(request: Request, version: Version, method: str, query: str) -> tuple[Form, Answer]:
    if method != "GET":
        raise _no_method(("GET",))
    form = negotiate(request.headers, query, version)
    _of_this_mode(query)
    text = metadata(base_of(request, door.service_of(request).settings, version), version)
    tag = f'W/"{sha256(text).hexdigest()[:16]}"'
    door.open_to_all(request)
    if tag in request.headers.get("if-none-match", ""):
        return form, Answer(status=304, headers={"etag": tag})
    return form, Answer(text=_as_asked(form, text), headers={"etag": tag, "content-type": form.media})


@lru_cache(maxsize=8)
def _as_asked(form: Form, text: bytes) -> str | bytes:
    """The statement in a form: everybody may ask for it, and XML of it costs 50 ms."""
    return form.written(text)


def _of_this_mode(query: str) -> None:
    """`mode` (http.html, capabilities): all that we say is normative enough, and terminology is not served."""
    mode = dict(pairs_of(query)).get("mode", "full") or "full"
    if mode in ("full", "normative"):
        return
    known = mode == "terminology"
    what = "there is no terminology service here" if known else f"{mode[:32]!r} is no mode of a capability statement"
    raise Problem(Trouble.NOT_SUPPORTED if known else Trouble.BAD_VALUE, "", (Fault(what, mend="Use mode=full."),))


async def _published(request: Request, version: Version, there: Place, method: str, query: str) -> tuple[Form, Answer]:
    """What we define ourselves is open to all, as /metadata is."""
    if method not in fhir_published.SHAPES[there.shape]:
        raise _no_method(fhir_published.SHAPES[there.shape])
    form = negotiate(request.headers, query, version)
    service = door.service_of(request)
    sent = await _sent(request, "form", version, service) if method == "POST" else ""
    strict = "handling=strict" in request.headers.get("prefer", "")
    base = base_of(request, service.settings, version)
    wanted = fhir_published.Wanted(version, there, base, f"{query}&{sent}".strip("&"), strict)
    found = fhir_published.answer(wanted)
    door.open_to_all(request)
    return form, found


def _row(version: Version, there: Place, method: str) -> Row:
    """The interaction. Raises NOT_FOUND for a type or an operation that is not served, NO_METHOD."""
    table = OWNED.get(there.type, TABLE)
    methods = _operation(there) if there.operation else table.get(there.shape, {})
    for type_ in {there.type, there.member} - {"", "*"} if not there.operation and table is TABLE else ():
        version.served(type_)
    if not methods:
        raise Problem(Trouble.NOT_FOUND)
    row = methods.get(method)
    if row is None:
        raise _no_method(methods, APART[there.type] if table is not TABLE else "")
    return row


def _operation(there: Place) -> Mapping[str, Row]:
    """How an operation is asked for at this address: by GET too where it changes nothing."""
    found = operation(there.operation, there.shape, there.type)
    methods = found.methods or (("GET", "POST") if found.reads else ("POST",))
    return {method: Row((), found.do, "parameters" if method == "POST" else "") for method in methods}


def _no_method(known: Iterable[str], mend: str = "") -> Problem:
    allowed = [name for method in known for name in ((method, "HEAD") if method == "GET" else (method,))]
    return Problem(Trouble.NO_METHOD, mend, headers={"Allow": ", ".join(allowed)})


async def _sent(request: Request, kind: str, version: Version, service: Service) -> Any:
    """The body: a form as text, anything else parsed."""
    if kind == "form" and request.headers.get("content-length", "0") == "0" and "content-type" not in request.headers:
        return ""  # all of the search stands in the address
    if kind == "form":
        raw = await door.body(request, FORM, service.settings.max_body)
        return _text(raw)
    if kind == "patch":
        return await fhir_patch.sent(request, version, service.settings.max_body)
    return await body(request, version, service.settings.max_bundle if kind == "bundle" else service.settings.max_body)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Problem(Trouble.MALFORMED, "The parameters are not in UTF-8.") from error
