"""What an entry is found by: one row for each searchable value of a resource, written with the entry.

Source: FHIR R4 search.html 3.1.1.4 (how each family reads each data type). A value of an odd shape gives no row: the
index never refuses what the validator let in.
"""

import re
import unicodedata
from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from fhir_facade.params import COMMON, Param
from fhir_facade.references import RELATIVE, target_type
from fhir_facade.resources import RESOURCES
from plan.identity import NHS_NUMBER, nhs_number, normal_system
from plan.model import IndexRow

LOW = -(2**62)
HIGH = 2**62
"""The open ends of a period."""

LONGEST_STRING = 200
LONGEST_KEY = 2000
"""Bytes of system and code together. A longer token is left out: a cut one would match what it is not."""

_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400_000
_LAST_HOUR, _LAST_MINUTE, _LEAP_SECOND = 23, 59, 60
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_MARKED = re.compile(r"(?P<path>[\w.]+)(?:\[(?P<mark>[^\]]+)\](?P<rest>[\w.]*))?")


class _Path(NamedTuple):
    """A compiled path: the steps to walk, what to keep of what is there, the steps after that."""

    steps: tuple[str, ...]
    keep: Callable[[Any], bool] | None
    rest: tuple[str, ...]
    exists: bool


def index(resource: dict[str, Any]) -> list[IndexRow]:
    """The index rows of a resource, each once; [] for a type that is not served."""
    rows: dict[IndexRow, None] = {}
    for param, paths in _compiled(str(resource.get("resourceType", ""))):
        read = _READ[param.family]
        for path in paths:
            for value in _found(resource, path):
                rows.update(dict.fromkeys(read(param.name, value)))
    return list(rows)


def fold(text: str) -> str:
    """A string as it is compared: without case and accents, white space as single spaces."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(bare.split())


def date_range(text: str) -> tuple[int, int] | None:
    """The milliseconds since 1970 UTC that a date, dateTime or instant covers, both ends included; None if it is none.

    A month covers the month, a second its thousand milliseconds; a time without a zone is read as UTC.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        start = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    low = (start.toordinal() - _EPOCH) * _DAY
    if hour is None:
        return low, low + _days(start, month, day) * _DAY - 1
    # A leap second is written :60; it is counted as the second after :59.
    if int(hour) > _LAST_HOUR or int(minute) > _LAST_MINUTE or int(second or 0) > _LEAP_SECOND:
        return None
    low += (int(hour) * 60 + int(minute) - _offset(zone)) * 60_000 + int(second or 0) * 1000
    if second is None:
        return low, low + 59_999
    low += int((fraction or "").ljust(3, "0")[:3])
    return low, low + 10 ** (3 - min(len(fraction or ""), 3)) - 1


def _days(start: date, month: str | None, day: str | None) -> int:
    if day:
        return 1
    return monthrange(start.year, start.month)[1] if month else 365 + isleap(start.year)


def _offset(zone: str | None) -> int:
    """Minutes east of UTC."""
    if zone is None or zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


@cache
def _compiled(type_: str) -> list[tuple[Param, list[_Path]]]:
    row = RESOURCES.get(type_)
    return [(param, [_path(path) for path in param.paths]) for param in (*row.params, *COMMON)] if row else []


def _path(text: str) -> _Path:
    found = _MARKED.fullmatch(text)
    if found is None:
        raise ValueError(f"the search path {text!r} cannot be read")
    mark, rest = found["mark"], tuple((found["rest"] or "").strip(".").split(".")) if found["rest"] else ()
    keep: Callable[[Any], bool] | None = None
    if mark and "=" in mark:
        name, _, wanted = mark.partition("=")
        keep = lambda value: value.get(name) == wanted  # noqa: E731 - a closure over two names, nothing more
    elif mark and mark != "exists":
        keep = lambda value: _target(value) == mark  # noqa: E731 - as above
    return _Path(tuple(found["path"].split(".")), keep, rest, mark == "exists")


def _target(value: dict[str, Any]) -> str:
    reference, said = value.get("reference"), value.get("type")
    return target_type(reference if isinstance(reference, str) else "", said if isinstance(said, str) else "")


def _found(resource: dict[str, Any], path: _Path) -> Iterator[Any]:
    if path.exists:
        stem = path.steps[0]
        yield any(name.startswith(stem) and value is not False for name, value in resource.items())
        return
    for value in _walked(resource, path.steps):
        if path.keep is None:
            yield value
        elif isinstance(value, dict) and path.keep(value):
            yield from _walked(value, path.rest)


def _walked(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for member in value:
            yield from _walked(member, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _walked(value[steps[0]], steps[1:])


def _tokens(param: str, value: Any) -> Iterator[IndexRow]:
    if isinstance(value, bool):
        yield IndexRow(param, "token", "", "true" if value else "false")
    elif isinstance(value, str):
        yield from _token(param, "", value)
    elif isinstance(value, dict):
        codings = value.get("coding")
        for held in codings if isinstance(codings, list) else (value,):
            if isinstance(held, dict):
                yield from _token(param, held.get("system", ""), held.get("code", held.get("value")))


def _token(param: str, system: Any, code: Any) -> Iterator[IndexRow]:
    """Code and Coding name it `code`; Identifier and ContactPoint name it `value`."""
    if not isinstance(system, str) or not isinstance(code, str) or not code:
        return
    normal = normal_system(system)
    plain = _nhs(code) if normal == NHS_NUMBER else code
    if len(normal.encode(errors="replace")) + len(plain.encode(errors="replace")) <= LONGEST_KEY:
        yield IndexRow(param, "token", normal, plain)


def _nhs(code: str) -> str:
    try:
        return nhs_number(code)
    except ValueError:
        return code


def _references(param: str, value: Any) -> Iterator[IndexRow]:
    if isinstance(value, str):
        yield from _canonical(param, value)
    elif isinstance(value, dict):
        reference, identifier = value.get("reference"), value.get("identifier")
        if isinstance(reference, str) and reference and not reference.startswith("#"):
            found = RELATIVE.fullmatch(reference)
            system, code = (found["type"], found["id"]) if found else ("", reference.partition("/_history/")[0])
            if len(code.encode(errors="replace")) <= LONGEST_KEY:
                yield IndexRow(param, "reference", system, code)
        if isinstance(identifier, dict):
            yield from _token(f"{param}:identifier", identifier.get("system", ""), identifier.get("value"))


def _canonical(param: str, value: str) -> Iterator[IndexRow]:
    """With and without its version: a search may name either."""
    for address in dict.fromkeys((value, value.partition("|")[0])):
        if address and len(address.encode(errors="replace")) <= LONGEST_KEY:
            yield IndexRow(param, "reference", "", address)


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
        spans.append(
            _covered(
                {name: repeat["boundsPeriod"].get(name) for name in ("start", "end") if name in repeat["boundsPeriod"]}
            )
        )
    known = [span for span in spans if span is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def _ends(value: Any) -> tuple[int, int] | None:
    return date_range(value) if isinstance(value, str) else None


def _strings(param: str, value: Any) -> Iterator[IndexRow]:
    """A string as it is; of a HumanName or an Address each part."""
    if isinstance(value, str):
        folded = fold(value[: 4 * LONGEST_STRING])[:LONGEST_STRING].rstrip()
        if folded:
            yield IndexRow(param, "string", "", folded)
    elif isinstance(value, dict):
        for part in dict.fromkeys((*_NAME_PARTS, *_ADDRESS_PARTS)):
            for held in _walked(value.get(part), ()):
                if isinstance(held, str):
                    yield from _strings(param, held)


_READ: Mapping[str, Callable[[str, Any], Iterator[IndexRow]]] = {
    "token": _tokens,
    "reference": _references,
    "date": _dates,
    "string": _strings,
}
