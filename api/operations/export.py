"""Bulk Data `$export`: everything of a caseload as NDJSON, asked for now and fetched when it suits.

Source: FHIR Bulk Data Access 2.0.0, export.html (kick-off, status, files, delete). A Group is an agency's caseload, so
its id is the agency's, and it is the caller's own or not there. There is nothing to wait for: a file is read from the
plans while it is fetched, under the leave of that moment, as the plans stood at `transactionTime`.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import urlencode

from api.desk_export import DIRECTORY, Exports, Found
from api.fhir_asked import Answer, Asked
from api.ids import fresh
from auth.access import Verb
from db.exporting import Extent, Job
from fhir_facade import exact
from fhir_facade.drafts import moment
from fhir_facade.query import pairs_of
from fhir_facade.resources import RESOURCES
from fhir_facade.searched import ID
from plan.dates import date_range
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

NDJSON = "application/fhir+ndjson"
_FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
_LEVELS: Mapping[str, str] = {"$op": "system", "T/$op": "patient", "T/id/$op": "group"}
_TAKEN = frozenset({"_outputFormat", "_since", "_type", "patient"})
_DELETED = "_deleted"
"""The name under which the file of deletions is fetched; no type is called so."""
_ASYNC = re.compile(r"\brespond-async\b", re.IGNORECASE)
MOST_PEOPLE = 1000
_BLOCK = 65536
"""Bytes that are sent in one piece."""


async def export(asked: Asked) -> Answer:
    """Take the question down: 202, and where the answer will be."""
    if not _ASYNC.search(asked.headers.get("prefer", "")):
        _refuse(Trouble.REQUIRED, "an export is asked for with Prefer: respond-async", "Send this header.")
    level = _LEVELS[asked.place.shape]
    exports = Exports(asked.desk)
    if level == "group" and asked.place.id != asked.visit.caller.agency:
        await exports.refuse(asked.visit, asked.place.id)
    said = _said(asked, level)
    query = urlencode([(name, ",".join(values)) for name, values in said.items() if name != "patient"])
    path = "/".join(filter(None, (asked.place.type, asked.place.id, "$export")))
    job = Job(
        id=fresh(),
        version=asked.version.name,
        request=f"{asked.base}/{path}" + (f"?{query}" if query else ""),
        level=level,
        types=_types(asked, said.get("_type", ())),
        extent=Extent(since=_since(said), until=asked.desk.store.clock(), people=_people(said)),
    )
    await exports.begin(asked.visit, job)
    address = f"{asked.base}/$export-status?{urlencode({'job': job.id})}"
    return Answer(status=202, headers={"Content-Location": address})


async def status(asked: Asked) -> Answer:
    """What there is to be fetched; by DELETE the job is forgotten."""
    exports = Exports(asked.desk)
    id_ = _one(asked, "job")
    if asked.method == "DELETE":
        await exports.cancel(asked.visit, id_)
        return Answer(status=202)
    job = await exports.job(asked.visit, id_)
    found = await exports.found(asked.visit, job)
    return Answer(text=exact.text(_manifest(asked, job, found)), headers={"content-type": "application/json"})


async def file(asked: Asked) -> Answer:
    """The lines of one type."""
    exports = Exports(asked.desk)
    job, type_ = await exports.job(asked.visit, _one(asked, "job")), _one(asked, "type")
    if type_ == _DELETED:
        return Answer(
            stream=_blocks(_deletions(asked, exports.gone(asked.visit, job))), headers={"content-type": NDJSON}
        )
    stored = asked.version.stored_type(type_)
    if stored is None or stored not in RESOURCES or (job.types and stored not in job.types):
        raise Problem(Trouble.NOT_FOUND)
    if stored in DIRECTORY and job.level != "system":
        raise Problem(Trouble.NOT_FOUND)
    await asked.desk.leave(asked.visit, Verb.SEARCH, stored, job.id)
    return Answer(
        stream=_blocks(_lines(asked, exports.lines(asked.visit, job, stored))), headers={"content-type": NDJSON}
    )


def _manifest(asked: Asked, job: Job, found: Found) -> dict[str, Any]:
    """export.html, complete status. A file without lines is left out."""

    def listed(type_: str, count: int) -> dict[str, Any]:
        query = urlencode({"job": job.id, "type": type_})
        return {"type": type_, "url": f"{asked.base}/$export-file?{query}", "count": count}

    shown = ((asked.version.shown_type(type_), count) for type_, count in found.counts.items())
    gone = [{**listed(_DELETED, found.deleted), "type": "Bundle"}] if found.deleted else []
    return {
        "transactionTime": moment(job.extent.until),
        "request": job.request,
        "requiresAccessToken": True,
        "output": [listed(type_, count) for type_, count in shown if type_],
        "deleted": gone,
        "error": [],
    }


async def _lines(asked: Asked, texts: AsyncIterator[str]) -> AsyncIterator[str]:
    async for text in texts:
        yield asked.version.shown(text)


async def _deletions(asked: Asked, gone: AsyncIterator[tuple[str, str]]) -> AsyncIterator[str]:
    async for type_, id_ in gone:
        request = {"method": "DELETE", "url": f"{asked.version.shown_type(type_)}/{id_}"}
        yield exact.text({"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]})


async def _blocks(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """Lines in pieces that are worth a packet."""
    held, size = [], 0
    async for line in lines:
        held.append(line)
        size += len(line)
        if size > _BLOCK:
            yield ("\n".join(held) + "\n").encode()
            held, size = [], 0
    if held:
        yield ("\n".join(held) + "\n").encode()


def _said(asked: Asked, level: str) -> dict[str, list[str]]:
    """The parameters of the kick-off, from the address or from a Parameters resource."""
    pairs = _sent(asked.resource) if asked.method == "POST" and asked.resource else pairs_of(asked.query)
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in ("_format", "_pretty"):
            continue
        if name not in _TAKEN or (name == "patient" and (level == "system" or asked.method != "POST")):
            _refuse(Trouble.NOT_SUPPORTED, f"{name[:64]!r} is not supported here", "Use _type, _since, _outputFormat.")
        said.setdefault(name, []).extend(filter(None, value.split(",")))
    if not set(said.get("_outputFormat", ())) <= _FORMATS:
        _refuse(Trouble.NOT_SUPPORTED, "_outputFormat is none that is written here", f"Ask for {NDJSON}.")
    return said


def _sent(resource: Any) -> Sequence[tuple[str, str]]:
    listed = resource.get("parameter") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or resource.get("resourceType") != "Parameters" or not isinstance(listed, list):
        _refuse(Trouble.INVALID, "the body is no Parameters with parameters", "Send a Parameters resource.")
    return [(str(one.get("name", "")), _value(one)) for one in listed if isinstance(one, dict)]


def _value(one: dict[str, Any]) -> str:
    held = next((value for name, value in one.items() if name.startswith("value")), "")
    return str(held.get("reference", "")) if isinstance(held, dict) else str(held)


def _types(asked: Asked, named: Sequence[str]) -> tuple[str, ...]:
    types = []
    for name in named:
        stored = asked.version.stored_type(name)
        if stored not in RESOURCES:
            _refuse(Trouble.BAD_VALUE, f"{name[:64]!r} is no type that is served here", "Leave it out of _type.")
        types.append(str(stored))
    return tuple(types)


def _since(said: Mapping[str, Sequence[str]]) -> int:
    if not said.get("_since"):
        return -1
    # In an address a plus sign stands for a space: who did not escape `+01:00` still means the zone.
    covered = date_range(said["_since"][0].replace(" ", "+"))
    if covered is None or "T" not in said["_since"][0]:
        _refuse(Trouble.BAD_VALUE, "_since is no instant", "Write it as 2026-03-06T14:00:00Z.")
    return covered[0]


def _people(said: Mapping[str, Sequence[str]]) -> tuple[PersonId, ...]:
    named = [text.removeprefix("Patient/") for text in said.get("patient", ())]
    if len(named) > MOST_PEOPLE:
        _refuse(Trouble.TOO_COSTLY, f"an export names at most {MOST_PEOPLE} people", "Ask in several exports.")
    if not all(ID.match(name) for name in named):
        _refuse(Trouble.BAD_VALUE, "patient is no reference to a Patient", "Write it as Patient/id.")
    return tuple(PersonId(name) for name in named)


def _one(asked: Asked, name: str) -> str:
    values = [value for said, value in pairs_of(asked.query) if said == name]
    if len(values) != 1:
        raise Problem(Trouble.NOT_FOUND)
    return values[0]


def _refuse(trouble: Trouble, what: str, mend: str) -> NoReturn:
    raise Problem(trouble, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
