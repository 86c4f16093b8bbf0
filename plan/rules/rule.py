"""What a contradiction rule is: one function, and one row that says whose it is, since when, and on what ground.

A rule reads structured fields only. It says what it found and between which entries; where the finding stands, who is
told and when it closes is the same for all rules (plan.findings).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from plan.known import Entry, Known


class RuleError(ValueError):
    """A row of the registry leaves something unanswered; the service does not start with it."""


class Severity(StrEnum):
    """How bad it is. `blocking`: the person cannot safely be at home until it is settled."""

    WARN = "warn"
    HIGH = "high"
    CRITICAL = "critical"
    BLOCKING = "blocking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One contradiction. `sides`: the entries that it is between, one or more; their ids and the rule are its name.

    `says`: what each side says that does not fit, in a few words, in the order of `sides`. `detail`: the contradiction
    in one sentence; `proposal`: what could settle it. Agencies stand in them as people call them (Known.called). None
    of them may change while the sides and those names do not: no moment of asking stands in them. `severity`: None for
    the one of the row. `mark`: tells it from others between the same sides; it holds ids, and never a name.
    """

    sides: tuple[Entry, ...]
    says: tuple[str, ...]
    detail: str
    proposal: str
    severity: Severity | None = None
    mark: str = ""


ANY = "*"
"""In `reads`: a side of any kind that has no row of its own there."""
RESTRICTED = "restricted_to"
"""In `reads`: to whom a side is restricted, which is no field of its body."""
Given = Mapping[str, Any]
"""The tolerances of a row, by name."""
Find = Callable[[Known, Given], Iterable[Hit]]
Wakes = Callable[[Known, Given], Iterable[int]]
"""When a rule is to be asked again even if nothing changes, milliseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who else is asked to act on a finding: `to` a kind of agency, or `person`, and what.

    `unseen`: they are asked even when they may not see the finding; so `what` says nothing of either side.
    """

    to: str
    what: str
    unseen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of the registry.

    `reads`: by kind of entry, the fields of it that can change the answer; a resolved finding stays resolved as long as
    they stay as they were. `since` and `until`: the days from and to which the rule holds, both included; `until` None:
    until it is changed. `given`: its tolerances, each with its unit in its name. `wakes`: when the answer changes by
    itself. `only`: the kinds of agency that learn of it; empty: all who may see both sides. `asks`: who is given a task
    beside the authors of the sides (plan.findings_asked).
    """

    id: str
    title: str
    find: Find
    reads: Mapping[str, Sequence[str]]
    severity: Severity
    source: str
    owner: str
    since: date
    until: date | None = None
    given: Given = field(default_factory=dict)
    wakes: Wakes | None = None
    only: frozenset[str] = frozenset()
    asks: tuple[Ask, ...] = ()


def checked(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows. Raises RuleError for one without source, owner, dates or kinds, and for an id that stands twice."""
    known: dict[str, Row] = {}
    for row in rows:
        if not (row.id.strip() and row.title.strip() and row.source.strip() and row.owner.strip() and row.reads):
            raise RuleError(f"rule {row.id!r}: id, title, source, owner and reads must be said")
        if not isinstance(row.since, date) or (row.until is not None and row.until < row.since):
            raise RuleError(f"rule {row.id!r}: since must be a date, and not after until")
        if row.id in known:
            raise RuleError(f"rule {row.id!r} stands twice")
        known[row.id] = row
    return tuple(known.values())
