"""SQLite, inline in the event loop: no thread, no session; WAL, synchronous FULL, foreign keys on.

Statements take tens of microseconds, a thread hop takes more. Nothing awaits inside a transaction but these methods,
which never yield, so a transaction is never interleaved. Audit events of one turn of the loop are committed together
and their answers wait for that commit: one fsync for all of them.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache

from db.audit_chain import Chains, Head, linked
from db.engine import (
    NOBODY,
    UNKEEPABLE,
    UNNOTED,
    Batch,
    Conflict,
    Named,
    Note,
    Row,
    Unavailable,
    Values,
    Who,
    columns,
    insert_head,
    insert_tail,
    keys,
    named,
    too_costly,
)
from plan.problem import Problem, Trouble

_STEPS = 50_000
"""Instructions of the database between two looks at the clock: a few milliseconds."""
_TOO_LONG = ("parser stack overflow", "too many SQL variables", "Expression tree is too large")
"""What is said of a statement that asks for more than can be read: too many things within each other, or values."""
_PRAGMAS = ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "busy_timeout = 10000")


class SQLite:
    """One file, one connection to write, one to read what is committed."""

    sharing = ""

    def __init__(self, path: str) -> None:
        with _said():
            self._writer = _connection(path)
            self._reader = self._writer if path == ":memory:" else _connection(path)
        self._pending: list[Values] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._chains = Chains()

    async def rows(
        self, sql: str, values: Values = (), *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        with _said(), _bounded(self._reader, limit):
            return self._reader.execute(sql, values).fetchall()

    async def noted(
        self, sql: str, values: Values, note: Note, *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        found = await self.rows(sql, values, limit=limit)
        await self.note(note.events(found))
        return found

    async def note(self, events: Sequence[Values]) -> None:
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._pending += events
        done = loop.create_future()
        self._waiting.append(done)
        await done

    def _flush(self) -> None:
        """Commit the events of this turn; whoever waits learns whether they are durable."""
        events, waiting = self._pending, self._waiting
        self._pending, self._waiting = [], []
        failure: Exception | None = None
        try:
            with self._begun() as transaction:
                transaction.insert("audit_event", events)
        except Conflict as error:
            failure = Unavailable(UNNOTED)
            failure.__cause__ = error
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must learn of it
            failure = error
        for done in waiting:
            if done.cancelled():
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

    @asynccontextmanager
    async def transaction(self, who: Named = NOBODY) -> AsyncIterator["_Transaction"]:
        with self._begun() as transaction:
            transaction.who = named(who)
            yield transaction

    @contextmanager
    def _begun(self) -> Iterator["_Transaction"]:
        """A transaction. Its chain goes on where it ended for certain: not at all when the commit's end is unknown."""
        with _said():
            self._writer.execute("begin immediate")
            made = _Transaction(self._writer, self._chains.take())
            before = made.head
            try:
                yield made
                self._writer.execute("commit")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("rollback")
                    self._chains.give(before)
                raise
            self._chains.give(made.head)

    async def close(self) -> None:
        self._reader.close()
        self._writer.close()


class _Transaction:
    """A transaction on the writing connection. `head` is where its chain of the audit ends."""

    def __init__(self, connection: sqlite3.Connection, head: Head) -> None:
        self._connection = connection
        self.head = head
        self.who = NOBODY

    async def rows(
        self, sql: str, values: Values = (), *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        with _bounded(self._connection, limit):
            return self._connection.execute(sql, values).fetchall()

    async def turn(self, numbers: Sequence[int], again: Named) -> Who:
        """There is one writer at a time, and its name was said when its time had come."""
        return self.who

    async def begin(self, made: Batch) -> None:
        for table, rows in made.items():
            self._connection.executemany(_insert(table, ""), rows)

    async def change(self, gone: Batch, made: Batch) -> None:
        for table, rows in gone.items():
            self._connection.executemany(_delete(table), rows)
        for table, rows in made.items():
            self.insert(table, rows)

    def insert(self, table: str, rows: Sequence[Values]) -> None:
        """Rows of one table; events of the audit as the next link of the chain."""
        if table == "audit_event" and rows:
            if not self.head.number:
                self._connection.execute(_insert("audit_chain", insert_tail("audit_chain")), self.head.row())
            self.head, rows = linked(self.head, rows)
        self._connection.executemany(_insert(table, insert_tail(table)), rows)


def _connection(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in _PRAGMAS:
        connection.execute(f"pragma {pragma}")
    return connection


@lru_cache
def _insert(table: str, tail: str) -> str:
    marks = ", ".join("?" * len(columns(table)))
    return f"{insert_head(table)} values ({marks}){tail}"


@lru_cache
def _delete(table: str) -> str:
    return f"delete from {table} where {' and '.join(f'{name} = ?' for name in keys(table))}"


@contextmanager
def _bounded(connection: sqlite3.Connection, limit: float | None) -> Iterator[None]:
    """Interrupt what runs inside after so many seconds."""
    if limit is None:
        yield
        return
    end = time.monotonic() + limit
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT or str(error).startswith(_TOO_LONG):
            raise too_costly() from error
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _said() -> Iterator[None]:
    """The driver's errors in our words."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict(str(error)) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise Problem(Trouble.BAD_VALUE, UNKEEPABLE) from error
    except sqlite3.DatabaseError as error:
        raise Unavailable(str(error)) from error
