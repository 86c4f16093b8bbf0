"""An interaction of the FHIR door, asked for by a request of its own or by an entry of a Bundle, and its answer.

Both come to the same functions by the same table, so a Bundle is no second door. Source: FHIR R4 http.html (content
types, Prefer, summary of required behaviour).
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import lru_cache
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.deeds import Visit
from api.desk import Desk
from api.door import etag
from api.fhir_form import Form
from api.settings import Settings
from fhir_facade import exact
from fhir_facade.bundle import Said
from fhir_facade.query import pairs_of
from fhir_facade.searched import ID
from fhir_facade.subset import subset, wanted
from fhir_facade.versions import Version
from plan.model import EntryId, Stored
from plan.problem import Fault, Path, Problem, Trouble

_PREFERRED = re.compile(r'(return|handling)\s*=\s*"?(\w+)', re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9.-]{1,255}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_WORDS = frozenset({"", "metadata", "_search", "_history", "*"})
_SHAPE_WORDS = """
    metadata _search _history $op T T/_search T/_history T/$op T/id T/id/_history T/id/_history/v T/id/$op
    T/id/* T/id/*/_search T/id/T T/id/T/_search
"""
_SHAPES = frozenset({"", *_SHAPE_WORDS.split()})
"""The forms that an address may have. No type or id is a word of ours."""
_PARTS = ("T", "id", "T", "v")
"""What stands in an address where no word of ours does, by its place."""


class Place(NamedTuple):
    """What an address names. `shape` is the form of the address (`T/id`); a part that it has not is empty.

    `type` is named as in the version of FHIR of the address. `operation` comes without its `$`; `member` is the type,
    or `*`, that is searched for in a compartment (`Patient/1/CarePlan`).
    """

    shape: str
    type: str = ""
    id: str = ""
    version: str = ""
    operation: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One interaction.

    `version`: of FHIR, in which it speaks; `query`: the parameters, still encoded; `headers`: by lower-case names;
    `resource`: the parsed body; `inside`: where that stands in what was sent, when it is not all of it.
    """

    visit: Visit
    desk: Desk
    version: Version
    base: str
    method: str
    place: Place
    query: str = ""
    headers: Mapping[str, str]
    resource: Any = None
    inside: Path = ()

    @property
    def type(self) -> str:
        """The stored type (R4) that the address names. Raises NOT_FOUND for one that is not served in this version."""
        return self.version.served(self.place.type).type

    @property
    def where(self) -> Path:
        """The place of the resource, for a fault."""
        return self.inside or (self.place.type,)

    @property
    def id(self) -> EntryId:
        """The id in the address. Raises NOT_FOUND for what cannot be one."""
        if not ID.match(self.place.id):
            raise Problem(Trouble.NOT_FOUND)
        return EntryId(self.place.id)

    def preferred(self, name: str) -> str:
        """What `Prefer` says of `return` or `handling`, in lower case; empty when it says nothing."""
        said = _PREFERRED.findall(self.headers.get("prefer", ""))
        return next((value.lower() for word, value in said if word.lower() == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an interaction. `at` is in milliseconds since 1970 UTC; `headers` are further ones.

    `stream`: in place of a text, its pieces as they come.
    """

    status: int = 200
    text: str | bytes = b""
    stream: AsyncIterator[bytes] | None = None
    version: int | None = None
    at: int | None = None
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, form: Form) -> Response:
        """The answer to a request of its own; with a Content-Type among its headers it goes as it is."""
        headers = dict(self.headers)
        if self.version is not None:
            headers["etag"] = etag(self.version)
        if self.at is not None:
            headers["last-modified"] = _http_date(self.at // 1000)
        if self.location:
            headers["location"] = self.location
        if self.stream is not None:
            return StreamingResponse(self.stream, self.status, headers)
        if not self.text or "content-type" in headers:
            return Response(self.text, self.status, headers)
        return Response(form.written(self.text), self.status, headers, form.media)

    def said(self) -> Said:
        """The answer to an entry of a Bundle."""
        text = self.text.decode() if isinstance(self.text, bytes) else self.text
        return Said(status=self.status, location=self.location, version=self.version, at=self.at, text=text)


def place(path: str) -> Place | None:
    """What a path below our base names; None for what has no such form. `T` and `T/` are alike."""
    parts = path.removeprefix("/").removesuffix("/").split("/")
    if len(parts) > len(_PARTS):
        return None
    names = [_named(part, at) for at, part in enumerate(parts)]
    shape = "/".join(names)
    if shape not in _SHAPES:
        return None
    said = dict(zip(("type", "id", "member", "version"), parts, strict=False))
    kept = {name: part for (name, part), form in zip(said.items(), names, strict=True) if form in {*_PARTS, "*"}}
    operation = parts[-1][1:] if names[-1] == "$op" else ""
    return Place(shape, **kept, operation=operation)


def _named(part: str, at: int) -> str:
    if part in _WORDS:
        return part
    return "$op" if part.startswith("$") else _PARTS[at]


def base_of(request: Request, settings: Settings, version: Version) -> str:
    """Our own address, as clients know it: from the settings, or the Host that was asked for when that is one."""
    if settings.base_url:
        return settings.base_url.rstrip("/") + version.prefix
    host = request.headers.get("host", "")
    known = host if _HOST.fullmatch(host) else f"{settings.host}:{settings.port}"
    return f"{request.scope['scheme']}://{known}{version.prefix}"


def shown(asked: Asked, stored: Stored) -> Answer:
    """An entry as it is stored, in the version that was asked in: all of it, or the part that was asked for."""
    text = asked.version.shown(stored.fhir)
    if "_summary" in asked.query or "_elements" in asked.query:
        text = _part(asked, text)
    return Answer(text=text, version=stored.version, at=stored.at)


def _part(asked: Asked, text: str) -> str:
    type_, version = asked.place.type, asked.version.name
    strict = asked.preferred("handling") == "strict"
    return subset(text, type_, version, *wanted(pairs_of(asked.query), type_, version, strict=strict))


def placed(problem: Problem, where: Path, whole: Path = ()) -> Problem:
    """The problem with its faults at `where` in what was sent; `whole` is the place of a fault that names none."""
    faults = problem.faults
    if whole and not faults:
        faults = (Fault(problem.detail or problem.trouble.value.title),)
    moved = tuple(replace(f, where=(*where, *f.where) if f.where else whole) for f in faults)
    return replace(problem, faults=moved)


def message(text: str) -> str:
    """An OperationOutcome of a success."""
    issue = {"severity": "information", "code": "informational", "details": {"text": text}}
    return exact.text({"resourceType": "OperationOutcome", "issue": [issue]})


@lru_cache(maxsize=256)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
