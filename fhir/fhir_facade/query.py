"""Search strings in the neutral form of plan.query: what is searched, in which order, which page.

Source: FHIR R4 search.html. What is not understood is left out of what was applied, so that the `self` link tells the
truth, or refused where the client asked for strict handling; a modifier or a chain is refused always, because a search
without it would find more than was asked for.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl

import orjson

from fhir_facade import exact
from fhir_facade.index import HIGH, LOW
from fhir_facade.params import COMMON, Param
from fhir_facade.resources import Resource, served
from fhir_facade.searched import Term, modifiers, split
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Point, Query, Sort, Token, Value

Pairs = Sequence[tuple[str, str]]

MOST_PARAMETERS = 30
MOST_VALUES = 100
MOST_SORTS = 3
LONGEST_VALUE = 1000
LONGEST_PAGE = 8000
MOST_COUNT = 1000
PAGE = "_page"
"""Our own parameter: where a page begins. Opaque to clients."""

ID_PARAM = Param("_id", "token", ("id",))
UPDATED_PARAM = Param("_lastUpdated", "date", ("meta.lastUpdated",))
ALWAYS = (ID_PARAM, UPDATED_PARAM, *COMMON)
"""Offered for every type. `_id` and `_lastUpdated` are columns, not index rows."""
_PERSONAL = ("patient", "subject")
_ELSEWHERE = frozenset({"_format", "_pretty"})
"""Parameters of every request, which are no part of the search."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A search as it will be done.

    `applied`: the parameters that took part, as they were sent. `counting`: the number is asked for, and no entries.
    `wants_total`: a total may be told.
    """

    query: Query
    applied: tuple[tuple[str, str], ...]
    counting: bool = False
    wants_total: bool = True


@dataclass(slots=True)
class _Asked:
    """What was read so far."""

    row: Resource
    base: str
    strict: bool
    conditions: list[Condition] = field(default_factory=list)
    persons: tuple[PersonId, ...] = ()
    applied: list[tuple[str, str]] = field(default_factory=list)
    sort: tuple[Sort, ...] = ()
    count: int = 20
    total: str = ""
    counting: bool = False
    after: str = ""
    controls: set[str] = field(default_factory=set)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The parameters of a query string or a form. Raises MALFORMED where its escapes are not UTF-8, TOO_COSTLY."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Problem(Trouble.MALFORMED, "The parameters are not in UTF-8.") from error
    if len(pairs) > MOST_PARAMETERS:
        _costly(f"a search has at most {MOST_PARAMETERS} parameters")
    return pairs


def parse(type_: str, pairs: Pairs, base: str, *, strict: bool = False) -> Parsed:
    """The search that `pairs` ask for. `base` is our own address, which references may begin with.

    Raises BAD_VALUE, NOT_SUPPORTED or TOO_COSTLY.
    """
    asked = _Asked(served(type_), base, strict)
    for name, text in pairs:
        _bounded(name, text)
        if text.strip() and name not in _ELSEWHERE:
            _read(asked, name, text)
    total = asked.total in ("accurate", "estimate") or asked.counting or (not asked.total and bool(asked.persons))
    query = Query(
        type=type_,
        persons=asked.persons,
        conditions=tuple(asked.conditions),
        sort=asked.sort,
        count=0 if asked.counting else asked.count,
        after=_after(asked.after, asked.sort) if asked.after else (),
        total=total,
    )
    return Parsed(query, tuple(asked.applied), asked.counting, asked.total != "none")


def criteria(type_: str, text: str, base: str) -> Query:
    """The search of a conditional interaction; it finds at most one and tells when there are more.

    A parameter that is not understood is refused here: to ignore it would find more (http.html, conditional create).
    """
    pairs = pairs_of(text.removeprefix("?"))
    parsed = parse(type_, pairs, base, strict=True)
    if parsed.query.sort or any(name in _CONTROLS for name, _ in pairs):
        _unsupported("criteria say what to find, not how to show it", "Leave _count, _sort and the like out.")
    if not (parsed.query.conditions or parsed.query.persons):
        raise Problem(Trouble.REQUIRED, "The criteria are empty: they would match everything.")
    query = parsed.query
    return Query(type=type_, persons=query.persons, conditions=query.conditions, count=1)


def cursor(after: Sequence[str | int]) -> str:
    """Where the next page begins, as `_page` carries it."""
    return urlsafe_b64encode(exact.dumps(list(after))).rstrip(b"=").decode()


def offered(row: Resource) -> Mapping[str, Param]:
    """Every parameter that a type can be searched by."""
    return {param.name: param for param in (*ALWAYS, *row.params)}


def _read(asked: _Asked, name: str, text: str) -> None:
    control = _CONTROLS.get(name)
    if control:
        if name in asked.controls:
            _refuse(f"{name} stands twice", "Send it once.")
        asked.controls.add(name)
        if control(asked, text):
            asked.applied.append((name, text))
        return
    plain, _, modifier = name.partition(":")
    known = offered(asked.row)
    if "." in name or name.startswith("_has"):
        _unsupported(f"{_short(name)} is a chain, and chains are not supported", "Search in two steps.")
    if plain not in known:
        _unknown(asked, name)
        return
    if modifier not in modifiers(known[plain]) | {""}:
        _unsupported(f"the modifier of {_short(name)} is not supported", "Search without it.")
    _condition(asked, Term(asked.row.type, known[plain], modifier, asked.base), text)
    asked.applied.append((name, text))


def _condition(asked: _Asked, term: Term, text: str) -> None:
    texts = [one for one in split(text, ",") if one.strip()]
    if len(texts) > MOST_VALUES:
        _costly(f"a parameter has at most {MOST_VALUES} values")
    values = tuple(value for one in texts for value in term.values(one))
    if not values:
        _refuse(f"{term.param.name} has no value", "Write one, or leave the parameter out.")
    persons = _persons(asked.row, term, values)
    if persons and not asked.persons:
        asked.persons = persons
    else:
        name = f"{term.param.name}:identifier" if term.modifier == "identifier" else term.param.name
        asked.conditions.append(Condition(name, values))


def _persons(row: Resource, term: Term, values: tuple[Value, ...]) -> tuple[PersonId, ...]:
    """The people to whom this parameter binds the search, when it asks for that and for nothing else.

    Whoever is named by the element that says whose an entry is, is whose it is; so the plan is looked at alone.
    """
    if row.type == "Patient" and term.param is ID_PARAM:
        return tuple(PersonId(v.code) for v in values if isinstance(v, Token) and v.code)
    whose = {path.partition("[")[0] for path in term.param.paths} <= set(row.person)
    if term.param.name not in _PERSONAL or not whose:
        return ()
    if not all(isinstance(value, Point) and value.type == "Patient" for value in values):
        return ()
    return tuple(PersonId(value.id) for value in values if isinstance(value, Point))


def _count(asked: _Asked, text: str) -> bool:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - no number of ours is longer
        _refuse("_count is no number", "Write how many entries a page shall have.")
    asked.count = min(int(text), MOST_COUNT)
    asked.counting = asked.counting or asked.count == 0
    return True


def _summary(asked: _Asked, text: str) -> bool:
    if text == "count":
        asked.counting = True
        return True
    if text != "false":
        _unknown(asked, f"_summary={text}")
    return False


def _total(asked: _Asked, text: str) -> bool:
    if text not in ("none", "estimate", "accurate"):
        _refuse("_total is none of none, estimate and accurate", "Write one of these.")
    asked.total = text
    return True


def _sort(asked: _Asked, text: str) -> bool:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if len(keys) > MOST_SORTS:
        _costly(f"a search is sorted by at most {MOST_SORTS} parameters")
    known = offered(asked.row)
    for key in keys:
        param = known.get(key.removeprefix("-"))
        if param is None:
            _unsupported(f"{_short(key)} is nothing to sort {asked.row.type} by", "Sort by a search parameter.")
        asked.sort += (Sort(param.name, param.family, descending=key.startswith("-")),)
    return bool(keys)


def _page(asked: _Asked, text: str) -> bool:
    asked.after = text
    return False


_CONTROLS: Mapping[str, Callable[[_Asked, str], bool]] = {
    "_count": _count,
    "_summary": _summary,
    "_total": _total,
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
        _costly(f"the value of a parameter has at most {LONGEST_VALUE} characters")
    if "\x00" in text:
        _refuse("a value holds a NUL character", "Leave it out.")


def _unknown(asked: _Asked, name: str) -> None:
    if asked.strict:
        what = f"{_short(name)} is no search parameter of {asked.row.type} that is supported"
        _unsupported(what, "The CapabilityStatement at /metadata lists them.")


def _short(name: str) -> str:
    return repr(name[:64])


def _unsupported(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.NOT_SUPPORTED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))


def _refuse(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.BAD_VALUE, what[:1].upper() + what[1:], (Fault(what, mend=mend),))


def _costly(what: str) -> NoReturn:
    raise Problem(Trouble.TOO_COSTLY, what[:1].upper() + what[1:], (Fault(what, mend="Ask in several searches."),))
