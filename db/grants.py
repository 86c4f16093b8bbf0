"""The authorization server's rows: what is used once is used once, however many ask at the same moment.

Every change of a grant holds the grant's row first, so that ending it and giving another token for it come one after
the other: no token can be born of a grant that has just ended.
"""

from collections.abc import Sequence
from typing import Any

from db.engine import Conflict, Database, Row, Transaction
from db.engine import Values as Ticket

LISTED = 10_000
"""How many clients a list holds at most."""
KEPT = 24 * 3600 * 1000
"""How long what is over is still kept, in milliseconds: a code that comes back a day later is an unknown one."""


class Grants:
    """What auth.server.storage asks for, on either engine. Moments are milliseconds since 1970 UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # clients

    async def client(self, id_: str) -> str | None:
        return _word(await self._database.rows("select body from auth_client where id = ?", (id_,)))

    async def clients(self) -> list[str]:
        sql = f"select body from auth_client order by made, id limit {LISTED}"
        return [str(row[0]) for row in await self._database.rows(sql)]

    async def add_client(self, id_: str, made: int, body: str) -> bool:
        return await self._put({"auth_client": [(id_, made, body)]})

    async def drop_client(self, id_: str) -> bool:
        async with self._database.transaction() as transaction:
            await transaction.rows("update auth_grant set revoked = 1 where client = ?", (id_,))
            sql = "update auth_token set state = 'revoked' where client = ? and state <> 'revoked'"
            await transaction.rows(sql, (id_,))
            return bool(await transaction.rows("delete from auth_client where id = ? returning id", (id_,)))

    # what is used once

    async def put(self, kind: str, id_: str, until: int, body: str) -> bool:
        return await self._put({"auth_ticket": [(kind, id_, 0, until, body)]})

    async def peek(self, kind: str, id_: str) -> tuple[str, bool, int] | None:
        sql = "select body, used, until from auth_ticket where kind = ? and id = ?"
        rows = await self._database.rows(sql, (kind, id_))
        return (str(rows[0][0]), bool(rows[0][1]), int(rows[0][2])) if rows else None

    async def take(self, kind: str, id_: str, now: int) -> str | None:
        async with self._database.transaction() as transaction:
            return await _taken(transaction, kind, id_, now)

    # grants and their tokens

    async def decide(self, request: str, now: int, grant: Sequence[Any], code: tuple[str, int, str]) -> bool:
        async with self._database.transaction() as transaction:
            if await _taken(transaction, "request", request, now) is None:
                return False
            await transaction.change({}, {"auth_grant": [grant], "auth_ticket": [_ticket("code", *code)]})
            return True

    async def redeem(self, code: str, grant: str, now: int, tokens: Sequence[Sequence[Any]]) -> bool:
        async with self._database.transaction() as transaction:
            alive = await self._held(transaction, grant)
            good = await _taken(transaction, "code", code, now) is not None
            return await self._given(transaction, grant, tokens, good=alive and good)

    async def rotate(self, refresh: str, grant: str, now: int, tokens: Sequence[Sequence[Any]]) -> bool:
        sql = "update auth_token set state = 'used' where id = ? and state = 'live' and until > ? returning id"
        async with self._database.transaction() as transaction:
            alive = await self._held(transaction, grant)
            good = bool(await transaction.rows(sql, (refresh, now)))
            return await self._given(transaction, grant, tokens, good=alive and good)

    async def grant(self, id_: str) -> tuple[str, str, bool] | None:
        sql = "select client, body, revoked from auth_grant where id = ?"
        rows = await self._database.rows(sql, (id_,))
        return (str(rows[0][0]), str(rows[0][1]), bool(rows[0][2])) if rows else None

    async def token(self, id_: str) -> tuple[str, str, str, str, int] | None:
        sql = "select kind, grant_id, client, state, until from auth_token where id = ?"
        rows = await self._database.rows(sql, (id_,))
        return (rows[0][0], rows[0][1], rows[0][2], rows[0][3], rows[0][4]) if rows else None

    async def give(self, token: Sequence[Any]) -> None:
        async with self._database.transaction() as transaction:
            await transaction.change({}, {"auth_token": [token]})

    async def recall(self, token: str) -> None:
        async with self._database.transaction() as transaction:
            await transaction.rows("update auth_token set state = 'revoked' where id = ?", (token,))

    async def end(self, grant: str) -> None:
        async with self._database.transaction() as transaction:
            await self._held(transaction, grant)
            await _ended(transaction, grant)

    async def end_all(self, subject: str) -> None:
        async with self._database.transaction() as transaction:
            sql = "select id from auth_grant where subject = ? and revoked = 0"
            for row in await transaction.rows(sql, (subject,)):
                await self._held(transaction, row[0])
                await _ended(transaction, row[0])

    async def recalled(self, now: int) -> list[tuple[str, int]]:
        sql = "select id, until from auth_token where state = 'revoked' and kind = 'access' and until > ?"
        return [(str(row[0]), int(row[1])) for row in await self._database.rows(sql, (now,))]

    # keys

    async def keys(self) -> list[Sequence[Any]]:
        sql = "select use, number, kid, public, sealed, since, until from auth_key order by use, number"
        return [tuple(row) for row in await self._database.rows(sql)]

    async def add_key(self, key: Sequence[Any], until: int) -> bool:
        sql = "update auth_key set until = ? where use = ? and number < ? and until = 0"
        try:
            async with self._database.transaction() as transaction:
                await transaction.rows(sql, (until, key[0], key[1]))
                await transaction.change({}, {"auth_key": [key]})
        except Conflict:
            return False
        return True

    async def tidy(self, now: int) -> None:
        async with self._database.transaction() as transaction:
            for table in ("auth_ticket", "auth_token", "auth_grant"):
                await transaction.rows(f"delete from {table} where until < ?", (now - KEPT,))
            await transaction.rows("delete from auth_key where until > 0 and until < ?", (now,))

    async def _put(self, made: dict[str, list[Ticket]]) -> bool:
        try:
            async with self._database.transaction() as transaction:
                await transaction.change({}, made)
        except Conflict:
            return False
        return True

    async def _held(self, transaction: Transaction, grant: str) -> bool:
        """Hold a grant's row; whether it is good still."""
        sql = f"select g.revoked from auth_grant g where g.id = ?{self._database.sharing.format('g')}"
        return [row[0] for row in await transaction.rows(sql, (grant,))] == [0]

    async def _given(
        self, transaction: Transaction, grant: str, tokens: Sequence[Sequence[Any]], *, good: bool
    ) -> bool:
        """The tokens, or, for what was used before, the end of all that were given."""
        if good:
            await transaction.change({}, {"auth_token": tokens})
        else:
            await _ended(transaction, grant)
        return good


async def _ended(transaction: Transaction, grant: str) -> None:
    await transaction.rows("update auth_grant set revoked = 1 where id = ?", (grant,))
    await transaction.rows("update auth_token set state = 'revoked' where grant_id = ?", (grant,))


async def _taken(transaction: Transaction, kind: str, id_: str, now: int) -> str | None:
    sql = "update auth_ticket set used = 1 where kind = ? and id = ? and used = 0 and until > ? returning body"
    return _word(await transaction.rows(sql, (kind, id_, now)))


def _ticket(kind: str, id_: str, until: int, body: str) -> Ticket:
    return (kind, id_, 0, until, body)


def _word(rows: Sequence[Row]) -> str | None:
    return str(rows[0][0]) if rows else None
