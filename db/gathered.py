"""What one transaction of writes gathers before it goes to the database as one batch (db/writing.py)."""

from dataclasses import dataclass, field

from db.index_values import Value
from plan.model import AgencyId, Draft, Stored, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Whose hand writes: for the version row and the feed."""

    subject: Subject
    role: str
    agency: AgencyId
    door: str
    reason: str = ""


@dataclass(slots=True)
class Clock:
    """Where one person's order stands; `at` is this transaction's moment."""

    created: int
    seq: int
    at: int


@dataclass(slots=True)
class Put:
    """An entry as this transaction leaves it."""

    draft: Draft
    stored: Stored
    action: str
    hand: Hand
    fresh: bool
    values: dict[Value, bool]
    """The search values that come (true) and go (false)."""


@dataclass(slots=True)
class Rows:
    """The rows that are gathered, by table, in an order that satisfies the foreign keys."""

    tables: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)

    def add(self, table: str, *row: object) -> None:
        self.tables.setdefault(table, []).append(row)
