"""What webhooks have beside other subscriptions: secrets that sign, and messages that are tried each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.engine import Row
from db.feed import FeedRows, Heard

_OF = "where person_id = ? and subscription_id = ? and seq = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a message so far. `answer`: the last HTTP status, 0 for none; `due`: when it may be tried next."""

    state: str
    tries: int
    tried: int
    due: int
    answer: int
    said: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as it lies: sealed. `until`: when it no longer signs, 0 until further notice."""

    number: int
    sealed: str
    until: int


async def secrets(rows: FeedRows, id_: str) -> list[Secret]:
    """Those that sign now, the newest first."""
    sql = """select number, sealed, until from webhook_secret
        where subscription_id = ? and (until = 0 or until > ?) order by number desc"""
    return [Secret(*row) for row in await rows.transaction.rows(sql, (id_, rows.now))]


async def add_secret(rows: FeedRows, id_: str, number: int, sealed: str, grace: int) -> None:
    """Another secret signs from now on; the one before it until `grace` milliseconds from now, older ones as they did.

    Secrets that no longer sign are forgotten.
    """
    sql = "delete from webhook_secret where subscription_id = ? and until > 0 and until <= ?"
    await rows.transaction.rows(sql, (id_, rows.now))
    sql = "update webhook_secret set until = ? where subscription_id = ? and until = 0"
    await rows.transaction.rows(sql, (rows.now + grace, id_))
    await rows.transaction.change({}, {"webhook_secret": [(id_, number, sealed, 0)]})


async def forget_secrets(rows: FeedRows, id_: str) -> None:
    """Nothing is signed any more."""
    await rows.transaction.rows("delete from webhook_secret where subscription_id = ?", (id_,))


async def tried(rows: FeedRows, id_: str, one: Heard) -> Tried | None:
    """What came of a message so far; None when it is gone."""
    sql = f"select state, tries, tried, due, answer, said from delivery {_OF}"
    found = await rows.transaction.rows(sql, (one.person, id_, one.seq))
    return _tried(found[0]) if found else None


async def settle(rows: FeedRows, id_: str, one: Heard, now: Tried) -> None:
    """Leave a message so."""
    sql = f"update delivery set state = ?, tries = ?, tried = ?, due = ?, answer = ?, said = ? {_OF}"
    values = (now.state, now.tries, now.tried, now.due, now.answer, now.said)
    await rows.transaction.rows(sql, (*values, one.person, id_, one.seq))


async def next_due(rows: FeedRows, id_: str) -> int | None:
    """When the next message may be tried; None when there is none. What waits for its number may be at once."""
    sql = """select min(case when state = 'waiting' then 0 else due end) from delivery
        where subscription_id = ? and state in ('waiting', 'sending')"""
    found = await rows.transaction.rows(sql, (id_,))
    return None if found[0][0] is None else int(found[0][0])


async def failing(rows: FeedRows, id_: str, since: int) -> None:
    """Nothing was taken since then; that makes no new version."""
    await rows.transaction.rows("update subscription set failing = ? where id = ?", (since, id_))


async def came_of(rows: FeedRows, id_: str, heard: Sequence[Heard]) -> dict[int, Tried]:
    """What came of these messages so far, by number."""
    found = {one.number: await tried(rows, id_, one) for one in heard}
    return {number: one for number, one in found.items() if one}


async def again(rows: FeedRows, id_: str, *, number: int = 0, since: int = 0) -> int:
    """Send again one message, or all that were queued since a moment, unless it is on its way; how many."""
    which = "number = ?" if number else "number > 0 and queued >= ?"
    sql = f"""update delivery set state = 'sending', tries = 0, due = ?
        where subscription_id = ? and state in ('done', 'dead') and {which} returning 1"""
    return len(await rows.transaction.rows(sql, (rows.now, id_, number or since)))


async def is_there(rows: FeedRows, id_: str, number: int) -> bool:
    """Whether a webhook has a message of this number that can be sent again, or is on its way."""
    sql = """select 1 from delivery
        where subscription_id = ? and number = ? and state in ('done', 'dead', 'sending') limit 1"""
    return bool(await rows.transaction.rows(sql, (id_, number)))


async def remember(rows: FeedRows, holder: str, key: str, digest: str, id_: str, version: int) -> None:
    """What an Idempotency-Key led to. Conflict when it was used in the meantime."""
    row = (holder, key, digest, 201, "", id_, version, rows.now)
    await rows.transaction.change({}, {"idempotency_key": [row]})


async def remembered(rows: FeedRows, holder: str, key: str) -> tuple[str, str] | None:
    """What an Idempotency-Key led to before: the digest of what was asked, and the id."""
    sql = "select digest, entry_id from idempotency_key where caller = ? and key = ?"
    found = await rows.transaction.rows(sql, (holder, key))
    return (found[0][0], found[0][1]) if found else None


def _tried(row: Row) -> Tried:
    state, tries, at, due, answer, said = row
    return Tried(state=state, tries=tries, tried=at, due=due, answer=answer, said=said)
