"""Bundles, read and built: what a batch or a transaction asks for, and the searchsets, histories and responses we send.

Source: FHIR R4 bundle.html and http.html 3.1.0.11 (batch, transaction). Resources go in as the text that is stored:
nothing is parsed on the way out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, NoReturn, cast

import orjson

from fhir_facade import exact
from fhir_facade.drafts import moment
from fhir_facade.references import RELATIVE, relative, rewrite, walk
from fhir_facade.release import VersionName
from fhir_facade.validate import envelope
from fhir_facade.versions import Version
from plan.model import Stored
from plan.problem import Fault, Path, Problem, Trouble, refuse_if

Json = Any
Kind = Literal["batch", "transaction"]

MOST_ENTRIES = 1000
_CONDITIONAL = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?(?P<criteria>.+)", re.DOTALL)
_OTHERS: Mapping[str, str] = {
    "document": "Documents are taken in by the import.",
    "message": "Messages are taken in by the import.",
    "collection": "Collections are taken in by the import.",
}
_HEADERS: Mapping[str, str] = {
    "ifMatch": "if-match",
    "ifNoneMatch": "if-none-match",
    "ifNoneExist": "if-none-exist",
    "ifModifiedSince": "if-modified-since",
}
_STATUS: Mapping[int, str] = {
    200: "OK",
    201: "Created",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    422: "Unprocessable Content",
}


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry of a batch or a transaction: an interaction as if it had come alone.

    `url` is relative to our base. `link` is the address by which other entries refer to the resource. `headers` carry
    what the entry says of conditions, under the names of the HTTP headers.
    """

    at: int
    method: str
    url: str
    link: str = ""
    resource: dict[str, Json] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> Path:
        """The place of the entry, for a fault."""
        return "Bundle", "entry", self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of one entry. `text` is the resource, or the OperationOutcome of a failure; `at` in milliseconds.

    `told`: the text is the OperationOutcome of a success, for who prefers that to the resource.
    """

    status: int
    location: str = ""
    version: int | None = None
    at: int | None = None
    text: str = ""
    told: bool = False


def read(bundle: Json, base: str, version: VersionName = "R4") -> tuple[Kind, list[Entry]]:
    """The entries of a batch or a transaction, in their order; the resources in them are not yet validated.

    Raises a Problem for any other Bundle, for one that is no Bundle, and for more than 1000 entries.
    """
    listed = bundle.get("entry", ()) if isinstance(bundle, dict) else ()
    if isinstance(listed, list) and len(listed) > MOST_ENTRIES:
        what = f"a Bundle has at most {MOST_ENTRIES} entries here"
        raise Problem(Trouble.TOO_COSTLY, what, (Fault(what, ("Bundle", "entry"), "Send it in parts."),))
    broken = _valid(bundle, version)
    kind = bundle["type"]
    if kind not in ("batch", "transaction"):
        mend = _OTHERS.get(kind, "A Bundle of this type is only ever an answer.")
        _refuse(f"a Bundle of type {kind} cannot be sent to this address", ("Bundle", "type"), mend)
    entries = [_entry(at, entry, base) for at, entry in enumerate(listed)]
    _once(entries, changes=kind == "transaction")
    refuse_if(broken)
    return kind, entries


def linked(entries: Sequence[Entry], base: str) -> None:
    """Turn the references between entries into links: relative ones by the root of their own address (bundle.html
    2.36.4.1), conditional ones to what an entry of the same transaction makes or finds under the same criteria.
    """
    links = {entry.link for entry in entries if entry.link}
    made = {_condition(entry): entry.link for entry in entries if entry.link and _condition(entry)}
    for entry in entries:
        if entry.resource is not None:
            root = _root(entry.link)
            by = partial(_link, base=base, root=root, links=links, made=made)
            entry.resource = rewrite(entry.resource, by)


def conditional(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Path, dict[str, Json], str, str]]:
    """Each reference that is a search: its entry, its place, the Reference itself, the type and the criteria."""
    for entry in entries:
        for where, reference in walk(entry.resource):
            found = _CONDITIONAL.fullmatch(str(reference.get("reference", "")))
            if found:
                yield entry, (*entry.where, "resource", *where), reference, found["type"], found["criteria"]


Row = tuple[str, str, str]
"""An entry of a searchset: stored type, id, stored text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Along:
    """What a page of a search says beside its matches.

    `included`: what comes along with them; `warning`: a sentence on the page as a whole. `part` takes a type and the
    text of a resource, both as the version of FHIR names them, to what is to be shown of it.
    """

    included: Iterable[Row] = ()
    warning: str = ""
    part: Callable[[str, str], str] | None = None


def searchset(
    total: int | None,
    self_: str,
    next_: str,
    base: str,
    version: Version,
    hits: Iterable[Row],
    *,
    along: Along = Along(),
) -> bytes:
    """A page of a search. `total` is left out when it is not known; so is what this version of FHIR cannot show."""
    made: dict[str, Json] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        made["total"] = total
    made["link"] = _links(self_, next_)
    entries = [
        {
            "fullUrl": f"{base}/{type_}/{id_}",
            "resource": _spliced(along.part(type_, version.shown(text)) if along.part else version.shown(text)),
            "search": {"mode": mode},
        }
        for mode, rows in (("match", hits), ("include", along.included))
        for stored, id_, text in rows
        if (type_ := version.shown_type(stored))
    ]
    if along.warning:
        entries.append({"resource": _warning(along.warning), "search": {"mode": "outcome"}})
    return _built(made, entries)


def _warning(text: str) -> dict[str, Json]:
    issue = {"severity": "warning", "code": "too-costly", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def history(
    total: int | None, self_: str, next_: str, base: str, version: Version, versions: Sequence[Stored]
) -> bytes:
    """Versions, newest first, each with what was asked and answered; a deletion has no resource. What this version of
    FHIR cannot show is left out.
    """
    made: dict[str, Json] = {"resourceType": "Bundle", "type": "history"}
    if total is not None:
        made["total"] = total
    made["link"] = _links(self_, next_)
    shown = [(one, type_) for one in versions if (type_ := version.shown_type(one.type))]
    return _built(made, [_version(one, type_, base, version) for one, type_ in shown])


def response(kind: Kind, said: Sequence[Said]) -> bytes:
    """What came of the entries of a batch or a transaction, one for one and in their order."""
    return _built({"resourceType": "Bundle", "type": f"{kind}-response"}, [_answered(one) for one in said])


def _valid(bundle: Json, version: VersionName) -> list[Fault]:
    """The rules that the Bundle itself breaks. Each resource in it is judged alone, when its entry is done."""
    try:
        broken = envelope(bundle, version)
    except Problem as problem:
        raise replace(problem, faults=tuple(_in_bundle(problem.faults))) from None
    return list(_in_bundle(broken))


def _in_bundle(faults: Iterable[Fault]) -> Iterator[Fault]:
    return (replace(fault, where=("Bundle", *fault.where)) for fault in faults)


def _entry(at: int, entry: dict[str, Json], base: str) -> Entry:
    where: Path = ("Bundle", "entry", at)
    request = entry.get("request")
    if request is None:
        _refuse("an entry of a batch or a transaction has a request", (*where, "request"), "Say method and url.")
    resource = entry.get("resource")
    if resource is not None and not isinstance(resource, dict):
        _refuse("a resource is a JSON object", (*where, "resource"), 'Send {"resourceType": ...}.')
    return Entry(
        at=at,
        method=request.get("method", ""),
        url=request.get("url", "").removeprefix(base).strip("/"),
        link=relative(entry.get("fullUrl", ""), base),
        resource=resource,
        headers={header: request[name] for name, header in _HEADERS.items() if name in request},
    )


def _once(entries: Sequence[Entry], *, changes: bool) -> None:
    """bdl-7: each address once; and with `changes` nothing is changed twice, as the order would decide what stays, nor
    made twice under the same criteria.
    """
    seen: set[str] = set()
    for entry in entries:
        writes = changes and entry.method in ("PUT", "PATCH", "DELETE")
        condition = _condition(entry) if changes else ""
        for address in {entry.link, entry.url if writes else "", condition} - {""}:
            if address in seen:
                _refuse("the same resource stands twice in this Bundle", entry.where, "Send each resource once.")
            seen.add(address)


def _condition(entry: Entry) -> str:
    """The criteria under which an entry makes or finds what it is about, as a reference would write them."""
    if entry.method == "PUT" and "?" in entry.url:
        return entry.url
    criteria = entry.headers.get("if-none-exist", "")
    return f"{entry.url}?{criteria.removeprefix('?')}" if criteria else ""


def _root(link: str) -> str:
    found = re.fullmatch(rf"(https?://.+/){RELATIVE.pattern}", link)
    return found[1] if found else ""


def _link(address: str, *, base: str, root: str, links: set[str], made: Mapping[str, str]) -> str:
    if root and root + address in links:
        return root + address
    return made.get(address) or relative(address, base)


def _links(self_: str, next_: str) -> list[dict[str, str]]:
    links = [{"relation": "self", "url": self_}]
    return [*links, {"relation": "next", "url": next_}] if next_ else links


def _version(one: Stored, type_: str, base: str, version: Version) -> dict[str, Json]:
    method = "DELETE" if one.deleted else "POST" if one.version == 1 else "PUT"
    status = {"DELETE": 204, "POST": 201, "PUT": 200}[method]
    made: dict[str, Json] = {"fullUrl": f"{base}/{type_}/{one.id}"}
    if not one.deleted:
        made["resource"] = _spliced(version.shown(one.fhir))
    made["request"] = {"method": method, "url": type_ if method == "POST" else f"{type_}/{one.id}"}
    location = f"{base}/{type_}/{one.id}/_history/{one.version}" if method == "POST" else ""
    return made | _answered(Said(status=status, location=location, version=one.version, at=one.at))


def _answered(said: Said) -> dict[str, Json]:
    answer: dict[str, Json] = {"status": f"{said.status} {_STATUS.get(said.status, '')}".strip()}
    if said.location:
        answer["location"] = said.location
    if said.version is not None:
        answer["etag"] = f'W/"{said.version}"'
    if said.at is not None:
        answer["lastModified"] = moment(said.at)
    if said.text and (said.told or said.status >= 400):  # noqa: PLR2004 - what HTTP calls an error
        answer["outcome"] = _spliced(said.text)
    made = {"response": answer}
    return {"resource": _spliced(said.text), **made} if said.text and "outcome" not in answer else made


def _built(made: dict[str, Json], entries: Sequence[dict[str, Json]]) -> bytes:
    # FHIR knows no empty arrays.
    return exact.dumps({**made, "entry": entries} if entries else made)


def _spliced(text: str) -> Json:
    return cast("Json", orjson.Fragment(text))


def _refuse(what: str, where: Path, mend: str) -> NoReturn:
    raise Problem(Trouble.INVALID, what[:1].upper() + what[1:], (Fault(what, where, mend),))
