"""One small face for two databases: rows by prepared statement, one transaction per write, one durable note per read.

Statements are written once, with `?` for values, in the SQL that SQLite and PostgreSQL share; each engine runs them on
its raw driver, because sessions and models cost three to six times as much on the way out.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import make_url

from db.tables import SCHEMA
from plan.problem import Fault, Problem, Trouble

Row = Sequence[Any]
Values = Sequence[Any]
Batch = Mapping[str, Sequence[Values]]
"""Rows to insert by table, each with the values of all its columns in the order of db.tables."""


UNKEEPABLE = "A value holds a character or has a size that cannot be kept."
"""What is said of a value that the database has no form for."""


UNNOTED = "The audit does not take an event."
"""What is said where a rule of the database forbids an event: that is nobody's conflict, and there is no answer."""


class Conflict(Exception):  # noqa: N818 - it is an outcome, no fault of anybody
    """A row with the same unique key was there first."""


class Unavailable(Exception):  # noqa: N818 - as above
    """The database cannot answer now; the request may be tried again."""


def too_costly() -> Problem:
    """What is said of a statement that took too long."""
    what = "this takes too long to find"
    return Problem(
        Trouble.TOO_COSTLY, what[:1].upper() + what[1:], (Fault(what, mend="Name the person, or ask for less."),)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """In whose name a database is asked that has a wall of its own (db.wall): nobody's unless it is said.

    `person`: whose plan is the caller's own; `parties`: under which names teams know the caller; `now` in milliseconds
    since 1970 UTC. `agency` and `subject`: whose subscriptions are the caller's. `meeting`: a person with whom the
    caller begins a relation at this moment; that they are there is all that it shows.
    """

    now: int = 0
    person: str = ""
    agency: str = ""
    subject: str = ""
    meeting: str = ""
    parties: tuple[str, ...] = ()

    @property
    def said(self) -> list[str]:
        """What the database is told, in the order that db.wall reads it."""
        return [str(self.now), self.person, self.agency, self.subject, self.meeting, *self.parties]


NOBODY = Who()
Named = Who | Callable[[], Who]
"""A name, or what makes it when a transaction begins: whoever waits for a connection begins later than they asked."""


def named(who: Named) -> Who:
    """The name at this moment."""
    return who if isinstance(who, Who) else who()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the audit says of one request; one event for each person whom the answer shows.

    `person` stands in the event when the answer shows nobody. `shown`: how many rows the answer shows at most.
    `by_key`: the statement finds one row or none.
    `refused` is the question that decided when there is no row; empty where an empty answer is an answer.
    """

    id: str
    at: int
    subject: str
    agency: str
    role: str
    purpose: str
    client: str
    action: str
    door: str
    type: str
    target: str
    charter: str
    request: str
    person: str = ""
    shown: int = 1
    by_key: bool = False
    refused: str = ""

    def event(self, person: str, sections: str, *, found: bool) -> tuple[Any, ...]:
        """The audit row, in the order of the table."""
        allowed = found or not self.refused
        return (
            person,
            self.id,
            self.at,
            self.subject,
            self.agency,
            self.role,
            self.purpose,
            self.client,
            self.action,
            self.door,
            self.type,
            self.target,
            sections,
            allowed,
            "" if allowed else self.refused,
            self.charter,
            self.request,
        )

    def events(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """One event for each person in the rows that are shown; column 0 is the person, column 1 the section."""
        sections: dict[str, set[str]] = {}
        for row in rows[: self.shown]:
            sections.setdefault(row[0], set()).add(row[1])
        if not sections:
            return [self.event(self.person, "", found=bool(rows))]
        return [self.event(person, ",".join(sorted(names)), found=True) for person, names in sections.items()]


class Transaction(Protocol):
    """All or nothing. `who`: in whose name."""

    who: Who

    async def rows(
        self, sql: str, values: Values = (), *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        """The rows of a statement. Raises Problem(TOO_COSTLY) after `limit` seconds.

        `who`: in whose name this one select is made; otherwise in the transaction's.
        """

    async def turn(self, numbers: Sequence[int], again: Named) -> Who:
        """Wait until no other transaction has the turn of one of these numbers, and have them until the end.

        `again`: whose name it is from then on, which is the answer; what others did meanwhile is past by then.
        """

    async def begin(self, made: Batch) -> None:
        """Insert rows of people who were never here; Conflict where one is there."""

    async def change(self, gone: Batch, made: Batch) -> None:
        """Take rows out, each named by the values of its whole primary key, and insert others; Conflict where one is
        there. In tables of current state an insert replaces the row. No row may be in both.
        """


class Database(Protocol):
    """A database that is open."""

    sharing: str
    """What a statement must say to hold the row of an alias until the transaction ends, or nothing."""

    async def rows(
        self, sql: str, values: Values = (), *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        """The rows of a statement that discloses nothing of a plan, or whose events are noted before anything is told.

        Raises Problem(TOO_COSTLY) for one that takes longer than `limit` seconds.
        """

    async def noted(
        self, sql: str, values: Values, note: Note, *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        """The rows of a statement, after the events of `note` are durable. Column 0: person, column 1: section.

        Raises Problem(TOO_COSTLY) for one that takes longer than `limit` seconds; then nothing is noted.
        """

    async def note(self, events: Sequence[Values]) -> None:
        """Make these audit events durable. Raises Unavailable where they cannot be, whatever the reason."""

    def transaction(self, who: Named = NOBODY) -> AbstractAsyncContextManager[Transaction]:
        """One transaction; leaving it commits durably, an exception undoes it. Raises Conflict, Unavailable."""

    async def close(self) -> None:
        """Let go of all connections."""


REPLACED = frozenset(
    {"person", "entry", "directory_entry", "team_member", "charter", "subscription", "built_with", "account"}
)
"""Tables of current state: a row that is there already is replaced. All others only ever grow."""


KEPT = {
    "audit_chain": "nothing",
    "delivery": "nothing",
    "job": "update set due = case when excluded.due < job.due then excluded.due else job.due + 1 end",
}
"""Tables where a row that is there already stays, as what is to be done need not be written down twice. A job that is
due later is due at once; another moves by a millisecond all the same: whoever looked at it before knows by that that
there is news.
"""


def columns(table: str) -> list[str]:
    """The names of a table's columns, in order."""
    return [column.name for column in SCHEMA.tables[table].columns]


def keys(table: str) -> list[str]:
    """The names of a table's primary key, in order."""
    return [column.name for column in SCHEMA.tables[table].primary_key]


def insert_head(table: str) -> str:
    """`insert into t (a, b)`."""
    return f"insert into {table} ({', '.join(columns(table))})"


def insert_tail(table: str) -> str:
    """What an insert does where the row is there already: replace it in tables of current state, else fail."""
    if table not in REPLACED and table not in KEPT:
        return ""
    key = keys(table)
    if table in KEPT:
        return f" on conflict ({', '.join(key)}) do {KEPT[table]}"
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns(table) if name not in key)
    return f" on conflict ({', '.join(key)}) do update set {sets}"


async def opened(url: str) -> Database:
    """The database at a SQLAlchemy URL: `sqlite:///file` or `postgresql://...`. Raises ValueError for another kind."""
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        from db.sqlite import SQLite  # noqa: PLC0415 - only the driver that is used is loaded

        return SQLite(parsed.database or ":memory:")
    if kind == "postgresql":
        from db.postgres import Postgres  # noqa: PLC0415 - as above

        return await Postgres.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False))
    raise ValueError(f"{kind} is no database of ours: use sqlite:///FILE or postgresql://...")
