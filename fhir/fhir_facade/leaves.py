"""What stands at the end of a search parameter's paths: which elements, with which codes, pointing to which types.

Source: the generated tables of elements (fhir/definitions/), so that a chain goes only where the standard lets it.
"""

from collections.abc import Iterator
from functools import cache

from fhir_facade.elements import Codes, Element, node
from fhir_facade.params import Param

_SPECIAL = frozenset({"http://hl7.org/fhir/special-values", "http://terminology.hl7.org/CodeSystem/special-values"})
"""The systems under which the standard lists true and false."""


@cache
def leaves(param: Param) -> tuple[Element, ...]:
    """The elements that the parameter reads; those in extensions and components are not known."""
    return tuple(element for path in param.paths if (element := _leaf(param, path)) is not None)


@cache
def targets(param: Param) -> frozenset[str]:
    """The types that a reference parameter may point to, as its version names them; empty: any, or an address."""
    named = [path.partition("[")[2].partition("]")[0] for path in param.paths]
    if all(mark.isalpha() and mark != "exists" for mark in named):
        return frozenset(named)
    found = [element for element in leaves(param) if element.type == "Reference"]
    if len(found) < len(leaves(param)) or not all(element.targets for element in found):
        return frozenset()
    return frozenset(type_ for element in found for type_ in element.targets)


@cache
def bare_systems(param: Param) -> frozenset[str]:
    """The systems whose codes the index keeps without a system: those of `code` and boolean elements."""
    systems: set[str] = set()
    for path in param.paths:
        element = _leaf(param, path)
        if path.endswith("[exists]") or (element and element.type == "boolean"):
            systems |= _SPECIAL
        elif element and element.type == "code" and element.codes:
            systems |= element.codes.keys()
    return frozenset(systems)


def codes(param: Param) -> Iterator[Codes]:
    """The lists of codes that the elements must be from, where they must."""
    return (element.codes for element in leaves(param) if element.codes)


def _leaf(param: Param, path: str) -> Element | None:
    head, _, rest = path.partition("[")
    element, shape = None, param.shape
    for step in (*head.split("."), *(step for step in rest.partition("]")[2].split(".") if step)):
        element = node(shape, param.version).elements.get(step) if shape else None
        if element is None:
            return None
        shape = "" if element.primitive else element.type
    return element
