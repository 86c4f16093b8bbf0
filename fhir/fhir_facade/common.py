"""The FHIR R4 data types that several kinds share, as lenses: coded concepts, amounts, periods, references, notes.

Source: https://hl7.org/fhir/R4/datatypes.html. Each lens is total: what it does not know, or what would mislead when
half shown (an amount with a comparator), it leaves unseen and untouched.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_facade import systems
from fhir_facade.lens import ABSENT, At, Body, Code, First, Lens, Many, Resource, Table, Through, Via, dig, extension

_REF = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")
_UNITS = frozenset({"%", "mL", "L", "mL/d", "L/d", "mL/h", "L/min", "g", "kg", "mg", "ug", "cm", "m", "Cel", "/min"})
"""The UCUM units that plans speak of: an amount in one of them is written with its code."""


def words(*path: str) -> Lens:
    """A string at `path`; anything else than text reads as not there."""
    return Via(At(*path), said, unchanged)


def said(value: Any) -> str | None:
    """`value` when it is text with something in it."""
    return value if isinstance(value, str) and value.strip() else None


def unchanged(value: Any) -> Any:
    """The way back where both faces write a value alike."""
    return value


def own(name: str, value: str) -> Lens:
    """A simple extension that we define: `own("importance", "valueInteger")`."""
    return extension(systems.own_extension(name), value)


def own_list(name: str, inner: Lens) -> Lens:
    """A repeated extension that we define, as a list: `own_list("suggested-strategy", words("valueString"))`."""
    return Many("extension", inner, {"url": systems.own_extension(name)})


def concept(system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of one code, for the `base` of a kind."""
    return {"coding": [{"system": system, "code": code}]}


def has_concept(resource: Resource, name: str, system: str, code: str) -> bool:
    """Whether the list `name` (`category`) holds this code in any of its CodeableConcepts."""
    concepts = resource.get(name)
    return any(
        isinstance(coding, dict) and (coding.get("system"), coding.get("code")) == (system, code)
        for one in (concepts if isinstance(concepts, list) else ())
        for coding in _codings(one)
    )


def code_said(resource: Resource, system: str, name: str = "code") -> str | None:
    """The code of this system in the CodeableConcept `name`, if it holds one."""
    found: str | None = Through((name,), Tag(system)).view(resource)
    return found


def coding(*path: str) -> Lens:
    """Native Coding {text, system, code, display} in the CodeableConcept at `path`: its text and its first coding."""
    return Through(path, CONCEPT)


def coding_beside(*path: str) -> Lens:
    """Native Coding in a CodeableConcept whose text is another native field; its own text is an extension."""
    return Through(path, Concept(First("coding", own("coding-text", "valueString"))))


def title(*path: str) -> Lens:
    """The text of the CodeableConcept at `path`, or the display of its first coding when it has none.

    Goes with `coding_beside`, which stands for the codings.
    """
    return Through(path, Title())


def phrase(*path: str) -> Lens:
    """A CodeableConcept that the native form says in words only: codings are read, and fall when the words change."""
    return Through(path, PHRASE)


def code_in(system: str, codes: Mapping[str, str], *path: str, also: Mapping[str, str] | None = None) -> Lens:
    """A code of `system` in the CodeableConcept at `path`; `codes` maps native words to codes (see lens.Code)."""
    return Code(Through(path, Tag(system)), codes, also)


def quantity(*path: str) -> Lens:
    """Native Quantity {value, unit}; one with a comparator (`<5`) is not an amount and stays unseen."""
    return Through(path, Amount())


def range_(*path: str) -> Lens:
    """Native Range {low, high}."""
    return Through(path, Table((("low", quantity("low")), ("high", quantity("high")))))


def span(*path: str) -> Lens:
    """Native Span {start, end} in the Period at `path`."""
    return Through(path, SPAN)


def party(*path: str) -> Lens:
    """Native Party {reference, name, role, contact} in the Reference at `path`."""
    return Through(path, PARTY)


def parties(*path: str) -> Lens:
    """A list of Party in the list of References at `path`."""
    return _listed_at(path, PARTY)


def ref(*path: str) -> Lens:
    """`Type/id` in the Reference at `path`; absolute, contained and versioned references stay unseen."""
    return Through(path, REFERENCE)


def refs(*path: str) -> Lens:
    """A list of `Type/id` in the list of References at `path`."""
    return _listed_at(path, REFERENCE)


def note(name: str = "note") -> Lens:
    """The text of the first Annotation in the list `name`."""
    return First(name, NOTE, {"_text": {"extension": [ABSENT]}})


def _listed_at(path: tuple[str, ...], inner: Lens) -> Lens:
    *way, name = path
    listed = Many(name, inner)
    return Through(tuple(way), listed) if way else listed


def _codings(found: Any) -> list[Any]:
    listed = dig(found, ("coding",))
    return listed if isinstance(listed, list) else []


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept as a native Coding. Further codings say the same in other systems: a new code ends them."""

    text: Lens

    def view(self, resource: Resource) -> Any:
        text = self.text.view(resource)
        return ({"text": text} if text else {}) | self._first(resource) or None

    def put(self, resource: Resource, value: Any) -> None:
        wanted = {key: part for key, part in (value or {}).items() if key != "text"}
        held = self._first(resource)
        if "code" in wanted and all(wanted.get(key) == held.get(key) for key in ("system", "code")):
            At("display").put(resource["coding"][0], wanted.get("display"))
        elif wanted != held:
            resource.pop("coding", None)
            resource.update({"coding": [wanted]} if wanted else {})
        self.text.put(resource, (value or {}).get("text"))

    def _first(self, resource: Resource) -> dict[str, str]:
        first = dig(resource, ("coding", 0))
        parts = {key: said(dig(first, (key,))) for key in ("system", "code", "display")}
        return {key: part for key, part in parts.items() if part is not None}


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a CodeableConcept. `alone`: no other native field holds its codings, so they go with the words."""

    alone: bool = False

    def view(self, resource: Resource) -> Any:
        return said(resource.get("text")) or said(dig(resource, ("coding", 0, "display")))

    def put(self, resource: Resource, value: Any) -> None:
        if self.alone or value is None:
            resource.clear()
        words("text").put(resource, value)


@dataclass(frozen=True, slots=True)
class Tag:
    """The code of one system in a CodeableConcept. A new code replaces the concept: text and translations were its."""

    system: str

    def view(self, resource: Resource) -> Any:
        found = (c for c in _codings(resource) if isinstance(c, dict) and c.get("system") == self.system)
        return said(next(found, {}).get("code"))

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        resource.update(concept(self.system, value) if value else {})


@dataclass(frozen=True, slots=True)
class Tagged:
    """The code of one system in a list of CodeableConcepts (`category`); the concepts of other systems stay."""

    name: str
    system: str

    def view(self, resource: Resource) -> Any:
        found = self._many().view(resource)
        return found[0] if found else None

    def put(self, resource: Resource, value: Any) -> None:
        self._many().put(resource, None if value is None else [value])

    def _many(self) -> Many:
        return Many(self.name, Tag(self.system))


@dataclass(frozen=True, slots=True)
class Amount:
    """A Quantity. The unit that people read is `unit`; an EHR that sends the UCUM code only is read by that."""

    def view(self, resource: Resource) -> Any:
        value = resource.get("value")
        if "comparator" in resource or isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        unit = self._unit(resource)
        return {"value": value} | ({"unit": unit} if unit else {})

    def put(self, resource: Resource, value: Body | None) -> None:
        wanted = value or {}
        unit = wanted.get("unit")
        if value is None:
            resource.clear()
        elif self._unit(resource) != unit:
            for name in ("unit", "system", "code"):
                resource.pop(name, None)
            resource.update({"unit": unit} if unit else {})
            resource.update({"system": systems.UCUM, "code": unit} if unit in _UNITS else {})
        resource.pop("comparator", None)
        At("value").put(resource, wanted.get("value"))

    def _unit(self, resource: Resource) -> str | None:
        return said(resource.get("unit")) or said(resource.get("code"))


def _known_reference(value: Any) -> str | None:
    return value if isinstance(value, str) and _REF.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Referred:
    """A Reference as `Type/id`. A new one is written whole: the display was the old one's."""

    def view(self, resource: Resource) -> Any:
        return _known_reference(resource.get("reference"))

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        resource.update({} if value is None else {"reference": value})


_PARTY = (
    ("reference", Via(At("reference"), _known_reference, unchanged)),
    ("name", words("display")),
    ("role", own("party-role", "valueString")),
    ("contact", own("party-contact", "valueString")),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A Reference as a native Party. Somebody else is written whole: no identifier of the one before stays behind."""

    def view(self, resource: Resource) -> Any:
        return Table(_PARTY).view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        held = self.view(resource) or {}
        if any(held.get(key) != (value or {}).get(key) for key in ("reference", "name")):
            resource.clear()
        Table(_PARTY).put(resource, value)


@dataclass(frozen=True, slots=True)
class Remark:
    """An Annotation. New words are not the old author's: the server's own record says whose they are."""

    def view(self, resource: Resource) -> Any:
        return said(resource.get("text"))

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        resource.update({} if value is None else {"text": value})


CONCEPT = Concept(words("text"))
PHRASE = Title(alone=True)
SPAN = Table((("start", words("start")), ("end", words("end"))))
PARTY = Named()
REFERENCE = Referred()
NOTE = Remark()
