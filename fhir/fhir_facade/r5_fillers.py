"""What stands where one version requires an element and the other has none: a value that says so.

Source: StructureDefinitions of both versions (cardinality), ppc-1 of R4 Consent; the extension data-absent-reason.
"""

from typing import NamedTuple

from fhir_facade.elements import Element, Node
from fhir_facade.r5_shapes import Json
from fhir_facade.r5_tables import EITHER, FILLERS
from fhir_facade.r5_values import ABSENT
from fhir_facade.release import VersionName


class Filler(NamedTuple):
    """What stands where a version requires an element and there is none: any of `members` would do, `name` is used."""

    members: frozenset[str]
    name: str
    value: Json


def fillers(version: VersionName, shape: Node, other: Node, ruled: set[str]) -> tuple[Filler, ...]:
    """What a version requires and the other does not, or not in this form, and what stands there for want of it."""
    needed = dict(other.required)
    made = []
    for said, members in shape.required:
        if said in needed and ruled.isdisjoint(members | needed[said]):
            continue
        given = FILLERS.get((version, f"{shape.name}.{said}"))
        if given is not None:
            made.append(Filler(members, *given))
            continue
        name = min(members & shape.elements.keys(), key=lambda each: _fit(each, shape.elements[each]))
        made.append(Filler(members, name, [ABSENT] if shape.elements[name].many else ABSENT))
    either = EITHER.get((version, shape.name))
    return (*made, Filler(*either)) if either else tuple(made)


def _fit(name: str, element: Element) -> tuple[bool, bool, bool, str]:
    """How well a form of an element says that there is none: a concept before all, an object before a primitive."""
    return element.primitive and not element.aside, element.aside, element.type != "CodeableConcept", name
