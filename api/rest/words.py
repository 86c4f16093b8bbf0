"""How an address is described: its parameters, headers, bodies, answers and problems, in the words of OpenAPI 3.1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.rest.asked import JSON
from api.rest.said import CREATED, OK
from api.rest.shapes import SECTIONS, Schema, ref, text
from fhir_facade.encounter import STATUSES
from plan.kinds import KINDS
from plan.model import Role
from plan.override import PURPOSES
from plan.problem import Trouble

PROBLEM = "application/problem+json"
_ID = text(pattern="^[A-Za-z0-9.-]{1,64}$")
_NATURAL = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
PATH: Mapping[str, tuple[str, Schema]] = {
    "person": ("The id of the person; it is the id of their FHIR Patient.", _ID),
    "section": ("A section of the plan.", text(enum=SECTIONS)),
    "kind": ("A kind of entry, where it may stand; `record` can be read only.", text(enum=[*KINDS, "record"])),
    "entry": ("The id of the entry; it is the id of its FHIR resource.", _ID),
    "item": ("An item of readiness: the id of its entry, or its code.", text(pattern="^[A-Za-z0-9._-]{1,64}$")),
    "version": ("The number of a version.", _NATURAL),
    "member": ("The id of a membership.", _ID),
    "override": ("The id of an override.", _ID),
    "webhook": ("The id of a webhook.", _ID),
    "calendar": ("The id of a calendar.", _ID),
}
QUERY: Mapping[str, tuple[str, Schema]] = {
    "identifier": ("`system|value`, or the value alone.", text()),
    "nhs_number": ("Ten digits; spaces are passed over.", text()),
    "name": ("Words that begin parts of the name; case and accents do not matter.", text()),
    "birth_date": ("A date, or the month or year that it lies in.", text()),
    "limit": ("How many a page shows.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    "cursor": ("Where the page before ended: its `next`.", text()),
    "at": ("A moment with its time zone: the plan as it was then, under today's leave.", text(format="date-time")),
    "section": ("Only this section; of a new message, where it shall stand.", text(enum=SECTIONS)),
    "since": ("The `next` of the answer before, or a moment with its time zone.", text()),
    "agency": ("The id of an agency.", _ID),
    "estate": ("The UPRN of an estate, scheme or block: the parent of the homes in it.", text(pattern="^[0-9]{1,12}$")),
    "from": ("The earlier: a version, or for a plan a moment or a cursor of its changes; for a log a moment.", text()),
    "role": ("The role of whom an auditor asks about.", text(enum=[role.value for role in Role])),
    "subject": ("Who exactly: their `sub`, as consents may name them.", text()),
    "hospital": ("The id of the hospital.", _ID),
    "status": ("Of a stay.", text(enum=sorted(STATUSES))),
    "uprn": ("The Unique Property Reference Number of a home.", text(pattern="^[0-9]{1,12}$")),
    "measure": ("Names of measures, with commas; all when nobody says.", text()),
    "person": ("The id of one person: theirs only.", _ID),
    "agency_pair": ("Who asks and who is asked: `RX1,HA1`.", text()),
    "purpose": ("For which purpose, as TREAT or BTG.", text()),
    "state": ("Whether its review has ended; open when nobody says.", text(enum=["open", "reviewed"])),
    "to": ("The later; for a plan and a log: now, when nobody says.", text()),
}
_PURPOSE = text(enum=sorted(PURPOSES))
_TAG = text(examples=['"3"'])
HEADERS: Mapping[str, tuple[str, Schema]] = {
    "If-Match": ("The ETag that was read: the version that is being changed. Or say `version` in the body.", _TAG),
    "If-None-Match": ("The ETag that is known: 304 when it is still that.", _TAG),
    "Idempotency-Key": ("A UUID of the client's: the action happens once, however often it is sent.", text()),
    "X-Request-ID": ("Comes back with the answer, and stands in the audit.", text(pattern="^[A-Za-z0-9._-]{1,64}$")),
    "X-Correlation-ID": ("Comes back with the answer.", text(pattern="^[A-Za-z0-9._-]{1,64}$")),
    "X-Change-Reason": ("Why it is changed, in a sentence; it is kept with the version. UTF-8.", text(maxLength=500)),
    "traceparent": ("W3C Trace Context.", text()),
    "X-Purpose-Of-Use": ("HL7 v3 PurposeOfUse, before the token's; an override counts under BTG.", _PURPOSE),
}
_NEEDED: Mapping[str, frozenset[str]] = {"/plan/diff": frozenset({"from"}), "/diff": frozenset({"from", "to"})}
"""Parameters that an address must have, by how it ends; the longer end stands first."""
_ALWAYS = (400, 401, 403, 404, 500, 503)
_WRITING = (409, 413, 415, 422)
_CHANGING = (410, 412, 428)
_NAMING = (412,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one address does, for whoever reads the description.

    `answer`: the schema of the answer; "" for none. `body`: the schema of what is sent. `known`: answers 304.
    `changes`: asks for a version; `may_name`: takes one that is said; `versions`: there are several in the body.
    `keyed`: an Idempotency-Key makes it happen once. `reasoned`: a header may say why.
    """

    name: str
    summary: str
    tag: str
    answer: str = ""
    body: str = ""
    media: str = JSON
    query: tuple[str, ...] = ()
    status: int = OK
    known: bool = False
    changes: bool = False
    may_name: bool = False
    versions: bool = False
    keyed: bool = False
    reasoned: bool = False
    open: bool = False


def operation(path: str, words: Words) -> dict[str, Any]:
    """The description of one operation."""
    said: dict[str, Any] = {"parameters": _parameters(path, words), "responses": _responses(path, words)}
    if words.body:
        said["requestBody"] = {"required": True, "content": {words.media: {"schema": ref(words.body)}}}
    if words.open:
        said["security"] = []
    return said


def components() -> dict[str, Any]:
    """What the operations point at, beside the schemas."""
    return {
        "parameters": {name: _parameter("header", name, *said) for name, said in HEADERS.items()},
        "headers": {
            "ETag": {"description": "The version, or a hash of what the view shows.", "schema": _TAG},
            "Location": {"description": "Where what was made is found.", "schema": text(format="uri-reference")},
            "Idempotency-Replayed": {"description": "Says true when nothing was done anew.", "schema": text()},
            "X-Request-ID": {"description": "The id of the request.", "schema": text()},
        },
        "responses": {f"Problem{status}": _problem(status, rows) for status, rows in _by_status().items()},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    }


def _parameters(path: str, words: Words) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", path)
    listed = [_parameter("path", name, *PATH[name]) for name in names]
    must = next((needed for end, needed in _NEEDED.items() if path.endswith(end)), frozenset())
    listed += [_parameter("query", name, *QUERY[name], required=name in must) for name in words.query]
    headers = {
        "If-None-Match": words.known,
        "If-Match": words.changes or words.may_name,
        "Idempotency-Key": words.keyed,
        "X-Change-Reason": words.reasoned,
        "X-Request-ID": True,
        "X-Correlation-ID": True,
        "traceparent": True,
        "X-Purpose-Of-Use": not words.open,
    }
    return listed + [{"$ref": f"#/components/parameters/{name}"} for name, there in headers.items() if there]


def _parameter(place: str, name: str, description: str, schema: Schema, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "description": description,
        "required": place == "path" or required,
        "schema": schema,
    }


def _responses(path: str, words: Words) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": "Here it is." if words.status == OK else "Done.",
        "headers": _headers(words),
    }
    if words.answer:
        told["content"] = {JSON: {"schema": ref(words.answer)}}
    said = {str(words.status): told}
    if words.known:
        said["304"] = {"description": "It is what If-None-Match names."}
    if words.open:
        return said if words.name == "alive" else said | _problems((503,))
    wanted = (*_ALWAYS, *(_WRITING if words.keyed else ()), *_versioned(words))
    # A record is read here and written by the FHIR door.
    records = (405,) if words.keyed and "{kind}" in path else ()
    return said | _problems(sorted((*wanted, *records)))


def _versioned(words: Words) -> tuple[int, ...]:
    """What a version can be refused with: a missing one only where it must be said."""
    return _CHANGING if words.changes else _NAMING if words.may_name or words.versions else ()


def _problems(statuses: Any) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def _headers(words: Words) -> dict[str, Any]:
    tagged = words.known or words.changes or words.keyed
    names = {"X-Request-ID": True, "ETag": tagged, "Location": words.status == CREATED}
    names["Idempotency-Replayed"] = words.keyed
    return {name: {"$ref": f"#/components/headers/{name}"} for name, there in names.items() if there}


def _by_status() -> dict[int, list[Trouble]]:
    found: dict[int, list[Trouble]] = {}
    for trouble in Trouble:
        found.setdefault(trouble.value.status, []).append(trouble)
    return found


def _problem(status: int, troubles: list[Trouble]) -> dict[str, Any]:
    lines = [trouble.value for trouble in troubles]
    examples = {
        line.code: {
            "value": {
                "type": f"https://oneplan.example/problems/{line.code}",
                "title": line.title,
                "status": status,
                "code": line.code,
                "detail": line.title,
                "request_id": "019577a2-5c1e-7c3a-9d53-0f6f0e3f2f11",
            }
        }
        for line in lines
    }
    what = "; ".join(f"`{line.code}`: {line.title}" for line in lines)
    return {"description": f"{what}.", "content": {PROBLEM: {"schema": ref("Problem"), "examples": examples}}}
