"""The CapabilityStatement: what this server does, made from the tables that it runs by.

Source: FHIR R4 and R5 capabilitystatement.html; US Core and UK Core for the profiles that a plan and its team fit.
Nothing is promised here that no table holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from fhir_facade import exact, published
from fhir_facade.chains import Reader
from fhir_facade.offered import offered
from fhir_facade.params import Param
from fhir_facade.resources import RESOURCES, Resource
from fhir_facade.systems import HL7, OURS
from fhir_facade.versions import Version

Json = Any

RELEASED = "2026-11-25"
"""The day of this release: a fixed one, so that the same release always says the same."""
VERSION = "0.1.0"
"""Of this software; pyproject.toml says the same, and a test holds them together."""
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core"
_UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore"
_OWN = f"{OURS}/StructureDefinition"
PROFILES: Mapping[str, tuple[str, ...]] = {
    "CarePlan": (f"{_OWN}/plan-root", f"{_OWN}/plan-section", f"{_US_CORE}-careplan", f"{_UK_CORE}-CarePlan"),
    "CareTeam": (f"{_OWN}/plan-team", f"{_US_CORE}-careteam", f"{_UK_CORE}-CareTeam"),
    "Patient": (f"{_OWN}/plan-person", f"{_UK_CORE}-Patient"),
}
"""What is kept so that it fits; R4 profiles."""
_COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/patient"
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_OAUTH = ("authorize", "token", "introspect", "revoke", "register")
_PATCHES = ("application/json-patch+json", "application/fhir+json")


class Offer(NamedTuple):
    """An operation: its name, at which levels, of which types (none: every type), and where it is defined."""

    name: str
    levels: frozenset[str]
    types: frozenset[str]
    definition: str


class Other(NamedTuple):
    """A type that is no entry of a plan: its interactions, and its parameters as name, definition and family."""

    type: str
    interactions: tuple[str, ...]
    params: tuple[tuple[str, str, str], ...]


class Doings(NamedTuple):
    """What the door does. `own`: the interactions of every type of the table; `whole`: those of the system."""

    own: tuple[str, ...]
    whole: tuple[str, ...]
    offers: tuple[Offer, ...] = ()
    others: tuple[Other, ...] = ()


@lru_cache(maxsize=16)
def statement(base: str, version: Version, doings: Doings) -> bytes:
    """The statement as JSON; `base` is our own address."""
    served = ((version.shown_type(row.type), row) for row in RESOURCES.values())
    resources = [_resource(name, row, version, doings) for name, row in served if name]
    resources += [_other(one, doings) for one in doings.others]
    resources += _conformance(version)
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
            "patchFormat": list(_PATCHES),
            "rest": [
                {
                    "mode": "server",
                    "security": _security(base.removesuffix(version.prefix)),
                    "resource": sorted(resources, key=lambda one: str(one["type"])),
                    "interaction": _codes(doings.whole),
                    **_operations(doings, "system"),
                    "compartment": [_COMPARTMENT],
                }
            ],
        }
    )


def _security(origin: str) -> Json:
    """SMART App Launch 2.2 asks for .well-known/smart-configuration; older apps look for the same addresses here."""
    coding = {"system": f"{HL7}/restful-security-service", "code": "SMART-on-FHIR"}
    said = "Bearer tokens with SMART scopes; a plan is open to the agencies on its team, by the charter, and no other."
    found = [{"url": name, "valueUri": f"{origin}/auth/{name}"} for name in _OAUTH]
    return {
        "extension": [{"url": _OAUTH_URIS, "extension": found}],
        "cors": True,
        "service": [{"coding": [coding]}],
        "description": said,
    }


def _resource(name: str, row: Resource, version: Version, doings: Doings) -> Json:
    profiles = PROFILES.get(row.type, ()) if version.name == "R4" else ()
    return {
        "type": name,
        **({"supportedProfile": list(profiles)} if profiles else {}),
        "interaction": _codes(doings.own),
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        **({} if version.name == "R4" else {"conditionalPatch": True}),
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical", "local"],
        "searchInclude": ["*", *_included(row, version)],
        "searchRevInclude": list(_referring(version)[row.type]),
        "searchParam": [_parameter(param) for param in offered(row, version).values()],
        **_operations(doings, "type", row.type),
    }


def _other(one: Other, doings: Doings) -> Json:
    return {
        "type": one.type,
        "interaction": _codes(one.interactions),
        "versioning": "versioned-update" if "vread" in one.interactions else "no-version",
        "readHistory": "vread" in one.interactions,
        "updateCreate": False,
        "searchParam": [{"name": name, "definition": where, "type": family} for name, where, family in one.params],
        **_operations(doings._replace(offers=_of_apart(one, doings)), "type", one.type),
    }


def _of_apart(one: Other, doings: Doings) -> tuple[Offer, ...]:
    """The operations of a type that is no entry: its own, and to validate one."""
    return tuple(offer for offer in doings.offers if one.type in offer.types or offer.name == "validate")


def _conformance(version: Version) -> Iterator[Json]:
    """The types of what we define ourselves: read and searched."""
    for type_ in published.types(version) - RESOURCES.keys():
        params = [{"name": name, "type": kind} for name, kind in published.PARAMETERS.items()]
        yield {"type": type_, "interaction": _codes(("read", "search-type")), "searchParam": params}


def _included(row: Resource, version: Version) -> list[str]:
    name = version.shown_type(row.type)
    return [f"{name}:{param.name}" for param, _ in _references(row, version)]


@cache
def _referring(version: Version) -> Mapping[str, Sequence[str]]:
    """What can refer to each type, as `Type:parameter`; a parameter that leads anywhere stands with every type."""
    found: dict[str, list[str]] = {type_: [] for type_ in RESOURCES}
    for row in RESOURCES.values():
        name = version.shown_type(row.type)
        for param, targets in _references(row, version) if name else ():
            for type_ in targets or RESOURCES:
                found.setdefault(type_, []).append(f"{name}:{param.name}")
    return found


def _references(row: Resource, version: Version) -> Iterator[tuple[Param, frozenset[str]]]:
    """The parameters that refer, each with the stored types that they may lead to, none for any."""
    reader = Reader(version, "")
    for param in offered(row, version).values():
        if reader.leads(param):
            yield param, reader.targets(param)


def _operations(doings: Doings, level: str, type_: str = "") -> Json:
    """The operations at the level of the system, or at that of a type and its instances."""
    wanted = {"system"} if level == "system" else {"type", "instance"}
    offers = [
        {"name": offer.name, "definition": offer.definition}
        for offer in doings.offers
        if offer.levels & wanted and (level == "system" or not offer.types or type_ in offer.types)
    ]
    return {"operation": offers} if offers else {}


def _parameter(param: Param) -> Json:
    return {"name": param.name, "definition": param.definition, "type": param.said or param.family}


def _codes(interactions: Sequence[str]) -> list[Json]:
    return [{"code": code} for code in interactions]
