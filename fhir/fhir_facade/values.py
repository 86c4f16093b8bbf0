"""The index rows of one value, by the family of the parameter that reads it.

Source: FHIR R4 search.html 3.1.1.4 (how each family reads each data type). A value of an odd shape gives no row: the
index never refuses what the validator let in. Numbers and quantities stand in fhir_facade.measures.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fhir_facade.measures import numbers, quantities
from fhir_facade.references import RELATIVE
from plan.dates import date_range
from plan.identity import NHS_NUMBER, nhs_number, normal_system
from plan.model import IndexRow

LOW = -(2**62)
HIGH = 2**62
"""The open ends of a period."""

LONGEST_STRING = 200
LONGEST_KEY = 2000
"""Bytes of system and code together. A longer token is left out: a cut one would match what it is not."""

_NAME = ("text", "family", "given", "prefix", "suffix")
_ADDRESS = ("line", "city", "district", "state", "postalCode", "country")


def fold(text: str) -> str:
    """A string as it is compared: without case and accents, white space as single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(bare.split())


def _tokens(param: str, value: Any) -> Iterator[IndexRow]:
    """Codes, and under `param:text` the words that they are shown by; an Identifier under `param:of-type` too."""
    if isinstance(value, bool):
        yield IndexRow(param, "token", "", "true" if value else "false")
    elif isinstance(value, str):
        yield from _token(param, "", value)
    elif isinstance(value, dict):
        codings = value.get("coding")
        for held in codings if isinstance(codings, list) else (value,):
            if isinstance(held, dict):
                yield from _token(param, held.get("system", ""), held.get("code", held.get("value")))
                yield from _words(f"{param}:text", held.get("display"))
        yield from _words(f"{param}:text", value.get("text"))
        if isinstance(value.get("type"), dict):
            yield from _typed(param, value["type"], value)


def _token(param: str, system: Any, code: Any) -> Iterator[IndexRow]:
    """Code and Coding name it `code`; Identifier and ContactPoint name it `value`."""
    if not isinstance(system, str) or not isinstance(code, str) or not code:
        return
    normal = normal_system(system) if system else ""
    plain = _nhs(code) if normal == NHS_NUMBER else code
    if fits(normal, plain):
        yield IndexRow(param, "token", normal, plain)


def _typed(param: str, type_: Mapping[str, Any], identifier: Mapping[str, Any]) -> Iterator[IndexRow]:
    """An Identifier by its type: `system|code` of the type is the system of these rows."""
    yield from _words(f"{param}:text", type_.get("text"))
    codings, value = type_.get("coding"), identifier.get("value")
    for held in codings if isinstance(codings, list) else ():
        system, code = (held.get("system", ""), held.get("code")) if isinstance(held, dict) else ("", None)
        if isinstance(system, str) and isinstance(code, str) and isinstance(value, str) and value:
            for said in dict.fromkeys((value, _nhs(value))):
                if fits(f"{system}|{code}", said):
                    yield IndexRow(f"{param}:of-type", "token", f"{system}|{code}", said)


def _nhs(code: str) -> str:
    try:
        return nhs_number(code)
    except ValueError:
        return code


def fits(system: str, code: str) -> bool:
    """Whether both are short enough together for the key of an index."""
    most = len(system) + len(code)
    return (
        most * 4 <= LONGEST_KEY
        or len(system.encode(errors="replace")) + len(code.encode(errors="replace")) <= LONGEST_KEY
    )


def _references(param: str, value: Any) -> Iterator[IndexRow]:
    if isinstance(value, str):
        yield from (IndexRow(param, "reference", "", address) for address in _addresses(value))
    elif isinstance(value, dict):
        reference, identifier = value.get("reference"), value.get("identifier")
        if isinstance(reference, str) and reference and not reference.startswith("#"):
            found = RELATIVE.fullmatch(reference)
            system, code = (found["type"], found["id"]) if found else ("", reference.partition("/_history/")[0])
            if fits("", code):
                yield IndexRow(param, "reference", system, code)
        if isinstance(identifier, dict):
            yield from _token(f"{param}:identifier", identifier.get("system", ""), identifier.get("value"))


def _uris(param: str, value: Any) -> Iterator[IndexRow]:
    if isinstance(value, str):
        yield from (IndexRow(param, "token", "", address) for address in _addresses(value))


def _addresses(value: str) -> Iterator[str]:
    """A canonical with and without its version: a search may name either."""
    for address in dict.fromkeys((value, value.partition("|")[0])):
        if address and fits("", address):
            yield address


def _dates(param: str, value: Any) -> Iterator[IndexRow]:
    covered = date_range(value) if isinstance(value, str) else _covered(value) if isinstance(value, dict) else None
    if covered is not None and covered[0] <= covered[1]:
        yield IndexRow(param, "date", low=covered[0], high=covered[1])


def _covered(value: Mapping[str, Any]) -> tuple[int, int] | None:
    """A Period from its ends, a Timing from its events and its bounds."""
    if "start" in value or "end" in value:
        start, end = (_ends(value.get(name)) for name in ("start", "end"))
        low = start[0] if start else LOW if "start" not in value else None
        high = end[1] if end else HIGH if "end" not in value else None
        return None if low is None or high is None else (low, high)
    events = value.get("event")
    repeat = value.get("repeat")
    spans = [_ends(event) for event in events] if isinstance(events, list) else []
    if isinstance(repeat, dict) and isinstance(repeat.get("boundsPeriod"), dict):
        bounds = repeat["boundsPeriod"]
        spans.append(_covered({name: bounds.get(name) for name in ("start", "end") if name in bounds}))
    known = [span for span in spans if span is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def _ends(value: Any) -> tuple[int, int] | None:
    return date_range(value) if isinstance(value, str) else None


def _strings(param: str, value: Any) -> Iterator[IndexRow]:
    """A string folded, and under `param:exact` as it is written; of a HumanName or an Address each part."""
    if isinstance(value, str):
        yield from _words(param, value)
        if value and fits("", value):
            yield IndexRow(f"{param}:exact", "token", "", value)
    elif isinstance(value, dict):
        for part in (*_NAME, *_ADDRESS):
            held = value.get(part)
            for member in held if isinstance(held, list) else (held,):
                if isinstance(member, str):
                    yield from _strings(param, member)


def _words(param: str, text: Any) -> Iterator[IndexRow]:
    if isinstance(text, str):
        folded = fold(text[: 4 * LONGEST_STRING])[:LONGEST_STRING].rstrip()
        if folded:
            yield IndexRow(param, "string", "", folded)


READ: Mapping[str, Callable[[str, Any], Iterator[IndexRow]]] = {
    "token": _tokens,
    "reference": _references,
    "date": _dates,
    "string": _strings,
    "uri": _uris,
    "number": numbers,
    "quantity": quantities,
}
"""Rows by the published family of the parameter: name of the rows, value."""
