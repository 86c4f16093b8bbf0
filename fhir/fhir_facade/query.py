"""Search strings in the neutral form of plan.query: what is searched, in which order, which page, what comes along.

Source: FHIR R4 search.html. What is not understood is left out of what was applied, so that the `self` link tells the
truth, or refused where the client asked for strict handling; a modifier or a chain that cannot be followed is refused
always, because a search without it would find more than was asked for.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl

import orjson

from fhir_facade import exact
from fhir_facade.chains import Reader, UnknownParameterError, costly, short, unsupported
from fhir_facade.includes import MOST_INCLUDES, include, is_include
from fhir_facade.offered import common, offered
from fhir_facade.params import Param
from fhir_facade.resources import RESOURCES, Resource, served
from fhir_facade.values import HIGH, LOW
from fhir_facade.versions import R4, Version
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Include, Point, Query, Sort, Token, Value

Pairs = Sequence[tuple[str, str]]

MOST_PARAMETERS = 30
MOST_SORTS = 5
LONGEST_VALUE = 4000
LONGEST_PAGE = 8000
MOST_COUNT = 1000
PAGE = "_page"
"""Our own parameter: where a page begins. Opaque to clients."""

_PERSONAL = ("patient", "subject")
_ELSEWHERE = frozenset({"_format", "_pretty"})
"""Parameters of every request, which are no part of the search."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A search as it will be done.

    `applied`: the parameters that took part, as they were sent. `counting`: the number is asked for, and no entries.
    `wants_total`: a total may be told. `summary`: true, text or data, empty for whole resources; `elements`: the only
    elements that are wanted, as the client's version names them.
    """

    query: Query
    applied: tuple[tuple[str, str], ...]
    counting: bool = False
    wants_total: bool = True
    summary: str = ""
    elements: tuple[str, ...] = ()


@dataclass(slots=True)
class _Asked:
    """What was read so far. `row`: None for a search over several types, which are `types`."""

    row: Resource | None
    types: tuple[str, ...]
    reader: Reader
    strict: bool
    conditions: list[Condition] = field(default_factory=list)
    persons: tuple[PersonId, ...] = ()
    applied: list[tuple[str, str]] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    sort: tuple[Sort, ...] = ()
    count: int = 20
    total: str = ""
    counting: bool = False
    summary: str = ""
    elements: tuple[str, ...] = ()
    after: str = ""
    controls: set[str] = field(default_factory=set)

    @property
    def what(self) -> str:
        """What is searched, as a refusal says it."""
        return self.row.type if self.row else "all types"

    @property
    def known(self) -> Mapping[str, Param]:
        """The parameters that may be searched by."""
        return offered(self.row, self.reader.version) if self.row else common(self.reader.version)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The parameters of a query string or a form. Raises MALFORMED where its escapes are not UTF-8, TOO_COSTLY."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Problem(Trouble.MALFORMED, "The parameters are not in UTF-8.") from error
    if len(pairs) > MOST_PARAMETERS:
        costly(f"a search has at most {MOST_PARAMETERS} parameters", "Ask in several searches.")
    return pairs


def parse(
    type_: str, pairs: Pairs, base: str, *, strict: bool = False, version: Version = R4, types: Sequence[str] = ()
) -> Parsed:
    """The search that `pairs` ask for. `base` is our own address, which references may begin with.

    `type_` is a stored type, or empty for a search over several: over `types` (stored too; none: all that `version`
    has), of which `_type` may name some. Raises BAD_VALUE, NOT_SUPPORTED or TOO_COSTLY.
    """
    row = served(type_) if type_ else None
    every = tuple(name for name in types or RESOURCES if version.shown_type(name))
    asked = _Asked(row, (row.type,) if row else every, Reader(version, base), strict)
    # Which types are searched says what the other parameters mean.
    for name, text in sorted(pairs, key=lambda pair: pair[0] != "_type"):
        _bounded(name, text)
        if text.strip() and name not in _ELSEWHERE:
            _read(asked, name, text)
    if asked.includes and asked.summary == "text":
        _refuse("_summary=text goes without _include and _revinclude", "Leave one of them out.")
    total = asked.total in ("accurate", "estimate") or asked.counting or (not asked.total and bool(asked.persons))
    query = Query(
        type=type_,
        types=() if row else asked.types,
        persons=asked.persons,
        conditions=tuple(asked.conditions),
        sort=asked.sort,
        count=0 if asked.counting else asked.count,
        after=_after(asked.after, asked.sort) if asked.after else (),
        total=total,
        includes=tuple(dict.fromkeys(asked.includes)),
    )
    applied = tuple(pair for pair in pairs if pair in asked.applied)
    return Parsed(query, applied, asked.counting, asked.total != "none", asked.summary, asked.elements)


def criteria(type_: str, text: str, base: str, version: Version = R4) -> Query:
    """The search of a conditional interaction; it finds at most one and tells when there are more.

    A parameter that is not understood is refused here: to ignore it would find more (http.html, conditional create).
    """
    pairs = pairs_of(text.removeprefix("?"))
    parsed = parse(type_, pairs, base, strict=True, version=version)
    if any(name in _CONTROLS or is_include(name) for name, _ in pairs):
        unsupported("criteria say what to find, not how to show it", "Leave _count, _sort and the like out.")
    if not (parsed.query.conditions or parsed.query.persons):
        raise Problem(Trouble.REQUIRED, "The criteria are empty: they would match everything.")
    query = parsed.query
    return Query(type=type_, persons=query.persons, conditions=query.conditions, count=1)


def cursor(after: Sequence[str | int]) -> str:
    """Where the next page begins, as `_page` carries it."""
    return urlsafe_b64encode(exact.dumps(list(after))).rstrip(b"=").decode()


def _read(asked: _Asked, name: str, text: str) -> None:
    control = _CONTROLS.get(name)
    if control:
        if name in asked.controls:
            _refuse(f"{name} stands twice", "Send it once.")
        asked.controls.add(name)
        applied = control(asked, text)
    elif is_include(name):
        applied = _include(asked, name, text)
    else:
        applied = _condition(asked, name, text)
    if applied:
        asked.applied.append((name, text))


def _condition(asked: _Asked, name: str, text: str) -> bool:
    plain, _, modifier = name.partition(":")
    try:
        if asked.row:
            found = asked.reader.read(asked.row, name, text)
        else:
            found = asked.reader.plain(_common(asked, plain), modifier, text)
    except UnknownParameterError:
        return _unknown(asked, name)
    persons = _persons(asked, plain, found)
    if persons and not asked.persons:
        asked.persons = persons
    else:
        asked.conditions.append(found)
    return True


def _common(asked: _Asked, name: str) -> Param:
    if name not in asked.known:
        raise UnknownParameterError(name)
    return asked.known[name]


def _persons(asked: _Asked, name: str, condition: Condition) -> tuple[PersonId, ...]:
    """The people to whom this condition binds the search, when it asks for that and for nothing else.

    Whoever is named by the element that says whose an entry is, is whose it is; so the plan is looked at alone.
    """
    row, values = asked.row, condition.any_of
    param = asked.known.get(name)
    if row is None or param is None or condition.negated or condition.param != param.key:
        return ()
    if row.type == "Patient" and name == "_id":
        return tuple(PersonId(v.code) for v in values if isinstance(v, Token) and v.code)
    whose = {path.partition("[")[0] for path in param.paths} <= set(row.person)
    if name not in _PERSONAL or not whose or not all(_is_person(value) for value in values):
        return ()
    return tuple(PersonId(value.id) for value in values if isinstance(value, Point))


def _is_person(value: Value) -> bool:
    return isinstance(value, Point) and value.type == "Patient"


def _include(asked: _Asked, name: str, text: str) -> bool:
    if len(asked.includes) >= MOST_INCLUDES:
        costly(f"a search includes at most {MOST_INCLUDES} things", "Ask in several searches.")
    found = include(asked.reader, set(asked.types), name, text)
    if found is None:
        return _unknown(asked, f"{name}={text}")
    asked.includes.append(found)
    return True


def counted(text: str) -> int:
    """How many entries a page shall have, as `_count` says it, and never more than `MOST_COUNT`. Raises BAD_VALUE."""
    if not (text.isascii() and text.isdigit()):
        _refuse("_count is no number", "Write how many entries a page shall have.")
    return min(int(text.lstrip("0")[:_DIGITS] or 0), MOST_COUNT)


def _count(asked: _Asked, text: str) -> bool:
    asked.count = counted(text)
    asked.counting = asked.counting or asked.count == 0
    return True


_DIGITS = 9
"""Of a count that are looked at: one that is longer is more than a page ever has, whatever follows."""


def _type(asked: _Asked, text: str) -> bool:
    if asked.row:
        return _unknown(asked, "_type")
    stored = {name.strip(): asked.reader.version.stored_type(name.strip()) for name in text.split(",") if name.strip()}
    for name, type_ in stored.items():
        if type_ not in RESOURCES:
            unsupported(f"{short(name)} is no type that is served", "The CapabilityStatement at /metadata lists them.")
    wanted = set(stored.values())
    asked.types = tuple(type_ for type_ in asked.types if type_ in wanted)
    if not asked.types:
        _refuse("_type names nothing that is searched here", "Name one of the types that are.")
    return True


def _summary(asked: _Asked, text: str) -> bool:
    if text not in ("true", "text", "data", "count", "false"):
        _refuse("_summary is none of true, text, data, count and false", "Write one of these.")
    asked.counting = asked.counting or text == "count"
    asked.summary = text if text in ("true", "text", "data") else ""
    return text != "false"


def _elements(asked: _Asked, text: str) -> bool:
    asked.elements = tuple(dict.fromkeys(name for each in text.split(",") if (name := each.strip())))
    return bool(asked.elements)


def _contained(asked: _Asked, text: str) -> bool:
    """Contained resources are not searched; who does not ask for them is answered."""
    if text != "false":
        _unknown(asked, f"_contained={text}")
    return False


def _total(asked: _Asked, text: str) -> bool:
    if text not in ("none", "estimate", "accurate"):
        _refuse("_total is none of none, estimate and accurate", "Write one of these.")
    asked.total = text
    return True


def _sort(asked: _Asked, text: str) -> bool:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if len(keys) > MOST_SORTS:
        costly(f"a search is sorted by at most {MOST_SORTS} parameters", "Sort by fewer.")
    for key in keys:
        param = asked.known.get(key.removeprefix("-"))
        if param is None or param.parts:
            unsupported(f"{short(key)} is nothing to sort {asked.what} by", "Sort by a search parameter.")
        asked.sort += (Sort(param.key, param.held, descending=key.startswith("-")),)
    return bool(keys)


def _page(asked: _Asked, text: str) -> bool:
    asked.after = text
    return False


_CONTROLS: Mapping[str, Callable[[_Asked, str], bool]] = {
    "_count": _count,
    "_contained": _contained,
    "_elements": _elements,
    "_summary": _summary,
    "_total": _total,
    "_type": _type,
    "_sort": _sort,
    PAGE: _page,
}
"""The parameters that say how the result is shown. Each answers whether it belongs into `self`."""


def _after(text: str, sort: tuple[Sort, ...]) -> tuple[str | int, ...]:
    """The keys of a `_page`, each of the type that the order gives it, so that a false one never reaches the store."""
    families = [*(one.family for one in sort)] or ["date"]
    try:
        keys = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        keys = None
    fit = isinstance(keys, list) and len(keys) == len(families) + 1
    if not fit or not all(_fits(key, family) for key, family in zip(keys, [*families, "token"], strict=True)):
        _refuse("_page is no page of this search", "Follow the links of the answer as they are.")
    return tuple(keys)


def _fits(key: object, family: str) -> bool:
    if family == "date":
        return type(key) is int and LOW <= key <= HIGH
    return isinstance(key, str) and "\x00" not in key


def _bounded(name: str, text: str) -> None:
    if len(text) > (LONGEST_PAGE if name == PAGE else LONGEST_VALUE):
        costly(f"the value of a parameter has at most {LONGEST_VALUE} characters", "Ask in several searches.")
    if "\x00" in text:
        _refuse("a value holds a NUL character", "Leave it out.")


def _unknown(asked: _Asked, name: str) -> bool:
    """Left out of what was applied, or refused."""
    if asked.strict:
        what = f"{short(name)} is no search parameter of {asked.what} that is supported"
        unsupported(what, "The CapabilityStatement at /metadata lists them.")
    return False


def _refuse(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.BAD_VALUE, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
