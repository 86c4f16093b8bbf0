"""What can be searched by: every search parameter of a type, with the paths that its values are read from.

The rows come from the published SearchParameter resources (fhir/definitions/generate.py), and the few that R4 lacks
from ours (fhir/profiles/); none is invented in passing, because a parameter that looks like the standard's and is not
misleads every client.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fhir_facade.release import VersionName
from fhir_facade.systems import own_extension

_HERE = Path(__file__).parent
_OFFICIAL = "http://hl7.org/fhir/SearchParameter/"


class Parts(NamedTuple):
    """A composite: the objects that hold both components, and each component as a parameter within them."""

    bases: tuple[str, ...]
    first: "Param"
    second: "Param"


@dataclass(frozen=True, slots=True)
class Param:
    """One search parameter.

    `family` is how values compare, as published: token, reference, date, string, number, quantity, uri or composite.
    `paths` are element names joined by dots and walked through lists, each with at most one mark: `subject[Patient]`
    (references to that type only), `telecom[system=phone]` and `extension[url=...]` (members that say so),
    `item[extension=...]` (members with that extension; a name may be a path), `deceased[exists]` (the answer is
    whether it is there).
    `shape` is the type of the version `version` at which the paths begin. `rows` names the index rows. `said`: the
    published family, where the rows compare in another way.
    """

    name: str
    family: str
    paths: tuple[str, ...] = ()
    shape: str = ""
    version: VersionName = "R4"
    rows: str = ""
    definition: str = ""
    parts: Parts | None = None
    said: str = ""

    @property
    def key(self) -> str:
        """The name of the index rows."""
        return self.rows or self.name

    @property
    def held(self) -> str:
        """The family of the index rows (plan.model.IndexRow)."""
        return _HELD.get(self.family, self.family)


_PATHS: Mapping[str, str] = {
    "patient-address-uprn": "address.extension[extension.valueCoding.code=UPRN].extension.valueString",
    "patient-address-parent-uprn": f"address.extension[url={own_extension('parent-uprn')}].valueString",
    "encounter-planned-discharge": f"extension[url={own_extension('planned-discharge')}].valueDateTime",
    "questionnaireresponse-uprn": "item[linkId=uprn].answer.valueString",
    "questionnaireresponse-parent-uprn": "item[linkId=parent_uprn].answer.valueString",
}
"""The paths of our own parameters whose expressions are none, by the id of their definition."""
_HELD: Mapping[str, str] = {"uri": "token", "quantity": "number"}


def _common(name: str, family: str, *paths: str, rows: str = "") -> Param:
    return Param(name, family, paths, "Resource", rows=rows, definition=f"{_OFFICIAL}Resource-{name[1:]}")


ID = _common("_id", "token", "id")
UPDATED = _common("_lastUpdated", "date", "meta.lastUpdated")
"""These two are columns, not index rows."""
COMMON = (
    _common("_tag", "token", "meta.tag"),
    _common("_security", "token", "meta.security"),
    _common("_profile", "uri", "meta.profile"),
    _common("_source", "uri", "meta.source"),
    _common("_language", "token", "language"),
)
"""Indexed for every type, after the type's own."""
OF_ALL: Mapping[VersionName, tuple[Param, ...]] = {
    "R4": (ID, UPDATED, *COMMON[:4]),
    "R5": (ID, UPDATED, *(replace(param, said="reference") if param.name == "_profile" else param for param in COMMON)),
}
"""Offered for every type. R4 has no `_language`."""


@cache
def params(type_: str) -> tuple[Param, ...]:
    """The search parameters of a type in R4, by name, and then our own; () for a type that has none."""
    return (*published(type_, "R4").values(), *_own().get(type_, ()))


@cache
def published(type_: str, version: VersionName) -> Mapping[str, Param]:
    """The published search parameters of a type of that version, by name."""
    rows = _table(f"search_parameters_{version.lower()}.json").get(type_, {})
    return {name: _param(name, row, type_, version) for name, row in rows.items()}


def definitions(name: str) -> Any:
    """A generated table."""
    return json.loads((_shelf("definitions") / name).read_text("utf-8"))


def _shelf(name: str) -> Path:
    """Beside the package in a checkout, inside it once installed."""
    inside = _HERE / name
    return inside if inside.exists() else _HERE.parent / name


@cache
def _table(name: str) -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = definitions(name)
    return table


@cache
def _own() -> Mapping[str, tuple[Param, ...]]:
    """Our own parameters by type. Their expressions are plain paths, but for those in `_PATHS`."""
    found: dict[str, tuple[Param, ...]] = {}
    for file in sorted(_shelf("profiles").glob("SearchParameter-*.json")):
        said = json.loads(file.read_text("utf-8"))
        for type_ in said["base"]:
            path = _PATHS.get(said["id"]) or said["expression"].removeprefix(f"{type_}.")
            made = Param(said["code"], said["type"], (path,), type_, definition=said["url"])
            found[type_] = (*found.get(type_, ()), made)
    return found


def _param(name: str, row: str, type_: str, version: VersionName) -> Param:
    family, *paths = row.split(" ")
    definition = _OFFICIAL + _shared(version).get((type_, name), f"{type_}-{name}")
    if family != "composite":
        return Param(name, family, tuple(paths), type_, version, "", definition)
    bases = tuple(paths[0].split(","))
    shape = type_ if bases[0] == "." else f"{type_}.{bases[0]}"
    parts = Parts(bases, *(_part(row, shape, version) for row in paths[1:]))
    return Param(name, family, (), type_, version, "", definition, parts)


def _part(row: str, shape: str, version: VersionName) -> Param:
    """A component; its paths begin at the object that holds both."""
    family, _, paths = row.partition(":")
    return Param("", family, tuple(paths.split(",")), shape, version)


@cache
def _shared(version: VersionName) -> Mapping[tuple[str, str], str]:
    """Definitions that several types share, by type and parameter; all others are named `Type-parameter`."""
    listed = _table(f"search_addresses_{version.lower()}.json")
    return {pair: id_ for id_, types in listed.items() for pair in types.items()}
