"""Resources made from the tables of elements: valid by structure, whatever they mean. For laws that hold for any."""

from random import Random
from typing import Any

from fhir_facade.elements import Element, node
from fhir_facade.exact import Number
from fhir_facade.release import VersionName

Json = Any

_WORDS = ("Ada Test", "a word", "more  words", "ünïcode")
_TARGETS = ("Patient/1", "DeviceUseStatement/2", "RequestGroup/3/_history/1", "#c", "urn:uuid:1", "Media/4")
_TARGETS_R5 = ("Patient/1", "DeviceUsage/2", "RequestOrchestration/3/_history/1", "#c", "urn:uuid:1", "Transport/4")
_VALUES: dict[str, tuple[Json, ...]] = {
    "base64Binary": ("QWRh",),
    "boolean": (True, False),
    "canonical": ("http://example.org/fhir/Questionnaire/1|2",),
    "code": ("a-code", "print", "mon"),
    "date": ("2026", "2026-03", "2026-03-31"),
    "dateTime": ("2026", "2026-03-31", "2026-03-31T09:30:00+01:00"),
    "decimal": (Number("1.50"), Number("0.0"), 7, Number("1e3")),
    "id": ("id-1", "A.2"),
    "instant": ("2026-03-31T09:30:00Z", "2026-03-31T09:30:00.123+01:00"),
    "integer": (-5, 0, 12),
    "integer64": ("5", "-9223372036854775808", "99999999999"),
    "markdown": ("**strong**", "words"),
    "oid": ("urn:oid:1.2.3",),
    "positiveInt": (1, 24),
    "string": (*_WORDS, "3", "07"),
    "time": ("09:30:00",),
    "unsignedInt": (0, 9),
    "uri": ("urn:example:1", "http://example.org/a"),
    "url": ("http://example.org/b",),
    "uuid": ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520",),
    "xhtml": ('<div xmlns="http://www.w3.org/1999/xhtml">words</div>',),
}
_DEEPEST = 5


class Maker:
    """Makes resources of one version; the same `Random`, the same resources."""

    def __init__(self, random: Random, version: VersionName) -> None:
        self.random, self.version = random, version

    def resource(self, type_: str) -> Json:
        """A resource of a type, with some of its elements."""
        made = {"resourceType": type_, **self._object(type_, 0)}
        if type_ == "Consent" and self.version == "R4" and not made.keys() & {"policy", "policyRule"}:
            made["policyRule"] = {"text": "a rule"}  # ppc-1
        return made

    def _object(self, name: str, depth: int) -> Json:
        shape = node(name, self.version)
        needed = {said for said, _ in shape.required}
        grouped: dict[str, list[str]] = {}
        for member, element in shape.elements.items():
            if not element.aside and member not in ("resourceType", "contained") and element.type != "Resource":
                grouped.setdefault(element.choice or member, []).append(member)
        made: dict[str, Json] = {}
        likely = (0.6, 0.3, 0.2, 0.08, 0.03, 0.0)[min(depth, _DEEPEST)]
        for said, members in grouped.items():
            rare = said in ("extension", "modifierExtension", "id", "text", "meta")
            if said in needed or self.random.random() < (likely / 4 if rare else likely):
                self._member(made, self._form(shape.elements, members, depth), shape.elements, depth)
        if name == "Extension":
            return self._extension(made, depth)
        if not made.keys() - {"id", "_id"}:
            apart = ("id", "extension", "modifierExtension")
            own = [m for said, members in grouped.items() if said not in apart for m in members]
            name = min(own, key=lambda each: not shape.elements[each].primitive)
            self._member(made, name, shape.elements, depth + 1)
        return made

    def _form(self, elements: Any, members: list[str], depth: int) -> str:
        if depth >= _DEEPEST - 1:
            members = [each for each in members if elements[each].primitive] or members[:1]
        return self.random.choice(members)

    def _extension(self, made: Json, depth: int) -> Json:
        held = {"url": "http://example.org/fhir/StructureDefinition/ours"}
        value = {name: each for name, each in made.items() if name.removeprefix("_").startswith("value")}
        if not value or "_url" in made:
            value = {"valueString": "words"}
        return held | value

    def _member(self, made: Json, name: str, elements: Any, depth: int) -> None:
        element = elements[name]
        count = self.random.choice((1, 1, 2, 3)) if element.many else 1
        if not element.primitive:
            values = [self._valued(element, depth) for _ in range(count)]
            made[name] = values if element.many else values[0]
            return
        values = [self.random.choice(self._values(element)) for _ in range(count)]
        asides: list[Json] = [None] * count
        if f"_{name}" in elements and self.random.random() < 0.15:
            asides = [self._aside() if self.random.random() < 0.7 else None for _ in range(count)]
        if f"_{name}" in elements and all(asides) and self.random.random() < 0.3:
            values = [None] * count
        for said, held in ((name, values), (f"_{name}", asides)):
            if any(one is not None for one in held):
                made[said] = held if element.many else held[0]

    def _valued(self, element: Element, depth: int) -> Json:
        made = self._object(element.type, depth + 1)
        if element.codes and element.type in ("CodeableConcept", "Coding"):
            system = self.random.choice(sorted(element.codes))
            coding = {"system": system, "code": self.random.choice(sorted(element.codes[system]))}
            return coding if element.type == "Coding" else {**made, "coding": [coding]}
        if element.type in ("Reference", "CodeableReference"):
            self._lead(made if element.type == "Reference" else made.get("reference", {}), element)
        return made

    def _lead(self, reference: Json, element: Element) -> None:
        """Let a relative reference lead to a type to which its element lets references lead."""
        type_, slash, rest = str(reference.get("reference", "")).partition("/")
        if slash and type_.isalpha() and element.targets and type_ not in element.targets:
            reference["reference"] = f"{self.random.choice(sorted(element.targets))}/{rest}"

    def _values(self, element: Element) -> tuple[Json, ...]:
        if element.code:
            return tuple(sorted(element.code))
        if element.type == "reference":
            return _TARGETS if self.version == "R4" else _TARGETS_R5
        return _VALUES[element.type]

    def _aside(self) -> Json:
        url = "http://example.org/fhir/StructureDefinition/aside"
        return self.random.choice(({"id": "x"}, {"extension": [{"url": url, "valueCode": "unknown"}]}))
