"""Spots: where the element that a path names stands in the JSON of a resource, and how it is read, put and taken.

FHIR R4 json.html: an element that repeats is an array; one form of a choice has its type in its name; what a primitive
carries besides its value stands in a member of the same name with an underscore. FHIR knows no empty arrays or objects,
so what becomes empty goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fhir_facade.elements import Element, Node, node
from fhir_facade.patching import Ledger, malformed, unfit
from fhir_facade.paths import At, Child, OfType, Step
from fhir_facade.versions import VersionName
from plan.problem import Path

Json = Any


@dataclass(slots=True)
class Focus:
    """An element of a resource: its object (of a primitive, that which stands aside), its shape, and where it stands.

    `value` is what a comparison sees. `own` is None for the resource itself.
    """

    shape: Node
    version: VersionName
    value: Json
    held: Callable[[bool], dict[str, Json] | None]
    own: Spot | None
    depth: int

    def children(self, name: str, where: Path) -> Iterator[Focus]:
        """The elements of this name."""
        holder = self.held(False) or {}
        for member in self._members(name, where):
            if member in holder or f"_{member}" in holder:
                spot = Spot(holder, member, None, self.shape.elements[member], self.depth + 1)
                yield from (one.focus(self.version) for one in spot.each())

    def spot(self, name: str, where: Path, *, new: bool = False) -> Spot:
        """Where elements of this name stand, or would stand; `new`: the object is made when it is not there."""
        members = self._members(name, where)
        held = self.held(new)
        holder = {} if held is None else held
        there = next((one for one in members if one in holder or f"_{one}" in holder), members[0])
        return Spot(holder, there, None, self.shape.elements[there], self.depth + 1)

    def _members(self, name: str, where: Path) -> list[str]:
        """The JSON names of an element: one, or one for each type that it may have."""
        elements = self.shape.elements
        found = [
            member
            for member, element in elements.items()
            if not element.aside and (member == name or element.choice == f"{name}[x]")
        ]
        if not found or name == "resourceType":
            what = f"{self.shape.name} has no element {name[:64]!r}"
            malformed(what, where, "Look the element up; names are case-sensitive.")
        return found


@dataclass(slots=True)
class Spot:
    """A member of an object, or (`at`) one of the array that it is."""

    holder: dict[str, Json]
    member: str
    at: int | None
    element: Element
    depth: int

    @property
    def length(self) -> int:
        """How many there are of an element that repeats."""
        return max((len(self.holder.get(name, ())) for name in self._names()), default=0)

    @property
    def there(self) -> bool:
        """Whether any form of the element is there."""
        return self.member in self.holder or f"_{self.member}" in self.holder

    def each(self) -> Iterator[Spot]:
        """The spot itself, or that of each one of a list."""
        if self.element.many:
            yield from (replace(self, at=at) for at in range(self.length))
        else:
            yield self

    def focus(self, version: VersionName) -> Focus:
        """The element that stands here."""
        value = self._read(self.member)
        if self.element.primitive:
            return Focus(node("Element", version), version, value, self._aside, self, self.depth)
        name = value["resourceType"] if self.element.type == "Resource" else self.element.type
        return Focus(node(name, version), version, value, lambda new: value, self, self.depth)

    def put(self, value: Json, aside: Json) -> None:
        """Replace what stands here, if anything does."""
        for name, held in ((self.member, value), (f"_{self.member}", aside)):
            if self.at is None:
                _planted(self.holder, name, held)
            else:
                self._array(name, held is not None)[self.at : self.at + 1] = [held]
        self._tidy()

    def add(self, value: Json, aside: Json) -> None:
        """Put a value here, at the end of the list when it is one."""
        if self.element.many:
            self.insert(self.length, value, aside)
        else:
            self.put(value, aside)

    def insert(self, index: int, value: Json, aside: Json) -> None:
        """Let a value stand in the list before the one at `index`."""
        for name, held in ((self.member, value), (f"_{self.member}", aside)):
            self._array(name, held is not None).insert(index, held)
        self._tidy()

    def move(self, source: int, destination: int) -> None:
        """Move one of the list to another place in it."""
        for name in self._names():
            array = self._array(name, new=False)
            array.insert(destination, array.pop(source))
        self._tidy()

    def take(self) -> None:
        """Take away what stands here."""
        for name in self._names():
            if self.at is None:
                self.holder.pop(name, None)
            else:
                del self._array(name, new=False)[self.at]
        self._tidy()

    def valued(self, part: Mapping[str, Json], version: VersionName, where: Path) -> tuple[Spot, Json, Json]:
        """The value of a part of a Parameters, made to stand here: the spot of its form, the value, what is aside."""
        if "part" in part:
            return self, self._object(part["part"], version, where), None
        forms = (name.removeprefix("_") for name in part)
        # Invariant inv-1 of Parameters has seen to it that there is one.
        name = next(one for one in forms if one.startswith("value") or one == "resource")
        spot = self
        if self.element.primitive is isinstance(part.get(name), dict) and not self.element.choice:
            unfit(f"{self.member} is of another type", where, f"It is a {self.element.type}.")
        if self.element.choice:
            spot = replace(self, member=self.element.choice.removesuffix("[x]") + name.removeprefix("value"))
        return spot, part.get(name), part.get(f"_{name}")

    def _object(self, parts: Iterable[Mapping[str, Json]], version: VersionName, where: Path) -> dict[str, Json]:
        """An object of a type without a name, from a part for each of its members."""
        if self.element.primitive or self.element.type == "Resource":
            unfit(f"{self.member} has no parts", where, "Send it as a value[x].")
        made: dict[str, Json] = {}
        inside = Focus(node(self.element.type, version), version, made, lambda new: made, None, self.depth)
        for part in parts:
            spot, value, aside = inside.spot(part["name"], where).valued(part, version, where)
            spot.add(value, aside)
        return made

    def _names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.member, f"_{self.member}") if name in self.holder)

    def _array(self, name: str, new: bool) -> list[Json]:  # noqa: FBT001 - whether to make one
        """The array of one of the two members, as long as the other; one that nobody keeps when there is none."""
        length = self.length
        array: list[Json] = self.holder.get(name, [])
        if new or name in self.holder:
            self.holder[name] = array
        array.extend([None] * (length - len(array)))
        return array

    def _read(self, name: str) -> Json:
        held = self.holder.get(name)
        if self.at is None or held is None:
            return held
        return held[self.at] if self.at < len(held) else None

    def _aside(self, new: bool) -> dict[str, Json] | None:  # noqa: FBT001 - whether to make one
        """What a primitive carries besides its value."""
        name = f"_{self.member}"
        held: dict[str, Json] | None = self._read(name)
        if held is None and new:
            held = {}
            if self.at is None:
                self.holder[name] = held
            else:
                self._array(name, new=True)[self.at] = held
        return held

    def _tidy(self) -> None:
        """FHIR knows no empty arrays."""
        for name in self._names():
            array = self.holder[name]
            if isinstance(array, list) and all(one is None for one in array):
                del self.holder[name]


def rooted(resource: dict[str, Json], version: VersionName) -> Focus:
    """A whole resource."""
    return Focus(node(resource["resourceType"], version), version, resource, lambda new: resource, None, 0)


def followed(root: Focus, steps: Iterable[Step], ledger: Ledger, where: Path) -> list[Focus]:
    """Everything that the steps lead to, in the order in which it stands."""
    found = [root]
    for step in steps:
        ledger.walked(len(found), where)
        match step:
            case Child(name):
                found = [child for one in found for child in one.children(name, where)]
            case At(index):
                found = found[index:][:1]
            case OfType(type_):
                found = [one for one in found if one.own is not None and one.own.element.type == type_]
            case _:
                found = [one for one in found if all(_holds(one, c, ledger, where) for c in step.conditions)]
    return found


def _holds(focus: Focus, condition: tuple[tuple[str, ...], Json], ledger: Ledger, where: Path) -> bool:
    names, value = condition
    found = followed(focus, [Child(name) for name in names], ledger, where)
    return any(_alike(one.value, value) for one in found)


def _alike(one: Json, other: Json) -> bool:
    # In Python true is 1; in FHIR it is not.
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _planted(holder: dict[str, Json], name: str, value: Json) -> None:
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value
