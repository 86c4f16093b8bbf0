"""The neutral form of a search: the doors write it, the store reads it; no SQL and no query strings here."""

from dataclasses import dataclass, field
from typing import Literal

from plan.model import PersonId

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
Match = Literal["starts", "exact", "contains", "below", "above"]


@dataclass(frozen=True, slots=True)
class Token:
    """A code; `system` None: any system, empty: none. `code` None: any code of the system."""

    code: str | None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A reference; `type` None: a target of any type, empty: an address that is none of ours."""

    id: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Text that is searched for. `starts` and `contains` compare folded text, `exact` the text as it was written.

    A uri is text too: `exact`, `below` (the value begins with it, at a step of its path), `above` (the reverse).
    """

    text: str
    match: Match = "starts"


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time, milliseconds since 1970 UTC, both ends included, and how the value must lie to it."""

    low: int
    high: int
    prefix: Prefix = "eq"


@dataclass(frozen=True, slots=True)
class Amount:
    """A stretch of numbers, both ends included, as keys whose order as text is their order as numbers (plan.number).

    `system` and `code` are of the unit, None for any; `code` alone also means the unit as it is written for people.
    """

    low: str
    high: str
    prefix: Prefix = "eq"
    system: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A reference whose target is of this type and matches all of the conditions (`patient.name=x`)."""

    type: str
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Has:
    """An entry of this type that refers here by `param` and matches all of the conditions (`_has:Type:param:...`)."""

    type: str
    param: str
    conditions: "tuple[Condition, ...]"


Value = Token | Point | Text | When | Amount | Chain | Has


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter: any of the values, which are of one class.

    `_id` and `_lastUpdated` are conditions like the others. `negated`: none of the values, which holds too where there
    is no value at all (`:not`). `missing`: whether there shall be no value (`:missing`), then `any_of` is empty.
    `param` names the index rows: `identifier:of-type`, `code:text` and the like have rows of their own. Of a `Has` the
    parameter is `_has`.
    """

    param: str
    any_of: tuple[Value, ...] = ()
    negated: bool = False
    missing: bool | None = None
    family: str = ""
    """The family of the rows (token, reference, string, date, number), for what has no value that tells it."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order: a parameter and the family of its values."""

    param: str
    family: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Include:
    """What comes along with the matches: targets of a reference, or with `reverse` what refers to them.

    `source`: the type that has the reference; `param` its search parameter, `*` for every one; `target`: the only type
    that is wanted. `iterate`: also from what was included.
    """

    source: str
    param: str
    target: str | None = None
    iterate: bool = False
    reverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search of one type, or of several when `types` says which (then `type` is empty).

    `persons` binds it to people. `after` holds the sort values and the id of the last entry of the page before.
    `total`: also count all matches. `includes`: what comes along with a page.
    """

    type: str
    types: tuple[str, ...] = ()
    persons: tuple[PersonId, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 20
    after: tuple[str | int, ...] = field(default=())
    total: bool = False
    includes: tuple[Include, ...] = ()
