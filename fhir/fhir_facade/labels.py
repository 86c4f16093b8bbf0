"""Labels: what `meta` says of a resource besides its version, and what an update may do to it.

FHIR R4 resource.html (Meta), operation meta-delete. The profiles of an update replace those that were there. Tags
and security labels are added to them, because who changes a resource need not know why somebody else labelled it; a
security label restricts, so nothing but $meta-delete takes one away.
"""

from collections.abc import Iterator
from typing import Any

from fhir_facade import exact
from fhir_facade.systems import PLAN_SECTION
from plan.problem import Path

Json = Any
Resource = dict[str, Json]

_MERGED = ("tag", "security")


def kept(before: Resource, sent: Resource) -> Resource:
    """`sent` with the tags and security labels that `before` has and `sent` does not speak of, after its own."""
    meta = _meta(sent)
    more = {name: [*meta.get(name, ()), *missing] for name in _MERGED if (missing := _missing(before, sent, name))}
    return {**sent, "meta": {**meta, **more}} if more else sent


def lost(before: Resource, made: Resource) -> Iterator[Path]:
    """The places of the labels that `before` has and `made` has not; the section is no label, it says where one is."""
    for name in _MERGED:
        if any(one.get("system") != PLAN_SECTION for one in _missing(before, made, name)):
            yield ("meta", name)


def _missing(before: Resource, sent: Resource, name: str) -> list[dict[str, Json]]:
    there = {_key(one) for one in _meta(sent).get(name, ())}
    return [one for one in _meta(before).get(name, ()) if _key(one) not in there]


def _key(coding: dict[str, Json]) -> tuple[Json, Json] | bytes:
    """What makes two labels the same: the code in its system; one without a code is the same only to the letter."""
    code = coding.get("code")
    return (coding.get("system"), code) if code else exact.dumps(coding)


def _meta(resource: Resource) -> dict[str, Json]:
    meta = resource.get("meta")
    return meta if isinstance(meta, dict) else {}
