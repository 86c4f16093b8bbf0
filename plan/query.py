"""The neutral form of a search: the doors write it, the store reads it; no SQL and no query strings here."""

from dataclasses import dataclass, field
from typing import Literal

from plan.model import PersonId

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


@dataclass(frozen=True, slots=True)
class Token:
    """A code; `system` None: any system, empty: none. `code` None: any code of the system."""

    code: str | None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A reference; `type` None: a target of any type."""

    id: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Folded text that the value begins with."""

    text: str


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time, milliseconds since 1970 UTC, both ends included, and how the value must lie to it."""

    low: int
    high: int
    prefix: Prefix = "eq"


Value = Token | Point | Text | When


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter: any of the values. `_id` and `_lastUpdated` are conditions like the others."""

    param: str
    any_of: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order: a parameter and the family of its values."""

    param: str
    family: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search of one type.

    `persons` binds it to people. `after` holds the sort values and the id of the last entry of the page before.
    `total`: also count all matches.
    """

    type: str
    persons: tuple[PersonId, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 20
    after: tuple[str | int, ...] = field(default=())
    total: bool = False
