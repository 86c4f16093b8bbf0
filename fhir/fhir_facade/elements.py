"""The shape of every R4 type: which elements an object may have, of which type, how many, with which codes.

Compiled on first use from the generated tables (fhir/definitions/generate.py), so the validator is one walk and no
type has code of its own. Source: StructureDefinition and ValueSet resources of R4 4.0.1 and R5 5.0.0 (required
bindings).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from fhir_facade.params import definitions
from fhir_facade.release import VersionName

Codes = Mapping[str, frozenset[str]]
"""System to codes."""

_PRIMITIVE_WORDS = """
    base64Binary boolean canonical code date dateTime decimal id instant integer integer64 markdown oid positiveInt
    string time unsignedInt uri url uuid xhtml
"""
PRIMITIVES = frozenset(_PRIMITIVE_WORDS.split())
_ABSTRACT = frozenset({"Resource", "DomainResource", "CanonicalResource", "MetadataResource"})


class Element(NamedTuple):
    """One JSON member. `type` is a primitive, a data type, `Resource`, or the path of a backbone element.

    `codes` are the only ones allowed, None when any is; `code` the same without systems. `choice` is the name of the
    `[x]` element that it is one form of, or "". `aside` marks the `_name` member that carries a primitive's extensions.
    `summary` and `modifier` are the flags of the standard; `targets` the types that a reference may point to, none
    when it may be any.
    """

    type: str
    primitive: bool
    many: bool
    codes: Codes | None
    code: frozenset[str]
    choice: str
    aside: bool
    summary: bool = False
    modifier: bool = False
    targets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Node:
    """One kind of object. `required` lists, for each element that must be there, the members that would do."""

    name: str
    elements: Mapping[str, Element]
    required: tuple[tuple[str, frozenset[str]], ...]


@cache
def node(name: str, version: VersionName = "R4") -> Node:
    """The shape of a type (`CarePlan`, `Period`) or of a backbone element (`CarePlan.activity`)."""
    rows = dict(_rows(name, version))
    elements: dict[str, Element] = {}
    needed: dict[str, set[str]] = {}
    for member, row in rows.items():
        type_, count, bound, choice, flags, targets = row.split(" ")
        element = Element(
            type=(own := _own_type(name, member, type_, version)),
            primitive=own in PRIMITIVES or own == "reference",
            many=not count.endswith("..1"),
            codes=(codes := _codes(version).get(bound)),
            code=frozenset(code for listed in (codes or {}).values() for code in listed),
            choice="" if choice == "-" else choice,
            aside=False,
            summary="s" in flags,
            modifier="m" in flags,
            targets=frozenset() if targets == "-" else frozenset(targets.split(",")),
        )
        elements |= _members(member, element)
        if count.startswith("1"):
            needed.setdefault(member if choice == "-" else choice, set()).update((member, f"_{member}"))
    if "Resource" in ancestors(name, version):
        elements["resourceType"] = Element("code", True, False, None, frozenset(), "", False)
    return Node(name, elements, tuple((said, frozenset(members)) for said, members in needed.items()))


@cache
def resource_types(version: VersionName = "R4") -> frozenset[str]:
    """Every concrete resource type of a version."""
    return frozenset(
        name
        for name in _table(version)
        if "." not in name and "Resource" in ancestors(name, version) and name not in _ABSTRACT
    )


@cache
def node_names(version: VersionName = "R4") -> frozenset[str]:
    """The names of everything that `node` knows."""
    return frozenset(_table(version))


@cache
def _table(version: VersionName) -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = definitions(f"elements_{version.lower()}.json")
    return table


@cache
def _codes(version: VersionName) -> Mapping[str, Codes]:
    listed = definitions(f"codes_{version.lower()}.json")
    return {name: {system: frozenset(codes) for system, codes in held.items()} for name, held in listed.items()}


def ancestors(name: str, version: VersionName) -> list[str]:
    """The type and what it is derived from, nearest first."""
    line, table = [name], _table(version)
    while line[-1] in table and table[line[-1]][""]:
        line.append(table[line[-1]][""])
    return line


def _rows(name: str, version: VersionName) -> list[tuple[str, str]]:
    table = _table(version)
    return [pair for held in reversed(ancestors(name, version)) for pair in table[held].items() if pair[0]]


def _own_type(name: str, member: str, type_: str, version: VersionName) -> str:
    # R4 types Resource.id as a string and states its form in prose; Reference.reference likewise (references.html).
    if member == "id" and "Resource" in ancestors(name, version):
        return "id"
    return "reference" if (name, member) == ("Reference", "reference") else type_.removeprefix("@")


def _members(name: str, element: Element) -> dict[str, Element]:
    if not element.primitive:
        return {name: element}
    aside = Element("Element", False, element.many, None, frozenset(), element.choice, True)
    return {name: element, f"_{name}": aside}
