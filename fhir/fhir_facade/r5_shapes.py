"""How elements of R4 and R5 correspond: a rule names some of each version, and one function for each direction.

The functions need not be exact. Whether a rule lost something is found out by going back (r5_plan.py), and what it lost
travels in the cross-version extension; so a rule says only what means the same in both. They get members of one object
(`{"reasonCode": [...], "_status": {...}}`), their insides already converted, and answer members of the other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, NamedTuple

from fhir_facade.elements import Codes, Element, Node
from fhir_facade.primitives import checks

Json = Any
Members = dict[str, Json]
Turn = Callable[[Members], Members]
One = Callable[[Json], Json]
"""One value to one value, None when the other version cannot say it. A primitive is a pair: the value, its `_name`."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Elements of R4 (`old`) that correspond to elements of R5 (`new`); one side is empty where there is no match."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    up: Turn
    down: Turn
    free_up: bool = False
    free_down: bool = False
    """Whether the elements mean the same, and all that one may say the other may say too."""


class Kind(NamedTuple):
    """How one value becomes one value, in both directions."""

    up: One
    down: One


class Move(NamedTuple):
    """One element of R4 to one of R5, value by value; how many each may hold is read from the tables."""

    old: str
    new: str
    kind: Kind

    def rule(self, of_r4: Node, of_r5: Node) -> Rule:
        """The rule for these two objects."""
        here, there = (self.old, of_r4.elements[self.old]), (self.new, of_r5.elements[self.new])
        up, down = _turn(here, self.kind.up, there), _turn(there, self.kind.down, here)
        return Rule((self.old,), (self.new,), up, down)


class OneOf(NamedTuple):
    """Elements of R4 of which but one may be there, and of R5 that may stand together: down goes the first."""

    moves: tuple[Move, ...]

    def rule(self, of_r4: Node, of_r5: Node) -> Rule:
        """The rule for these two objects."""
        rules = [move.rule(of_r4, of_r5) for move in self.moves]

        def up(members: Members) -> Members:
            made: Members = {}
            for rule in rules:
                made |= rule.up(members)
            return made

        def down(members: Members) -> Members:
            return next((made for rule in rules if (made := rule.down(members))), {})

        names = [(rule.old[0], rule.new[0]) for rule in rules]
        return Rule(tuple(old for old, _ in names), tuple(new for _, new in names), up, down)


Entry = Move | OneOf | Rule
"""What a table says of some elements of an object."""


def _turn(source: tuple[str, Element], one: One, target: tuple[str, Element]) -> Turn:
    def turned(members: Members) -> Members:
        out: Members = {}
        made = [one(item) for item in items(members, *source)]
        put(out, *target, [item for item in made if item is not None])
        return out

    return turned


def referring(name: str, of_r4: Node, of_r5: Node, up: Mapping[str, str]) -> Rule:
    """A Reference that both versions have by the same name; `up` is what types of R4 are called in R5."""
    old, new = of_r4.elements[name].targets, of_r5.elements[name].targets
    there = frozenset(up.get(type_, type_) for type_ in old)
    free = (not new or (bool(there) and there <= new), not old or (bool(new) and new <= there))
    rule = Move(name, name, SAME).rule(of_r4, of_r5)
    return replace(rule, free_up=free[0], free_down=free[1])


def astray(source: Iterable[Element], target: Element, types: Mapping[str, str]) -> Callable[[Json], bool] | None:
    """Whether a reference leads where the target lets none lead, though one of the source's elements does.

    None where that cannot be. `types`: what types of the source are called in the target.
    """
    if target.type != "Reference" or not target.targets:
        return None
    elements = [element for element in source if element.type in ("Reference", "CodeableReference")]
    anywhere = any(not element.targets for element in elements)
    lost = {types.get(type_, type_) for element in elements for type_ in element.targets} - target.targets

    def leads(reference: Json) -> bool:
        type_, slash, _ = str(reference.get("reference", "")).partition("/")
        named = [one for one in (type_ if slash else "", reference.get("type")) if isinstance(one, str)]
        return any(one in lost or (anywhere and one.isalpha() and one not in target.targets) for one in named)

    return leads if lost or anywhere else None


def kept(value: Json, leads: Callable[[Json], bool]) -> Json:
    """What of an element does not go astray; None for nothing."""
    if not isinstance(value, list):
        return None if leads(value) else value
    return [one for one in value if not leads(one)] or None


def nothing(members: Members) -> Members:
    """What has no match is left to the extensions."""
    return {}


def alone(old: tuple[str, ...] = (), new: tuple[str, ...] = ()) -> Rule:
    """An element that the other version has not."""
    return Rule(old, new, nothing, nothing)


def items(members: Members, name: str, element: Element) -> list[Json]:
    """The values of an element as a list: a primitive as a pair with its `_name`, anything else as it is."""
    value: Json = members.get(name)
    if not element.primitive:
        return [] if value is None else list(value) if element.many else [value]
    aside = members.get(f"_{name}")
    if element.many:
        return list(zip_longest(value or (), aside or ()))
    return [] if value is None and aside is None else [(value, aside)]


def put(out: Members, name: str, element: Element, found: list[Json]) -> None:
    """The reverse of `items`; of several the first, where there can be but one."""
    if not found:
        return
    if not element.primitive:
        out[name] = found if element.many else found[0]
        return
    values, asides = ([pair[at] for pair in found] for at in (0, 1))
    for said, held in ((name, values), (f"_{name}", asides)):
        if element.many and any(one is not None for one in held):
            out[said] = held
        elif not element.many and held[0] is not None:
            out[said] = held[0]


def _same(item: Json) -> Json:
    return item


def _within(name: str) -> Kind:
    """An object inside an object, as its member `name`."""
    return Kind(lambda item: {name: item}, lambda item: item.get(name))


def _said_within(name: str) -> Kind:
    """A primitive inside an object, as its member `name`."""

    def up(pair: Json) -> Json:
        out: Members = {}
        _pair(out, name, pair)
        return out

    return Kind(up, lambda item: _paired(item, name))


def _pair(out: Members, name: str, pair: Json) -> None:
    for said, held in zip((name, f"_{name}"), pair, strict=True):
        if held is not None:
            out[said] = held


def _paired(item: Members, name: str) -> Json:
    pair = (item.get(name), item.get(f"_{name}"))
    return None if pair == (None, None) else pair


SAME = Kind(_same, _same)
CONCEPT = _within("concept")
"""CodeableConcept, and the concept of a CodeableReference."""
REFERENCE = _within("reference")
"""Reference, and the reference of a CodeableReference."""
CODING = Kind(lambda item: {"coding": [item]}, lambda item: next(iter(item.get("coding", ())), None))
"""Coding, and a CodeableConcept of one coding."""
CODING_REFERENCE = Kind(
    lambda item: {"concept": {"coding": [item]}},
    lambda item: next(iter(item.get("concept", {}).get("coding", ())), None),
)
TEXT = _said_within("text")
"""A string, and the text of a CodeableConcept."""
VALUE = _said_within("value")
"""A string, and the value of an Identifier."""
INSTRUCTION = _said_within("instructionMarkdown")
LANGUAGE = _within("language")
TIMING = Kind(lambda item: {"timing": [item]}, lambda item: next(iter(item.get("timing", ())), None))


def number_text(low: int) -> Kind:
    """A number from `low` on, and the same number as a string."""

    def up(pair: Json) -> Json:
        return (None if pair[0] is None else str(pair[0]), pair[1])

    def down(pair: Json) -> Json:
        if pair[0] is None:
            return pair
        plain = pair[0].isdecimal() and pair[0].isascii() and len(pair[0]) < len(str(2**31))
        return (int(pair[0]), pair[1]) if plain and low <= int(pair[0]) and str(int(pair[0])) == pair[0] else None

    return Kind(up, down)


SIZE = number_text(0)
NUMBER = number_text(1)


def coded(system: str, codes: Mapping[str, str] | None = None) -> Kind:
    """A code, and a CodeableConcept of one coding of `system`; `codes`: those that have another name in R5."""
    renamed = codes or {}
    back = {new: old for old, new in renamed.items()}

    def up(pair: Json) -> Json:
        coding: Members = {"system": system}
        _pair(coding, "code", (renamed.get(pair[0], pair[0]), pair[1]))
        return {"coding": [coding]}

    def down(item: Json) -> Json:
        found = next((each for each in item.get("coding", ()) if each.get("system") == system), None)
        pair = None if found is None else _paired(found, "code")
        return None if pair is None else (back.get(pair[0], pair[0]), pair[1])

    return Kind(up, down)


def codes(up: Mapping[str, str], down: Mapping[str, str], old: Element, new: Element) -> Kind:
    """A code of a closed list to a code of another; what neither list nor map knows cannot be said."""

    def over(named: Mapping[str, str], allowed: frozenset[str]) -> One:
        def one(pair: Json) -> Json:
            code = named.get(pair[0], pair[0])
            return (code, pair[1]) if code is None or not allowed or code in allowed else None

        return one

    return Kind(over(up, new.code), over(down, old.code))


def bound(old: Codes | None, new: Codes | None) -> Kind:
    """A CodeableConcept whose codings must be of another list than in the other version."""

    def within(listed: Codes | None) -> One:
        def one(item: Json) -> Json:
            codings = item.get("coding", ())
            fits = listed is None or any(each.get("code") in listed.get(each.get("system"), ()) for each in codings)
            return item if fits else None

        return one

    return Kind(within(new), within(old))


def read_as(old: str, new: str) -> Kind:
    """A primitive of another type, where what is written is of that type as well."""

    def over(type_: str) -> One:
        check = checks("R5")[type_]
        return lambda pair: pair if pair[0] is None or not check(pair[0]) else None

    return Kind(over(new), over(old))


def merged(code: str, reference: str, new: str, forms: str = "***", *, choice: bool = False) -> Rule:
    """Concepts and references of R4 as one list of CodeableReference: the concepts first.

    `forms`: how many of `code`, `reference` and `new` there may be, `*` or `1`; `choice`: R4 has one or the other.
    """
    single = dict(zip((code, reference, new), (form == "1" for form in forms), strict=True))
    named = ((code, "concept"), (reference, "reference"))

    def listed(members: Members, name: str) -> list[Json]:
        held = members.get(name)
        return [] if held is None else [held] if single[name] else list(held)

    def up(members: Members) -> Members:
        made = [{inner: each} for name, inner in named for each in listed(members, name)]
        return {new: made[0] if single[new] else made} if made else {}

    def down(members: Members) -> Members:
        out: Members = {}
        for name, inner in named:
            found = [each[inner] for each in listed(members, new) if inner in each]
            if found and not (choice and out):
                out[name] = found[0] if single[name] else found
        return out

    return Rule((code, reference), (new,), up, down)


def either(code: str, reference: str, new: str) -> Rule:
    """A concept or a reference of R4 as one CodeableReference."""
    return merged(code, reference, new, "111", choice=True)


def joined(code: str, reference: str, new: str) -> Rule:
    """A concept and a reference of R4, which may stand together, as one CodeableReference."""
    names = {code: "concept", reference: "reference"}

    def up(members: Members) -> Members:
        made = {inner: members[name] for name, inner in names.items() if name in members}
        return {new: made} if made else {}

    def down(members: Members) -> Members:
        held = members.get(new, {})
        return {name: held[inner] for name, inner in names.items() if inner in held}

    return Rule((code, reference), (new,), up, down)


def participants(system: str, roles: Mapping[str, str]) -> Rule:
    """People in elements of their own, and in R5 as participants with a function: `roles` is element to code."""
    back = {code: name for name, code in roles.items()}

    def up(members: Members) -> Members:
        made = [
            {"function": {"coding": [{"system": system, "code": code}]}, "actor": members[name]}
            for name, code in roles.items()
            if name in members
        ]
        return {"participant": made} if made else {}

    def down(members: Members) -> Members:
        out: Members = {}
        for each in members.get("participant", ()):
            said = [coding.get("code") for coding in each.get("function", {}).get("coding", ())]
            name = next((back[code] for code in said if code in back), "")
            if name and name not in out and "actor" in each:
                out[name] = each["actor"]
        return out

    return Rule(tuple(roles), ("participant",), up, down)


def lifted(inner: str, rest: str, out_of: Mapping[str, tuple[str, Kind]]) -> Rule:
    """Children of the R4 object `inner` that stand beside it in R5 (child to name there); the others stay in `rest`."""
    new = tuple(name for name, _ in out_of.values())

    def up(members: Members) -> Members:
        held = members[inner]
        made = {name: _each(kind.up, held[child]) for child, (name, kind) in out_of.items() if child in held}
        left = {name: value for name, value in held.items() if name not in out_of}
        return {**made, rest: left} if left and rest else made

    def down(members: Members) -> Members:
        made = dict(members.get(rest, {}))
        for child, (name, kind) in out_of.items():
            held = _each(kind.down, members[name]) if name in members else None
            if held:
                made[child] = held
        return {inner: made} if made else {}

    return Rule((inner,), (*new, *((rest,) if rest else ())), up, down)


def _each(one: One, value: Json) -> Json:
    """A value crossed, or each of several that can be."""
    if isinstance(value, list):
        return [made for each in value if (made := one(each)) is not None]
    return one(value)
