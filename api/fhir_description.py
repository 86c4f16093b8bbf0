"""The FHIR door as an OpenAPI document, made from the same rows as the routes: for tools that know no FHIR.

One path for each form of an address, with the type as a parameter, so that seventy types are not seventy times the same
page. What is promised to EHRs is the CapabilityStatement; this says no more than that. Source: OpenAPI 3.1.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from api.fhir_description_parts import BODIES, HEADERS, PARAMETERS, PATH, RESPONSES, SCHEMAS, to
from api.fhir_routes import OWNED, TABLE, Row
from api.operations import LEVELS, OPERATIONS, Operation
from fhir_facade.capability import VERSION
from fhir_facade.resources import RESOURCES
from fhir_facade.versions import Version

Json = dict[str, Any]
_STEPS: Mapping[str, str] = {"T": "{type}", "id": "{id}", "v": "{version}"}
_BULK = ("application/fhir+ndjson", "application/json")
"""What a bulk export answers with."""


class _Said(NamedTuple):
    """What is said of an interaction: its answers by status, and its parameters."""

    answers: Mapping[str, str]
    parameters: tuple[str, ...] = ()


_FORMS = ("_format", "_pretty")
_PARTS = ("_summary", "_elements", *_FORMS)
_READ = _Said({"200": "Kept", "304": "Known"}, ("If-None-Match", *_PARTS))
_SEARCH = _Said({"200": "Page"}, ("_count", "_sort", "_total", "_lastUpdated", "Prefer", *_PARTS))
_HISTORY = _Said({"200": "Page"}, ("_count", "_since", *_FORMS))
_CHANGE = _Said({"200": "Changed", "201": "Created"}, ("If-Match", "Prefer", "Idempotency-Key"))
_INTERACTIONS: Mapping[str, _Said] = {
    "read": _READ,
    "vread": _READ,
    "create": _Said({"200": "Created", "201": "Created"}, ("If-None-Exist", "Prefer", "Idempotency-Key")),
    "update": _CHANGE,
    "patch": _CHANGE,
    "delete": _Said({"200": "Told", "204": "Gone"}, ("If-Match", "Prefer", "Idempotency-Key")),
    "history-instance": _HISTORY,
    "history-type": _HISTORY,
    "history-system": _HISTORY,
    "batch": _Said({"200": "Replies"}, ("Prefer",)),
}
"""By the first code of an interaction; what has none is a search."""


def description(version: Version) -> Json:
    """The document of one version of FHIR."""
    paths: dict[str, Json] = {f"{version.prefix}/metadata": {"get": _metadata()}}
    for shape, type_, method, row in _interactions():
        path = _path(version, shape, type_)
        paths.setdefault(path, {})[method.lower()] = _interaction(version, path, row, method)
    for path, method, operation in _operations(version):
        paths.setdefault(path, {})[method.lower()] = _operation(version, path, operation, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Oneplan: FHIR {version.name}", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": RESPONSES,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def published(version: Version) -> str:
    """The document as openapi/ holds it, to be read as a diff."""
    return json.dumps(description(version), indent=1, ensure_ascii=False) + "\n"


def _interactions() -> Iterator[tuple[str, str, str, Row]]:
    """Form of the address, type (of those that are kept apart), method, interaction."""
    for type_, table in {"": TABLE, **OWNED}.items():
        for shape, methods in table.items():
            yield from ((shape, type_, method, row) for method, row in methods.items())


def _operations(version: Version) -> Iterator[tuple[str, str, Operation]]:
    """Each operation at each address: of one type, or of the first that has it where every type has it."""
    shapes = {level: shape for shape, level in LEVELS.items()}
    for row in OPERATIONS:
        methods = row.methods or (("GET", "POST") if row.reads else ("POST",))
        for level in sorted(row.levels):
            for type_ in sorted(row.types) or ["CarePlan"]:
                path = _path(version, shapes[level].replace("$op", f"${row.name}"), type_)
                yield from ((path, method, row) for method in methods)


def _path(version: Version, shape: str, type_: str) -> str:
    """The address, with marks for what varies; a compartment is a Patient's."""
    first, *rest = shape.split("/")
    if first == "T" and rest[1:2] in (["T"], ["*"]):
        type_ = "Patient"
    first = type_ if first == "T" and type_ else _STEPS.get(first, first)
    return "/".join([version.prefix, *filter(None, [first]), *(_STEPS.get(step, step) for step in rest)])


def _interaction(version: Version, path: str, row: Row, method: str) -> Json:
    said = _INTERACTIONS.get(row.codes[0] if row.codes else "", _SEARCH)
    listed = () if row.body == "form" else said.parameters
    if path.endswith("{type}") and method in ("PUT", "PATCH", "DELETE"):
        listed = ("_id", *listed)
    parameters = [*_of_path(version, path), *(to("parameters", name) for name in listed)]
    body = "goal" if path.endswith("/{type}") and method == "POST" else row.body
    answers = {status: to("responses", name) for status, name in said.answers.items()}
    named = {"summary": ", ".join(row.codes) or "search in a person's plan", "parameters": parameters}
    return named | _sent(body) | {"responses": answers | _failures()}


def _operation(version: Version, path: str, row: Operation, method: str) -> Json:
    told: Json = dict(RESPONSES["Told"])
    if row.name.startswith("export"):
        told["content"] = told["content"] | {kind: {} for kind in _BULK}
    answers = {"200": told, "202": {**told, "content": {}}, "204": to("responses", "Gone")}
    parameters = [*_of_path(version, path), *([to("parameters", "Async")] if row.name == "export" else ())]
    said: Json = {"summary": f"${row.name}", "parameters": parameters}
    return said | _sent("parameters" if method == "POST" else "") | {"responses": answers | _failures()}


def _metadata() -> Json:
    """The CapabilityStatement; it is open to all."""
    parameters = [to("parameters", name) for name in _FORMS]
    answers = {"200": to("responses", "Statement"), "304": {"description": "The client has it."}}
    return {"summary": "capabilities", "security": [], "parameters": parameters, "responses": answers | _failures()}


def _of_path(version: Version, path: str) -> list[Json]:
    """The parameters in an address; the example of a type is one that goes with the other examples."""
    types = sorted(filter(None, (version.shown_type(type_) for type_ in RESOURCES)))
    example = "Patient" if path.endswith("}") and "{id}" in path and "Patient/{id}" not in path else "Goal"
    type_ = {"in": "path", "name": "type", "required": True, "schema": {"enum": types}, "example": example}
    return [said for name, said in {"type": type_, **PATH}.items() if f"{{{name}}}" in path]


def _sent(body: str) -> Json:
    return {"requestBody": {"required": True, "content": BODIES[body]}} if body else {}


def _failures() -> Json:
    return {"4XX": to("responses", "Refused"), "503": to("responses", "Away")}
