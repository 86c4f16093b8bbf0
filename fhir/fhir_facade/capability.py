"""The CapabilityStatement: what this server does, made from the table of types and the interactions of the door.

Source: FHIR R4 capabilitystatement.html; the definitions of search parameters are named by their published addresses
(fhir/definitions/generate.py). Nothing is promised here that no table holds.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from fhir_facade import exact
from fhir_facade.params import Param, definitions
from fhir_facade.query import offered
from fhir_facade.resources import RESOURCES, Resource
from fhir_facade.systems import HL7
from fhir_facade.versions import Version

Json = Any


class Other(NamedTuple):
    """A type that is no entry of a plan: its interactions, and its parameters as name, definition and family."""

    type: str
    interactions: tuple[str, ...]
    params: tuple[tuple[str, str, str], ...]


RELEASED = "2026-11-22"
"""The day of this release: a fixed one, so that the same release always says the same."""
VERSION = "0.1.0"
"""Of this software; pyproject.toml says the same, and a test holds them together."""
_DEFINITION = "http://hl7.org/fhir/SearchParameter/"
_OF_ALL: Mapping[str, str] = {
    "_id": "Resource-id",
    "_lastUpdated": "Resource-lastUpdated",
    "_tag": "Resource-tag",
    "_security": "Resource-security",
}


@lru_cache(maxsize=16)
def statement(
    base: str,
    version: Version,
    interactions: tuple[str, ...],
    whole: tuple[str, ...],
    others: tuple[Other, ...] = (),
) -> bytes:
    """The statement as JSON. `base`: our own address; `interactions`: those of every type of the table; `whole`: those
    of all; `others`: types that are no entries of a plan.
    """
    return exact.dumps(
        {
            "resourceType": "CapabilityStatement",
            "name": "Oneplan",
            "title": "Oneplan: one care plan per person, for every agency",
            "status": "active",
            "date": RELEASED,
            "kind": "instance",
            "software": {"name": "Oneplan", "version": VERSION},
            "implementation": {"description": "One multi-agency care plan per person", "url": base},
            "fhirVersion": version.number,
            "format": ["json"],
            "rest": [
                {
                    "mode": "server",
                    "security": _security(),
                    "resource": [
                        *(_resource(row, interactions) for row in RESOURCES.values()),
                        *(_other(one) for one in others),
                    ],
                    "interaction": _codes(whole),
                }
            ],
        }
    )


def _security() -> Json:
    coding = {"system": f"{HL7}/restful-security-service", "code": "SMART-on-FHIR"}
    said = "Bearer tokens with SMART scopes; a plan is open to the agencies on its team, by the charter, and no other."
    return {"service": [{"coding": [coding]}], "description": said}


def _resource(row: Resource, interactions: Sequence[str]) -> Json:
    return {
        "type": row.type,
        "interaction": _codes(interactions),
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical", "local"],
        "searchParam": [_parameter(row.type, param) for param in offered(row).values()],
    }


def _other(one: Other) -> Json:
    return {
        "type": one.type,
        "interaction": _codes(one.interactions),
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "searchParam": [{"name": name, "definition": where, "type": family} for name, where, family in one.params],
    }


def _parameter(type_: str, param: Param) -> Json:
    return {"name": param.name, "definition": _definition(type_, param.name), "type": param.family}


def _definition(type_: str, name: str) -> str:
    id_ = _OF_ALL.get(name) or _shared().get((type_, name)) or f"{type_}-{name}"
    return _DEFINITION + id_


@cache
def _shared() -> Mapping[tuple[str, str], str]:
    """Definitions that several types share, by type and parameter."""
    listed = definitions("search_addresses_r4.json")
    return {pair: id_ for id_, types in listed.items() for pair in types.items()}


def _codes(interactions: Sequence[str]) -> list[Json]:
    return [{"code": code} for code in interactions]
