"""FHIRPath Patch on a resource: the operations of a Parameters resource, by the published shape of the type.

FHIR R4 fhirpatch.html. JSON names differ from the names of a path where an element has a choice of types
(`deceasedBoolean`, `deceased`) and where a primitive has extensions (`_birthDate`); the tables of the elements say how.
"""

import dataclasses
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from fhir_facade.patching import Ledger, malformed, unfit
from fhir_facade.paths import Child, Step, parse
from fhir_facade.spots import Focus, Spot, followed, rooted
from fhir_facade.validate import validate
from fhir_facade.versions import VersionName
from plan.problem import Path, Problem

Json = Any

_SIMPLE = ("type", "path", "name", "index", "source", "destination")


class _Operation:
    """One operation: its simple parts by name, and the part that holds a value."""

    def __init__(self, parameter: Mapping[str, Json], where: Path) -> None:
        self.where = where
        if parameter["name"] != "operation":
            malformed(f"{parameter['name'][:64]!r} is no parameter of a patch", where, 'Name it "operation".')
        self.said: dict[str, Json] = {}
        self.value: Mapping[str, Json] | None = None
        for at, part in enumerate(parameter.get("part", ())):
            self._take(part, (*where, "part", at))

    def _take(self, part: Mapping[str, Json], where: Path) -> None:
        name = part["name"]
        if name in self.said or (name == "value" and self.value is not None):
            malformed(f"{name} stands twice", where, "Say it once.")
        if name == "value":
            self.value = part
        elif name in _SIMPLE:
            self.said[name] = next((held for key, held in part.items() if key.startswith("value")), None)
        else:
            malformed(f"{name[:64]!r} is no part of an operation", where, f"The parts are {', '.join(_SIMPLE)}, value.")

    def text(self, name: str) -> str:
        """A part that is a text."""
        held = self.said.get(name)
        if not isinstance(held, str):
            malformed(f"the operation has no {name}", self.where, "Say it as a string or a code.")
        return held

    def number(self, name: str) -> int:
        """A part that is an index."""
        held = self.said.get(name)
        if not isinstance(held, int) or isinstance(held, bool) or held < 0:
            malformed(f"the operation has no {name}", self.where, "Say it as an integer, counted from 0.")
        return held

    def content(self) -> Mapping[str, Json]:
        """The part that holds the value."""
        if self.value is None:
            malformed("the operation has no value", self.where, "Say which.")
        return self.value


class _Patch:
    """One patch being applied."""

    def __init__(self, resource: dict[str, Json], version: VersionName, ledger: Ledger) -> None:
        self.resource, self.version, self.ledger = resource, version, ledger

    def root(self) -> Focus:
        """The whole resource."""
        return rooted(self.resource, self.version)

    def found(self, steps: tuple[Step, ...], where: Path) -> list[Focus]:
        """Everything that a path leads to."""
        first = steps[0]
        if isinstance(first, Child) and first.name == self.resource["resourceType"]:
            steps = steps[1:]
        return followed(self.root(), steps, self.ledger, where)

    def one(self, operation: _Operation, steps: tuple[Step, ...]) -> Focus:
        """The one element that a path leads to."""
        found = self.found(steps, operation.where)
        if len(found) != 1:
            unfit(
                f"the path leads to {len(found) or 'no'} element{'s' if len(found) > 1 else ''}",
                (*operation.where, "path"),
                "Lead it to exactly one that is there.",
            )
        return found[0]

    def listed(self, operation: _Operation) -> Spot:
        """The list that a path leads to, which may be empty yet."""
        *way, last = parse(operation.text("path"), operation.where)
        if not isinstance(last, Child) or not way:
            malformed("the path must end with the name of a list", (*operation.where, "path"), "Leave its index out.")
        spot = self.one(operation, tuple(way)).spot(last.name, operation.where)
        if not spot.element.many:
            unfit(f"{last.name} is no list", (*operation.where, "path"), "Use add, replace or delete.")
        return spot

    def filled(self, spot: Spot, operation: _Operation) -> tuple[Spot, Json, Json]:
        """Where a value goes, the value, and what it carries besides (id and extensions of a primitive)."""
        part = operation.content()
        spot, value, aside = spot.valued(part, self.version, operation.where)
        depth = 2 * spot.depth  # every object may stand in an array
        value, aside = (self.ledger.added(one, depth, operation.where) for one in (value, aside))
        return spot, value, aside


def apply(resource: dict[str, Json], parameters: Json, version: VersionName = "R4") -> dict[str, Json]:
    """What the operations make of `resource`, a copy. `version`: of FHIR, that both are written in.

    Raises INVALID for what is no FHIRPath Patch, UNPROCESSABLE where it does not fit this resource, TOO_COSTLY for too
    many operations or too much that they add.
    """
    listed = parameters.get("parameter") if isinstance(parameters, dict) else None
    ledger = Ledger(len(listed) if isinstance(listed, list) else 0)
    try:
        validate(parameters, "Parameters", version)
    except Problem as problem:
        faults = tuple(dataclasses.replace(fault, where=("Parameters", *fault.where)) for fault in problem.faults)
        raise dataclasses.replace(problem, faults=faults) from None
    patch = _Patch(deepcopy(resource), version, ledger)
    for at, parameter in enumerate(parameters.get("parameter", ())):
        where: Path = ("Parameters", "parameter", at)
        operation = _Operation(parameter, where)
        do = _OPERATIONS.get(operation.text("type"))
        if do is None:
            malformed("type is none of add, insert, delete, replace and move", where, "Use one of these.")
        do(patch, operation)
    made: dict[str, Json] = ledger.closed(patch.resource)
    return made


def _add(patch: _Patch, operation: _Operation) -> None:
    holder = patch.one(operation, parse(operation.text("path"), operation.where))
    spot = holder.spot(operation.text("name"), operation.where, new=True)
    if spot.there and not spot.element.many:
        unfit(f"{spot.member} is there already", operation.where, "Replace it.")
    spot, value, aside = patch.filled(spot, operation)
    spot.add(value, aside)


def _insert(patch: _Patch, operation: _Operation) -> None:
    spot, index = patch.listed(operation), operation.number("index")
    _within(index, spot.length + 1, operation, "index")
    spot, value, aside = patch.filled(spot, operation)
    spot.insert(index, value, aside)


def _delete(patch: _Patch, operation: _Operation) -> None:
    steps = parse(operation.text("path"), operation.where)
    # To delete what is not there is no fault: it is gone already.
    if patch.found(steps, operation.where):
        _of(patch.one(operation, steps), operation).take()


def _replace(patch: _Patch, operation: _Operation) -> None:
    old = _of(patch.one(operation, parse(operation.text("path"), operation.where)), operation)
    spot, value, aside = patch.filled(old, operation)
    if spot.member != old.member:
        old.take()
    spot.put(value, aside)


def _move(patch: _Patch, operation: _Operation) -> None:
    spot = patch.listed(operation)
    source, destination = operation.number("source"), operation.number("destination")
    _within(source, spot.length, operation, "source")
    _within(destination, spot.length, operation, "destination")
    spot.move(source, destination)


_OPERATIONS: Mapping[str, Callable[[_Patch, _Operation], None]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


def _of(focus: Focus, operation: _Operation) -> Spot:
    if focus.own is None:
        unfit("the path leads to the whole resource", (*operation.where, "path"), "Lead it to an element.")
    return focus.own


def _within(index: int, length: int, operation: _Operation, name: str) -> None:
    if index >= length:
        unfit(f"{name} {index} is past the end of the list", operation.where, f"There are {length} places.")
