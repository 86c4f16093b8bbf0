"""What we define ourselves, as the service hands it out: profiles, extensions, code systems, search parameters.

The resources stand in fhir/profiles/, one file each, written in R4 (a SubscriptionTopic in R5, which R4 has not). They
say nothing of anybody, so they are open to all, as /metadata is. Source: FHIR R4 conformance-module.html.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fhir_facade import exact
from fhir_facade.index import fold
from fhir_facade.versions import Version

Resource = dict[str, Any]
_HERE = Path(__file__).parent
_LATER = frozenset({"SubscriptionTopic"})
"""Types that R4 has not."""
PARAMETERS = ("_id", "url", "name", "title", "status", "version")
"""What the published resources are searched by (SearchParameter, CodeSystem, ... of R4 4.0.1)."""
_WORDS = frozenset({"name", "title"})
"""Parameters of text: they match from the beginning, whatever the case."""


class Published(NamedTuple):
    """One resource, and its JSON as the file holds it."""

    resource: Resource
    text: str


@cache
def shelf() -> Mapping[str, Mapping[str, Published]]:
    """Everything that is published, by type and id."""
    found: dict[str, dict[str, Published]] = {}
    for file in sorted(_folder().glob("*-*.json")):
        resource = json.loads(file.read_text("utf-8"))
        held = Published(resource, exact.text(resource))
        found.setdefault(resource["resourceType"], {})[resource["id"]] = held
    return found


def types(version: Version) -> frozenset[str]:
    """The types of which something is published in a version of FHIR."""
    return frozenset(type_ for type_ in shelf() if version.name != "R4" or type_ not in _LATER)


def one(type_: str, id_: str, version: Version) -> str | None:
    """The JSON of one published resource; None where there is none."""
    held = shelf().get(type_, {}).get(id_)
    return _shown(held, version) if held and type_ in types(version) else None


def search(type_: str, pairs: Sequence[tuple[str, str]], version: Version) -> Iterator[tuple[str, str]]:
    """Id and JSON of what matches all of `pairs`, each a parameter with values parted by commas."""
    for id_, held in shelf()[type_].items():
        if all(_matches(held.resource, name, text.split(",")) for name, text in pairs):
            yield id_, _shown(held, version)


def canonical(url: str) -> Resource | None:
    """The published resource of this canonical, with or without its version."""
    plain = url.partition("|")[0]
    held = (held.resource for listed in shelf().values() for held in listed.values())
    return next((resource for resource in held if resource.get("url") == plain), None)


def _matches(resource: Resource, name: str, values: Sequence[str]) -> bool:
    said = str(resource.get("id" if name == "_id" else name, ""))
    if name in _WORDS:
        return any(fold(said).startswith(fold(value)) for value in values)
    return said in {value.rpartition("|")[2] if name == "status" else value for value in values}


def _shown(held: Published, version: Version) -> str:
    return held.text if held.resource["resourceType"] in _LATER else version.shown(held.text)


def _folder() -> Path:
    """Beside the package in a checkout, inside it once installed."""
    inside = _HERE / "profiles"
    return inside if inside.exists() else _HERE.parent / "profiles"
