"""The FHIR door as an OpenAPI document, made from the same rows as the routes: for tools that know no FHIR.

One path for each form of an address, with the type as a parameter, so that seventy types are not seventy times the same
page. What is promised to EHRs is the CapabilityStatement; this says no more than that. Source: OpenAPI 3.1.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.fhir_routes import TABLE, Row
from api.operations import LEVELS, OPERATIONS, Operation
from fhir_facade.capability import VERSION
from fhir_facade.resources import RESOURCES
from fhir_facade.versions import Version

Json = dict[str, Any]
FHIR = "application/fhir+json"
_PATHS: Mapping[str, str] = {"T": "{type}", "id": "{id}", "v": "{version}"}
_OUTCOME: Json = {"$ref": "#/components/schemas/OperationOutcome"}
_RESOURCE: Json = {"$ref": "#/components/schemas/Resource"}
_BODIES: Mapping[str, Json] = {
    "resource": {FHIR: {"schema": _RESOURCE}},
    "bundle": {FHIR: {"schema": _RESOURCE}},
    "parameters": {FHIR: {"schema": _RESOURCE}},
    "patch": {
        "application/json-patch+json": {"schema": {"$ref": "#/components/schemas/JsonPatch"}},
        FHIR: {"schema": _RESOURCE},
    },
    "form": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
}
_ID: Json = {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"}
_SCHEMAS: Json = {
    "Resource": {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"type": "string", "minLength": 1}},
    },
    "OperationOutcome": {
        "type": "object",
        "required": ["resourceType", "issue"],
        "properties": {
            "resourceType": {"const": "OperationOutcome"},
            "issue": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["severity", "code", "details"],
                    "properties": {"severity": {"enum": ["fatal", "error", "warning", "information"]}},
                },
            },
        },
    },
    "JsonPatch": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["op", "path"],
            "properties": {
                "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
                "path": {"type": "string"},
            },
        },
    },
}


def description(version: Version) -> Json:
    """The document of one version of FHIR."""
    paths: dict[str, Json] = {}
    for shape, method, row in _interactions():
        there = paths.setdefault(_path(version, shape), {"parameters": _parameters(version, shape)})
        there[method.lower()] = _interaction(shape, row)
    for path, method, operation in _operations(version):
        there = paths.setdefault(path, {"parameters": _instance() if "{id}" in path else []})
        there[method.lower()] = _operation(operation, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Oneplan: FHIR {version.name}", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def published(version: Version) -> str:
    """The document as openapi/ holds it, to be read as a diff."""
    return json.dumps(description(version), indent=1, ensure_ascii=False) + "\n"


def _interactions() -> Iterator[tuple[str, str, Row]]:
    return ((shape, method, row) for shape, methods in TABLE.items() for method, row in methods.items())


def _operations(version: Version) -> Iterator[tuple[str, str, Operation]]:
    """Each operation at each address: of one type, or of the first that has it where every type has it."""
    shapes = {level: shape for shape, level in LEVELS.items()}
    for row in OPERATIONS:
        methods = row.methods or (("GET", "POST") if row.reads else ("POST",))
        for level in sorted(row.levels):
            for type_ in sorted(row.types) or ["CarePlan"]:
                path = shapes[level].replace("T", type_).replace("id", "{id}").replace("$op", f"${row.name}")
                yield from ((f"{version.prefix}/{path}", method, row) for method in methods)


def _path(version: Version, shape: str) -> str:
    if shape.startswith("T/id/T"):
        shape = shape.replace("T/id/T", "Patient/{id}/T")
    if shape.startswith("T/id/*"):
        shape = shape.replace("T/id/*", "Patient/{id}/*")
    steps = [_PATHS.get(step, step) for step in shape.split("/") if step]
    return "/".join([version.prefix, *steps])


def _parameters(version: Version, shape: str) -> list[Json]:
    path = _path(version, shape)
    types = sorted(filter(None, (version.shown_type(type_) for type_ in RESOURCES)))
    known: Mapping[str, Json] = {
        "{type}": {"name": "type", "schema": {"enum": types}},
        "{id}": {"name": "id", "schema": _ID},
        "{version}": {"name": "version", "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}},
    }
    return [{"in": "path", "required": True, **said} for mark, said in known.items() if mark in path]


def _instance() -> list[Json]:
    return [{"in": "path", "required": True, "name": "id", "schema": _ID}]


def _interaction(shape: str, row: Row) -> Json:
    said: Json = {"summary": ", ".join(row.codes), "responses": _responses()}
    if shape == "T" and "search-type" in row.codes:
        said["parameters"] = [{"in": "query", "name": "_count", "schema": {"type": "integer", "minimum": 0}}]
    return said | _sent(row.body)


def _operation(row: Operation, method: str) -> Json:
    said: Json = {"summary": f"${row.name}", "responses": _responses()}
    return said | (_sent("parameters") if method == "POST" else {})


def _sent(body: str) -> Json:
    return {"requestBody": {"required": True, "content": _BODIES[body]}} if body else {}


def _responses() -> Json:
    """What comes of it, in any of the forms that can be asked for; every failure is an OperationOutcome."""
    fine = {"description": "It was done.", "content": {FHIR: {}, "application/fhir+ndjson": {}, "application/json": {}}}
    failed = {"description": "It was not.", "content": {FHIR: {"schema": _OUTCOME}}}
    return {"2XX": fine, "304": {"description": "The client has it already."}, "4XX": failed, "503": failed}
