"""Section details as answers to a questionnaire: one item a field, its linkId the field's name.

Source: https://hl7.org/fhir/R4/questionnaireresponse.html. FHIR has no resource for a tenancy or an entitlement; a
QuestionnaireResponse is one that every client can read. An object is an item with items, a list of objects is that
item again and again, a list of words is one item with several answers. Items and members that we do not know stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from fhir_facade import systems
from fhir_facade.common import PARTY, REFERENCE, own, said, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Fields, First, Lens, Many, Only, Resource, Table, Through, Via, Where

VOCABULARIES: dict[str, tuple[str, ...]] = {}
"""The code systems of our own that answers are from, with their words: filled by the questionnaires that use them."""
DETAILS = ("about-me", "housing", "benefits", "contingency", "legal")
"""Our questionnaires. Answers to any other are assessments."""

_VALUES = (
    "valueBoolean",
    "valueDecimal",
    "valueInteger",
    "valueDate",
    "valueDateTime",
    "valueTime",
    "valueString",
    "valueUri",
    "valueAttachment",
    "valueCoding",
    "valueQuantity",
    "valueReference",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a field is answered: `inner` reads and writes its item, which `repeats` for a list of objects."""

    inner: Lens
    repeats: bool = False


Shapes = Mapping[str, Shape]
"""A questionnaire, or a group in one: field and shape, in the order of the native form."""


def detail(kind: str, name: str, fields: Fields) -> Face:
    """The face of a section detail: the answers to our questionnaire `name`."""
    canonical = systems.own_questionnaire(name)
    return Face(
        kind=kind,
        type="QuestionnaireResponse",
        person="subject",
        base={"resourceType": "QuestionnaireResponse", "questionnaire": canonical, "status": "completed"},
        fields=fields,
        mine=lambda resource: answers_to(resource) == canonical,
    )


def answers_to(resource: Resource) -> str:
    """The canonical of the questionnaire that was answered, without its version; empty when it does not say."""
    return (said(resource.get("questionnaire")) or "").partition("|")[0]


def is_detail(resource: Resource) -> bool:
    """Whether these are the answers to one of our own questionnaires."""
    return answers_to(resource) in {systems.own_questionnaire(name) for name in DETAILS}


def items(shapes: Shapes, meanings: Mapping[str, str] | None = None) -> Fields:
    """The table of a questionnaire. `meanings`: the address of the concept that an item stands for, by field."""
    return [(name, _item(name, shape, (meanings or {}).get(name))) for name, shape in shapes.items()]


def group(shapes: Shapes) -> Shape:
    """An object: an item with items of its own."""
    return Shape(Table(items(shapes)))


def groups(shapes: Shapes) -> Shape:
    """A list of objects: the item repeats."""
    return Shape(Table(items(shapes)), repeats=True)


def choice(vocabulary: str, literal: Any) -> Shape:
    """One word of the Literal type `literal`, as a Coding of our code system `vocabulary`."""
    VOCABULARIES[vocabulary] = get_args(literal)
    word = Word(f"{systems.OURS}/CodeSystem/{vocabulary}", frozenset(get_args(literal)))
    return Shape(First("answer", _only("valueCoding", Through(("valueCoding",), word))))


def _item(link: str, shape: Shape, meaning: str | None) -> Lens:
    label = {"text": link.replace("_", " ").capitalize()} | ({"definition": meaning} if meaning else {})
    inner = Labelled(shape.inner, label)
    return (Many if shape.repeats else Where)("item", inner=inner, marks={"linkId": link})


def _only(name: str, lens: Lens) -> Lens:
    return Only(lens, tuple(rival for rival in _VALUES if rival != name))


@dataclass(frozen=True, slots=True)
class Labelled:
    """An item whose label is for readers: written into a new one, and no reason to keep one without an answer."""

    inner: Lens
    label: Mapping[str, str]

    def view(self, resource: Resource) -> Any:
        return self.inner.view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        for name, text in self.label.items() if value is not None else ():
            resource.setdefault(name, text)
        self.inner.put(resource, value)
        if value is None and not resource.keys() & {"answer", "item"}:
            for name in [name for name, text in self.label.items() if resource.get(name) == text]:
                del resource[name]


@dataclass(frozen=True, slots=True)
class Word:
    """A Coding of `system` as one of our `words`."""

    system: str
    words: frozenset[str]

    def view(self, resource: Resource) -> Any:
        code = said(resource.get("code"))
        return code if resource.get("system") == self.system and code in self.words else None

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        if value is not None:
            resource.update(system=self.system, code=value, display=str(value).replace("_", " ").capitalize())


def _true_or_false(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_TEXT = _only("valueString", words("valueString"))
_PARTY = _only("valueReference", Through(("valueReference",), PARTY))
_CODING = Table(
    (*((name, words(name)) for name in ("system", "code", "display")), ("text", own("coding-text", "valueString")))
)

TEXT = Shape(First("answer", _TEXT))
TEXTS = Shape(Many("answer", _TEXT))
DAY = Shape(First("answer", _only("valueDate", words("valueDate"))))
WHEN = Shape(First("answer", _only("valueDateTime", words("valueDateTime"))))
YES_OR_NO = Shape(First("answer", _only("valueBoolean", Via(At("valueBoolean"), _true_or_false, bool))))
PARTY_ANSWER = Shape(First("answer", _PARTY))
PARTIES = Shape(Many("answer", _PARTY))
LINK = Shape(First("answer", _only("valueReference", Through(("valueReference",), REFERENCE))))
CONCEPT_ANSWER = Shape(First("answer", _only("valueCoding", Through(("valueCoding",), _CODING))))
