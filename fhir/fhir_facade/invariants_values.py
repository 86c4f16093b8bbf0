"""What the functions and operators of FHIRPath do with collections of JSON values. Source: FHIRPath 2.0.0, sections 5
and 6. A collection is a list; empty means that nothing can be told.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from fhir_facade import exact
from fhir_facade.elements import PRIMITIVES
from plan.dates import ANY_ZONE, DATE_ONLY, date_range, order

Items = list[Any]

NONE: Final[Items] = []
TRUE: Final[Items] = [True]
FALSE: Final[Items] = [False]
_FEW = 4
"""Up to so many are looked for one by one, which is quicker than to make keys of all."""


class _Bare:
    """Stands for a primitive that has extensions and no value: it exists, and nothing is known of it."""


Bare: Final = _Bare()


class Moment(int):
    """Milliseconds since 1970 UTC: the boundary of a date."""

    __slots__ = ()


def truth(items: Items) -> bool | None:
    """A collection as a condition: None for empty; one item that is no boolean counts as true (FHIRPath 4.5)."""
    if not items:
        return None
    return items[0] is not False if len(items) == 1 else True


def is_type(item: Any, type_: str) -> bool:
    """Whether a value is of a type, as far as JSON tells: a resource says it, an object of another type is believed."""
    if isinstance(item, dict):
        return item["resourceType"] == type_ if "resourceType" in item else type_ not in PRIMITIVES
    if type_ == "boolean":
        return isinstance(item, bool)
    if type_ in ("integer", "decimal", "positiveInt", "unsignedInt"):
        return isinstance(item, int | Decimal) and not isinstance(item, bool)
    return isinstance(item, str) and type_ in PRIMITIVES


def _told(answer: bool | None) -> Items:  # noqa: FBT001 - it is the answer itself
    return NONE if answer is None else TRUE if answer else FALSE


def _key(item: Any) -> Any:
    """What makes two values the same."""
    if isinstance(item, dict):
        return exact.dumps(_sorted(item))
    return (type(item) is bool, item)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


# operators


def _equal(one: Items, other: Items) -> Items:
    if not one or not other or Bare in one or Bare in other:
        return NONE
    return _told(list(map(_key, one)) == list(map(_key, other)))


def _unequal(one: Items, other: Items) -> Items:
    same = truth(_equal(one, other))
    return NONE if same is None else _told(not same)


def _in(one: Items, other: Items) -> Items:
    if not one:
        return NONE
    return _told(set(map(_key, one)) <= set(map(_key, other)))


def _contains(one: Items, other: Items) -> Items:
    return _in(other, one)


def _union(one: Items, other: Items) -> Items:
    return _distinct(one + other)


def _plus(one: Items, other: Items) -> Items:
    return [one[0] + other[0]] if one and other and Bare not in (one[0], other[0]) else NONE


def _minus(one: Items, other: Items) -> Items:
    return [one[0] - other[0]] if one and other else NONE


def _joined(one: Items, other: Items) -> Items:
    return ["".join(str(side[0]) if side and side[0] is not Bare else "" for side in (one, other))]


def _order(one: Any, other: Any) -> int | None:
    """-1, 0 or 1; None when it cannot be told: other units, or dates of which one may lie inside the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        same = one.get("code", one.get("unit")) == other.get("code", other.get("unit"))
        pair = one.get("value"), other.get("value")
        return None if not same or None in pair else _order(*pair)
    if isinstance(one, str) and isinstance(other, str):
        return order(one, other)
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return (one > other) - (one < other)
    return None


def _compared(fits: Callable[[int], bool]) -> Callable[[Items, Items], Items]:
    def act(one: Items, other: Items) -> Items:
        order = _order(one[0], other[0]) if len(one) == len(other) == 1 else None
        return NONE if order is None else _told(fits(order))

    return act


BY_OPERATOR: Mapping[str, Callable[[Items, Items], Items]] = {
    "=": _equal,
    "!=": _unequal,
    "in": _in,
    "contains": _contains,
    "|": _union,
    "+": _plus,
    "-": _minus,
    "&": _joined,
    "<": _compared(lambda order: order < 0),
    "<=": _compared(lambda order: order <= 0),
    ">": _compared(lambda order: order > 0),
    ">=": _compared(lambda order: order >= 0),
}


# functions


def _not(items: Items) -> Items:
    said = truth(items)
    return NONE if said is None else _told(not said)


def _distinct(items: Items) -> Items:
    return list({_key(item): item for item in reversed(items)}.values())[::-1]


def _intersect(items: Items, other: Items) -> Items:
    if len(items) <= _FEW:
        return [one for one in _distinct(items) if one in other]
    keys = set(map(_key, other))
    return [one for one in _distinct(items) if _key(one) in keys]


def _is_distinct(items: Items) -> Items:
    return _told(len(set(map(_key, items))) == len(items))


def _has_value(items: Items) -> Items:
    return _told(len(items) == 1 and items[0] is not Bare and not isinstance(items[0], dict))


def _at(items: Items, index: Items) -> Items:
    return items[index[0] : index[0] + 1]


def _of_text(act: Callable[..., Any]) -> Callable[..., Items]:
    """A function of one string, and of strings or numbers beside it; empty for anything else."""

    def run(items: Items, *given: Items) -> Items:
        if len(items) != 1 or not isinstance(items[0], str) or not all(given):
            return NONE
        return [act(items[0], *(one[0] for one in given))]

    return run


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of the published rules: none of a client's ever comes here."""
    return re.compile(text, re.DOTALL)


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[start:] if length is None else text[start : start + length]


def _to_integer(items: Items) -> Items:
    said = items[0] if len(items) == 1 else None
    if isinstance(said, int):
        return [int(said)]
    return [int(said)] if isinstance(said, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", said) else NONE


def _to_string(items: Items) -> Items:
    if len(items) != 1 or isinstance(items[0], dict) or items[0] is Bare:
        return NONE
    said = items[0]
    return [said if isinstance(said, str) else exact.text(said)]


def _children(items: Items) -> Items:
    out: Items = []
    for item in items:
        for name, held in item.items() if isinstance(item, dict) else ():
            if name != "resourceType" and name[:1] != "_":
                out += held if isinstance(held, list) else [held]
    return [one for one in out if one is not None]


def _descendants(items: Items) -> Items:
    out: Items = []
    level = _children(items)
    while level:
        out += level
        level = _children(level)
    return out


def _bound(items: Items, end: int) -> Items:
    """The earliest or latest that a date, the least or most that a number of this precision may mean."""
    if len(items) != 1:
        return NONE
    item = items[0]
    if isinstance(item, dict):
        return [{**item, "value": bound[0]}] if (bound := _bound([item.get("value")], end)) else NONE
    if isinstance(item, int | Decimal) and not isinstance(item, bool):
        number = Decimal(item)
        half = Decimal((0, (5,), int(number.as_tuple().exponent) - 1))
        return [number + half if end else number - half]
    span = date_range(item) if isinstance(item, str) else None
    if span is None:
        return NONE
    zone = 0 if len(item) > DATE_ONLY else ANY_ZONE
    return [Moment(span[1] + zone if end else span[0] - zone)]


def _comparable(items: Items, other: Items) -> Items:
    if len(items) != 1 or len(other) != 1:
        return NONE
    return _told(_order(items[0], other[0]) is not None)


BY_FUNCTION: Mapping[str, Callable[..., Items]] = {
    "empty": lambda items: FALSE if items else TRUE,
    "not": _not,
    "count": lambda items: [len(items)],
    "first": lambda items: items[:1],
    "tail": lambda items: items[1:],
    "[]": _at,
    "trace": lambda items, *_: items,
    "distinct": _distinct,
    "isDistinct": _is_distinct,
    "hasValue": _has_value,
    "allTrue": lambda items: _told(all(items)),
    "allFalse": lambda items: _told(not any(items)),
    "combine": lambda items, other: items + other,
    "intersect": _intersect,
    "startsWith": _of_text(str.startswith),
    "endsWith": _of_text(str.endswith),
    "contains": _of_text(lambda text, part: part in text),
    "matches": _of_text(lambda text, pattern: _pattern(pattern).search(text) is not None),
    "replaceMatches": _of_text(lambda text, pattern, by: _pattern(pattern).sub(by, text)),
    "substring": _of_text(_substring),
    "length": _of_text(len),
    "toInteger": _to_integer,
    "toString": _to_string,
    "children": _children,
    "descendants": _descendants,
    "lowBoundary": lambda items: _bound(items, 0),
    "highBoundary": lambda items: _bound(items, 1),
    "comparable": _comparable,
}
