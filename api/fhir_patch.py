"""Patches at the FHIR door: which kinds are taken, in a request and in an entry of a Bundle. FHIR R4 http.html 3.1.0.9.

A JSON Patch is an array; a FHIRPath Patch is a Parameters resource. In a Bundle a JSON Patch stands in a Binary,
because an entry holds a resource (http.html 3.1.0.11.3).
"""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, NoReturn

from starlette.requests import Request

from api import door
from api.fhir_form import KINDS, body
from fhir_facade import exact, patch
from fhir_facade.versions import Version
from plan.model import Json
from plan.problem import Fault, Path, Problem, Trouble

TAKEN = (patch.JSON_PATCH, KINDS[0])
"""The media types of a patch, as Accept-Patch and the CapabilityStatement name them."""


async def sent(request: Request, version: Version, limit: int) -> Any:
    """The patch of a request, parsed. Raises MEDIA_TYPE, with the kinds that are taken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        value = exact.loads(await door.body(request, (patch.JSON_PATCH,), limit)) if kind == patch.JSON_PATCH else None
        value = await body(request, version, limit) if value is None else value
    except Problem as problem:
        if problem.trouble is Trouble.MEDIA_TYPE:
            problem.headers = {"Accept-Patch": ", ".join(TAKEN)}
        raise
    if isinstance(value, list) is not (kind == patch.JSON_PATCH):
        _unlike(kind)
    return value


def read(sent: Any, inside: Path) -> Json:
    """The patch of a request, or of an entry of a Bundle (then `inside` is its place)."""
    if isinstance(sent, dict) and sent.get("resourceType") == "Binary" and inside:
        return _unpacked(sent, inside)
    if not isinstance(sent, list) and not (isinstance(sent, dict) and sent.get("resourceType") == "Parameters"):
        what = "this is no patch"
        mend = "Send Parameters with operations (FHIRPath Patch), or a JSON Patch; in a Bundle, in a Binary."
        raise Problem(Trouble.INVALID, what, (Fault(what, inside, mend),))
    return sent


def applied(
    version: Version, text: str, operations: Json, taken: Callable[[dict[str, Json]], dict[str, Json]]
) -> dict[str, Json]:
    """What a patch makes of a stored face, as R4. It applies to what the client sees; `taken` judges what comes of it
    and turns it into R4.
    """
    before = exact.stored(version.shown(text))
    return patch.settled(exact.stored(text), taken(patch.apply(before, operations, version.name)))


def is_of_patch(problem: Problem) -> bool:
    """Whether the faults of a problem stand in the patch, and not in what came of it."""
    return any(
        fault.where and (fault.where[0] == "Parameters" or isinstance(fault.where[0], int)) for fault in problem.faults
    )


def _unpacked(binary: dict[str, Json], inside: Path) -> Json:
    kind, data = binary.get("contentType"), binary.get("data")
    if kind != patch.JSON_PATCH or not isinstance(data, str):
        what = f"the Binary holds no {patch.JSON_PATCH}"
        raise Problem(Trouble.INVALID, what, (Fault(what, inside, "Say its contentType, and its data in base64."),))
    try:
        raw = b64decode(data, validate=True)
    except ValueError:
        what = "the data of the Binary is not base64"
        raise Problem(Trouble.INVALID, what, (Fault(what, (*inside, "data"), "Encode it as RFC 4648 says."),)) from None
    value = exact.loads(raw)
    if not isinstance(value, list):
        _unlike(patch.JSON_PATCH)
    return value


def _unlike(kind: str) -> NoReturn:
    what = f"the body is no patch of the kind {kind or 'that it says'}"
    mend = f"Send an array of operations as {patch.JSON_PATCH}, or Parameters as {KINDS[0]}."
    raise Problem(Trouble.INVALID, what, (Fault(what, mend=mend),))
