"""What can be searched by: every R4 search parameter of a type, with the paths that its values are read from.

The rows come from the published SearchParameter resources (fhir/definitions/generate.py); none is typed by hand and
none is invented, because a parameter that looks like the standard's and is not misleads every client.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Param:
    """One search parameter.

    `family` is how values compare: `token`, `reference`, `date` or `string` are indexed; the published `quantity`,
    `number` and `uri` rows are known but not offered. `paths` are element names joined by dots and walked through
    lists, each with at most one mark: `subject[Patient]` (references to that type only), `telecom[system=phone]`
    (members that say so), `deceasedDateTime[exists]` (the answer is whether it is there).
    """

    name: str
    family: str
    paths: tuple[str, ...]


INDEXED = frozenset({"token", "reference", "date", "string"})
"""The families that `index.index` writes rows for."""

COMMON = (Param("_tag", "token", ("meta.tag",)), Param("_security", "token", ("meta.security",)))
"""Indexed for every type, after the type's own. `_id` and `_lastUpdated` are columns, not index rows."""


def params(type_: str) -> tuple[Param, ...]:
    """The search parameters of an R4 type that are offered, by name; () for a type that has none."""
    return tuple(param for param in _published().get(type_, ()) if param.family in INDEXED)


def definitions(name: str) -> Any:
    """A generated table: beside the package in a checkout, inside it once installed."""
    inside = _HERE / "definitions" / name
    return json.loads((inside if inside.exists() else _HERE.parent / "definitions" / name).read_text("utf-8"))


@cache
def _published() -> Mapping[str, tuple[Param, ...]]:
    return {
        type_: tuple(_param(name, row) for name, row in rows.items())
        for type_, rows in definitions("search_parameters_r4.json").items()
    }


def _param(name: str, row: str) -> Param:
    family, *paths = row.split(" ")
    return Param(name, family, tuple(paths))
