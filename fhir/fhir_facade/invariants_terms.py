"""Compiles the terms of an invariant into closures over JSON: once for each rule, so that a check costs microseconds.

Element names are looked up in the published tables when a rule is compiled: a choice (`value`) becomes the members
that it may be written as, and a name that no table knows is refused then, never passed in silence later. Source:
FHIRPath 2.0.0; FHIR R4 fhirpath.html (the same in R5). What an expression says is empty where it cannot be told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from fhir_facade.elements import Element, node, node_names, resource_types
from fhir_facade.invariants_parse import THIS, Term
from fhir_facade.invariants_scope import Scope
from fhir_facade.invariants_values import BY_FUNCTION, BY_OPERATOR, FALSE, NONE, TRUE, Bare, Items, is_type, truth
from fhir_facade.release import VersionName

_UCUM = "http://unitsofmeasure.org"


class UnknownError(ValueError):
    """A function, variable or element name that is not known here."""


Run = Callable[[Items, Scope], Items]
Types = frozenset[str] | None
"""The names of what an expression may give; None: of anything."""


class Compiled(NamedTuple):
    """A closure, and the types of what it gives."""

    run: Run
    types: Types


def compiled(term: Term, types: Types, version: VersionName) -> Run:
    """The closure of a whole expression about an object of these types. Raises UnknownError."""
    return _Compiler(types, version).compile(term, types).run


@dataclass(frozen=True, slots=True)
class _Compiler:
    """`own`: the types of what the rule is about."""

    own: Types
    version: VersionName

    def compile(self, term: Term, this: Types) -> Compiled:
        """A term, where `$this` is of the types `this`."""
        if term.kind == "this":
            return Compiled(lambda here, _: here, this)
        if term.kind == "literal":
            value = [term.said]
            return Compiled(lambda *_: value, None)
        if term.kind == "variable":
            return self._variable(str(term.said))
        if term.kind == "name":
            return self._name(term, this)
        return self._operator(term, this) if term.kind == "operator" else self._call(term, this)

    def _variable(self, said: str) -> Compiled:
        if said == "%context":
            return Compiled(lambda _, scope: [scope.context], self.own)
        if said == "%resource":
            return Compiled(lambda _, scope: [scope.resource], self._resource())
        if said == "%rootResource":
            return Compiled(lambda _, scope: [scope.root.resource], None)
        if said == "%ucum":
            return Compiled(lambda *_: [_UCUM], None)
        raise UnknownError(said)

    def _resource(self) -> Types:
        """The type of the resource that the rule's object stands in, when only one has such objects."""
        types = frozenset(name.partition(".")[0] for name in self.own or ())
        return types if types <= resource_types(self.version) else None

    def _name(self, term: Term, this: Types, only: str = "") -> Compiled:
        """A member; `only` names the one type of a choice that is asked for."""
        name, focus = str(term.said), self.compile(term.parts[0], this)
        if term.parts[0] == THIS and focus.types is not None and name in focus.types:
            return focus  # `Appointment.status`: the expression begins with the type that it is about
        found = {
            member: element
            for member, element in _members(name, focus.types, self.version)
            if not only or element.type.lower() == only.lower()
        }
        if not found and not only:
            raise UnknownError(f"{name} in {sorted(focus.types or ())}")
        free = focus.types is None or "Resource" in focus.types
        types = None if free else frozenset(element.type for element in found.values())
        return Compiled(_step(focus.run, {member: found[member].primitive for member in found}), types)

    def _operator(self, term: Term, this: Types) -> Compiled:
        left, right = (self.compile(part, this) for part in term.parts)
        sign, (first, second) = str(term.said), (left.run, right.run)
        logic = _LOGIC.get(sign)
        if logic:
            return Compiled(logic(first, second), None)
        act = BY_OPERATOR[sign]

        def run(here: Items, scope: Scope) -> Items:
            one, other = first(here, scope), second(here, scope)
            scope.spend(len(one) + len(other))
            return act(one, other)

        return Compiled(run, _either(left.types, right.types) if sign == "|" else None)

    def _call(self, term: Term, this: Types) -> Compiled:
        name, (focus_term, *arguments) = str(term.said), term.parts
        if name in ("is", "as", "ofType"):
            return self._typed(name, focus_term, str(arguments[0].said), this)
        focus = self.compile(focus_term, this)
        if name in _EACH:
            asked = self._reached(arguments[0], focus.types) if name == "repeat" else focus.types
            inner = self.compile(arguments[0], asked) if arguments else None
            gives = {"where": focus.types, "select": inner and inner.types, "repeat": inner and inner.types}
            return Compiled(_EACH[name](focus.run, inner.run if inner else None), gives.get(name))
        if name == "iif":
            # Its arguments are asked about the collection that it stands on (FHIRPath 5.5).
            runs = [self.compile(argument, focus.types).run for argument in arguments]
            return Compiled(_iif(focus.run, *runs), None)
        if name == "resolve":
            return Compiled(_resolve(focus.run), None)
        if name not in BY_FUNCTION:
            raise UnknownError(f"{name}()")
        keeps = focus.types if name in ("first", "tail", "trace", "distinct", "[]", "intersect") else None
        others = [self.compile(argument, this).run for argument in arguments]
        return Compiled(_function(BY_FUNCTION[name], focus.run, others), keeps)

    def _reached(self, term: Term, types: Types) -> Types:
        """Everything that a repeated step can come to: the objects it begins with, and all below them."""
        while (wider := _either(types, self.compile(term, types).types)) != types:
            types = wider
        return types

    def _typed(self, name: str, focus_term: Term, type_: str, this: Types) -> Compiled:
        """`is`, `as` and `ofType`: of a choice, the member that is written for this type says it."""
        focus = self.compile(focus_term, this)
        if focus_term.kind == "name" and focus.types is not None and len(focus.types) > 1:
            narrow = self._name(focus_term, this, type_)
        else:
            narrow = Compiled(_only(focus.run, type_), frozenset({type_}) if _known(type_, self.version) else None)
        if name != "is":
            return narrow

        def run(here: Items, scope: Scope) -> Items:
            whole = focus.run(here, scope)
            return (TRUE if narrow.run(here, scope) else FALSE) if len(whole) == 1 else NONE

        return Compiled(run, None)


def _either(one: Types, other: Types) -> Types:
    return None if one is None or other is None else one | other


@cache
def _members(name: str, types: Types, version: VersionName) -> tuple[tuple[str, Element], ...]:
    """The JSON members that an element name stands for, in any of these types; each choice as all that it may be."""
    found: dict[str, Element] = {}
    for type_ in sorted(types if types is not None else node_names(version)):
        if type_ == "Resource" and types is not None:
            found |= _members(name, None, version)
            continue
        elements = node(type_, version).elements if _known(type_, version) else {}
        for member, element in elements.items():
            if not element.aside and (member == name or element.choice == f"{name}[x]"):
                found.setdefault(member, element)
    return tuple(found.items())


@cache
def _known(type_: str, version: VersionName) -> bool:
    return type_ in node_names(version)


def _step(focus: Run, members: Mapping[str, bool]) -> Run:
    """Into the members of each object; True marks a primitive, whose extensions stand beside it."""
    pairs = tuple((member, f"_{member}" if primitive else "") for member, primitive in members.items())

    def run(here: Items, scope: Scope) -> Items:
        out: Items = []
        for item in focus(here, scope):
            if not isinstance(item, dict):
                continue
            for member, aside in pairs:
                held = item.get(member)
                if held is None:
                    if aside and aside in item:
                        out.append(Bare)
                elif type(held) is list:
                    out += [Bare if one is None else one for one in held]
                else:
                    out.append(held)
        return out

    return run


def _function(act: Callable[..., Items], focus: Run, others: list[Run]) -> Run:
    if not others:

        def alone(here: Items, scope: Scope) -> Items:
            found = focus(here, scope)
            scope.spend(len(found))
            return act(found)

        return alone

    def run(here: Items, scope: Scope) -> Items:
        found, given = focus(here, scope), [other(here, scope) for other in others]
        scope.spend(len(found) + sum(map(len, given)))
        return act(found, *given)

    return run


def _and(first: Run, second: Run) -> Run:
    def run(here: Items, scope: Scope) -> Items:
        one = truth(first(here, scope))
        if one is False:
            return FALSE
        other = truth(second(here, scope))
        return FALSE if other is False else NONE if one is None or other is None else TRUE

    return run


def _or(first: Run, second: Run) -> Run:
    def run(here: Items, scope: Scope) -> Items:
        one = truth(first(here, scope))
        if one:
            return TRUE
        other = truth(second(here, scope))
        return TRUE if other else NONE if one is None or other is None else FALSE

    return run


def _xor(first: Run, second: Run) -> Run:
    def run(here: Items, scope: Scope) -> Items:
        one, other = truth(first(here, scope)), truth(second(here, scope))
        return NONE if one is None or other is None else TRUE if one is not other else FALSE

    return run


def _implies(first: Run, second: Run) -> Run:
    def run(here: Items, scope: Scope) -> Items:
        one = truth(first(here, scope))
        if one is False:
            return TRUE
        other = truth(second(here, scope))
        return TRUE if other else NONE if one is None or other is None else FALSE

    return run


_LOGIC: Mapping[str, Callable[[Run, Run], Run]] = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}


def _iif(focus: Run, asked: Run, yes: Run, no: Run | None = None) -> Run:
    def run(here: Items, scope: Scope) -> Items:
        found = focus(here, scope)
        if truth(asked(found, scope)):
            return yes(found, scope)
        return no(found, scope) if no else NONE

    return run


def _resolve(focus: Run) -> Run:
    def run(here: Items, scope: Scope) -> Items:
        out: Items = []
        for item in focus(here, scope):
            said = item.get("reference") if isinstance(item, dict) else item
            there = scope.root.find(said) if isinstance(said, str) else None
            if there is not None:
                out.append(there)
        return out

    return run


def _only(focus: Run, type_: str) -> Run:
    return lambda here, scope: [item for item in focus(here, scope) if is_type(item, type_)]


def _exists(focus: Run, inner: Run | None) -> Run:
    if inner is None:
        return lambda here, scope: TRUE if focus(here, scope) else FALSE
    kept = _where(focus, inner)
    return lambda here, scope: TRUE if kept(here, scope) else FALSE


def _where(focus: Run, inner: Run | None) -> Run:
    assert inner is not None

    def run(here: Items, scope: Scope) -> Items:
        found = focus(here, scope)
        scope.spend(len(found))
        return [item for item in found if truth(inner([item], scope))]

    return run


def _all(focus: Run, inner: Run | None) -> Run:
    assert inner is not None

    def run(here: Items, scope: Scope) -> Items:
        found = focus(here, scope)
        scope.spend(len(found))
        return TRUE if all(truth(inner([item], scope)) for item in found) else FALSE

    return run


def _select(focus: Run, inner: Run | None) -> Run:
    assert inner is not None

    def run(here: Items, scope: Scope) -> Items:
        found = focus(here, scope)
        scope.spend(len(found))
        return [one for item in found for one in inner([item], scope)]

    return run


def _repeat(focus: Run, inner: Run | None) -> Run:
    chosen = _select(lambda here, _: here, inner)

    def run(here: Items, scope: Scope) -> Items:
        out: Items = []
        level: Iterable[Any] = focus(here, scope)
        while level := chosen(list(level), scope):
            out += level
        return out

    return run


_EACH: Mapping[str, Callable[[Run, Run | None], Run]] = {
    "exists": _exists,
    "where": _where,
    "all": _all,
    "select": _select,
    "repeat": _repeat,
}
"""The functions whose argument is asked of each item."""
