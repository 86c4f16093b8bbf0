"""The official extensions that carry an element into a version of FHIR that has no place for it, written and read.

Source: FHIR R5 versions.html, "Extensions for converting between versions": the address is
`http://hl7.org/fhir/[version]/StructureDefinition/extension-[path]`. A value of a type that the other version allows in
an extension is the value of this one; any other object is one extension for each child, named as the child, with
`_datatype` beside them when it is a data type. A child that is an extension itself stands within one that is called
`extension`.
"""

from collections.abc import Mapping
from typing import Protocol

from fhir_facade.elements import Element, node
from fhir_facade.r5_shapes import Json, Members, items, put
from fhir_facade.release import VersionName

NUMBER: Mapping[VersionName, str] = {"R4": "4.0", "R5": "5.0"}
DATATYPE = "http://hl7.org/fhir/StructureDefinition/_datatype"
_OWN = frozenset({"extension", "modifierExtension"})


class Converter(Protocol):
    """A direction: what it reads, what it writes, and how an object of a data type crosses."""

    source: VersionName
    target: VersionName

    def value(self, type_: str, value: Json) -> Json: ...


class UnreadableError(Exception):
    """An extension that bears one of these addresses and does not say what such an extension says."""


UNREADABLE = (UnreadableError, KeyError, TypeError, AttributeError, ValueError, StopIteration)
"""What `read` raises for such an extension, by what it lacks."""


def prefix(version: VersionName) -> str:
    """What the addresses of a version begin with."""
    return f"http://hl7.org/fhir/{NUMBER[version]}/StructureDefinition/extension-"


def stem(name: str, element: Element) -> str:
    """The name of an element in addresses and children: without the type of a choice."""
    return element.choice.removesuffix("[x]") or name


def write(url: str, element: Element, item: Json, way: Converter) -> Members:
    """One value of an element of the source, as an extension in the target."""
    type_ = element.type
    form = _form(type_)
    allowed = form in node("Extension", way.target).elements
    if element.primitive:
        pair = _crossed(item, way)
        if not allowed:
            return {"url": url, "extension": [_marker(type_), _valued("value", "valueString", pair)]}
        return _valued(url, form, pair)
    if allowed:
        return {"url": url, form: way.value(type_, item)}
    children = [] if "." in type_ else [_marker(type_)]
    shape = node(type_, way.source).elements
    for name in _named(item):
        held = shape[name]
        if name in _OWN:
            children += [{"url": name, "extension": [way.value("Extension", each)]} for each in item[name]]
        elif name != "id":
            children += [write(stem(name, held), held, each, way) for each in items(item, name, held)]
    return {**_identity(item, way), "url": url, "extension": children}


def read(extension: Members, forms: Mapping[str, Element], way: Converter) -> tuple[str, Json]:
    """The member of the target that an extension in the source stands for, among `forms`, and its one value.

    Raises one of UNREADABLE when it is not what `write` writes.
    """
    if "extension" not in extension:
        return _read_value(extension, forms, way)
    if extension.keys() - {"id", "_id", "url", "extension"}:
        raise UnreadableError
    children = list(extension["extension"])
    marked = children.pop(0)["valueString"] if children[:1] and children[0]["url"] == DATATYPE else ""
    name, element = next(
        (name, each) for name, each in forms.items() if (each.type == marked if marked else "." in each.type)
    )
    if element.primitive:
        (only,) = children
        return name, _crossed(_plain(only, "valueString"), way)
    made = _identity(extension, way)
    shape = node(element.type, way.target).elements
    found: dict[str, list[Json]] = {}
    for child in children:
        said = child["url"]
        if said in _OWN:
            (inner,) = child["extension"]
            found.setdefault(said, []).append(way.value("Extension", inner))
        else:
            within = {each: held for each, held in shape.items() if not held.aside and stem(each, held) == said}
            member, value = read(child, within, way)
            found.setdefault(member, []).append(value)
    fill(made, found, shape)
    return name, made


def fill(made: Members, found: Mapping[str, list[Json]], shape: Mapping[str, Element]) -> None:
    """Put what was read where it belongs. Raises UnreadableError for several where there can be but one."""
    for member, values in found.items():
        if len(values) > 1 and not shape[member].many:
            raise UnreadableError
        put(made, member, shape[member], values)


def _read_value(extension: Members, forms: Mapping[str, Element], way: Converter) -> tuple[str, Json]:
    form = next(key.removeprefix("_") for key in extension if key.startswith(("value", "_value")))
    name, element = next((name, each) for name, each in forms.items() if _form(each.type) == form)
    if element.primitive:
        return name, _crossed(_plain(extension, form), way)
    if extension.keys() != {"url", form}:
        raise UnreadableError
    return name, way.value(element.type, extension[form])


def _plain(extension: Members, form: str) -> Json:
    if extension.keys() - {"url", form, f"_{form}"}:
        raise UnreadableError
    return extension.get(form), extension.get(f"_{form}")


def _identity(item: Members, way: Converter) -> Members:
    """The id of an object is the id of its extension."""
    made = {"id": item["id"]} if "id" in item else {}
    return {**made, "_id": way.value("Element", item["_id"])} if "_id" in item else made


def _crossed(pair: Json, way: Converter) -> Json:
    value, aside = pair
    return value, None if aside is None else way.value("Element", aside)


def _valued(url: str, form: str, pair: Json) -> Members:
    out: Members = {"url": url}
    if pair[0] is not None:
        out[form] = pair[0]
    if pair[1] is not None:
        out[f"_{form}"] = pair[1]
    return out


def _form(type_: str) -> str:
    if type_ == "reference":  # what elements.py calls the string in a Reference
        return "valueString"
    return "value" + type_[:1].upper() + type_[1:]


def _marker(type_: str) -> Members:
    return {"url": DATATYPE, "valueString": type_}


def _named(item: Members) -> list[str]:
    """The elements of an object, each once, whether its value or its `_name` is there."""
    return list(dict.fromkeys(name.removeprefix("_") for name in item))
