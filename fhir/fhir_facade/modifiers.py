"""One parameter with its modifier and all of its values, as a condition of plan.query.

Source: FHIR R4 search.html 3.1.1.4.4 (modifiers), 3.1.1.4.16 (composite). A modifier that is not known here is
refused: a search without it would find more, or something else, than was asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NoReturn

from fhir_facade import codesets
from fhir_facade.elements import resource_types
from fhir_facade.index import first_text
from fhir_facade.leaves import bare_systems, codes, leaves
from fhir_facade.params import ID, UPDATED, Param
from fhir_facade.searched import Term, plain, refuse, split, tokens, words
from fhir_facade.versions import Version
from plan.identity import normal_system
from plan.model import IndexRow
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Point, Token, Value

MOST_VALUES = 100
MOST_CODES = 300
"""Codes that a value set or a hierarchy may stand for in one parameter."""

_BY_FAMILY: Mapping[str, frozenset[str]] = {
    "token": frozenset({"missing", "not", "text", "in", "not-in", "above", "below"}),
    "reference": frozenset({"missing", "identifier"}),
    "string": frozenset({"missing", "exact", "contains"}),
    "uri": frozenset({"missing", "above", "below", "contains"}),
    "date": frozenset({"missing"}),
    "number": frozenset({"missing"}),
    "quantity": frozenset({"missing"}),
}
_NEGATED = frozenset({"not", "not-in"})
_ROWS = frozenset({"text", "exact", "of-type", "identifier"})
"""Modifiers whose values stand in index rows of their own, `name:modifier`."""


def modifiers(param: Param, version: Version) -> frozenset[str]:
    """What may stand behind a parameter's name and a colon."""
    if param.name in (ID.name, UPDATED.name):
        return frozenset()
    known = _BY_FAMILY.get(param.family, frozenset())
    if param.family == "reference":
        return known | resource_types(version.name)
    return known | {"of-type"} if any(leaf.type == "Identifier" for leaf in leaves(param)) else known


def condition(term: Term, text: str) -> Condition:
    """What one parameter asks for; raises BAD_VALUE, NOT_SUPPORTED or TOO_COSTLY."""
    param = term.param
    if term.modifier == "missing":
        return _missing(term, text)
    texts = [one for one in split(text, ",") if one.strip()]
    if not texts:
        refuse(term, "is empty", "Write one, or leave the parameter out.")
    if len(texts) > MOST_VALUES:
        _costly(f"a parameter has at most {MOST_VALUES} values")
    if param.parts:
        return _composite(term, texts)
    read = _READ.get((param.family, term.modifier), Term.values)
    values = tuple(dict.fromkeys(value for one in texts for value in read(term, one)))
    if len(values) > MOST_CODES:
        _costly(f"a parameter stands for at most {MOST_CODES} codes")
    name = f"{param.key}:{term.modifier}" if term.modifier in _ROWS else param.key
    family = param.held if param.family == "uri" else ""
    return Condition(name, values, negated=term.modifier in _NEGATED, family=family)


def _missing(term: Term, text: str) -> Condition:
    if text not in ("true", "false"):
        refuse(term, "says neither true nor false", "Write true or false.")
    return Condition(term.param.key, missing=text == "true", family=term.param.held)


def _composite(term: Term, texts: list[str]) -> Condition:
    """The first part of each value names the rows, the second is looked for there."""
    both = term.param.parts
    assert both

    def named(part: Param) -> Param:
        return replace(part, name=term.param.name)

    found: dict[str, list[Value]] = {}
    for text in texts:
        parts = split(text, "$")
        if len(parts) != 2:  # noqa: PLR2004 - a composite of two
            refuse(term, "has not two parts", r"Write first$second, and a dollar sign in a value as \$.")
        first = _first(replace(term, param=named(both.first)), parts[0])
        found.setdefault(first, []).extend(replace(term, param=named(both.second)).values(parts[1]))
    if len(found) > 1:
        mend = "Search once for each of the first parts."
        refuse(term, "has several first parts, which one search cannot have", mend, Trouble.NOT_SUPPORTED)
    ((first, values),) = found.items()
    return Condition(f"{term.param.key}${first}", tuple(dict.fromkeys(values)))


def _first(term: Term, text: str) -> str:
    """As the index writes it: without a system or a type where none was asked for, or where none is kept."""
    values = list(term.values(text))
    value = values[0]
    if isinstance(value, Point):
        return first_text(IndexRow("", "reference", value.type or "", value.id))[0]
    if not isinstance(value, Token) or value.code is None:
        refuse(term, "has no code in its first part", "Write code or system|code before the dollar sign.")
    if value.system is None or len(values) > 1:
        return value.code
    return first_text(IndexRow("", "token", value.system, value.code))[0]


def _text(term: Term, text: str) -> Iterator[Value]:
    yield words(plain(text), term)


def _exact(term: Term, text: str) -> Iterator[Value]:
    yield Token(plain(text), "")


def _contains(term: Term, text: str) -> Iterator[Value]:
    yield words(plain(text), term, "contains")


def _of_type(term: Term, text: str) -> Iterator[Value]:
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) != 3 or not parts[1] or not parts[2]:  # noqa: PLR2004 - system, code and value
        refuse(term, "is no typed identifier", "Write system|code|value, the first two of the identifier's type.")
    yield Token(parts[2], f"{parts[0]}|{parts[1]}")


def _in(term: Term, text: str) -> Iterator[Value]:
    found = codesets.listed(plain(text), term.version.name)
    if found is None:
        what = "is no value set that is known here as a list of codes"
        refuse(term, what, "Search by the codes themselves.", Trouble.NOT_SUPPORTED)
    for system, listed in found.items():
        for code in listed:
            yield from _tokens(term, system, code)


def _below(term: Term, text: str) -> Iterator[Value]:
    return _related(term, text, codesets.narrower)


def _above(term: Term, text: str) -> Iterator[Value]:
    return _related(term, text, codesets.broader)


def _related(term: Term, text: str, by: Callable[..., frozenset[str] | None]) -> Iterator[Value]:
    said = next(tokens(text, term))
    code = said.code
    if code is None:
        refuse(term, "has no code", "Write system|code.")
    systems = [said.system] if said.system else [s for held in codes(term.param) for s in held if code in held[s]]
    found = {system: related for system in systems if (related := by(system, code, term.version.name)) is not None}
    if not found:
        what = "is of no code system whose hierarchy is known here"
        refuse(term, what, "Search by the codes themselves.", Trouble.NOT_SUPPORTED)
    for system, related in found.items():
        for each in sorted(related):
            yield from _tokens(term, system, each)


def _tokens(term: Term, system: str, code: str) -> Iterator[Token]:
    """A code by its system, and without one where the element is kept without one."""
    yield Token(code, normal_system(system))
    if system in bare_systems(term.param):
        yield Token(code, "")


_READ: Mapping[tuple[str, str], Callable[[Term, str], Iterator[Value]]] = {
    ("token", "text"): _text,
    ("token", "of-type"): _of_type,
    ("token", "in"): _in,
    ("token", "not-in"): _in,
    ("token", "above"): _above,
    ("token", "below"): _below,
    ("string", "exact"): _exact,
    ("string", "contains"): _contains,
}
"""How the values are read where a modifier says so, by family and modifier."""


def _costly(what: str) -> NoReturn:
    raise Problem(Trouble.TOO_COSTLY, what[:1].upper() + what[1:], (Fault(what, mend="Ask in several searches."),))
