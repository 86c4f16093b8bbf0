"""The CapabilityStatement: what this server does, made from the table of types and the interactions of the door.

Source: FHIR R4 capabilitystatement.html. Nothing is promised here that no table holds.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from fhir_facade import exact
from fhir_facade.offered import offered
from fhir_facade.params import Param
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
            "format": ["json", "xml"],
            "rest": [
                {
                    "mode": "server",
                    "security": _security(),
                    "resource": [
                        *(
                            _resource(name, row, interactions)
                            for row in RESOURCES.values()
                            if (name := version.shown_type(row.type))
                        ),
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


def _resource(name: str, row: Resource, interactions: Sequence[str]) -> Json:
    return {
        "type": name,
        "interaction": _codes(interactions),
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical", "local"],
        "searchParam": [_parameter(param) for param in offered(row).values()],
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


def _parameter(param: Param) -> Json:
    return {"name": param.name, "definition": param.definition, "type": param.said or param.family}


def _codes(interactions: Sequence[str]) -> list[Json]:
    return [{"code": code} for code in interactions]
