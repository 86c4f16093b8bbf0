"""Mails in the database: each is there once, and says what came of it so far."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from db.feed import FeedRows
from plan.mail import Mail
from plan.model import PersonId

MAIL = "mail"
"""The kind of job that sends one mail; its id names the message and the service (`ENTRY TARGET`)."""
_THIS = "where person_id = ? and entry_id = ? and target = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where a mail stands. `tries` so far, `tried` when last, and what was answered."""

    state: str
    tries: int
    tried: int
    said: str

    def after(self, state: str, said: str = "") -> "Posted":
        """The same, somewhere else."""
        return replace(self, state=state, said=said)


async def expect(rows: FeedRows, person: PersonId, mails: Iterable[Mail]) -> None:
    """Have these sent, except those that were there before. The person is held."""
    sql = "select entry_id, target from mail where person_id = ?"
    wanted = {(mail.entry, mail.target) for mail in mails}
    known = {(row[0], row[1]) for row in await rows.transaction.rows(sql, (person,))} if wanted else set()
    new = sorted(wanted - known)
    made = [(person, entry, target, "waiting", 0, rows.now, 0, "") for entry, target in new]
    jobs = [(person, MAIL, f"{entry} {target}", rows.now, 0, 0, 0) for entry, target in new]
    await rows.transaction.change({}, {"mail": made, "job": jobs})


async def posted(rows: FeedRows, person: PersonId, entry: str, target: str) -> Posted | None:
    """Where a mail stands, held until the transaction ends."""
    sql = f"select state, tries, tried, said from mail m {_THIS}{rows.sharing.format('m')}"
    found = await rows.transaction.rows(sql, (person, entry, target))
    return Posted(state=found[0][0], tries=found[0][1], tried=found[0][2], said=found[0][3]) if found else None


async def keep(rows: FeedRows, person: PersonId, entry: str, target: str, now: Posted) -> None:
    """Leave a mail so."""
    sql = f"update mail set state = ?, tries = ?, tried = ?, said = ? {_THIS}"
    await rows.transaction.rows(sql, (now.state, now.tries, now.tried, now.said, person, entry, target))
