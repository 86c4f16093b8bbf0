"""A part of a resource, for who asks for no more: `_summary` and `_elements`.

Source: FHIR R4 and R5 search.html, summary and elements; http.html allows both on reads. Which elements are summary,
mandatory or modifiers is said by the definitions (elements.py). What is left out is told by the tag SUBSETTED, so that
nobody takes the part for the whole.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fhir_facade import exact
from fhir_facade.elements import Element, Node, node
from fhir_facade.release import VersionName
from fhir_facade.systems import HL7
from plan.problem import Fault, Problem, Trouble

Json = Any

SUBSETTED: Mapping[str, str] = {"system": f"{HL7}/v3-ObservationValue", "code": "SUBSETTED", "display": "subsetted"}
SUMMARIES = frozenset({"true", "text", "data", "count", "false"})
_ALWAYS = frozenset({"resourceType", "id", "meta"})
_BESIDE = frozenset({"id", "extension"})
"""What belongs to a value wherever it stands below the resource itself."""


def wanted(
    pairs: Sequence[tuple[str, str]], type_: str, version: VersionName, *, strict: bool
) -> tuple[str, tuple[str, ...]]:
    """The summary and the elements that the parameters ask for; the summary is "" where all is asked for.

    `type_` is named as in `version`. Names of elements that the type has not are left out. Raises BAD_VALUE for another
    summary, and with `strict` for an unknown element.
    """
    summary, elements = "", []
    for name, value in pairs:
        if name == "_summary" and value:
            summary = _summary(value)
        elif name == "_elements":
            elements += [part.strip() for part in value.split(",") if part.strip()]
    known = _names(node(type_, version))
    own = [element.removeprefix(f"{type_}.") for element in elements]
    unknown = [element for element in own if element not in known]
    if unknown and strict:
        what = f"{type_} has no element {unknown[0][:64]!r}"
        raise Problem(Trouble.BAD_VALUE, "", (Fault(what, mend="Name elements of the type itself, as `status`."),))
    return "" if summary == "false" else summary, tuple(element for element in own if element in known)


def subset(text: str, type_: str, version: VersionName, summary: str, elements: Sequence[str]) -> str:
    """The part of a resource, in compact JSON; `text` itself when all of it is asked for.

    `text` is a resource of `type_` in `version`; `summary` is one of SUMMARIES or "", `elements` are names of its own
    elements (`value` for `value[x]`) and decide when both are given.
    """
    if not elements and summary in ("", "false", "count"):
        return text
    resource, shape = exact.stored(text), node(type_, version)
    if elements:
        part = _kept(resource, shape, lambda name, element: element.modifier or _is_named(name, element, elements))
    elif summary == "true":
        part = _Summary(version).of(resource, shape)
    elif summary == "data":
        part = {name: value for name, value in resource.items() if name != "text"}
    else:
        part = _kept(resource, shape, lambda name, element: name == "text")
    return exact.text(_tagged(part))


def _summary(value: str) -> str:
    if value not in SUMMARIES:
        what = f"{value[:32]!r} is no summary"
        raise Problem(Trouble.BAD_VALUE, "", (Fault(what, mend=f"Ask for one of {', '.join(sorted(SUMMARIES))}."),))
    return value


def _names(shape: Node) -> frozenset[str]:
    """What an element may be called: by its JSON name, or a choice without its type."""
    own = {name for name, element in shape.elements.items() if not element.aside}
    return frozenset(own | {element.choice.removesuffix("[x]") for element in shape.elements.values()} - {""})


def _is_named(name: str, element: Element, elements: Sequence[str]) -> bool:
    return name.removeprefix("_") in elements or element.choice.removesuffix("[x]") in elements


def _kept(resource: Json, shape: Node, keeps: Callable[[str, Element], bool]) -> dict[str, Json]:
    """The members of a resource that are kept, and those that it must have."""
    must = {name for _, names in shape.required for name in names} | _ALWAYS
    return {
        name: value
        for name, value in resource.items()
        if name in must or ((element := shape.elements.get(name)) and keeps(name, element))
    }


class _Summary:
    """The summary of one resource: what is marked or mandatory, all the way down."""

    def __init__(self, version: VersionName) -> None:
        self._version = version

    def of(self, resource: Json, shape: Node) -> dict[str, Json]:
        """Of the resource itself."""
        return self._object(resource, shape, _ALWAYS)

    def _object(self, held: Json, shape: Node, always: frozenset[str]) -> dict[str, Json]:
        must = {name for _, names in shape.required for name in names} | always
        made: dict[str, Json] = {}
        for name, value in held.items():
            element = shape.elements.get(name.removeprefix("_"))
            if name in must or (element and (element.summary or element.modifier)):
                kept = value if element is None or name.startswith("_") else self._value(value, element, name)
                made |= {name: kept} if kept not in ({}, []) else {}
        return made

    def _value(self, value: Json, element: Element, name: str) -> Json:
        if element.primitive or name in ("meta", "extension", "modifierExtension") or element.type == "Resource":
            return value
        shape = node(element.type, self._version)
        if isinstance(value, list):
            return [part for one in value if (part := self._object(one, shape, _BESIDE))]
        return self._object(value, shape, _BESIDE)


def _tagged(resource: dict[str, Json]) -> dict[str, Json]:
    meta = resource.get("meta", {})
    tags = [tag for tag in meta.get("tag", ()) if tag.get("code") != SUBSETTED["code"]]
    made = {name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")}
    head = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return head | {"meta": meta | {"tag": [*tags, SUBSETTED]}} | made
