"""A resource in JSON, written as XML: the slow way out, for who asks for it.

Source: FHIR R4 and R5 xml.html; the order of elements is that of the definitions, which elements.py keeps. Numbers are
written as the client wrote them, and a narrative stands in the document as it is.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape

from fhir_facade.elements import Element, node
from fhir_facade.exact import Number
from fhir_facade.release import VersionName
from fhir_facade.xhtml import XHTML
from fhir_facade.xml_read import attributes_of
from fhir_facade.xml_tree import FHIR

Json = Any

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNKNOWN = "\ufffd"
"""What stands for a character that XML cannot hold."""
_ESCAPES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
"""In an attribute a reader makes spaces of line breaks and tabs, unless they are written so."""


def write(resource: Mapping[str, Json], version: VersionName, *, pretty: bool = False) -> bytes:
    """`resource`, JSON of this version with numbers as exact.py reads them, as an XML document in UTF-8.

    Members that the version does not know are left out. Raises KeyError for a type that it does not know.
    """
    writer = _Writer(version, pretty=pretty)
    writer.resource(resource, 0, f' xmlns="{FHIR}"')
    return (_HEAD + "".join(writer.out)).encode()


class _Writer:
    """The writing of one document."""

    def __init__(self, version: VersionName, *, pretty: bool) -> None:
        self.out: list[str] = []
        self._version = version
        self._pretty = pretty

    def resource(self, held: Mapping[str, Json], depth: int, attributes: str = "") -> None:
        """A resource, named by its type."""
        name = str(held["resourceType"])
        self._element(name, name, held, depth, attributes)

    def _line(self, depth: int) -> str:
        return "\n" + "  " * depth if self._pretty else ""

    def _element(self, tag: str, type_: str, held: Mapping[str, Json], depth: int, attributes: str) -> None:
        """An element of any type but a primitive."""
        order, in_tag = _order(type_, self._version)
        own = "".join(f' {name}="{_text(held[name])}"' for name in in_tag if name in held)
        self.out.append(f"{self._line(depth)}<{tag}{attributes}{own}>")
        begun = len(self.out)
        for name in sorted({member.removeprefix("_") for member in held} & order.keys(), key=lambda key: order[key][0]):
            for value, aside in _pairs(held, name):
                self._member(name, order[name][1], value, aside, depth + 1)
        self._close(tag, begun, depth)

    def _close(self, tag: str, begun: int, depth: int) -> None:
        if len(self.out) == begun:
            self.out[-1] = self.out[-1][:-1] + "/>"
        else:
            self.out.append(f"{self._line(depth)}</{tag}>")

    def _member(self, name: str, element: Element, value: Json, aside: Json, depth: int) -> None:
        if element.type == "xhtml":
            self.out.append(self._line(depth) + _narrative(str(value)))
        elif element.primitive:
            said = "" if value is None else f' value="{_text(value)}"'
            self._element(name, "Element", aside or {}, depth, said)
        elif element.type == "Resource":
            self.out.append(f"{self._line(depth)}<{name}>")
            self.resource(value, depth + 1)
            self._close(name, 0, depth)
        else:
            self._element(name, element.type, value, depth, "")


@cache
def _order(type_: str, version: VersionName) -> tuple[dict[str, tuple[int, Element]], tuple[str, ...]]:
    """The elements of a type by their place, and those that are attributes."""
    shape = node(type_, version)
    attributes = attributes_of(shape)
    told = attributes or {"resourceType"}
    elements = {
        name: (at, element)
        for at, (name, element) in enumerate(shape.elements.items())
        if not element.aside and name not in told
    }
    return elements, tuple(sorted(attributes))


def _pairs(held: Mapping[str, Json], name: str) -> Iterator[tuple[Json, Json]]:
    """Each value with what stands beside it; a null on both sides is nothing."""
    for value, aside in zip_longest(_listed(held.get(name)), _listed(held.get(f"_{name}"))):
        if value is not None or aside is not None:
            yield value, aside


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _text(value: Json) -> str:
    """A primitive as the text of an attribute."""
    if isinstance(value, bool):
        return "true" if value else "false"
    said = value.text if isinstance(value, Number) else str(value)
    return escape(_NOT_XML.sub(_UNKNOWN, said), _ESCAPES)


def _narrative(div: str) -> str:
    """The div as it is; one that would break the document becomes its text."""
    text = div.strip()
    try:
        assert text.startswith("<div")
        ParserCreate().Parse(text, True)
    except (AssertionError, ExpatError):
        return f'<div xmlns="{XHTML}">{escape(_NOT_XML.sub(_UNKNOWN, div))}</div>'
    return text
