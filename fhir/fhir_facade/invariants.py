"""The rules of FHIR that no table of elements can state: every published invariant, compiled on first use.

Source: the constraints of the StructureDefinitions of R4 4.0.1 and R5 5.0.0 (fhir/definitions/generate.py). A rule is
broken when it says false. What it leaves open (a reference that leads elsewhere, dates of which one may lie inside the
other) is no fault: docs/decisions/0015-invariants.md.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from fhir_facade.elements import ancestors, node, node_names
from fhir_facade.invariants_parse import parse
from fhir_facade.invariants_scope import Scope, local_names
from fhir_facade.invariants_terms import Run, compiled
from fhir_facade.invariants_values import truth
from fhir_facade.params import definitions
from fhir_facade.release import VersionName
from plan.problem import Path

Json = Any
Broken = Callable[[Json, Scope], Sequence[Path]]
"""The places, seen from the object, where the rule does not hold; none when it does."""


class Rule(NamedTuple):
    """One invariant of an object. `error`: it must hold; else it is good practice. `says`: the published sentence."""

    key: str
    error: bool
    says: str
    broken: Broken


_WALK = "the walk of validate.py refuses an object that says nothing"
_XHTML = "xhtml.py checks the narrative"
NOT_COMPILED: Mapping[str, str] = {
    "ele-1": _WALK,
    "txt-1": _XHTML,
    "txt-2": _XHTML,
    "opd-3": "asks a terminology (memberOf); no served type has it",
    "exs-1": "asks a terminology (memberOf); no served type has it",
    "cid-0": "asks for a name, which ChargeItemDefinition of R4 has not; no served type has it",
    "eld-28": "asks for the value of a boolean, which has no elements; no served type has it",
    "eld-11": "published in R5 with a string in double quotes, which FHIRPath does not know; no served type has it",
}
"""The rules that are not evaluated, with the reason: the whole list (tests/fhir_facade/test_invariants.py)."""


@cache
def rules(name: str, version: VersionName) -> tuple[Rule, ...]:
    """The rules of a type or a backbone element, its own and the inherited ones."""
    found: list[Rule] = []
    for one in reversed(ancestors(name, version)):
        for path, rows in _by_node(version).get(one, ()):
            found += [_rule(one, path, row, version) for row in rows if row["key"] not in NOT_COMPILED]
    return tuple(found)


@cache
def _by_node(version: VersionName) -> Mapping[str, list[tuple[str, list[dict[str, str]]]]]:
    """The published rows by the object that they are checked in: `Organization.telecom` is one of Organization."""
    found: dict[str, list[tuple[str, list[dict[str, str]]]]] = {}
    for path, rows in definitions(f"invariants_{version.lower()}.json").items():
        owner, _, member = path.rpartition(".")
        where = (path, "") if path in node_names(version) else (owner, member)
        found.setdefault(where[0], []).append((where[1], rows))
    return found


def _rule(name: str, member: str, row: Mapping[str, str], version: VersionName) -> Rule:
    by_hand = _BY_HAND.get(row["key"])
    if by_hand:
        broken = by_hand(version)
    elif member:
        broken = _of_member(name, member, row["rule"], version)
    else:
        broken = _of_itself(compiled(parse(row["rule"]), frozenset({name}), version))
    return Rule(row["key"], row["severity"] == "error", row["says"].rstrip(". "), broken)


def _of_itself(run: Run) -> Broken:
    def broken(value: Json, scope: Scope) -> Sequence[Path]:
        scope.context = value
        return ((),) if truth(run([value], scope)) is False else ()

    return broken


def _of_member(name: str, member: str, rule: str, version: VersionName) -> Broken:
    """A rule that is published on an element of a data type, and is about each value of it."""
    found = {
        said: element
        for said, element in node(name, version).elements.items()
        if not element.aside and member in (said, element.choice)
    }
    run = compiled(parse(rule), frozenset(element.type for element in found.values()), version)

    def broken(value: Json, scope: Scope) -> Sequence[Path]:
        places: list[Path] = []
        for said in found.keys() & value.keys():
            held = value[said]
            several = [((said, at), one) for at, one in enumerate(held)] if type(held) is list else [((said,), held)]
            for place, one in several:
                scope.context = one
                if one is not None and truth(run([one], scope)) is False:
                    places.append(place)
        return places

    return broken


def _local(version: VersionName) -> Broken:
    """ref-1: `#id` is the id of a contained resource. In R5 `#` is the container, seen from inside it."""

    def broken(value: Json, scope: Scope) -> Sequence[Path]:
        said = value.get("reference", "")
        if said[:1] != "#" or said[1:] in scope.root.contained:
            return ()
        if said == "#" and (version == "R4" or scope.resource is not scope.root.resource):
            return ()
        return (("reference",),)

    return broken


def _referred(_: VersionName) -> Broken:
    """dom-3: a contained resource is referred to from elsewhere in the resource, or refers to its container."""

    def broken(value: Json, scope: Scope) -> Sequence[Path]:
        if "contained" not in value:
            return ()
        named = scope.root.named_locally
        return [
            ("contained", at)
            for at, held in enumerate(value["contained"])
            if "id" in held and f"#{held['id']}" not in named and "#" not in local_names(held)
        ]

    return broken


_BY_HAND: Mapping[str, Callable[[VersionName], Broken]] = {"ref-1": _local, "dom-3": _referred}
"""Rules that look through the whole resource: as they are published, their time grows with its square."""
