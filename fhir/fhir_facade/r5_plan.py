"""One direction between R4 and R5: a plan for each kind of object, made once from both tables of elements.

An element that both versions have alike is copied, its inside converted. Any other belongs to a rule (r5_tables.py, or
made here from the tables). A rule's answer is taken back at once: if that is not what was there, what was there travels
along in the cross-version extension. On the way home such an extension is believed when its content leads to exactly
what stands beside it, and stays an extension when somebody has changed that since. So coming back is an identity for
every rule, whatever it loses.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property

from fhir_facade.elements import Element, node, resource_types
from fhir_facade.r5_extensions import UNREADABLE, fill, prefix, read, stem, write
from fhir_facade.r5_fillers import Filler, fillers
from fhir_facade.r5_shapes import (
    SAME,
    SIZE,
    Json,
    Kind,
    Members,
    Move,
    Rule,
    Turn,
    alone,
    astray,
    bound,
    codes,
    items,
    kept,
    read_as,
    referring,
)
from fhir_facade.r5_tables import APART, CODES, PAIRS, PASSED, RULES, TYPES_UP
from fhir_facade.release import VersionName

_TYPES_DOWN = {new: old for old, new in TYPES_UP.items()}
_PAIRS_DOWN = {new: old for old, new in PAIRS.items()}
_RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
_WORDS = frozenset({"string", "markdown"})
_ADDRESSES = frozenset({"uri", "url", "canonical"})
Step = Callable[[Json], Json]


class Way:
    """One direction. `types`: those that have another name in the target."""

    def __init__(self, source: VersionName, target: VersionName) -> None:
        self.source, self.target = source, target
        self.upwards = target == "R5"
        self.types, self._pairs = (TYPES_UP, PAIRS) if self.upwards else (_TYPES_DOWN, _PAIRS_DOWN)
        self._plans: dict[tuple[str, str], Plan] = {}

    @cached_property
    def back(self) -> "Way":
        """The other direction."""
        return UP if self.target == "R4" else DOWN

    def plan(self, source: str, target: str) -> "Plan":
        """How an object of a type or path of the source becomes one of the target."""
        found = self._plans.get((source, target))
        if found is None:
            kind = ReferencePlan if source == "Reference" else Plan
            found = self._plans[source, target] = kind(self, source, target)
            found.make()
        return found

    def other(self, path: str) -> str | None:
        """The name in the target of a type or path of the source; None when it has none."""
        top, dot, rest = path.partition(".")
        name = self._pairs.get(path) or self.types.get(top, top) + dot + rest
        return name if _known(name, self.target) else None

    def step(self, type_: str) -> Step:
        """How a value of a type crosses, whatever element it stands in."""
        if type_ == "Resource":
            return self.resource
        return self.plan(type_, self.other(type_) or "")

    def value(self, type_: str, value: Json) -> Json:
        """One value, crossed."""
        return self.step(type_)(value)

    def resource(self, held: Members) -> Members:
        """A resource within another: of a type that the target has not, it becomes a Basic that says so."""
        name = held["resourceType"]
        other = self.other(name)
        if other is None:
            made = self.plan(name, "Basic")(held)
            return {**made, "resourceType": "Basic", "code": _code(name)}
        if name == "Basic":
            return self._basic(held)
        return self.whole(held)

    def _basic(self, held: Members) -> Members:
        codings = held.get("code", {}).get("coding", [{}])
        said = str(codings[0].get("code"))
        if held.get("code") != _code(said) or said not in resource_types(self.target) or self.back.other(said):
            return self.whole(held)
        made = self.plan("Basic", said)({name: value for name, value in held.items() if name != "code"})
        return {**made, "resourceType": said}

    def whole(self, held: Members) -> Members:
        """A resource that stands by itself."""
        name = held["resourceType"]
        other = self.other(name)
        return self.resource(held) if other is None else {**self.plan(name, other)(held), "resourceType": other}

    @cached_property
    def strange(self) -> frozenset[str]:
        """Types of the source that the target has not, or not by this name."""
        return resource_types(self.source) - resource_types(self.target)

    def address(self, pair: Json) -> Json:
        """A relative reference, to a type as the target names it; None where the target has no such type."""
        type_, slash, rest = str(pair[0]).partition("/")
        if type_ not in self.strange or not slash:
            return pair
        return (self.types[type_] + slash + rest, pair[1]) if type_ in self.types else None


class Plan:
    """How one kind of object crosses. `target` is empty for an object that only the source knows."""

    __slots__ = (
        "_astray",
        "_conv",
        "_drop",
        "_fill",
        "_free",
        "_plain",
        "_prefix",
        "_pulls",
        "_rules",
        "_source",
        "_target",
        "_way",
    )

    def __init__(self, way: Way, source: str, target: str) -> None:
        self._way, self._source, self._target = way, source, target
        self._rules: dict[str, Rule] = {}
        self._free: dict[str, Rule] = {}
        self._astray: dict[Rule, list[tuple[str, Callable[[Json], bool]]]] = {}
        self._conv: dict[str, Step] = {}
        self._pulls: dict[str, dict[str, Rule]] = {}
        self._drop: tuple[Filler, ...] = ()
        self._fill: tuple[Filler, ...] = ()
        self._plain: frozenset[str] = frozenset()
        self._prefix = prefix(way.target)

    @property
    def _shape(self) -> Mapping[str, Element]:
        return node(self._source, self._way.source).elements

    @property
    def _there(self) -> Mapping[str, Element]:
        return node(self._target, self._way.target).elements

    def make(self) -> None:
        """Compile; the plan is known by its name before that, since types contain each other."""
        way = self._way
        shape = node(self._source, way.source)
        old, new = (self._source, self._target) if way.upwards else (self._target, self._source)
        rules = _rules(old, new) if self._target else ()
        for rule in rules:
            from_, to = (rule.old, rule.new) if way.upwards else (rule.new, rule.old)
            free = rule.free_up if way.upwards else rule.free_down
            for name in from_:
                (self._free if free else self._rules).update({name: rule, f"_{name}": rule})
            for name in to:
                element = self._there[name]
                leads = astray((shape.elements[each] for each in from_), element, way.types)
                if leads:
                    self._astray.setdefault(rule, []).append((name, leads))
                address = f"{self._prefix}{self._target}.{stem(name, element)}"
                self._pulls.setdefault(address, {})[name] = rule
        for name, element in shape.elements.items():
            step = _step(way, self._source, name, element)
            if step is not None:
                self._conv[name] = step
        if self._target:
            target = node(self._target, way.target)
            self._drop = fillers(way.source, shape, target, _ruled(rules, upwards=not way.upwards))
            self._fill = fillers(way.target, target, shape, _ruled(rules, upwards=way.upwards))
        dropped = {filler.name for filler in self._drop}
        if not self._fill:
            self._plain = frozenset(shape.elements) - self._rules.keys() - self._conv.keys() - dropped

    def __call__(self, held: Members) -> Members:
        if held.keys() <= self._plain:
            return held
        for filler in self._drop:
            if held.get(filler.name) == filler.value and len(filler.members & held.keys()) == 1:
                held = {name: value for name, value in held.items() if name != filler.name}
        out: Members = {}
        groups: dict[Rule, Members] = {}
        conv, rules = self._conv, self._rules
        if self._pulls and "extension" in held:
            rules = self._free | rules
        for name, value in held.items():
            rule = rules.get(name)
            if rule is not None:
                groups.setdefault(rule, {})[name] = value
                continue
            step = conv.get(name)
            out[name] = value if step is None else step(value)
        if groups or (self._pulls and "extension" in held):
            self._restructure(held, out, groups)
        for filler in self._fill:
            if filler.members.isdisjoint(out):
                out[filler.name] = filler.value
        return out

    def native(self, rule: Rule, group: Members) -> Members:
        """What a rule makes of some members."""
        conv = self._conv
        pieces = {name: conv[name](value) if name in conv else value for name, value in group.items()}
        made = self._turn(rule)(pieces)
        for name, leads in self._astray.get(rule, ()):
            if name in made:
                left = kept(made.pop(name), leads)
                made |= {} if left is None else {name: left}
        return made

    def _turn(self, rule: Rule) -> Turn:
        return rule.up if self._way.upwards else rule.down

    def _restructure(self, held: Members, out: Members, groups: Mapping[Rule, Members]) -> None:
        come, taken = self._come(held, groups)
        if taken:
            left = [each for at, each in enumerate(held["extension"]) if at not in taken]
            out.pop("extension")
            if left:
                out["extension"] = self._conv["extension"](left)
        for made in come.values():
            out |= made
        added: list[Members] = []
        for rule, group in groups.items():
            if rule in come:
                continue
            made = self.native(rule, group)
            out |= made
            if not made or self._home.native(rule, made) != group:
                added += self._carried(group)
        if added:
            out["extension"] = [*out.get("extension", ()), *added]

    @property
    def _home(self) -> "Plan":
        return self._way.back.plan(self._target, self._source)

    def _carried(self, group: Members) -> list[Members]:
        """The members of a rule that lost something, each as it was."""
        shape, base = self._shape, prefix(self._way.source) + self._source
        return [
            write(f"{base}.{stem(name, shape[name])}", shape[name], item, self._way)
            for name in dict.fromkeys(each.removeprefix("_") for each in group)
            for item in items(group, name, shape[name])
        ]

    def _come(self, held: Members, groups: Mapping[Rule, Members]) -> tuple[dict[Rule, Members], set[int]]:
        """What extensions bring home, by rule, and which extensions these are."""
        found: dict[Rule, dict[str, list[Json]]] = {}
        places: dict[Rule, set[int]] = {}
        for at, extension in enumerate(held.get("extension", ())):
            pulls = self._pulls.get(extension.get("url", ""))
            if pulls is None:
                continue
            try:
                name, value = read(extension, {each: self._there[each] for each in pulls}, self._way)
            except UNREADABLE:
                continue
            rule = pulls[name]
            found.setdefault(rule, {}).setdefault(name, []).append(value)
            places.setdefault(rule, set()).add(at)
        come: dict[Rule, Members] = {}
        for rule, values in found.items():
            made: Members = {}
            try:
                fill(made, values, self._there)
                agrees = self._home.native(rule, made) == groups.get(rule, {})
            except UNREADABLE:
                continue
            if agrees:
                come[rule] = made
        return come, {at for rule in come for at in places[rule]}


class ReferencePlan(Plan):
    """A Reference: nearly all lead to a type of the same name, and are done with one look at it."""

    __slots__ = ()

    def __call__(self, held: Members) -> Members:
        type_ = str(held.get("reference")).partition("/")[0]
        if held.keys() <= _SIMPLE and type_ not in self._way.strange:
            return held
        return super().__call__(held)


_SIMPLE = frozenset({"reference", "display"})


def _ruled(rules: Iterable[Rule], *, upwards: bool) -> set[str]:
    """The members that rules may lose or change in one direction."""
    changing = (rule for rule in rules if not (rule.free_up if upwards else rule.free_down))
    return {f"{mark}{name}" for rule in changing for name in (*rule.old, *rule.new) for mark in ("", "_")}


def _step(way: Way, path: str, name: str, element: Element) -> Step | None:
    """How the inside of a member crosses; None when there is nothing in it to cross."""
    if (path, name) == ("Reference", "type"):
        return lambda type_: way.types.get(type_, type_)
    if element.primitive and not element.aside:
        return None
    one = way.plan(element.type, "") if f"{path}.{name}" in APART else way.step(element.type)
    if not element.many:
        return one

    def each(values: list[Json]) -> list[Json]:
        return [None if value is None else one(value) for value in values]

    return each


def _known(path: str, version: VersionName) -> bool:
    try:
        node(path, version)
    except KeyError:
        return False
    return True


def _code(type_: str) -> Members:
    return {"coding": [{"system": _RESOURCE_TYPES, "code": type_}]}


@cache
def _rules(old: str, new: str) -> tuple[Rule, ...]:
    """Every rule between an object of R4 and one of R5: those of the table, and what the tables of elements tell."""
    of_r4, of_r5 = node(old, "R4"), node(new, "R5")
    apart = ("code",) if old != new and "Basic" in (old, new) else ()
    listed = [each if isinstance(each, Rule) else each.rule(of_r4, of_r5) for each in RULES.get(old, ())]
    if old == "Reference":
        listed.append(Move("reference", "reference", Kind(UP.address, DOWN.address)).rule(of_r4, of_r5))
    claimed_old = {name for rule in listed for name in rule.old}
    claimed_new = {name for rule in listed for name in rule.new}
    for name, element in of_r4.elements.items():
        if element.aside or name in claimed_old or name in PASSED.get(old, ()):
            continue
        there = None if name in claimed_new or name in apart else of_r5.elements.get(name)
        kind = None if there is None else _kind(f"{old}.{name}", element, there)
        if kind is None:
            listed.append(alone(old=(name,)))
        elif kind is not SAME or there is None or element.many != there.many:
            listed.append(Move(name, name, kind).rule(of_r4, of_r5))
        elif element.type == "Reference" and element.targets != there.targets:
            listed.append(referring(name, of_r4, of_r5, TYPES_UP))
        if kind is not None:
            claimed_new.add(name)
    listed += [
        alone(new=(name,)) for name, each in of_r5.elements.items() if not each.aside and name not in claimed_new
    ]
    return tuple(listed)


def _kind(path: str, old: Element, new: Element) -> Kind | None:
    """How an element of the same name corresponds; None when it does not."""
    if not old.primitive and not new.primitive:
        if UP.other(old.type) != new.type and old.type != new.type:
            return None
        return SAME if old.codes == new.codes else bound(old.codes, new.codes)
    if old.type == new.type:
        return SAME if old.codes == new.codes else codes(*CODES.get(path, ({}, {})), old, new)
    if {old.type, new.type} == {"unsignedInt", "integer64"}:
        return SIZE
    if {old.type, new.type} <= _WORDS or {old.type, new.type} <= _ADDRESSES:
        return SAME
    return read_as(old.type, new.type) if old.primitive and new.primitive else None


UP = Way("R4", "R5")
DOWN = Way("R5", "R4")
