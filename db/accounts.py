"""Accounts, sessions and tallies in the database, for the sign-in (the protocol of auth/sign_in/records.py)."""

from collections.abc import Sequence
from typing import Any

from auth.server.parties import Account
from auth.sign_in.records import Kept, Login, Tally
from db.engine import Database, Row
from plan.model import AgencyId, PersonId, Role, Subject

_COLUMNS = "login, subject, agency, role, name, fhir_user, person, stamp, password, active, must_use_totp, totp"
_OF_LOGIN = ("sign_in_session", "recovery_code", "account_step", "account")


class AccountRows:
    """The keeper of accounts on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, login: str) -> Login | None:
        rows = await self._database.rows(f"select {_COLUMNS} from account where login = ?", (login,))
        return _login(rows[0]) if rows else None

    async def of_subject(self, agency: str, subject: str) -> Sequence[Login]:
        sql = f"select {_COLUMNS} from account where agency = ? and subject = ? order by login"
        return [_login(row) for row in await self._database.rows(sql, (agency, subject))]

    async def every(self) -> Sequence[Login]:
        return [_login(row) for row in await self._database.rows(f"select {_COLUMNS} from account order by login")]

    async def add(self, login: Login) -> bool:
        marks = ", ".join("?" * len(_COLUMNS.split(", ")))
        sql = f"insert into account ({_COLUMNS}) values ({marks}) on conflict (login) do nothing returning 1"
        return bool(await self._done(sql, *_values(login)))

    async def put(self, login: Login) -> None:
        async with self._database.transaction() as transaction:
            await transaction.change({}, {"account": [_values(login)]})

    async def rehash(self, login: str, old: str, new: str) -> None:
        await self._done("update account set password = ? where login = ? and password = ?", new, login, old)

    async def remove(self, login: str) -> bool:
        async with self._database.transaction() as transaction:
            found = await transaction.rows("select 1 from account where login = ?", (login,))
            for table in _OF_LOGIN:
                await transaction.rows(f"delete from {table} where login = ?", (login,))
        return bool(found)

    async def spend_step(self, login: str, step: int) -> bool:
        sql = """insert into account_step (login, step) values (?, ?) on conflict (login) do update
            set step = excluded.step where account_step.step < excluded.step returning 1"""
        return bool(await self._done(sql, login, step))

    async def put_recovery(self, login: str, digests: Sequence[str]) -> None:
        async with self._database.transaction() as transaction:
            await transaction.rows("delete from recovery_code where login = ?", (login,))
            await transaction.change({}, {"recovery_code": [(login, digest) for digest in digests]})

    async def spend_recovery(self, login: str, digest: str) -> bool:
        sql = "delete from recovery_code where login = ? and digest = ? returning 1"
        return bool(await self._done(sql, login, digest))

    async def open(self, digest: str, login: str, stamp: str, now: int) -> None:
        async with self._database.transaction() as transaction:
            await transaction.change({}, {"sign_in_session": [(digest, login, stamp, now, now)]})

    async def session(self, digest: str) -> Kept | None:
        named = ", ".join(f"a.{name}" for name in _COLUMNS.split(", "))
        sql = f"""select {named}, s.stamp, s.begun, s.seen from sign_in_session s join account a on a.login = s.login
            where s.digest = ?"""
        rows = await self._database.rows(sql, (digest,))
        return Kept(_login(rows[0]), *tuple(rows[0])[-3:]) if rows else None

    async def touch(self, digest: str, now: int) -> None:
        await self._done("update sign_in_session set seen = ? where digest = ?", now, digest)

    async def close(self, digest: str) -> None:
        await self._done("delete from sign_in_session where digest = ?", digest)

    async def close_all(self, login: str) -> None:
        await self._done("delete from sign_in_session where login = ?", login)

    async def sweep(self, begun: int, seen: int) -> None:
        await self._done("delete from sign_in_session where begun < ? or seen < ?", begun, seen)

    async def tally(self, key: str) -> Tally | None:
        rows = await self._database.rows("select failures, last, until from sign_in_tally where key = ?", (key,))
        return Tally(*rows[0]) if rows else None

    async def swap(self, key: str, old: Tally | None, new: Tally) -> bool:
        values = (new.failures, new.last, new.until)
        if old is None:
            sql = """insert into sign_in_tally (failures, last, until, key) values (?, ?, ?, ?)
                on conflict (key) do nothing returning 1"""
            return bool(await self._done(sql, *values, key))
        sql = """update sign_in_tally set failures = ?, last = ?, until = ?
            where key = ? and failures = ? and last = ? and until = ? returning 1"""
        return bool(await self._done(sql, *values, key, old.failures, old.last, old.until))

    async def forgive(self, key: str) -> None:
        await self._done("delete from sign_in_tally where key = ?", key)

    async def _done(self, sql: str, *values: Any) -> Sequence[Row]:
        """Do one statement in a transaction of its own."""
        async with self._database.transaction() as transaction:
            return await transaction.rows(sql, values)


def _login(row: Row) -> Login:
    login, subject, agency, role, name, fhir_user, person, stamp, password, active, must, totp = tuple(row)[:12]
    return Login(
        login=login,
        account=Account(
            subject=Subject(subject),
            agency=AgencyId(agency),
            role=Role(role),
            name=name,
            fhir_user=fhir_user,
            person=PersonId(person) if person else None,
        ),
        stamp=stamp,
        password=password,
        active=bool(active),
        must_use_totp=bool(must),
        totp=totp,
    )


def _values(login: Login) -> tuple[Any, ...]:
    account = login.account
    return (
        login.login,
        account.subject,
        account.agency,
        account.role.value,
        account.name,
        account.fhir_user,
        account.person or "",
        login.stamp,
        login.password,
        login.active,
        login.must_use_totp,
        login.totp,
    )
