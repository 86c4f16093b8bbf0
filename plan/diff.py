"""What differs between two versions of anything: field by field, in words that a reader can be shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from plan.model import Json
from plan.problem import Path


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: where it stands, what it was and what it is now; None for "not there"."""

    where: Path
    was: Json
    now: Json


def differences(was: Json, now: Json, where: Path = ()) -> Iterator[Difference]:
    """Every field that differs, members of objects one by one; lists are compared as wholes."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in dict.fromkeys((*was, *now)):
            yield from differences(was.get(name), now.get(name), (*where, name))
    elif was != now:
        yield Difference(where, was, now)


def pointer(where: Path) -> str:
    """A path as an RFC 6901 JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in where)
