"""Whether the request at hand has left its event: a database that looks on while events become durable.

Every answer of every door has its event (docs/access.md). Who makes the last one, the edge, must know whether there was
one before; asking the database would cost what the event costs, so it is remembered beside the request.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar

from db.engine import NOBODY, Batch, Database, Named, Note, Row, Transaction, Values, Who

_EVENTS = "audit_event"


class Trail:
    """What one request has left so far."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = False


TRAIL: ContextVar[Trail | None] = ContextVar("trail", default=None)
"""The trail of the request at hand; None for work that no request asked for."""


def _leave() -> None:
    trail = TRAIL.get()
    if trail is not None:
        trail.left = True


class Watched:
    """A database that marks the trail once an event is durable, and not before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sharing = database.sharing
        # Handed on as they are: they leave no event, and a call within a call would cost.
        self.rows = database.rows
        self.close = database.close

    async def noted(
        self, sql: str, values: Values, note: Note, *, limit: float | None = None, who: Who = NOBODY
    ) -> Sequence[Row]:
        found = await self._database.noted(sql, values, note, limit=limit, who=who)
        _leave()
        return found

    async def note(self, events: Sequence[Values]) -> None:
        await self._database.note(events)
        if events:
            _leave()

    @asynccontextmanager
    async def transaction(self, who: Named = NOBODY) -> AsyncIterator[Transaction]:
        async with self._database.transaction(who) as inner:
            seen = _Seen(inner)
            yield seen
        if seen.events:
            _leave()


class _Seen:
    """A transaction, and whether events are among its rows."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.who = transaction.who
        self.rows = transaction.rows
        self.turn = transaction.turn
        self.begin = transaction.begin  # of people and their teams: no event is among them
        self.events = False

    async def change(self, gone: Batch, made: Batch) -> None:
        await self._transaction.change(gone, made)
        self.events = self.events or bool(made.get(_EVENTS))
