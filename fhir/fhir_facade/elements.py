"""The shape of every R4 type: which elements an object may have, of which type, how many, with which codes.

Compiled on first use from the generated tables (fhir/definitions/generate.py), so the validator is one walk and no
type has code of its own. Source: StructureDefinition and ValueSet resources of R4 4.0.1 (required bindings).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from fhir_facade.params import definitions

Codes = Mapping[str, frozenset[str]]
"""System to codes."""

_PRIMITIVE_WORDS = """
    base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string
    time unsignedInt uri url uuid xhtml
"""
PRIMITIVES = frozenset(_PRIMITIVE_WORDS.split())


class Element(NamedTuple):
    """One JSON member. `type` is a primitive, a data type, `Resource`, or the path of a backbone element.

    `codes` are the only ones allowed, None when any is; `code` the same without systems. `choice` is the name of the
    `[x]` element that it is one form of, or "". `aside` marks the `_name` member that carries a primitive's extensions.
    """

    type: str
    primitive: bool
    many: bool
    codes: Codes | None
    code: frozenset[str]
    choice: str
    aside: bool


@dataclass(frozen=True, slots=True)
class Node:
    """One kind of object. `required` lists, for each element that must be there, the members that would do."""

    name: str
    elements: Mapping[str, Element]
    required: tuple[tuple[str, frozenset[str]], ...]


@cache
def node(name: str) -> Node:
    """The shape of a type (`CarePlan`, `Period`) or of a backbone element (`CarePlan.activity`)."""
    rows = dict(_rows(name))
    elements: dict[str, Element] = {}
    needed: dict[str, set[str]] = {}
    for member, row in rows.items():
        type_, count, bound, choice = row.split(" ")
        elements |= _members(member, _element(_own_type(name, member, type_), count, bound, choice))
        if count.startswith("1"):
            needed.setdefault(member if choice == "-" else choice, set()).update((member, f"_{member}"))
    if "Resource" in _ancestors(name):
        elements["resourceType"] = Element("code", True, False, None, frozenset(), "", False)
    return Node(name, elements, tuple((said, frozenset(members)) for said, members in needed.items()))


@cache
def resource_types() -> frozenset[str]:
    """Every concrete resource type of R4."""
    return frozenset(
        name
        for name in _table()
        if "." not in name and "Resource" in _ancestors(name) and name not in ("Resource", "DomainResource")
    )


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = definitions("elements_r4.json")
    return table


@cache
def _codes() -> Mapping[str, Codes]:
    listed = definitions("codes_r4.json")
    return {name: {system: frozenset(codes) for system, codes in held.items()} for name, held in listed.items()}


def _ancestors(name: str) -> list[str]:
    """The type and what it is derived from, nearest first."""
    line = [name]
    while line[-1] in _table() and _table()[line[-1]][""]:
        line.append(_table()[line[-1]][""])
    return line


def _rows(name: str) -> list[tuple[str, str]]:
    return [pair for held in reversed(_ancestors(name)) for pair in _table()[held].items() if pair[0]]


def _own_type(name: str, member: str, type_: str) -> str:
    # R4 types Resource.id as a string and states its form in prose; Reference.reference likewise (references.html).
    if member == "id" and "Resource" in _ancestors(name):
        return "id"
    return "reference" if (name, member) == ("Reference", "reference") else type_.removeprefix("@")


def _element(type_: str, count: str, bound: str, choice: str) -> Element:
    codes = _codes().get(bound)
    plain = frozenset(code for listed in (codes or {}).values() for code in listed)
    primitive = type_ in PRIMITIVES or type_ == "reference"
    return Element(type_, primitive, not count.endswith("..1"), codes, plain, "" if choice == "-" else choice, False)


def _members(name: str, element: Element) -> dict[str, Element]:
    if not element.primitive:
        return {name: element}
    aside = Element("Element", False, element.many, None, frozenset(), element.choice, True)
    return {name: element, f"_{name}": aside}
