"""One searched value, as it stands in an address, in the neutral form of plan.query.

Source: FHIR R4 search.html 3.1.1.4 (prefixes, escapes, token, reference, date and string). Values are brought to the
spelling that the index keeps: systems and NHS numbers in their one form, strings folded, our own addresses relative.

The index keeps a `code` or a boolean without a system, because the resource has none; whoever names the official system
of such an element (`status=http://hl7.org/fhir/request-status|active`) means these rows, and finds them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NoReturn, cast

from fhir_facade.elements import Element, node, resource_types
from fhir_facade.index import LONGEST_STRING, date_range, fold
from fhir_facade.params import Param
from fhir_facade.references import RELATIVE, relative
from plan.identity import NHS_NUMBER, nhs_number, normal_system
from plan.problem import Fault, Problem, Trouble
from plan.query import Point, Prefix, Text, Token, Value, When

ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9\-.]{1,64}\Z")
"""The form of an id. One of dots alone is none: it would be read as a step in an address."""

_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([,|$\\])")
_PIECE = re.compile(r"\\.|.", re.DOTALL)
_BOOLEANS = frozenset({"http://hl7.org/fhir/special-values", "http://terminology.hl7.org/CodeSystem/special-values"})
_PATIENT = "Patient"


@dataclass(frozen=True, slots=True)
class Term:
    """What is searched: the type, its parameter, the modifier that was written behind it, and our own base address."""

    type: str
    param: Param
    modifier: str = ""
    base: str = ""

    def values(self, text: str) -> Iterator[Value]:
        """The alternatives of one value. Raises Problem(BAD_VALUE) for one that cannot be read."""
        if self.param.name == "_id":
            yield Token(plain(text))
        elif self.modifier == "identifier" or self.param.family == "token":
            yield from _tokens(text, self)
        elif self.param.family == "reference":
            yield _point(plain(text), self)
        elif self.param.family == "date":
            yield _when(text, self)
        else:
            yield _text(plain(text), self)


def split(text: str, mark: str) -> list[str]:
    """`text` at each `mark` that is not escaped; the escapes stay."""
    if "\\" not in text:
        return text.split(mark)
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece == mark:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def plain(text: str) -> str:
    r"""`text` without the escapes `\\,` `\\|` `\\$` and `\\\\`."""
    return _ESCAPED.sub(r"\1", text)


def modifiers(param: Param) -> frozenset[str]:
    """What may stand behind a parameter's name and a colon: for a reference `identifier`, or a type."""
    return resource_types() | {"identifier"} if param.family == "reference" else frozenset()


def _tokens(text: str, term: Term) -> Iterator[Token]:
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) == 1:
        yield Token(parts[0])
        return
    if len(parts) > 2 or not any(parts):  # noqa: PLR2004 - system and code
        _refuse(term, "is no token", r"Write code, system|code, |code or system|, and a bar in a value as \|.")
    system, code = normal_system(parts[0]), parts[1] or None
    if code is not None and system == NHS_NUMBER:
        code = _nhs(code)
    yield Token(code, system)
    if system in bare_systems(term.type, term.param):
        yield Token(code, "")


def _nhs(code: str) -> str:
    try:
        return nhs_number(code)
    except ValueError:
        return code


@cache
def bare_systems(type_: str, param: Param) -> frozenset[str]:
    """The systems whose codes the index keeps without a system: those of `code` and boolean elements."""
    systems: set[str] = set()
    for path in param.paths:
        element = _element(type_, path)
        if path.endswith("[exists]") or (element and element.type == "boolean"):
            systems |= _BOOLEANS
        elif element and element.type == "code" and element.codes:
            systems |= element.codes.keys()
    return frozenset(systems)


def _element(type_: str, path: str) -> Element | None:
    element, shape = None, type_
    for step in path.partition("[")[0].split("."):
        element = node(shape).elements.get(step)
        if element is None:
            return None
        shape = element.type
    return element


def _point(text: str, term: Term) -> Point:
    """`id`, `Type/id`, our own absolute address, or the address of something elsewhere."""
    address = relative(text, term.base)
    found = RELATIVE.fullmatch(address)
    if found:
        return Point(found["id"], found["type"])
    if ID.match(address):
        return Point(address, term.modifier or _only_type(term.param))
    if ":" not in address:
        _refuse(term, "is no reference", "Write an id, Type/id or an absolute address.")
    return Point(address.partition("/_history/")[0], "")


def _only_type(param: Param) -> str | None:
    """The type of all targets, where the parameter itself says it (`patient`)."""
    marks = {path.partition("[")[2].partition("]")[0] for path in param.paths}
    named = marks == {_PATIENT} or param.name == "patient"
    return _PATIENT if named else None


def _when(text: str, term: Term) -> When:
    prefix, said = cast("re.Match[str]", _PREFIXED.fullmatch(text)).groups()
    # In an address a plus sign stands for a space: who did not escape `+01:00` still means the zone.
    covered = date_range(said.strip().replace(" ", "+"))
    if covered is None:
        _refuse(term, "is no date", "Write it as 2026, 2026-03 or 2026-03-06T14:00:00Z, with or without ge.")
    return When(*covered, prefix=cast("Prefix", prefix or "eq"))


def _text(text: str, term: Term) -> Text:
    folded = fold(text)[:LONGEST_STRING].rstrip()
    if not folded:
        _refuse(term, "has no letter to search by", "Write how the text begins.")
    return Text(folded)


def _refuse(term: Term, what: str, mend: str) -> NoReturn:
    """The value itself is not repeated: it may say who somebody is."""
    said = f"the value of {term.param.name} {what}"
    raise Problem(Trouble.BAD_VALUE, said[:1].upper() + said[1:], (Fault(said, mend=mend),))
