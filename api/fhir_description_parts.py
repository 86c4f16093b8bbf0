"""What the description of the FHIR door is put together from: schemas, parameters, bodies and answers, each named once.

The schemas say what every resource has; what a type has stands in its definition, and is not told again. The examples
are of Ada Test of the demonstration (`make run`), so that they work as they stand. Source: FHIR http.html, OpenAPI 3.1.
"""

from collections.abc import Mapping
from typing import Any

from api.demonstration_data import ADA
from api.fhir_form import FHIR_JSON, FHIR_XML
from fhir_facade.patch import JSON_PATCH

Json = dict[str, Any]

_ID = "^[A-Za-z0-9.-]{1,64}$"
_TEXT: Json = {"type": "string"}


def to(kind: str, name: str) -> Json:
    """A pointer to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def _resource(type_: str = "", **properties: Json) -> Json:
    named: Json = {"const": type_} if type_ else {"type": "string", "pattern": "^[A-Z][A-Za-z]{1,63}$"}
    required = ["resourceType", *(name for name in properties if name != "entry")]
    return {"type": "object", "required": required, "properties": {"resourceType": named, **properties}}


def _list(items: Json) -> Json:
    return {"type": "array", "minItems": 1, "items": items}


_META: Json = {
    "type": "object",
    "required": ["versionId", "lastUpdated"],
    "properties": {"versionId": {**_TEXT, "pattern": "^[0-9]+$"}, "lastUpdated": {**_TEXT, "format": "date-time"}},
}
_ISSUE: Json = {
    "type": "object",
    "required": ["severity", "code"],
    "properties": {"severity": {"enum": ["fatal", "error", "warning", "information"]}, "code": _TEXT},
}
_STEP: Json = {
    "type": "object",
    "required": ["op", "path"],
    "properties": {"op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]}, "path": _TEXT},
}
_PAGE = {"type": {"enum": ["searchset", "history"]}, "link": _list({"type": "object", "required": ["relation", "url"]})}
_REPLIES = {"type": {"enum": ["batch-response", "transaction-response"]}}
SCHEMAS: Json = {
    "Resource": _resource(),
    "Kept": _resource(id={**_TEXT, "pattern": _ID}, meta=_META),
    "Page": _resource("Bundle", **_PAGE, entry=_list({"type": "object"})),
    "Replies": _resource("Bundle", **_REPLIES, entry=_list({"type": "object", "required": ["response"]})),
    "OperationOutcome": _resource("OperationOutcome", issue=_list(_ISSUE)),
    "CapabilityStatement": _resource("CapabilityStatement", fhirVersion=_TEXT, rest=_list({"type": "object"})),
    "JsonPatch": {"type": "array", "items": _STEP},
}

_SUBJECT = {"reference": f"Patient/{ADA}"}
_GOAL: Json = {
    "resourceType": "Goal",
    "lifecycleStatus": "active",
    "description": {"text": "Walk to the shop"},
    "subject": _SUBJECT,
}
_READING = {"request": {"method": "GET", "url": f"Patient/{ADA}"}}
_BATCH: Json = {"resourceType": "Bundle", "type": "batch", "entry": [_READING]}
_FORM: Json = {
    "schema": {"type": "object", "properties": {"_count": _TEXT, "_sort": _TEXT, "_summary": _TEXT}},
    "example": {"_count": "5"},
}


def _body(**more: Json) -> Json:
    return {FHIR_JSON: {"schema": to("schemas", "Resource"), **more}}


BODIES: Mapping[str, Json] = {
    "resource": _body(),
    "goal": _body(example=_GOAL),
    "bundle": _body(example=_BATCH),
    "parameters": _body(example={"resourceType": "Parameters"}),
    "patch": {
        JSON_PATCH: {
            "schema": to("schemas", "JsonPatch"),
            "example": [{"op": "replace", "path": "/gender", "value": "female"}],
        }
    },
    "form": {"application/x-www-form-urlencoded": _FORM},
}
"""What is sent, by the name that the table of interactions gives it."""


def _parameter(where: str, name: str, description: str, schema: Json, **more: Any) -> Json:
    return {"in": where, "name": name, "description": description, "schema": schema, **more}


_FORMS = ["json", "xml", FHIR_JSON, FHIR_XML]
_TAG = {**_TEXT, "pattern": '^W/"[1-9][0-9]{0,8}"$'}
_QUERY: Mapping[str, tuple[str, Json]] = {
    "_count": ("The most entries of a page.", {"type": "integer", "minimum": 1, "maximum": 1000}),
    "_sort": ("By which parameters, each with a minus for the other way.", _TEXT),
    "_total": ("Whether all are counted.", {"enum": ["none", "estimate", "accurate"]}),
    "_summary": ("A part of each resource.", {"enum": ["true", "false", "text", "data"]}),
    "_elements": ("These elements alone, and what must be there.", _TEXT),
    "_id": ("The id: what a conditional change is of; any other criteria will do.", {**_TEXT, "examples": ["none"]}),
    "_lastUpdated": ("When they were written last, with prefixes.", {"examples": ["ge2026"], **_TEXT}),
    "_since": ("Only what was written from this instant on.", {**_TEXT, "format": "date-time"}),
    "_format": ("The form of the answer, before Accept.", {"enum": _FORMS}),
    "_pretty": ("Whether it is laid out for reading.", {"enum": ["true", "false"]}),
}
_HEADER: Mapping[str, tuple[str, Json]] = {
    "If-Match": ("The version that is changed; or say it in meta.versionId.", {**_TAG, "examples": ['W/"1"']}),
    "If-None-Match": ("The version that is known: 304 when it is still that.", _TAG),
    "If-None-Exist": ("The search that must find nothing, else what it finds is the answer.", _TEXT),
    "Idempotency-Key": ("A UUID of the client's: it happens once.", {**_TEXT, "format": "uuid"}),
    "Prefer": (
        "What is answered to a write, and whether what is not known in a search is refused.",
        {"enum": ["return=minimal", "return=representation", "return=OperationOutcome", "handling=strict"]},
    ),
    "Async": ("A bulk export is asked for so.", {"const": "respond-async"}),
}
PARAMETERS: Json = {name: _parameter("query", name, *said) for name, said in _QUERY.items()}
PARAMETERS |= {name: _parameter("header", name, *said) for name, said in _HEADER.items()}
PARAMETERS["Async"] |= {"name": "Prefer", "required": True}
PATH: Mapping[str, Json] = {
    "id": _parameter("path", "id", "The id.", {**_TEXT, "pattern": _ID}, required=True, example=ADA),
    "version": _parameter(
        "path", "version", "The number of a version.", {**_TEXT, "pattern": "^[1-9][0-9]{0,8}$"}, required=True
    )
    | {"example": "1"},
}

_DATE = "^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$"
HEADERS: Json = {
    "ETag": {"description": "The version.", "required": True, "schema": _TAG},
    "Last-Modified": {
        "description": "When it was written.",
        "required": True,
        "schema": {**_TEXT, "pattern": _DATE},
    },
    "Location": {"description": "Where the version is found.", "required": True, "schema": _TEXT},
    "X-Request-ID": {"description": "The id of the request in the audit.", "required": True, "schema": _TEXT},
}
_STAMPS = ("ETag", "Last-Modified")


def _answer(description: str, schema: str = "", *headers: str, empty: bool = False) -> Json:
    """An answer; `empty`: it has no body."""
    pointed = {name: to("headers", name) for name in (*headers, "X-Request-ID")}
    said = {"schema": {"anyOf": [to("schemas", name) for name in schema.split("|")]}} if schema else {}
    content = {} if empty else {"content": {FHIR_JSON: said, FHIR_XML: {}}}
    return {"description": description, "headers": pointed, **content}


RESPONSES: Json = {
    "Kept": _answer("It is so.", "Kept", *_STAMPS),
    "Known": _answer("It is what the client has.", "", *_STAMPS, empty=True),
    "Page": _answer("A page of what may be seen.", "Page"),
    "Replies": _answer("What came of each entry.", "Replies"),
    "Created": _answer("It is there now.", "Kept|OperationOutcome", "Location", *_STAMPS),
    "Changed": _answer("It is so now.", "Kept|OperationOutcome", *_STAMPS),
    "Told": _answer("What came of it.", "Resource"),
    "Gone": _answer("It is gone, or was not there.", empty=True),
    "Statement": _answer("What is spoken here.", "CapabilityStatement"),
    "Refused": _answer("It was not done, and why.", "OperationOutcome"),
    "Away": _answer("It cannot be done now; try again.", "OperationOutcome"),
}
"""Answers, by a name of their own."""
