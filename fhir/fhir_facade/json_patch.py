"""JSON Patch on a resource: RFC 6902, with the pointers of RFC 6901.

Our own, because a patch comes from outside: what it adds is counted as it goes, so that a list that is doubled twenty
times ends early; `true` is not 1, as it is in Python; numbers stay as they were written; each fault names its operation
(docs/decisions/0023).
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any, NoReturn

from fhir_facade.patching import Ledger, malformed, unfit
from plan.problem import Path

Json = Any
Pointer = tuple[str, ...]

_KNOWN = frozenset({"op", "path", "from", "value"})
_ROOT = "whole"


def apply(document: Json, operations: Json) -> Json:
    """What the operations make of a copy of `document`.

    Raises INVALID for what is no JSON Patch, UNPROCESSABLE where it does not fit this document or a `test` fails, and
    TOO_COSTLY for too many operations or too much that they add.
    """
    if not isinstance(operations, list):
        malformed("a JSON Patch is an array of operations", (), 'Send [{"op": ..., "path": ...}].')
    ledger = Ledger(len(operations))
    held = {_ROOT: deepcopy(document)}
    for at, operation in enumerate(operations):
        where: Path = (at,)
        if not isinstance(operation, dict):
            malformed("an operation is a JSON object", where, 'Send {"op": ..., "path": ...}.')
        do = _OPERATIONS.get(str(operation.get("op")))
        if do is None:
            malformed("op is none of add, remove, replace, move, copy and test", (*where, "op"), "Use one of these.")
        do(held, operation, ledger, where)
    return ledger.closed(held[_ROOT])


def _add(held: Json, operation: Mapping[str, Json], ledger: Ledger, where: Path) -> None:
    pointer, value = _pointer(operation, "path", where), _value(operation, where)
    _put(held, pointer, ledger.added(value, len(pointer), where), where)


def _remove(held: Json, operation: Mapping[str, Json], ledger: Ledger, where: Path) -> None:
    _taken(held, _pointer(operation, "path", where), where)


def _replace(held: Json, operation: Mapping[str, Json], ledger: Ledger, where: Path) -> None:
    pointer, value = _pointer(operation, "path", where), _value(operation, where)
    holder, key = _place(held, pointer, where)
    _read(holder, key, where)
    holder[key] = ledger.added(value, len(pointer), where)


def _move(held: Json, operation: Mapping[str, Json], ledger: Ledger, where: Path) -> None:
    source, target = _pointer(operation, "from", where), _pointer(operation, "path", where)
    if target[: len(source)] == source and target != source:
        unfit("a value cannot be moved into itself", (*where, "path"), "Copy it, or move it elsewhere.")
    _put(held, target, ledger.added(_taken(held, source, where), len(target), where), where)


def _copy(held: Json, operation: Mapping[str, Json], ledger: Ledger, where: Path) -> None:
    source, target = _pointer(operation, "from", where), _pointer(operation, "path", where)
    value = _read(*_place(held, source, where), where)
    _put(held, target, ledger.added(value, len(target), where), where)


def _test(held: Json, operation: Mapping[str, Json], ledger: Ledger, where: Path) -> None:
    pointer, value = _pointer(operation, "path", where), _value(operation, where)
    if not equal(_read(*_place(held, pointer, where), where), value):
        unfit("the test fails: the value is another", where, "Read the resource again, and patch what is there now.")


_OPERATIONS: Mapping[str, Callable[[Json, Mapping[str, Json], Ledger, Path], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def equal(one: Json, other: Json) -> bool:
    """RFC 6902 section 4.6: of one type, and alike; 1.0 is 1, and 1 is not true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return _kind(one) is _kind(other) and bool(one == other)


def _kind(value: Json) -> type:
    return Decimal if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value)


def _value(operation: Mapping[str, Json], where: Path) -> Json:
    if "value" not in operation:
        malformed(f"{operation['op']} has no value", (*where, "value"), "Say which.")
    return operation["value"]


def _pointer(operation: Mapping[str, Json], name: str, where: Path) -> Pointer:
    text = operation.get(name)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        malformed(f"{name} is no JSON Pointer", (*where, name), "Write it as /name/0/family.")
    parts = text.split("/")[1:]
    if any("~" in part.replace("~0", "").replace("~1", "") for part in parts):
        malformed(f"{name} is no JSON Pointer: ~ is written ~0", (*where, name), "Escape ~ as ~0 and / as ~1.")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _place(held: Json, pointer: Pointer, where: Path) -> tuple[Json, str | int]:
    """The object or array that holds what the pointer names, and its name or index in it; `-` is past the end."""
    holder, key = held, _ROOT
    found: str | int = key
    for part in pointer:
        holder = _read(holder, found, where)
        found = _key(holder, part, where)
    return holder, found


def _key(holder: Json, part: str, where: Path) -> str | int:
    if isinstance(holder, dict):
        return part
    if not isinstance(holder, list):
        _missing(part, where)
    if part == "-":
        return len(holder)
    if not (part.isascii() and part.isdigit()) or (part != "0" and part.startswith("0")) or len(part) > 9:  # noqa: PLR2004 - no index is longer
        malformed(f"{part[:64]!r} is no index of an array", where, "Count from 0, or write - for past the end.")
    return int(part)


def _read(holder: Json, key: str | int, where: Path) -> Json:
    if isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        return holder[key]
    if isinstance(holder, dict) and key in holder:
        return holder[key]
    return _missing(str(key), where)


def _put(held: Json, pointer: Pointer, value: Json, where: Path) -> None:
    holder, key = _place(held, pointer, where)
    if isinstance(holder, list):
        assert isinstance(key, int)
        if key > len(holder):
            _missing(str(key), where)
        holder.insert(key, value)
    else:
        holder[key] = value


def _taken(held: Json, pointer: Pointer, where: Path) -> Json:
    if not pointer:
        unfit("the whole of a resource cannot be taken away", where, "Delete the resource by DELETE.")
    holder, key = _place(held, pointer, where)
    value = _read(holder, key, where)
    del holder[key]
    return value


def _missing(part: str, where: Path) -> NoReturn:
    unfit(f"there is no {part[:64]!r} where the pointer leads", where, "Read the resource again; name what is there.")
