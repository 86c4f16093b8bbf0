"""Keeps what somebody had typed when their session ended, closed, until they have signed in again."""

from db.engine import Database


class KeptForms:
    """The kept forms of one database. Moments are in milliseconds since 1970 UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, digest: str, at: int, sealed: str, *, forget: int) -> None:
        """Keep one; those that were kept before `forget` are forgotten."""
        async with self._database.transaction() as transaction:
            await transaction.rows("delete from kept_form where at < ?", (forget,))
            await transaction.change({}, {"kept_form": [(digest, at, sealed)]})

    async def find(self, digest: str) -> str | None:
        """One that is kept."""
        rows = await self._database.rows("select sealed from kept_form where digest = ?", (digest,))
        return str(rows[0][0]) if rows else None

    async def drop(self, digest: str) -> None:
        """Forget one."""
        async with self._database.transaction() as transaction:
            await transaction.rows("delete from kept_form where digest = ?", (digest,))
