"""Reads the FHIRPath of the published invariants into terms that invariants_terms.py compiles.

Source: FHIRPath 2.0.0 (normative), grammar and precedence of operators; the part of it that invariants use.
"""

import re
from typing import NamedTuple


class Term(NamedTuple):
    """One step of an expression.

    `kind`: `this`, `literal`, `variable` (`%resource`), `name` (a member of parts[0]), `call` (of parts[0], with the
    further parts as arguments) or `operator`. `said`: its text, or the value of a literal.
    """

    kind: str
    said: str | int | bool = ""
    parts: tuple["Term", ...] = ()


class UnreadableError(ValueError):
    """What stands there is not the FHIRPath that is known here."""


THIS = Term("this")
_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|`[^`]*`|[%$]\w+|\d+|\w+|<=|>=|!=|\S)", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BINDS = {
    sign: power
    for power, signs in enumerate(
        ("implies", "or xor", "and", "in contains", "= !=", "< <= > >=", "|", "is as", "+ - &"), 1
    )
    for sign in signs.split()
}
"""How strongly an operator binds; what binds stronger is read first."""
_TYPED = frozenset({"is", "as"})


def parse(text: str) -> Term:
    """The whole of an expression as one term. Raises UnreadableError."""
    reader = _Reader(_TOKEN.findall(text))
    term = reader.expression(0)
    if reader.next:
        raise UnreadableError(f"{reader.next!r} was not expected")
    return term


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def expression(self, least: int) -> Term:
        """Everything that operators stronger than `least` hold together."""
        left = self._steps()
        while (power := _BINDS.get(self.next, 0)) > least:
            sign = self._take()
            right = self._steps() if sign in _TYPED else self.expression(power)
            left = Term("call", sign, (left, right)) if sign in _TYPED else Term("operator", sign, (left, right))
        return left

    def _steps(self) -> Term:
        term = self._first()
        while self.next in (".", "["):
            if self._take() == ".":
                term = self._step(term)
            else:
                term = Term("call", "[]", (term, self.expression(0)))
                self._must("]")
        return term

    def _first(self) -> Term:
        mark = self.next
        if mark == "(":
            self._take()
            term = self.expression(0)
            self._must(")")
            return term
        if mark[:1] == "'":
            return Term("literal", _ESCAPED.sub(r"\1", self._take()[1:-1]))
        if mark.isdigit():
            return Term("literal", int(self._take()))
        if mark in ("true", "false"):
            return Term("literal", self._take() == "true")
        if mark[:1] in ("%", "$"):
            return THIS if self._take() == "$this" else Term("variable", mark)
        return self._step(THIS)

    def _step(self, focus: Term) -> Term:
        name = self._take().strip("`")
        if not name.isidentifier():
            raise UnreadableError(f"{name!r} was not expected")
        if self.next != "(":
            return Term("name", name, (focus,))
        self._take()
        arguments = []
        while self.next != ")":
            arguments.append(self.expression(0))
            if self.next == ",":
                self._take()
        self._must(")")
        return Term("call", name, (focus, *arguments))

    def _take(self) -> str:
        if not self.next:
            raise UnreadableError("the expression ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _must(self, mark: str) -> None:
        if self._take() != mark:
            raise UnreadableError(f"{mark!r} was expected")
