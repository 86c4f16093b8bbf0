"""What both kinds of patch share: how much they may do, and how their faults are said.

FHIR R4 http.html 3.1.0.9 (patch). What a patch adds or moves is counted in bytes as it goes and never given back, so a
patch costs no more time than its own length and what it may add at most.
"""

from copy import deepcopy
from typing import Any, NoReturn

from fhir_facade import exact
from plan.problem import Fault, Path, Problem, Trouble

Json = Any

MOST_OPERATIONS = 500
LARGEST = 1024 * 1024
"""How much a patch may add, and how large what comes of it may be, in bytes: as large as a body may be."""
MOST_STEPS = 50_000


class Ledger:
    """What one patch has cost so far. Raises TOO_COSTLY."""

    def __init__(self, operations: int) -> None:
        if operations > MOST_OPERATIONS:
            _costly(f"a patch has at most {MOST_OPERATIONS} operations", ())
        self._left = LARGEST
        self._steps = MOST_STEPS

    def added(self, value: Json, depth: int, where: Path) -> Json:
        """A copy of a value that the patch puts `depth` levels deep."""
        self._left -= len(exact.dumps(value))
        if self._left < 0:
            _costly(f"the patch adds more than {LARGEST} bytes", where)
        if depth + depth_of(value) > exact.MAX_DEPTH:
            _costly(f"what comes of the patch is nested deeper than {exact.MAX_DEPTH}", where)
        return deepcopy(value)

    def walked(self, steps: int, where: Path) -> None:
        """Count the elements that a path led through."""
        self._steps -= steps
        if self._steps < 0:
            _costly(f"the paths of the patch lead through more than {MOST_STEPS} elements", where)

    def closed(self, document: Json) -> Json:
        """What came of it, when it is not too large. FHIR knows no empty arrays and objects: these go."""
        if len(exact.dumps(document)) > LARGEST:
            _costly(f"what comes of the patch is larger than {LARGEST} bytes", ())
        return _tidied(document)


def depth_of(value: Json) -> int:
    """How many levels of objects and arrays there are; at most one more than can be read."""
    level, depth = [value], 0
    while depth <= exact.MAX_DEPTH:
        level = [
            member
            for one in level
            if isinstance(one, dict | list)
            for member in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            break
        depth += 1
    return depth


def _tidied(value: Json) -> Json:
    """A value without what is empty in it; what stands aside of a primitive keeps its place in the array."""
    if isinstance(value, list):
        return [one for one in map(_tidied, value) if one != {}]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, member in value.items():
        if name.startswith("_") and isinstance(member, list):
            asides = [_tidied(one) or None for one in member]
            kept: Json = asides if any(asides) else []
        else:
            kept = _tidied(member)
        if kept not in ({}, []):
            made[name] = kept
    return made


def malformed(what: str, where: Path, mend: str) -> NoReturn:
    """400: whatever it was sent to, this is no patch."""
    raise Problem(Trouble.INVALID, what[:1].upper() + what[1:], (Fault(what, where, mend),))


def unfit(what: str, where: Path, mend: str) -> NoReturn:
    """422: the patch is one, and it does not fit this resource."""
    raise Problem(Trouble.UNPROCESSABLE, what[:1].upper() + what[1:], (Fault(what, where, mend),))


def _costly(what: str, where: Path) -> NoReturn:
    raise Problem(Trouble.TOO_COSTLY, what[:1].upper() + what[1:], (Fault(what, where, "Send it in parts."),))
