"""Every route of the service, from the tables that the doors are made of, and a request that reaches each.

Whoever adds a door, an address, an interaction or an operation finds it here: either it passes the desk, or it stands
in `OPEN` with the reason why not.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute

from api import fhir_published, rest
from api.app import create_app
from api.authorization.routes import ROWS
from api.edge import Edge
from api.fhir_routes import OWNED, TABLE
from api.operations import LEVELS, OPERATIONS
from api.rest.examples import EXAMPLES
from api.settings import Settings
from fhir_facade import published, subscription_versions
from fhir_facade.systems import OVERRIDE_REASON
from fhir_facade.versions import R4, VERSIONS
from tests.support import feed, webhooks
from tests.support.r4 import goal

OPEN: Mapping[str, str] = {
    "GET /livez": "whoever restarts the process has no token; it says one word",
    "GET /readyz": "whoever balances has no token; it says one word",
    "GET /openapi.json": "the description of the interface is published",
    "GET metadata": "FHIR R4 http.html: the CapabilityStatement is read before a client can have a token",
    "GET T": "what we define ourselves (profiles, codes, topics) is published",
    "GET T/id": "what we define ourselves is published",
    "POST T/_search": "what we define ourselves is published",
}
"""What does not pass the desk, and why; no data of anybody stands behind any of it."""
DOORS = frozenset({"/fhir/R4", "/fhir/R5", "/fhir", "/auth", "/care", "/cds-services", "/", "", *ROWS})
"""The doors of the edge: FHIR, what is no version of it, pages, the front, REST, the authorization server's rows."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route, and a request to it with everything filled in but the ids."""

    name: str
    method: str
    url: str
    body: Any = None
    media: str = ""
    open: bool = False


def doors() -> frozenset[str]:
    """The prefixes that the edge tells apart."""
    edge = create_app(Settings())
    assert isinstance(edge, Edge)
    return frozenset(door.prefix for door in (*edge._doors, edge._last))


def every() -> list[Route]:
    """All routes."""
    return [*_rest(), *(route for name in VERSIONS for route in _fhir(VERSIONS[name].prefix))]


def _rest() -> Iterator[Route]:
    for route in rest.app(None).router.routes:
        assert isinstance(route, APIRoute), f"{route} is no route of the table"
        if not route.include_in_schema:
            continue
        for method in sorted(route.methods or ()):
            name = f"{method} {route.path}"
            body, media = _native(method, route.path)
            url = route.path + _QUERIES.get(name, "")
            yield Route(name, method, url, body, media, name in OPEN)


_QUERIES = {
    "GET /v1/measures": "?person={person}",
    "GET /v1/people/{person}/plan/diff": "?from=2020-01-01T00:00:00Z",
    "GET /v1/people/{person}/plan/sections/{section}/{kind}/{entry}/diff": "?from=1&to=1",
    "POST /v1/people/{person}/messages": "?section=health",
}
BARE = ("/renew", "/test", "/rotate-secret", "/seen", "/acknowledge", "/understood")
"""How addresses end that say all that there is to say: a POST there has no body."""
_ENDS: Mapping[str, Any] = {
    "/team": {"agency": "RX9"},
    "/plan/sign-offs": {"sections": [{"section": "health", "version": 1}, {"section": "legal", "version": 1}]},
    "/stays/events": {
        "id": "e1",
        "type": "admit",
        "occurred_at": "2026-03-02T10:00:00Z",
        "stay": "V1",
        "person": "{person}",
    },
    "/referrals/{entry}/answer": {"status": "accepted"},
    "/referrals": EXAMPLES["referral"] | {"to": {"reference": "Organization/RX9"}},
    "/messages/{entry}/answer": {"outcome": "visit_booked", "text": "On Friday"},
    "/reading": {"seen": "2026-01-01T00:00:00Z"},
    "/resolution": {"reason": "It was agreed on the ward round.", "version": 1},
    "/readiness/{item}": {"status": "confirmed"},
    "/overrides": {"person": "{person}", "reason": "emergency", "text": "Found at home, not responding"},
    "/overrides/{override}/review": {"outcome": "appropriate", "comment": "Called by the ward."},
    "/calendars": {"details": False},
    "/webhooks": webhooks.webhook(version=1),
    "/webhooks/{webhook}": webhooks.webhook(version=1),
    "/replay": {"since": "2026-01-01T00:00:00Z"},
}
"""What is posted, or put in whole, to addresses that end so."""
_KINDS = {
    "reviews": "review",
    "referrals": "referral",
    "stays": "stay",
    "messages": "message",
    "consents": "consent",
    "people": "person",
}
"""Which kind stands at an address that has this word."""
_JSON, _MERGE = "application/json", "application/merge-patch+json"


def _native(method: str, path: str) -> tuple[Any, str]:
    if method in ("GET", "DELETE") or path.endswith(BARE):
        return None, ""
    ends = next((body for end, body in _ENDS.items() if path.endswith(end)), None)
    if ends and method != "PATCH":
        return ends, _JSON
    named = next((kind for word, kind in _KINDS.items() if f"/{word}" in path.replace("/v1/people/{person}", "")), "")
    kind = named or ("section" if path.endswith("{section}") else "person" if path.endswith("{person}") else "goal")
    if method == "PATCH":
        return {"version": 1}, _MERGE
    body = dict(EXAMPLES[kind])
    return (body | {"version": 1} if method == "PUT" else body), _JSON


_FHIR = "application/fhir+json"


def _fhir(base: str) -> Iterator[Route]:
    yield Route(f"{base} GET metadata", "GET", f"{base}/metadata", open=True)
    for type_ in sorted(published.types(next(v for v in VERSIONS.values() if v.prefix == base)) or ()):
        for shape, taken in fhir_published.SHAPES.items():
            for method in taken:
                url = f"{base}/{type_}" + shape.removeprefix("T").replace("id", "plan-section")
                yield Route(f"{base} {method} {type_} {shape}", method, url, open=True)
    for shape, methods in TABLE.items():
        for method in methods:
            yield _interaction(base, "Goal", shape, method)
    for type_, shapes in OWNED.items():
        for shape, methods in shapes.items():
            for method in methods:
                yield _interaction(base, type_, shape, method)
    yield from _operations(base)


def _interaction(base: str, type_: str, shape: str, method: str) -> Route:
    id_ = {"Goal": "{entry}", "AuditEvent": "{event}"}.get(type_, "{subscription}")
    parts = {"T": type_, "id": id_, "v": "1"}
    named = [parts.get(part, part) for part in shape.split("/")]
    if shape.startswith("T/id/") and named[2] in ("Goal", "*"):
        named[:2] = ["Patient", "{person}"]
    url = f"{base}/{'/'.join(named)}".rstrip("/")
    body, media = _sent(base, type_, shape, method, id_)
    if shape == "T" and method in ("PUT", "PATCH", "DELETE"):
        url += "?_id={entry}"
    if type_ == "AuditEvent" and shape == "T":
        url += "?patient={person}"
    return Route(f"{base} {method} {type_} {shape}", method, url, body, media)


def _sent(base: str, type_: str, shape: str, method: str, id_: str) -> tuple[Any, str]:
    if shape.endswith("_search"):
        return b"patient={person}" if type_ == "AuditEvent" else b"_count=1", "application/x-www-form-urlencoded"
    if method == "PATCH":
        return [{"op": "add", "path": "/language", "value": "en"}], "application/json-patch+json"
    if method not in ("POST", "PUT"):
        return None, ""
    if shape == "":
        one = {"request": {"method": "GET", "url": "Goal/{entry}"}}
        return {"resourceType": "Bundle", "type": "batch", "entry": [one]}, _FHIR
    made = goal("{person}") if type_ == "Goal" else _subscription(base)
    return ({**made, "id": id_, "meta": {"versionId": "1"}} if shape == "T/id" else made), _FHIR


def _subscription(base: str) -> dict[str, Any]:
    made = feed.subscription()
    if base == R4.prefix:
        return made
    shown: dict[str, Any] = json.loads(subscription_versions.shown(made, "R5"))
    return shown


def _message(base: str) -> list[dict[str, Any]]:
    """A message about somebody's stay, in the words of a version."""
    older = base == R4.prefix
    event = {"system": "http://terminology.hl7.org/CodeSystem/v2-0003", "code": "A11"}
    source = {"endpoint" if older else "endpointUrl": "https://rx9.example/feed"}
    header: dict[str, Any] = {"resourceType": "MessageHeader", "id": "m1", "eventCoding": event, "source": source}
    inpatient: dict[str, Any] = {"code": "IMP"}
    stay: dict[str, Any] = {"resourceType": "Encounter", "status": "cancelled", "identifier": [{"value": "V1"}]}
    stay |= {"class": inpatient if older else [{"coding": [inpatient]}], "subject": {"reference": "Patient/{person}"}}
    address = "urn:uuid:0f6f0e3f-0000-4000-8000-00000000000"
    entries = [{"fullUrl": f"{address}{n}", "resource": one} for n, one in enumerate((header, stay))]
    at = "2026-03-02T10:00:00Z"
    made = {"resourceType": "Bundle", "type": "message", "timestamp": at, "entry": entries}
    return [{"name": "content", "resource": made}]


_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_TWO = [
    {"name": "source-patient", "valueReference": {"reference": "Patient/{person}"}},
    {"name": "target-patient", "valueReference": {"reference": "Patient/nobody"}},
]
_BODIES: Mapping[str, list[dict[str, Any]]] = {
    "validate": [{"name": "resource", "resource": goal("{person}")}],
    "match": [{"name": "resource", "resource": {"resourceType": "Patient", "name": [{"family": "Okafor"}]}}],
    "merge": _TWO,
    "undo-merge": _TWO,
    "override": [
        {"name": "patient", "valueReference": {"reference": "Patient/{person}"}},
        {"name": "purpose", "valueCoding": {"system": _ACT, "code": "BTG"}},
        {"name": "reason", "valueCoding": {"system": OVERRIDE_REASON, "code": "emergency"}},
        {"name": "text", "valueString": "Found at home, not responding"},
    ],
    "evaluate-measure": [
        {"name": "measure", "valueString": "told_once"},
        {"name": "periodStart", "valueDate": "2026-03"},
        {"name": "periodEnd", "valueDate": "2026-03"},
        {"name": "subject", "valueString": "Patient/{person}"},
    ],
    "export": [{"name": "_type", "valueString": "Goal"}],
    "meta-add": [{"name": "meta", "valueMeta": {"tag": [{"system": "urn:x", "code": "y"}]}}],
    "meta-delete": [{"name": "meta", "valueMeta": {"tag": [{"system": "urn:x", "code": "y"}]}}],
}
_TERMS: Mapping[str, str] = {
    "export-status": "?job={job}",
    "export-file": "?job={job}&type=Goal",
    "document": "?id={entry}",
    "everything": "",
    "evaluate-measure": "?measure=told_once&periodStart=2026-03&periodEnd=2026-03&subject=Patient/{person}",
}
_IDS: Mapping[str, str] = {"Patient": "{person}", "Subscription": "{subscription}", "Group": "RX1", "Goal": "{entry}"}


def _operations(base: str) -> Iterator[Route]:
    for row in OPERATIONS:
        for level in sorted(row.levels):
            type_ = next(iter(row.types), "Goal")
            shape = next(shape for shape, name in LEVELS.items() if name == level)
            at = {"$op": "", "T/$op": f"/{type_}", "T/id/$op": f"/{type_}/{_IDS.get(type_, '{entry}')}"}[shape]
            for method in row.methods or (("GET", "POST") if row.reads else ("POST",)):
                parameters: dict[str, Any] = {"resourceType": "Parameters"}
                if row.name in _BODIES:
                    parameters["parameter"] = _BODIES[row.name]
                if row.name == "process-message":
                    parameters["parameter"] = _message(base)
                terms = _TERMS.get(row.name, "") if method != "POST" and "{entry}" not in at else ""
                if row.name == "validate" and method == "GET":
                    terms = "?mode=delete"
                if row.name == "document" and method == "POST" and shape == "T/$op":
                    parameters["parameter"] = [{"name": "id", "valueString": "{entry}"}]
                body = parameters if method == "POST" else None
                name = f"{base} {method} {type_} {shape} ${row.name}"
                yield Route(name, method, f"{base}{at}/${row.name}{terms}", body, _FHIR if body else "")
