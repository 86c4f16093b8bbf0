"""Two headers that go with a write of the FHIR door: X-Provenance and Idempotency-Key.

FHIR R4 provenance.html 6.3.4: the Provenance comes in the header without a target, because the service alone knows
which versions will be written.
"""

from hashlib import sha256
from typing import Any

from api.deeds import Key
from api.door import checked_key
from api.fhir_asked import Asked, placed
from api.fhir_taken import taken
from fhir_facade import exact
from plan.problem import Fault, Path, Problem, Trouble

_HEADER: Path = ("X-Provenance",)
_SOME_TARGET = [{"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}]
_CONDITIONS = ("if-match", "if-none-match", "if-none-exist")


def provenance_of(asked: Asked) -> dict[str, Any] | None:
    """The Provenance of the header, as R4 and without a target; None without one. Raises MALFORMED, INVALID."""
    header = asked.headers.get("x-provenance")
    if header is None:
        return None
    try:
        # A header is bytes; these are UTF-8, as JSON is.
        said = exact.loads(header.encode("latin-1", "replace"))
        _untargeted(said)
        made = taken(asked, {**said, "target": _SOME_TARGET}, "Provenance")
    except Problem as problem:
        raise placed(problem, _HEADER, _HEADER) from None
    return {name: value for name, value in made.items() if name != "target"}


def key_of(asked: Asked) -> Key | None:
    """The Idempotency-Key, with the digest of what it stands for. Raises BAD_VALUE."""
    key = checked_key(asked.headers.get("idempotency-key"))
    if key is None:
        return None
    there = "/".join(asked.place)
    conditions = "\n".join(f"{name}: {asked.headers.get(name, '')}" for name in _CONDITIONS)
    said = f"{asked.method} {asked.version.prefix} {there}?{asked.query}\n{conditions}\n".encode()
    return Key(key=key, digest=sha256(said + exact.dumps(asked.resource)).hexdigest())


def _untargeted(said: Any) -> None:
    if not isinstance(said, dict):
        what = "the header holds no FHIR resource"
        raise Problem(Trouble.MALFORMED, what, (Fault(what, mend="Send a Provenance in JSON."),))
    if "target" in said:
        what = "the Provenance of the header names its target itself"
        raise Problem(Trouble.INVALID, what, (Fault(what, ("target",), "Leave it out."),))
