"""Which fields a form has: read off the native form of a kind (plan/kinds), with what the plan lets one choose from.

A field whose shape no form can offer is kept as it is, and shown to be so.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from api.pages.care.editing.choices import Choices
from api.pages.care.editing.fielded import KEPT, MOST_ROWS, SHAPES, Field
from api.pages.care.wording import label, sentence
from plan.kinds import consent, person, types
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Coding, Party
from plan.model import Json

_FEW = 4
"""So many words of a table are radio buttons; more are a list to choose from."""
_UNSAID = "Not said"
SCALARS: Final[tuple[tuple[Any, str], ...]] = (
    (types.Text, "prose"),
    (types.Date, "date"),
    (types.DateOrMoment, "when"),
    (types.Moment, "moment"),
    (types.TimeOfDay, "clock"),
    (types.Ref, "ref"),
    (person.AgencyRef, "ref"),
    (consent.ContactRef, "ref"),
)
"""Texts whose input is another than a line."""
_LEADS: Final = ((person.AgencyRef, ("Organization",)), (consent.ContactRef, ("RelatedPerson",)))
PLAIN: Final[Mapping[Any, str]] = {str: "line", int: "whole", bool: "yes", Decimal: "number"}
HINTS: Final[Mapping[str, str]] = {
    "score": "-2 is much less than hoped for, 0 as hoped for, 2 much more",
    "importance": "From 1 (least) to 10 (most)",
    "confidence": "From 1 (least) to 10 (most)",
    "uprn": "Up to 12 digits",
    "parent_uprn": "Up to 12 digits",
    "access": "How to get in and who holds a key. Never write the code of a key safe here.",
    "times": "One a line, such as 08:30",
}
SHAPE_HINTS: Final[Mapping[str, str]] = {
    "lines": "One a line",
    "clock": "Such as 08:30",
    "date": "For example, 27 3 2026. Leave out the day, or day and month, if they are not known",
    "when": "For example, 27 3 2026 and 14:05. Leave out what is not known",
    "moment": "For example, 27 3 2026 and 14:05",
}
PARTY: Final = {"reference": "Who, from the list", "name": "Or who, by name"}


class Kind(NamedTuple):
    """What an annotation comes to: its type, where a reference in it may lead (empty: anywhere), its bounds."""

    type: Any
    leads: tuple[str, ...] = ()
    low: Any = None
    high: Any = None


class Shaper:
    """Makes the fields of one entry. `counts`: how many rows a list shows, by the name of the field."""

    def __init__(self, choices: Choices, counts: Mapping[str, int] | None = None) -> None:
        self._choices = choices
        self._counts = counts or {}

    def fields(
        self, form: type[BaseModel], body: Mapping[str, Json], at: str = "", leads: tuple[str, ...] = ()
    ) -> tuple[Field, ...]:
        """The fields of an object. `at`: the name of the field that it is the value of; `leads`: of its reference."""
        return tuple(
            self._field(name, info, body.get(name), f"{at}-{name}" if at else name, leads)
            for name, info in form.model_fields.items()
            if not _is_spare(form, name, body)
        )

    def _field(self, key: str, info: FieldInfo, value: Any, name: str, leads: tuple[str, ...]) -> Field:
        annotation = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        kind = _kind(annotation, value)
        if kind and key == "reference" and leads:
            kind = kind._replace(leads=leads)
        made = Field(
            name=name,
            key=key,
            label=PARTY.get(key, "") if leads or key == "reference" else label(key),
            shape=KEPT,
            value=value,
            needed=info.is_required(),
            hint=HINTS.get(key, ""),
            lines=tuple(self._choices.lines(value)),
        )
        made = _with(made, label=made.label or label(key))
        return self._shaped(made, kind) if kind else made

    def _shaped(self, made: Field, kind: Kind) -> Field:
        """The field with its shape, or kept as it is where no input can hold its value."""
        shape, more = self._shape(made, kind)
        if made.value is not None and not SHAPES[shape].holds(made.value):
            return made
        hint = made.hint or _hint(shape, kind)
        return _with(made, shape=shape, hint=hint, **more)

    def _shape(self, made: Field, kind: Kind) -> tuple[str, dict[str, Any]]:
        origin, parts = get_origin(kind.type), get_args(kind.type)
        if origin is Literal:
            return self._words(made, parts)
        if origin is list:
            return self._list(made, kind, parts[0])
        if kind.type is Coding:
            return "coding", {}
        if isinstance(kind.type, type) and issubclass(kind.type, BaseModel):
            leads = kind.leads or (types.DOING if kind.type is Party else ())
            return "group", {"parts": self.fields(kind.type, made.value or {}, made.name, leads)}
        scalar = _scalar(kind.type)
        if scalar == "ref":
            return "choice", {"options": self._choices.of(_leads(kind), made.value)}
        return scalar, {"options": _yes(made)} if scalar == "yes" else {}

    def _words(self, made: Field, words: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
        options = tuple((str(word), sentence(str(word))) for word in words)
        if len(options) > _FEW:
            return "choice", {"options": options}
        return "word", {"options": options if made.needed else (*options, ("", _UNSAID))}

    def _list(self, made: Field, kind: Kind, member: Any) -> tuple[str, dict[str, Any]]:
        one = _kind(member, None) or Kind(None)
        if get_origin(one.type) is Literal:
            return "some", {"options": tuple((word, sentence(word)) for word in get_args(one.type))}
        if isinstance(one.type, type) and issubclass(one.type, BaseModel):
            return "rows", {"parts": self._rows(made, one)}
        if _scalar(one.type) == "ref":
            return "some", {"options": self._choices.of(_leads(one) or kind.leads, *(made.value or ()))}
        return "lines", {}

    def _rows(self, made: Field, kind: Kind) -> tuple[Field, ...]:
        held = made.value if isinstance(made.value, list) else []
        count = max(self._counts.get(made.name, 0), len(held), 1 if made.needed else 0)
        rows = [*held, *[None] * (count - len(held))][: max(MOST_ROWS, len(held))]
        return tuple(
            self._shaped(
                Field(name=f"{made.name}-{at}", key=str(at), label=f"{made.label}, {at + 1}", shape=KEPT, value=row),
                kind,
            )
            for at, row in enumerate(rows)
        )


def _with(made: Field, **more: Any) -> Field:
    return Field(**{name: getattr(made, name) for name in Field.__slots__} | more)


def _is_spare(form: type[BaseModel], name: str, body: Mapping[str, Json]) -> bool:
    """What is said of somebody beside who they are is asked where it is there already."""
    return form is Party and name == "role" and name not in body


def _kind(annotation: Any, value: Any) -> Kind | None:
    """An annotation without its optional ends; of several types the one that fits the value. None when none does."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _fitting([_kind(part, value) for part in parts if part is not NoneType], value)
    if origin is not Annotated or any(annotation == scalar for scalar, _ in SCALARS):
        return Kind(annotation)
    inner, *marks = parts
    flat = [one for mark in marks for one in (mark.metadata if isinstance(mark, FieldInfo) else (mark,))]
    leads = next((mark.types for mark in flat if isinstance(mark, LeadsTo)), ())
    rest = [mark for mark in marks if not isinstance(mark, LeadsTo)]
    plain = Annotated[(inner, *rest)] if rest and inner is str else inner
    found = _kind(plain, value) if plain != annotation else Kind(inner)
    low, high = (next((getattr(m, end) for m in flat if hasattr(m, end)), None) for end in ("ge", "le"))
    return found and found._replace(leads=leads or found.leads, low=low, high=high)


def _fitting(kinds: list[Kind | None], value: Any) -> Kind | None:
    """Of several types: the one whose value it is; a text where there is none yet."""
    there = [kind for kind in kinds if kind]
    if len(there) == 1:
        return there[0]
    if {kind.type for kind in there} == {int, Decimal}:
        return Kind(Decimal)
    if value is None or isinstance(value, str):
        return next((kind for kind in there if _is_text(kind.type)), None)
    return next((kind for kind in there if _is_of(kind.type, value)), None)


def _is_text(type_: Any) -> bool:
    return type_ is str or (get_origin(type_) is Annotated and get_args(type_)[0] is str)


def _is_of(type_: Any, value: Any) -> bool:
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        try:
            type_.model_validate(value)
        except ValidationError:
            return False
        return True
    return isinstance(type_, type) and isinstance(value, type_)


def _scalar(type_: Any) -> str:
    known = next((shape for scalar, shape in SCALARS if scalar == type_), "")
    return known or PLAIN.get(type_, "line")


def _leads(kind: Kind) -> tuple[str, ...]:
    return next((types_ for alias, types_ in _LEADS if alias == kind.type), kind.leads)


def _yes(made: Field) -> tuple[tuple[str, str], ...]:
    said = (("yes", "Yes"), ("no", "No"))
    return said if made.needed else (*said, ("", _UNSAID))


def _hint(shape: str, kind: Kind) -> str:
    if shape == "whole" and kind.low is not None and kind.high is not None:
        return f"A whole number from {kind.low} to {kind.high}"
    return SHAPE_HINTS.get(shape, "")
