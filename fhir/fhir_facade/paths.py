"""The paths of a FHIRPath Patch: names, indexes and the few functions that pick one of several, and nothing else.

FHIR R4 fhirpatch.html asks for paths that end at one element; the whole of FHIRPath would let a patch compute. So a
path is read by one scan into steps, in time that follows its length, and what is no step is refused with its place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from plan.problem import Fault, Path, Problem, Trouble

LONGEST = 1000
MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Child:
    """The elements of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class At:
    """One of several, counted from 0; -1 is the last."""

    index: int


@dataclass(frozen=True, slots=True)
class Where:
    """Those of which each path of names leads to this value."""

    conditions: tuple[tuple[tuple[str, ...], Any], ...]


@dataclass(frozen=True, slots=True)
class OfType:
    """Those that are of this type."""

    type: str


Step = Child | At | Where | OfType

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*|`[A-Za-z_][A-Za-z0-9_]*`)|(?P<number>-?\d{1,18}(?:\.\d{1,18})?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*')|(?P<moment>@[0-9T:+.Z-]+)|(?P<sign>[.\[\]()=]))"
)
_ESCAPES: Mapping[str, str] = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_END = ("", "")


def parse(text: str, where: Path) -> tuple[Step, ...]:
    """The steps of a path. Raises INVALID, or NOT_SUPPORTED for FHIRPath that is more than a path."""
    if len(text) > LONGEST:
        _refuse(Trouble.TOO_COSTLY, f"a path has at most {LONGEST} characters", where)
    reader = _Reader(text, where)
    steps = tuple(reader.steps())
    if len(steps) > MOST_STEPS:
        _refuse(Trouble.TOO_COSTLY, f"a path has at most {MOST_STEPS} steps", where)
    return steps


class _Reader:
    """One reading of one path."""

    def __init__(self, text: str, where: Path) -> None:
        self._text, self._where, self._at = text, where, 0
        self._kind, self._word = _END
        self._next()

    def steps(self) -> Iterator[Step]:
        """Every step."""
        yield from self._step()
        while (self._kind, self._word) != _END:
            if self._word == "[":
                self._next()
                yield At(self._index())
                self._expect("]")
            else:
                self._expect(".")
                yield from self._step()

    def _step(self) -> Iterator[Step]:
        name = self._name()
        if self._word != "(":
            yield Child(name)
            return
        self._next()
        function = _FUNCTIONS.get(name)
        if function is None:
            what = f"the function {name[:32]} is not taken in the path of a patch"
            _refuse(Trouble.NOT_SUPPORTED, what, self._where)
        yield from function(self)
        self._expect(")")

    def conditions(self) -> Iterator[Step]:
        """`use = 'official' and system = 'x'`."""
        found = [self._condition()]
        while self._word == "and":
            self._next()
            found.append(self._condition())
        yield Where(tuple(found))

    def _condition(self) -> tuple[tuple[str, ...], Any]:
        names = [self._name()]
        while self._word == ".":
            self._next()
            names.append(self._name())
        self._expect("=")
        return tuple(names), self.literal()

    def literal(self) -> Any:
        """A text, a number, a date, true or false."""
        kind, word = self._kind, self._word
        if kind in _LITERALS:
            self._next()
            return _LITERALS[kind](word)
        if word in ("true", "false"):
            self._next()
            return word == "true"
        return self._lost("a value")

    def type(self) -> Iterator[Step]:
        """`Quantity`, or `FHIR.Quantity`."""
        name = self._name()
        if name == "FHIR" and self._word == ".":
            self._next()
            name = self._name()
        yield OfType(name)

    def extension(self) -> Iterator[Step]:
        """`'http://...'`: the extensions of this url."""
        url = self.literal()
        yield Child("extension")
        yield Where(((("url",), url),))

    def _index(self) -> int:
        if self._kind != "number" or not self._word.isdigit():
            self._lost("an index, counted from 0")
        index = int(self._word)
        self._next()
        return index

    def _name(self) -> str:
        if self._kind != "name":
            self._lost("a name")
        name = self._word.strip("`")
        self._next()
        return name

    def _expect(self, sign: str) -> None:
        if self._word != sign or self._kind != "sign":
            self._lost(f"{sign!r}")
        self._next()

    def _next(self) -> None:
        rest = self._text[self._at :]
        if not rest.strip():
            self._kind, self._word = _END
            return
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            self._lost("a name")
        self._at = found.end()
        self._kind = found.lastgroup or ""
        self._word = found[self._kind]

    def _lost(self, expected: str) -> NoReturn:
        what = f"the path cannot be read: {expected} is expected before character {self._at + 1}"
        _refuse(Trouble.INVALID, what, self._where)


def _number(token: str) -> int | Decimal:
    return Decimal(token) if "." in token else int(token)


def _text(token: str) -> str:
    return re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), token[1:-1], flags=re.DOTALL)


_LITERALS: Mapping[str, Callable[[str], Any]] = {"text": _text, "number": _number, "moment": lambda token: token[1:]}
_FUNCTIONS: Mapping[str, Callable[[_Reader], Iterator[Step]]] = {
    "where": _Reader.conditions,
    "extension": _Reader.extension,
    "ofType": _Reader.type,
    "first": lambda reader: iter((At(0),)),
    "last": lambda reader: iter((At(-1),)),
}


def _refuse(trouble: Trouble, what: str, where: Path) -> NoReturn:
    mend = "Write names and indexes, as in Patient.name[0].family, or where, first, last, ofType, extension."
    raise Problem(trouble, what[:1].upper() + what[1:], (Fault(what, where, mend),))
