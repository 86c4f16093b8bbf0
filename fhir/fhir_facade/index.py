"""What an entry is found by: one row for each searchable value of a resource, written with the entry.

It stands on the path of every write: the paths of a type are compiled once, gathered by the element that they begin
with, and each is walked once however many parameters read it. What R5 alone is searched by is taken from the R5 face,
for the types that need it (fhir_facade.newer).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from fhir_facade import newer
from fhir_facade.params import COMMON, Param
from fhir_facade.references import target_type
from fhir_facade.resources import RESOURCES
from fhir_facade.values import HIGH, LONGEST_KEY, LONGEST_STRING, LOW, READ, fits, fold
from fhir_facade.versions import VERSIONS
from plan.model import IndexRow

__all__ = ["HIGH", "LONGEST_KEY", "LONGEST_STRING", "LOW", "first_text", "fold", "index", "version"]

READING = 1
"""Raised when values are read otherwise than before, which the parameters do not show."""

_MOST_PAIRS = 100
"""Rows of one composite; what is beyond is not found by it."""
_LONGEST_FIRST = 300
"""Characters of the first part of a composite, which stands in the name of its rows."""
_MARKED = re.compile(r"(?P<path>[\w.]+)(?:\[(?P<mark>[^\]]+)\](?P<rest>[\w.]*))?")


class _Path(NamedTuple):
    """A compiled path: the steps to walk, what to keep of what is there, the steps after that."""

    steps: tuple[str, ...]
    keep: Callable[[Any], bool] | None
    rest: tuple[str, ...]
    exists: bool


class _Read(NamedTuple):
    """A path, and the parameters that read what is found there."""

    path: _Path
    params: tuple[tuple[str, Callable[[str, Any], Iterator[IndexRow]]], ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The paths of a type by the element that they begin with, those that look at the whole, and the composites."""

    by_head: Mapping[str, tuple[_Read, ...]]
    whole: tuple[_Read, ...] = ()
    composites: tuple[Param, ...] = ()


@dataclass(slots=True)
class _Rows:
    """Rows in the order in which they were found, each once."""

    found: dict[IndexRow, None] = field(default_factory=dict)

    def read(self, resource: dict[str, Any], compiled: _Compiled) -> None:
        for name in resource:
            for one in compiled.by_head.get(name, ()):
                self._take(resource, one)
        for one in compiled.whole:
            self._take(resource, one)
        for param in compiled.composites:
            self.found.update(dict.fromkeys(_pairs(resource, param)))

    def _take(self, resource: dict[str, Any], one: _Read) -> None:
        for value in _found(resource, one.path):
            for name, read in one.params:
                self.found.update(dict.fromkeys(read(name, value)))


def index(resource: dict[str, Any]) -> list[IndexRow]:
    """The index rows of a resource, each once; [] for a type that is not served."""
    type_ = str(resource.get("resourceType", ""))
    if type_ not in RESOURCES:
        return []
    rows = _Rows()
    rows.read(resource, _compiled(type_))
    later = _later(type_)
    if later is not None:
        there = _Rows()
        there.read(newer.up(resource), later)
        rows.found.update(dict.fromkeys(_as_stored(there.found)))
    return list(rows.found)


def version() -> str:
    """What the rows depend on: READING, and a digest of every parameter of every type. Another one: index anew."""
    digest = sha256()
    for type_ in sorted(RESOURCES):
        for param in (*_older(type_), *newer.on_that_face(type_)):
            digest.update(repr((type_, param.key, param.family, param.paths, param.parts)).encode())
    return f"{READING}-{digest.hexdigest()[:16]}"


def first_text(row: IndexRow) -> tuple[str, ...]:
    """How the first part of a composite is written in the name of its rows: `system|code` (`Type/id`), and `code`."""
    mark = "/" if row.family == "reference" else "|"
    return (row.code,) if mark == "/" and not row.system else (f"{row.system}{mark}{row.code}", row.code)


def _as_stored(rows: Iterable[IndexRow]) -> Iterator[IndexRow]:
    """Rows of the R5 face with the types of what they point to as they are stored."""
    stored_type = VERSIONS["R5"].stored_type
    for row in rows:
        known = stored_type(row.system) if row.family == "reference" and row.system else None
        yield replace(row, system=known) if known else row


def _older(type_: str) -> tuple[Param, ...]:
    """The parameters that read the R4 face."""
    return (*RESOURCES[type_].params, *newer.on_this_face(type_), *COMMON)


@cache
def _compiled(type_: str) -> _Compiled:
    return _compile(_older(type_))


@cache
def _later(type_: str) -> _Compiled | None:
    params = tuple(newer.on_that_face(type_))
    return _compile(params) if params else None


def _compile(params: Iterable[Param]) -> _Compiled:
    by_path: dict[str, list[tuple[str, Callable[[str, Any], Iterator[IndexRow]]]]] = {}
    composites = []
    for param in params:
        if param.parts:
            composites.append(param)
        for path in param.paths:
            by_path.setdefault(path, []).append((param.key, READ[param.family]))
    by_head: dict[str, tuple[_Read, ...]] = {}
    whole: tuple[_Read, ...] = ()
    for text, readers in by_path.items():
        compiled = _path(text)
        one = _Read(compiled, tuple(readers))
        if compiled.exists:
            whole = (*whole, one)
        else:
            head = compiled.steps[0]
            by_head[head] = (*by_head.get(head, ()), one)
    return _Compiled(by_head, whole, tuple(composites))


@cache
def _path(text: str) -> _Path:
    found = _MARKED.fullmatch(text)
    if found is None:
        raise ValueError(f"the search path {text!r} cannot be read")
    mark, rest = found["mark"], tuple((found["rest"] or "").strip(".").split(".")) if found["rest"] else ()
    return _Path(tuple(found["path"].split(".")), _keep(mark) if mark else None, rest, mark == "exists")


def _keep(mark: str) -> Callable[[Any], bool]:
    name, said, wanted = mark.partition("=")
    if not said:
        return lambda value: _target(value) == mark
    if name == "extension":
        return lambda value: any(
            isinstance(each, dict) and each.get("url") == wanted for each in _walked(value, (name,))
        )
    steps = tuple(name.split("."))
    return lambda value: any(each == wanted for each in _walked(value, steps))


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


def _pairs(resource: dict[str, Any], param: Param) -> Iterator[IndexRow]:
    """The rows of a composite: those of its second part, under its name and the first part of the same object."""
    assert param.parts
    left = _MOST_PAIRS
    for base in param.parts.bases:
        for held in _walked(resource, () if base == "." else tuple(base.split("."))):
            seconds = list(_part(held, param.parts.second))
            texts = [text for row in _part(held, param.parts.first) for text in first_text(row)] if seconds else []
            for text in dict.fromkeys(texts):
                if len(text) <= _LONGEST_FIRST and left > 0:
                    left -= len(seconds)
                    kept = (row for row in seconds if fits(text + row.system, row.code))
                    yield from (_under(f"{param.key}${text}", row) for row in kept)


def _under(name: str, row: IndexRow) -> IndexRow:
    return IndexRow(name, row.family, row.system, row.code, row.low, row.high, row.bottom, row.top)


def _part(held: Any, param: Param) -> Iterator[IndexRow]:
    """The plain rows of a component: not those of a modifier."""
    for text in param.paths:
        steps = _path(text).steps
        for value in _walked(held, steps) if isinstance(held, dict) and steps[0] in held else ():
            yield from (row for row in READ[param.family]("", value) if not row.param)
