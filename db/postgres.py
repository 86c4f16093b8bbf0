"""PostgreSQL through asyncpg: as few round trips as can be.

A read, its leave and its audit event are one statement; all rows of a write, whatever their tables, are another.
The server groups the commits of several connections by itself.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, Boolean, Integer

from db import wall
from db.audit_chain import SAID, Chains, Head, beginning, lengths, linked, shared
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
from db.tables import SCHEMA
from plan.problem import Problem, Trouble

_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.PostgresSystemError,
    asyncpg.OperatorInterventionError,  # cancelled, shutting down, starting up
    asyncpg.InsufficientResourcesError,  # no disk, no memory, no connection left
    asyncpg.ReadOnlySQLTransactionError,  # a standby
    asyncpg.UndefinedTableError,  # not migrated
    asyncpg.InsufficientPrivilegeError,
)
"""What says that the database cannot do its work now, whatever was asked of it."""
_MOST_VALUES = 32_767
"""What one statement can carry."""
_TURNS = 0x6F6E6570
"""Under which number our turns stand among the advisory locks of the server."""
_POOL = {"min_size": 1, "max_size": 10, "max_cached_statement_lifetime": 0, "statement_cache_size": 512}
_SETTINGS = {"jit": "off", "statement_timeout": "10000", "application_name": "oneplan"}


class Postgres:
    """A pool of connections."""

    sharing = " for update of {}"

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._chains = Chains()

    @classmethod
    async def connect(cls, url: str) -> "Postgres":
        """Open a pool on `postgresql://...`. Raises Unavailable when there is no answer."""
        with _said():
            return cls(await asyncpg.create_pool(url, server_settings=_SETTINGS, reset=_leave_as_it_is, **_POOL))

    async def rows(
        self, sql: str, values: Values = (), *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        if who is NOBODY:
            return await self._fetched(numbered(sql), values, limit)
        return await self._fetched(_named(sql), (*values, who.said), limit)

    async def noted(
        self, sql: str, values: Values, note: Note, *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        event = note.event(note.person, "", found=False)
        async with self._line() as line, self._link(line) as link:
            place = (link.head.chain, link.head.number + 1)
            fixed = (*shared(event), place[0], str(place[1]))
            text = (beginning(link.head.hash), lengths(fixed), "".join(fixed))
            said = (*event[:12], bool(note.refused), *event[14:SAID], *place, *text, note.shown)
            rows = await _bounded(line.raw, _noted(sql, note.by_key), (*values, who.said, *said), limit)
            link.head = Head(*place, rows[0][-1])
        return [row[:-1] for row in rows] if rows[0][0] is not None else []

    async def _fetched(self, sql: str, values: Values, limit: float | None = None) -> Sequence[Row]:
        async with self._line() as line:
            return await _bounded(line.raw, sql, values, limit)

    @asynccontextmanager
    async def _line(self) -> AsyncIterator["_Line"]:
        """A connection for one statement or one transaction: every one is taken from the pool here."""
        with _said():
            async with self._pool.acquire() as raw:
                yield _Line(raw)

    async def note(self, events: Sequence[Values]) -> None:
        async with self._line() as line, self._link(line) as link:
            link.head, rows = linked(link.head, events)
            made = {"audit_event": rows}
            await line.raw.fetch(_change(tuple(_shaped("insert", made))), *_values(made))

    @asynccontextmanager
    async def _link(self, line: "_Line") -> AsyncIterator["_Link"]:
        """A chain for one statement, which goes on where it ended for certain: not at all when that is unknown."""
        head = self._chains.take()
        link = _Link(head)
        try:
            if not head.number:
                opened = {"audit_chain": [head.row()]}
                await line.raw.fetch(_change(tuple(_shaped("insert", opened))), *_values(opened))
            yield link
        except Exception as error:
            if _undone(error):
                self._chains.give(head)
            if isinstance(error, asyncpg.IntegrityConstraintViolationError):
                raise Unavailable(UNNOTED) from error
            raise
        self._chains.give(link.head)

    @asynccontextmanager
    async def transaction(self, who: Named = NOBODY) -> AsyncIterator["_Transaction"]:
        async with self._line() as line:
            name = named(who)
            await line.raw.execute(_begin(name))
            made = _Transaction(line.raw, name, self._chains.take())
            before = made.head
            try:
                yield made
            except BaseException:
                if not line.raw.is_closed():
                    await line.raw.execute("rollback")
                self._chains.give(before)
                raise
            await line.raw.execute("commit")
            self._chains.give(made.head)

    async def close(self) -> None:
        await self._pool.close()


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection while one statement or one transaction has it."""

    raw: Any


@dataclass(slots=True)
class _Link:
    """Where the chain of the audit ends that a statement has for itself."""

    head: Head


class _Transaction:
    """A transaction on one connection. `head` is where its chain of the audit ends."""

    def __init__(self, connection: Any, who: Who, head: Head) -> None:
        self._connection = connection
        self.who = who
        self.head = head

    async def rows(
        self, sql: str, values: Values = (), *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        if who is NOBODY:
            return await _bounded(self._connection, numbered(sql), values, limit)
        found = await _bounded(self._connection, _named(sql), (*values, who.said), limit)
        await self._connection.execute(_name(self.who))
        return found

    async def turn(self, numbers: Sequence[int], again: Named) -> Who:
        for number in numbers:
            await self._connection.fetch("select pg_advisory_xact_lock($1, $2)", _TURNS, number)
        self.who = named(again)
        await self._connection.execute(_name(self.who))
        return self.who

    async def begin(self, made: Batch) -> None:
        made = dict(sorted(made.items()))
        shape = tuple(_shaped("begin", made))
        await self._connection.fetch(_change(shape), *_values(made))

    async def change(self, gone: Batch, made: Batch) -> None:
        if made.get("audit_event"):
            first = {} if self.head.number else {"audit_chain": [self.head.row()]}
            self.head, events = linked(self.head, made["audit_event"])
            made = {**made, **first, "audit_event": events}
        # In one order, whatever came first: as few statements as can be to prepare, and to plan.
        gone, made = (dict(sorted(batch.items())) for batch in (gone, made))
        shape = (*_shaped("delete", gone), *_shaped("insert", made))
        if shape:
            await self._connection.fetch(_change(shape), *_values(gone), *_values(made))


async def _bounded(connection: Any, sql: str, values: Values, limit: float | None) -> Sequence[Row]:
    """The rows of a statement, which the server is told to give up after so many seconds."""
    if limit is not None and len(values) > _MOST_VALUES:
        raise too_costly()
    try:
        found: Sequence[Row] = await connection.fetch(sql, *values, timeout=limit)
    except TimeoutError as error:
        if limit is None:
            raise
        raise too_costly() from error
    return found


def _undone(error: Exception) -> bool:
    """Whether a statement was not done for certain: it could not be sent, or the server is there and says so."""
    sent = not isinstance(error, asyncpg.DataError | UnicodeEncodeError)
    return not sent or getattr(error, "severity_en", "") == "ERROR"


async def _leave_as_it_is(connection: object) -> None:
    """Nothing that is set on a connection outlives its transaction, so there is nothing to reset: a round trip less."""


@lru_cache(maxsize=4096)
def numbered(sql: str) -> str:
    """A statement with `?` as PostgreSQL wants it: `$1`, `$2`, ..."""
    counter = iter(range(1, sql.count("?") + 1))
    return re.sub(r"\?", lambda _: f"${next(counter)}", sql)


@lru_cache(maxsize=4096)
def _named(sql: str) -> str:
    """A statement that says first, in its last value, in whose name it is made, and only then looks.

    The condition names no column, so the server tests it once, before it takes the first row from what stands under it;
    policies are tested with the rows. Were it otherwise, nothing would be found: no name is left from before.
    """
    words = f"(${sql.count('?') + 1}::text[])"
    said = " || ".join(f"set_config('{name}', {words}{part}::text, true)" for name, part in wall.SETTINGS.items())
    return f"select named.* from ({numbered(sql)}) named where (select {said}) is not null"


def _begin(who: Who) -> str:
    """The beginning of a transaction in somebody's name: one round trip."""
    return "begin" if who is NOBODY else f"begin; {_name(who)}"


def _name(who: Who) -> str:
    """Say a name. What it is made of came from outside, so it is written in the digits of its bytes."""
    if who is NOBODY:
        return "select " + ", ".join(f"set_config('{name}', '', true)" for name in wall.SETTINGS)
    words = ", ".join(f"convert_from('\\x{word.encode().hex()}', 'UTF8')" for word in who.said)
    said = ", ".join(f"set_config('{name}', w.said{part}::text, true)" for name, part in wall.SETTINGS.items())
    return f"select {said} from (values (array[{words}])) w (said)"


@lru_cache(maxsize=4096)
def _noted(sql: str, single: bool) -> str:  # noqa: FBT001 - a cache key
    """A statement that reads and notes in one: the event stands, with its hash, before a row leaves the server.

    The link's hash comes back as the last column, beside nothing when there is no row.
    """
    n = sql.count("?") + 1
    names = [*columns("audit_event")[:12], "allowed", *columns("audit_event")[14 : SAID + 2]]
    mark = {name: f"${n + i}{_cast('audit_event', name)}" for i, name in enumerate(names, 1)}
    before, sizes, rest, shown = (f"${n + len(names) + i}" for i in (1, 2, 3, 4))
    said = ", ".join(f"e.{name}" if name in _FOUND else mark[name] for name in columns("audit_event")[:-1])
    lengths_found = " || ',' || ".join(f"length({text})" for text in _FOUND.values())
    written = f"{sizes}::text || ',' || {lengths_found} || ':' || {rest}::text || {' || '.join(_FOUND.values())}"
    whole = written if single else f"string_agg({written}, '' order by e.person_id collate \"C\")"
    return f"""with hit as materialized ({_named(sql)}), event as (
        select coalesce(p.person_id, {mark["person_id"]}) as person_id, coalesce(p.sections, '') as sections,
               p.found or not {mark["allowed"]} as allowed,
               case when p.found then '' else {mark["question"]} end as question
        from ({(_ONE if single else _MANY).format(shown)}) p),
        link as (select encode(sha256(convert_to({before}::text || {whole}, 'UTF8')), 'hex') as hash from event e),
        noted as ({insert_head("audit_event")} select {said}, l.hash from event e, link l)
        select h.*, l.hash from link l left join hit h on true"""


_FOUND = {
    "person_id": "e.person_id",
    "sections": "e.sections",
    "allowed": "(case when e.allowed then '1' else '0' end)",
    "question": "e.question",
}
"""What an event has from the rows that were found, and how db.audit_chain writes it out."""
_ONE = """select h.person_id, h.section as sections, h.person_id is not null as found
    from (values ({}::int)) one left join hit h on true"""
_MANY = """select person_id, string_agg(distinct section, ',' order by section) as sections, true as found
    from (select person_id, section from hit limit {0}::int) shown group by person_id
    union all select null, null, exists (select 1 from hit) where {0}::int = 0 or not exists (select 1 from hit)"""
"""What the events are made from: the one row that a read by id finds, or the people of a page, which may be empty."""


_Part = tuple[str, str, bool]
"""What is done to a table, and whether to a single row: its values stand bare, those of many rows in arrays."""


def _shaped(verb: str, batch: Batch) -> Iterator[_Part]:
    return ((verb, table, len(rows) == 1) for table, rows in batch.items() if rows)


def _values(batch: Batch) -> Iterator[Any]:
    for rows in batch.values():
        if len(rows) == 1:
            yield from rows[0]
        else:
            yield from (list(column) for column in zip(*rows, strict=True))


@lru_cache(maxsize=4096)
def _change(shape: tuple[_Part, ...]) -> str:
    """One statement that takes rows out of several tables by their whole keys and fills others.

    No row is in both: what is replaced is an insert that gives way.
    """
    parts, n = [], 0
    for i, (verb, table, single) in enumerate(shape):
        names = keys(table) if verb == "delete" else columns(table)
        many = "" if single else "[]"
        marks = [f"${n + j}{_cast(table, name)}{many}" for j, name in enumerate(names, 1)]
        n += len(names)
        tail = insert_tail(table) if verb == "insert" else ""
        parts.append(
            f"t{i} as ({_delete(table, marks, single) if verb == 'delete' else _insert(table, marks, single) + tail})"
        )
    return f"with {', '.join(parts)} select 1"


def _insert(table: str, marks: list[str], single: bool) -> str:  # noqa: FBT001 - of the shape
    listed = ", ".join(marks)
    rows = f"values ({listed})" if single else f"select * from unnest({listed})"
    return f"{insert_head(table)} {rows}"


def _delete(table: str, marks: list[str], single: bool) -> str:  # noqa: FBT001 - of the shape
    key = keys(table)
    if single:
        same = " and ".join(f"{name} = {mark}" for name, mark in zip(key, marks, strict=True))
        return f"delete from {table} where {same}"
    same = " and ".join(f"t.{name} = u.{name}" for name in key)
    return f"delete from {table} t using unnest({', '.join(marks)}) as u({', '.join(key)}) where {same}"


def _cast(table: str, column: str) -> str:
    kinds: Mapping[type, str] = {BigInteger: "::bigint", Integer: "::int", Boolean: "::boolean"}
    return kinds.get(type(SCHEMA.tables[table].columns[column].type), "::text")


@contextmanager
def _said() -> Iterator[None]:
    """The driver's errors in our words."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Conflict(str(error)) from error
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
        raise Conflict("tried at the same time as another change") from error
    except (asyncpg.DataError, UnicodeEncodeError) as error:
        raise Problem(Trouble.BAD_VALUE, UNKEEPABLE) from error
    except _AWAY as error:
        raise Unavailable(str(error)) from error
