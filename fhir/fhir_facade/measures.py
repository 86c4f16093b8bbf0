"""Numbers and quantities as index rows: what lies between which ends, and in which unit.

Source: FHIR R4 search.html 3.1.1.4.6 and 3.1.1.4.10, datatypes.html (Quantity, Range, Money, SampledData). A number is
kept as it is, without the uncertainty of its last digit: `gt100` shall not find 100. The uncertainty belongs to what is
searched for (fhir_facade.searched).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from plan.model import IndexRow
from plan.number import HIGHEST, LOWEST, key

_CURRENCY = "urn:iso:std:iso:4217"
_LONGEST_UNIT = 200
_MOST_SAMPLES = 20_000
"""Characters of sampled data that are looked at; a longer one is found by no quantity."""


class _Span(NamedTuple):
    bottom: str
    top: str
    system: str
    code: str
    unit: str


def numbers(param: str, value: Any) -> Iterator[IndexRow]:
    """The row of a plain number."""
    said = _key(value)
    if said is not None:
        yield IndexRow(param, "number", bottom=said, top=said)


def quantities(param: str, value: Any) -> Iterator[IndexRow]:
    """The rows of a Quantity, Money, Range or SampledData: by the code of its unit, and by the unit's name."""
    span = _span(value) if isinstance(value, dict) else None
    if span is None or span.bottom > span.top:
        return
    units = {(span.system, span.code): None} if span.code or not span.unit else {}
    if span.unit and span.unit != span.code:
        units["", span.unit] = None
    for system, code in units:
        if len(system) <= _LONGEST_UNIT and len(code) <= _LONGEST_UNIT:
            yield IndexRow(param, "number", system, code, bottom=span.bottom, top=span.top)


def _span(value: Mapping[str, Any]) -> _Span | None:
    if "origin" in value:
        return _sampled(value)
    if "low" in value or "high" in value:
        return _range(value.get("low"), value.get("high"))
    said = _key(value.get("value"))
    if said is None:
        return None
    below, above = value.get("comparator") in ("<", "<="), value.get("comparator") in (">", ">=")
    return _in_unit(LOWEST if below else said, HIGHEST if above else said, value)


def _in_unit(bottom: str, top: str, value: Mapping[str, Any]) -> _Span:
    words = (value.get(name, "") for name in ("system", "code", "unit", "currency"))
    system, code, unit, currency = (word if isinstance(word, str) else "" for word in words)
    return _Span(bottom, top, _CURRENCY, currency, "") if currency else _Span(bottom, top, system, code, unit)


def _range(low: Any, high: Any) -> _Span | None:
    """An end that is not there is open; one that cannot be read is none."""
    ends = [(end, _key(end.get("value"))) if isinstance(end, dict) else (end, None) for end in (low, high)]
    known = [end for end, said in ends if said is not None]
    if not known or any(end is not None and said is None for end, said in ends):
        return None
    return _in_unit(ends[0][1] or LOWEST, ends[1][1] or HIGHEST, known[0])


def _sampled(value: Mapping[str, Any]) -> _Span | None:
    """From the lowest to the highest of the samples: each times the factor, and the origin added."""
    origin, data, factor = value.get("origin"), value.get("data"), value.get("factor", 1)
    if not isinstance(origin, dict) or not isinstance(data, str) or len(data) > _MOST_SAMPLES:
        return None
    start = origin.get("value", 0)
    if not _number(start) or not _number(factor):
        return None
    try:
        points = [Decimal(word) * factor + start for word in data.split() if word not in ("E", "U", "L")]
        return _in_unit(key(min(points)), key(max(points)), origin) if points else None
    except (InvalidOperation, ValueError):
        return None


def _number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _key(value: Any) -> str | None:
    if not _number(value):
        return None
    try:
        return key(Decimal(value))
    except ValueError:
        return None
