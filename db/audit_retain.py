"""Retention of the audit: what is older than the agreed time goes, from the start of chains and by whole links.

Where a chain begins now stands in its row, with the hash that its first link is made from. Every removal leaves an
event in the transaction that does it, so a start that was moved by anybody else is told apart (db/audit_verify.py).
"""

from collections.abc import Callable, Mapping
from typing import Any

from db.audit_verify import Link, Stretch, checked, told
from db.engine import Database

FLOOR_DAYS = 365
"""No event goes that is younger, whatever is asked."""
DAY = 86_400_000
"""Milliseconds."""
_AT_ONCE = 500
"""Links in one transaction."""
Said = Callable[[str], tuple[Any, ...]]
"""The audit event of a removal, from its target."""


class Broken(ValueError):  # noqa: N818 - an outcome: what shows that somebody changed it is not removed
    """What would be removed is not as it was written."""


async def old(database: Database, before: int) -> dict[str, int]:
    """Of each chain that begins with events from before a moment: the number of the last link that may go.

    Raises Broken when those links are not as they were written.
    """
    found = {}
    for chain, start, hash_ in await database.rows("select id, start, hash from audit_chain order by id"):
        last = await _last(database, chain, before)
        if last > start:
            await _sound(database, Stretch(chain, start, hash_, last))
            found[chain] = last
    return found


async def remove(database: Database, until: Mapping[str, int], said: Said) -> int:
    """Remove the links of each chain up to a number; how many events went. A run that was stopped may be run again."""
    gone = 0
    for chain, last in until.items():
        rows = await database.rows("select start from audit_chain where id = ?", (chain,))
        for start in range(rows[0][0], last, _AT_ONCE):
            gone += await _removed(database, chain, min(start + _AT_ONCE, last), said)
    kept = await database.rows("select id, start from audit_chain where start > 0")
    events = [said(f"{chain}/{start}") for chain, start in kept if chain not in until]
    if events:
        await database.note(events)  # those that said so before may go with the next retention
    return gone


async def _last(database: Database, chain: str, before: int) -> int:
    first_to_stay = "select number from audit_event where chain = ? and at >= ? order by number limit 1"
    rows = await database.rows(first_to_stay, (chain, before))
    if rows:
        return int(rows[0][0]) - 1
    rows = await database.rows("select coalesce(max(number), 0) from audit_event where chain = ?", (chain,))
    return int(rows[0][0])


async def _sound(database: Database, whole: Stretch) -> None:
    broken: list[Link] = []
    faults: list[str] = []
    async for _ in checked(database, whole, broken, faults.append):
        """Only what is wrong is of interest."""
    faults += told(whole.chain, broken)
    if faults:
        raise Broken(f"Nothing was removed. {faults[0]} See `oneplan audit verify`.")


async def _removed(database: Database, chain: str, last: int, said: Said) -> int:
    async with database.transaction() as transaction:
        counted = "select count(*), max(case when number = ? then hash end) from audit_event"
        rows = await transaction.rows(f"{counted} where chain = ? and number <= ?", (last, chain, last))
        count, hash_ = rows[0]
        await transaction.rows("delete from audit_event where chain = ? and number <= ?", (chain, last))
        if await transaction.rows("select 1 from audit_event where chain = ? limit 1", (chain,)):
            await transaction.rows("update audit_chain set start = ?, hash = ? where id = ?", (last, hash_, chain))
        else:
            await transaction.rows("delete from audit_chain where id = ?", (chain,))
        await transaction.change({}, {"audit_event": [said(f"{chain}/{last}")]})
    return int(count)
