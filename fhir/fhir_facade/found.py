"""Bundles that operations answer with: what was found, what supports it, and a document.

Source: FHIR R4 bundle.html 2.36.4 (searchset: search.mode and search.score) and documents.html. Resources go in as the
text that is stored: nothing is parsed on the way out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from fhir_facade import exact
from fhir_facade.versions import Version

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry of an answer: type, id, R4 text; `search`: why it is there; `address`: where it is none of ours."""

    type: str
    id: str
    text: str
    search: Mapping[str, Json] = field(default_factory=lambda: {"mode": "match"})
    address: str = ""


def searchset(
    found: Sequence[Found], base: str, version: Version, *, self_: str, next_: str = "", total: int | None = None
) -> bytes:
    """A searchset. `total` counts the matches, and is left out where it is not known."""
    links = [{"relation": "self", "url": self_}]
    if next_:
        links.append({"relation": "next", "url": next_})
    made: dict[str, Json] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        made["total"] = total
    made["link"] = links
    entries = [{**_entry(one, base, version), "search": dict(one.search)} for one in found]
    return exact.dumps({**made, "entry": entries} if entries else made)


def document(found: Sequence[Found], base: str, version: Version, head: Mapping[str, Json]) -> bytes:
    """A document: `head` has its identifier and its moment, the first of `found` is the Composition."""
    entries = [_entry(one, base, version) for one in found]
    return exact.dumps({"resourceType": "Bundle", **head, "entry": entries})


def spliced(text: str) -> Json:
    """A resource that is JSON text already, as a member of what is written."""
    return cast("Json", orjson.Fragment(text))


def _entry(one: Found, base: str, version: Version) -> dict[str, Json]:
    address = one.address or f"{base}/{version.shown_type(one.type)}/{one.id}"
    text = one.text if one.type == "OperationOutcome" else version.shown(one.text)
    return {"fullUrl": address, "resource": spliced(text)}
