"""The two faces of an entry, tied by lenses: a table of (field, lens) gives `view` and `put` at once.

Laws (tests/fhir_facade/test_lens_laws.py): `view(put(b, f)) == b` for every valid native body `b`, and
`put(view(f), f) == f` for every resource `f`. The second holds for any lens, because a field whose value did not
change is never written; so whatever the native form does not know stays as the client wrote it.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Protocol

Body = dict[str, Any]
Resource = dict[str, Any]
Key = str | int


class Lens(Protocol):
    """One native value in a FHIR resource. `None` is "not there", in both directions."""

    def view(self, resource: Resource) -> Any:
        """The native value, or None when it is not there or not of a form that the native face knows."""

    def put(self, resource: Resource, value: Any) -> None:
        """Write `value` into `resource`, or take it out for None; all else in `resource` stays."""


ABSENT: Mapping[str, str] = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "not-applicable",
}
"""What stands where FHIR wants an element and there is nothing to say."""

Fields = Sequence[tuple[str, Lens]]
"""The table of one kind: native field name and its lens, in the order of the native form."""


def view(fields: Fields, resource: Resource) -> Body:
    """The native form of `resource`: only the fields that are there."""
    seen = ((name, lens.view(resource)) for name, lens in fields)
    return {name: value for name, value in seen if value is not None}


def put(fields: Fields, body: Body, resource: Resource) -> Resource:
    """A copy of `resource` that says what `body` says, and still all that `body` does not know of.

    Two sweeps, because a field may read as another's stand-in (a text that is missing as the code's display) until
    that other one is written.
    """
    made = deepcopy(resource)
    for name, lens in (*fields, *fields):
        value = body.get(name)
        if not same(lens.view(made), value):
            lens.put(made, value)
    return made


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are written alike: 0.4 is not 0.40, and 1 is not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other) and str(one) == str(other)


@dataclass(frozen=True, slots=True)
class At:
    """A value that stands as it is at a path of names: `At("description", "text")`.

    What FHIR says of a primitive beside it (`_text`: its translation, its absence) falls with the value it was about.
    """

    path: tuple[str, ...]

    def __init__(self, *path: str) -> None:
        object.__setattr__(self, "path", path)

    def view(self, resource: Resource) -> Any:
        return dig(resource, self.path)

    def put(self, resource: Resource, value: Any) -> None:
        plant(resource, (*self.path[:-1], f"_{self.path[-1]}"), None)
        plant(resource, self.path, value)


@dataclass(frozen=True, slots=True)
class Table:
    """An object with a table of its own. Nothing known in it: not there."""

    fields: Fields

    def view(self, resource: Resource) -> Any:
        return view(self.fields, resource) or None

    def put(self, resource: Resource, value: Any) -> None:
        made = put(self.fields, value or {}, resource)
        resource.clear()
        resource.update(made)


@dataclass(frozen=True, slots=True)
class Code:
    """A code whose native words differ from FHIR's: `words` maps native to FHIR.

    Several FHIR codes may read as one native word: `also` maps the further ones, FHIR to native.
    """

    lens: Lens
    words: Mapping[str, Any]
    also: Mapping[Any, str] | None = None

    def view(self, resource: Resource) -> Any:
        found = self.lens.view(resource)
        back = {fhir: native for native, fhir in self.words.items()} | dict(self.also or {})
        return back.get(found) if isinstance(found, str | bool | int) else None

    def put(self, resource: Resource, value: Any) -> None:
        self.lens.put(resource, None if value is None else self.words[value])


@dataclass(frozen=True, slots=True)
class Where:
    """One member of a list, found by the members it must have: `Where("extension", {"url": URL}, At("valueCode"))`.

    The member is made when it is missing, and taken out when nothing but its marks is left in it.
    """

    name: str
    marks: Mapping[str, Any]
    inner: Lens

    def view(self, resource: Resource) -> Any:
        member = self._member(resource)
        return None if member is None else self.inner.view(member)

    def put(self, resource: Resource, value: Any) -> None:
        member = self._member(resource)
        if member is None:
            if value is None:
                return
            member = deepcopy(dict(self.marks))
            resource[self.name] = [*_listed(resource, self.name), member]
        self.inner.put(member, value)
        if member == self.marks:
            remaining = [other for other in resource[self.name] if other is not member]
            plant(resource, (self.name,), remaining or None)

    def _member(self, resource: Resource) -> Resource | None:
        return next((m for m in _listed(resource, self.name) if _marked(m, self.marks)), None)


@dataclass(frozen=True, slots=True)
class Through:
    """Another lens inside the object at a path: `Through(("restriction",), At("period", "end"))`."""

    path: tuple[str, ...]
    inner: Lens

    def view(self, resource: Resource) -> Any:
        found = dig(resource, self.path)
        return self.inner.view(found) if isinstance(found, dict) else None

    def put(self, resource: Resource, value: Any) -> None:
        found = dig(resource, self.path)
        held: Resource = found if isinstance(found, dict) else {}
        self.inner.put(held, value)
        plant(resource, self.path, held or None)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of values, one lens for each member: `Many("addresses", At("reference"))`.

    `marks` selects the members that belong to this list and is written into new ones. Members of others, and those of
    which the native form knows nothing, stay where they are. A member whose value is still wanted keeps all that it
    holds; what is left pairs up in order.
    """

    name: str
    inner: Lens
    marks: Mapping[str, Any] | None = None

    def view(self, resource: Resource) -> Any:
        return [value for _, value in self._mine(resource)] or None

    def put(self, resource: Resource, value: Any) -> None:
        mine = self._mine(resource)
        made = self._made([*mine], value or [])
        kept: list[Any] = []
        for member in _listed(resource, self.name):
            if not any(member is own for own, _ in mine):
                kept.append(member)
            elif made:
                kept.append(made.pop(0))
        plant(resource, (self.name,), [*kept, *made] or None)

    def _made(self, left: list[tuple[Resource, Any]], wanted: list[Any]) -> list[Resource]:
        found: list[Resource | None] = []
        for value in wanted:
            pair = next((pair for pair in left if same(pair[1], value)), None)
            found.append(pair and pair[0])
            left = [other for other in left if other is not pair]
        return [held or self._changed(left.pop(0)[0] if left else {}, v) for held, v in zip(found, wanted, strict=True)]

    def _changed(self, member: Resource, value: Any) -> Resource:
        made = deepcopy(member or dict(self.marks or {}))
        self.inner.put(made, value)
        return made

    def _mine(self, resource: Resource) -> list[tuple[Resource, Any]]:
        seen = [(m, self.inner.view(m)) for m in _listed(resource, self.name) if _marked(m, self.marks or {})]
        return [(member, value) for member, value in seen if value is not None]


@dataclass(frozen=True, slots=True)
class Each:
    """A list of objects, each with a table of its own (see `Many`)."""

    name: str
    fields: Fields
    marks: Mapping[str, Any] | None = None

    def view(self, resource: Resource) -> Any:
        return Many(self.name, Table(self.fields), self.marks).view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        Many(self.name, Table(self.fields), self.marks).put(resource, value)


@dataclass(frozen=True, slots=True)
class First:
    """The first member of a list that is one thing to the native form: `First("performer", PARTY)`.

    When it is taken out before others, `blank` holds its place, so that the second is not taken for the first.
    """

    name: str
    inner: Lens
    blank: Mapping[str, Any] = field(default_factory=lambda: {"extension": [ABSENT]})

    def view(self, resource: Resource) -> Any:
        members = _listed(resource, self.name)
        return self.inner.view(members[0]) if members and isinstance(members[0], dict) else None

    def put(self, resource: Resource, value: Any) -> None:
        first, *rest = _listed(resource, self.name) or [{}]
        held: Resource = first if isinstance(first, dict) and first != self.blank else {}
        self.inner.put(held, value)
        head = [held] if held else [deepcopy(dict(self.blank))] if rest else []
        plant(resource, (self.name,), [*head, *rest] or None)


@dataclass(frozen=True, slots=True)
class Only:
    """One type of a choice (`onset[x]`): writing it takes its rivals out, since FHIR allows one at a time."""

    lens: Lens
    rivals: tuple[str, ...]

    def view(self, resource: Resource) -> Any:
        return self.lens.view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        for rival in self.rivals if value is not None else ():
            resource.pop(rival, None)
            resource.pop(f"_{rival}", None)
        self.lens.put(resource, value)


@dataclass(frozen=True, slots=True)
class Via:
    """A value that changes its form on the way: `there` from FHIR to native, `back` from native to FHIR.

    `there` answers None for what the native form does not know.
    """

    lens: Lens
    there: Callable[[Any], Any]
    back: Callable[[Any], Any]

    def view(self, resource: Resource) -> Any:
        found = self.lens.view(resource)
        return None if found is None else self.there(found)

    def put(self, resource: Resource, value: Any) -> None:
        self.lens.put(resource, None if value is None else self.back(value))


def extension(url: str, value: str) -> Lens:
    """A simple extension: its `url`, and the name of its value element (`valueInteger`)."""
    return Where("extension", {"url": url}, At(value))


def _listed(resource: Resource, name: str) -> list[Any]:
    members = resource.get(name)
    return members if isinstance(members, list) else []


def _marked(member: Any, marks: Mapping[str, Any]) -> bool:
    return isinstance(member, dict) and all(member.get(key) == value for key, value in marks.items())


def dig(resource: Any, path: Sequence[Key]) -> Any:
    """What stands at `path`, or None."""
    found = resource
    for key in path:
        if isinstance(key, int):
            found = found[key] if isinstance(found, list) and len(found) > key else None
        else:
            found = found.get(key) if isinstance(found, dict) else None
    return found


def plant(resource: Resource, path: Sequence[str], value: Any) -> None:
    """Set the value at `path`, making objects on the way; for None take it out, and what is left empty with it."""
    *way, last = path
    trail = [resource]
    for key in way:
        step = trail[-1].get(key)
        if not isinstance(step, dict):
            if value is None:
                return
            step = trail[-1][key] = {}
        trail.append(step)
    if value is not None:
        trail[-1][last] = value
        return
    trail[-1].pop(last, None)
    for parent, key in reversed(list(zip(trail, way, strict=False))):
        if parent[key] == {}:
            del parent[key]
