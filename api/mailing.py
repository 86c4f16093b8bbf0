"""E-mail as a channel of the worker: one mail for each message to a service that has an address, once.

In three steps, as notices to subscribers: that it is being sent is durable, with its audit, before it is handed over;
what came of it is another transaction. Whether it may be sent, and to which address, is asked when it is sent. Whoever
dies between hands it over again under the same Message-ID: at least once, as far as SMTP can.
"""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from api import house, knowing
from api.house import ROLE
from api.mail_server import Answer
from db import mails
from db.feed import FeedRows, Job
from db.mails import Posted
from plan.known import Known
from plan.mail import Mail
from plan.mail import mails as due
from plan.webhook import RETRIES

if TYPE_CHECKING:
    from api.feed import Feed

DOOR = "mail"
"""The name of this channel in the audit."""
TYPE = "mail"
"""What the audit says that it was about; the message is its target."""
_LOG = logging.getLogger("oneplan.feed")


async def expect(feed: "Feed", rows: FeedRows, known: Known) -> None:
    """Have sent what is to be mailed about somebody; nothing where no mail server is named. The person is held."""
    if feed.mail:
        await mails.expect(rows, known.person, due(known))


async def post(feed: "Feed", job: Job) -> None:
    """Send one mail."""
    async with feed.store.working() as rows:
        mail = await _taken(feed, rows, job)
        now = rows.now
    if mail is None or feed.mail is None:
        return
    answer = await feed.mail.post(feed.mail.letter(job.person, mail, now))
    async with feed.store.working() as rows:
        await _settle(rows, job, answer)


async def _taken(feed: "Feed", rows: FeedRows, job: Job) -> Mail | None:
    """The mail of a job, when it is still to be sent; that it is being sent is written down."""
    entry, target = job.id.split(" ", 1)
    there = await mails.posted(rows, job.person, entry, target)
    if there is None or there.state not in ("waiting", "sending") or feed.mail is None:
        await rows.drop(job)
        return None
    known = await knowing.everything(rows.transaction, feed.desk.charter, job.person, rows.now)
    mail = next((one for one in due(known) if (one.entry, one.target) == (entry, target)), None)
    if mail is None:
        await mails.keep(rows, job.person, entry, target, there.after("withdrawn"))
        await rows.drop(job)
        return None
    now = Posted(state="sending", tries=there.tries + 1, tried=rows.now, said=there.said)
    await mails.keep(rows, job.person, entry, target, now)
    note = feed.desk.note(house.visit(DOOR, f"mail-{entry}"), "R", TYPE, entry)
    note = replace(note, role=ROLE, at=rows.now)
    rows.audit([note.event(job.person, known.entries[mail.entry].section.value, found=True)])
    return mail


async def _settle(rows: FeedRows, job: Job, answer: Answer) -> None:
    """What came of a mail, and when it is tried again."""
    entry, target = job.id.split(" ", 1)
    there = await mails.posted(rows, job.person, entry, target)
    assert there is not None  # rows of mails are never taken away
    over = answer.final or there.tries > len(RETRIES)
    state = "done" if answer.taken else "dead" if over else "sending"
    await mails.keep(rows, job.person, entry, target, there.after(state, answer.said))
    if state == "sending":
        await rows.again(job, rows.now + RETRIES[there.tries - 1], tries=there.tries)
        return
    await rows.drop(job)
    if state == "dead":
        _LOG.warning("a mail to %s was given up: %s", target, answer.said)
