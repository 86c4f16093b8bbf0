"""The parameters of an operation: read by a small table from an address or from a Parameters resource, and written.

Source: FHIR R4 operations.html 3.2.0.5 (how parameters are sent: a Parameters resource, the one resource itself, or an
address for simple values) and parameters.html.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from fhir_facade import exact
from fhir_facade.searched import ID
from plan.dates import date_range
from plan.problem import Fault, Path, Problem, Trouble

Json = Any
Said = dict[str, list[Json]]
"""The values of each parameter, in the order that they came in."""
_ELSEWHERE = frozenset({"_format", "_pretty"})
MOST_NUMBER = 10**9


@dataclass(frozen=True, slots=True)
class In:
    """One parameter that an operation takes. `type`: of its value, `resource` for a resource; `many`: more than one."""

    name: str
    type: str
    many: bool = False


def of_address(table: Sequence[In], pairs: Iterable[tuple[str, str]]) -> Said:
    """The parameters of an address. Raises NOT_SUPPORTED, BAD_VALUE; a complex value cannot be sent so."""
    said: Said = {}
    for name, text in pairs:
        if name in _ELSEWHERE or not text:
            continue
        row = _row(table, name, (name,))
        if row.type not in _READ:
            _refuse(f"{name} cannot stand in an address", (name,), "Send a Parameters resource by POST.")
        _add(said, row, _READ[row.type](text, (name,)), (name,))
    return said


def of_resource(table: Sequence[In], resource: Mapping[str, Json]) -> Said:
    """The parameters of a valid Parameters resource."""
    said: Said = {}
    for at, one in enumerate(resource.get("parameter", ())):
        where: Path = ("Parameters", "parameter", at)
        row = _row(table, str(one.get("name", "")), (*where, "name"))
        _add(said, row, _value(row, one, where), where)
    return said


def resources(resource: Mapping[str, Json]) -> Iterable[tuple[int, Mapping[str, Json]]]:
    """Each parameter of a Parameters resource that is a resource, with its place."""
    for at, one in enumerate(resource.get("parameter", ())):
        if isinstance(one, dict) and isinstance(one.get("resource"), dict):
            yield at, one["resource"]


def one(said: Said, name: str, default: Json = None) -> Json:
    """The value of a parameter that stands once at most."""
    return said[name][0] if name in said else default


def written(*parts: tuple[str, str, Json]) -> str:
    """A Parameters resource of name, member (`valueMeta`, `resource`) and value, as R4 text."""
    made: dict[str, Json] = {"resourceType": "Parameters"}
    if parts:
        made["parameter"] = [{"name": name, member: value} for name, member, value in parts]
    return exact.text(made)


def _row(table: Sequence[In], name: str, where: Path) -> In:
    row = next((row for row in table if row.name == name), None)
    if row is None:
        what = f"{name[:64]!r} is no parameter of this operation"
        mend = f"It takes: {', '.join(row.name for row in table) or 'none'}."
        raise Problem(Trouble.NOT_SUPPORTED, what, (Fault(what, where, mend),))
    return row


def _add(said: Said, row: In, value: Json, where: Path) -> None:
    held = said.setdefault(row.name, [])
    if held and not row.many:
        _refuse(f"{row.name} stands twice", where, "Send it once.")
    held.append(value)


def _value(row: In, one: Mapping[str, Json], where: Path) -> Json:
    if row.type == "resource":
        if "resource" not in one:
            _refuse(f"{row.name} is a resource", where, 'Send it as "resource".')
        return one["resource"]
    member = f"value{row.type[0].upper()}{row.type[1:]}"
    # Clients that know only strings send them for every simple type.
    found = next((one[name] for name in (member, *_ALSO.get(row.type, ())) if name in one), None)
    if found is None:
        _refuse(f"{row.name} is of the type {row.type}", where, f"Send it as {member}.")
    if row.type not in _READ or row.type == "Reference":
        return found
    return _READ[row.type](_text(found), (*where, member))


def _text(value: Json) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _boolean(text: str, where: Path) -> bool:
    if text not in ("true", "false"):
        _refuse("this is neither true nor false", where, "Write true or false.")
    return text == "true"


def _integer(text: str, where: Path) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:12]) > 0 and len(text) <= len(str(MOST_NUMBER))):
        _refuse("this is no number above zero", where, "Write a whole number above zero.")
    return int(text)


def _moments(text: str, where: Path) -> tuple[int, int]:
    """What a date covers, in milliseconds since 1970 UTC. A plus that was not escaped came as a space."""
    found = date_range(text.replace(" ", "+"))
    if found is None:
        _refuse("this is no date", where, "Write it as YYYY-MM-DD, or with a time and a zone.")
    return found


def _instant(text: str, where: Path) -> tuple[int, int]:
    """A date alone is none: its end would leave out what happened on that day."""
    if "T" not in text:
        _refuse("this is no instant", where, "Write it as 2026-03-06T14:00:00Z.")
    return _moments(text, where)


def _reference(text: str, where: Path) -> dict[str, str]:
    return {"reference": f"Patient/{text}" if ID.match(text) else text}


def _as_it_is(text: str, where: Path) -> str:
    return text


_READ: Mapping[str, Callable[[str, Path], Json]] = {
    "boolean": _boolean,
    "integer": _integer,
    "date": _moments,
    "instant": _instant,
    "code": _as_it_is,
    "uri": _as_it_is,
    "Reference": _reference,
}
"""How the simple types are read, and a Reference by its text. All others come in a Parameters resource only."""
_STRING = ("valueString",)
_ALSO: Mapping[str, tuple[str, ...]] = {
    "boolean": _STRING,
    "integer": ("valuePositiveInt", "valueUnsignedInt", "valueString"),
    "date": ("valueDateTime", "valueString"),
    "instant": ("valueDateTime", "valueString"),
    "code": _STRING,
    "uri": ("valueUrl", "valueId", "valueString"),
}


def _refuse(what: str, where: Path, mend: str) -> NoReturn:
    raise Problem(Trouble.BAD_VALUE, what[:1].upper() + what[1:], (Fault(what, where, mend),))
