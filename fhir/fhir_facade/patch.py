"""A patch of either kind, taken from what a client sent and applied to a resource.

FHIR R4 http.html 3.1.0.9: JSON Patch, or FHIRPath Patch as a Parameters resource. What comes of it is judged like an
update. The identity of a resource and its labels are not for a patch to take: labels go by $meta-delete alone, and the
narrative never stays behind what it tells of.
"""

from collections.abc import Mapping
from typing import Any

from fhir_facade import drafts, exact, fhirpath_patch, json_patch
from fhir_facade.labels import lost
from fhir_facade.patching import malformed, unfit
from fhir_facade.versions import VersionName
from plan.problem import Path

Json = Any
Resource = dict[str, Json]

JSON_PATCH = "application/json-patch+json"
_GENERATED = ("generated", "empty")
_OURS: tuple[Path, ...] = (("resourceType",), ("id",), ("meta", "versionId"))


def apply(resource: Resource, patch: Json, version: VersionName = "R4") -> Resource:
    """What a patch makes of a resource, both as `version` writes them; a list is a JSON Patch.

    Raises INVALID, UNPROCESSABLE or TOO_COSTLY. The result is not validated yet.
    """
    if isinstance(patch, list):
        made = json_patch.apply(resource, patch)
    else:
        made = fhirpath_patch.apply(resource, patch, version)
    if not isinstance(made, dict):
        unfit("what comes of the patch is no resource", (), "Patch its elements.")
    for where in _OURS:
        if _at(made, where) != _at(resource, where):
            malformed(f"{'.'.join(map(str, where))} cannot be patched", where, "Leave it as it is.")
    return made


def settled(before: Resource, made: Resource) -> Resource:
    """`made`, which is valid R4, with a narrative that is not behind it: one that was generated is generated anew.

    Raises UNPROCESSABLE where a narrative that says more than the data stayed as it was, and where a label is gone.
    """
    for where in lost(before, made):
        unfit("a label is not taken away by a patch", where, "Ask for $meta-delete.")
    text = made.get("text")
    if not isinstance(text, Mapping) or text != before.get("text") or _said(made) == _said(before):
        return made
    if text.get("status") not in _GENERATED:
        unfit("the narrative says more than the data, and may be wrong now", ("text",), "Patch text.div as well.")
    return drafts.retold(made)


def _at(resource: Json, where: Path) -> Json:
    for name in where:
        resource = resource.get(name) if isinstance(resource, dict) else None
    return resource


def _said(resource: Resource) -> bytes:
    return exact.dumps({name: value for name, value in resource.items() if name not in ("meta", "text")})
