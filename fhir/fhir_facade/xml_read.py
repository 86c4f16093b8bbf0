"""A resource in XML, as the same resource in JSON: what comes in at the door is one value, whatever it was written in.

Source: FHIR R4 and R5 xml.html and json.html; the shapes are the tables of elements.py. What a value may be is asked of
the JSON afterwards, by the one validator, so a fault has the same place in both forms.
"""

import re
from typing import Any, NoReturn

from fhir_facade import exact
from fhir_facade.elements import Element, Node, node, resource_types
from fhir_facade.release import VersionName
from fhir_facade.xml_tree import Tag, parse
from plan.problem import Fault, Path, Problem, Trouble

Json = Any

NUMBERS = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
"""The primitives that JSON writes as a number."""
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}


def read(raw: bytes, version: VersionName) -> dict[str, Json]:
    """The resource in `raw` (UTF-8) as JSON of the same version; it is not yet validated.

    Raises Problem: MALFORMED for what is no XML of FHIR, TOO_COSTLY, and what exact.loads raises (depth, numbers).
    """
    tag = parse(raw)
    made = _Reader(version).resource(tag, (tag.name,))
    # Read back, so that what a JSON body may not be, an XML body may not become.
    value: dict[str, Json] = exact.loads(exact.dumps(made))
    return value


def attributes_of(shape: Node) -> frozenset[str]:
    """The members that XML writes as attributes: the id of anything but a resource, the url of an extension."""
    if "resourceType" in shape.elements and "." not in shape.name:
        return frozenset()
    return frozenset({"id", "url"}) if shape.name == "Extension" else frozenset({"id"})


class _Reader:
    """The reading of one document in one version."""

    def __init__(self, version: VersionName) -> None:
        self._version = version

    def resource(self, tag: Tag, where: Path) -> dict[str, Json]:
        """A resource, its type being the name of the element."""
        _ours(tag, where)
        if tag.name not in resource_types(self._version):
            _refuse(f"{self._version} has no resource <{tag.name[:64]}>", where, "Send a resource of this version.")
        return {"resourceType": tag.name} | self._object(tag, node(tag.name, self._version), where)

    def _object(self, tag: Tag, shape: Node, where: Path) -> dict[str, Json]:
        _plain(tag, where)
        attributes = attributes_of(shape)
        made: dict[str, Json] = dict(_attributes(tag, attributes, where))
        for name, tags in _grouped(tag).items():
            element = shape.elements.get(name)
            if element is None or element.aside or name in attributes or (name == "resourceType" and not attributes):
                _refuse(f"<{name[:64]}> is no element of {shape.name}", (*where, name), "Leave it out.")
            made |= self._member(name, element, tags, where)
        return made

    def _member(self, name: str, element: Element, tags: list[Tag], where: Path) -> dict[str, Json]:
        """The one or two JSON members that elements of one name are."""
        # More than one where one may stand becomes an array all the same, and the validator says so.
        many = element.many or len(tags) > 1
        places = [(*where, name, at) if many else (*where, name) for at in range(len(tags))]
        pairs = [self._value(element, tag, place) for tag, place in zip(tags, places, strict=True)]
        found = {name: [value for value, _ in pairs], f"_{name}": [aside for _, aside in pairs]}
        return {
            member: values if many else values[0]
            for member, values in found.items()
            if any(value is not None for value in values)
        }

    def _value(self, element: Element, tag: Tag, where: Path) -> tuple[Json, Json]:
        """A value, and what stands beside it when it is a primitive."""
        if element.type == "xhtml":
            return tag.div or _refuse("the narrative is no <div> of XHTML", where, "Give the div its namespace."), None
        _ours(tag, where)
        if element.primitive:
            return self._primitive(element, tag, where)
        if element.type == "Resource":
            return self._held(tag, where), None
        return self._object(tag, node(element.type, self._version), where), None

    def _held(self, tag: Tag, where: Path) -> dict[str, Json]:
        _plain(tag, where)
        if len(tag.children) != 1 or tag.attributes:
            _refuse(f"<{tag.name}> holds one resource and nothing else", where, "Send one resource in each.")
        return self.resource(tag.children[0], where)

    def _primitive(self, element: Element, tag: Tag, where: Path) -> tuple[Json, Json]:
        said = tag.attributes.pop("value", None)
        aside = self._object(tag, node("Element", self._version), where)
        if said is None and not aside:
            _refuse(f"<{tag.name}> has no value", where, "Write the value in an attribute `value`, or leave it out.")
        return (None if said is None else _typed(element.type, said)), aside or None


def _typed(type_: str, said: str) -> Json:
    """The JSON value; what is none of its type stays text, for the validator to refuse."""
    if type_ == "boolean":
        return _BOOLEANS.get(said, said)
    if type_ in NUMBERS and _NUMBER.fullmatch(said):
        try:
            return exact.Number(said)
        except ValueError:
            return said
    return said


def _grouped(tag: Tag) -> dict[str, list[Tag]]:
    groups: dict[str, list[Tag]] = {}
    for child in tag.children:
        groups.setdefault(child.name, []).append(child)
    return groups


def _attributes(tag: Tag, known: frozenset[str], where: Path) -> dict[str, str]:
    for name in tag.attributes:
        if name not in known:
            _refuse(f"<{tag.name}> has no attribute {name[:64]!r}", where, "Leave it out.")
    return tag.attributes


def _ours(tag: Tag, where: Path) -> None:
    if tag.foreign:
        what = f"<{tag.name[:64]}> is of namespace {tag.foreign[:100]!r}"
        _refuse(what, where, 'Name the namespace of FHIR: xmlns="http://hl7.org/fhir".')


def _plain(tag: Tag, where: Path) -> None:
    if tag.stray:
        _refuse(f"text stands in <{tag.name}>: {tag.stray[:20]!r}", where, "Values stand in attributes `value`.")


def _refuse(what: str, where: Path, mend: str) -> NoReturn:
    raise Problem(Trouble.MALFORMED, what[:1].upper() + what[1:], (Fault(what, where, mend),))
