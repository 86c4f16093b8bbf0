"""The channel of webhooks: one signed message a change, each with its own schedule, with ids and the type only.

What an endpoint does not take is tried again by the schedule of Standard Webhooks while newer messages go out; an
endpoint that takes nothing for days, or says that it is gone, is disabled, and its owner can read why.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from api import webhook_signing
from api.feed_leave import disclosed, permit_of, terms_of
from api.feed_letter import LOOKED_AT, Letter
from api.feed_steps import GONE, numbered, stopped
from auth.access import Permit
from db import webhooks
from db.feed import FeedRows, Heard, Job
from db.subscriptions import Subscribed
from db.webhooks import Tried
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.model import Json
from plan.subscription import Standing
from plan.webhook import DAY, GIVEN_UP, LONGEST_WAIT, PAUSE, RETRIES, TIMEOUT, event_type

if TYPE_CHECKING:
    from api.feed import Feed
    from api.feed_hook import Reply

JSON = "application/json"


def message_id(id_: str, number: int) -> str:
    """The `webhook-id` of a message: the same however often it is sent."""
    return f"msg_{id_}_{number}"


def told(heard: Heard) -> dict[str, Json]:
    """A change as a message tells it: ids and words of ours, never what anybody wrote."""
    return {
        "type": event_type(heard.kind, heard.action),
        "timestamp": moment(heard.at),
        "data": {
            "person": heard.person,
            "entry": heard.entry,
            "kind": heard.kind,
            "resource": f"{heard.type}/{heard.entry}",
            "section": heard.section,
            "action": heard.action,
        },
    }


async def written(feed: "Feed", rows: FeedRows, job: Job, one: Subscribed) -> Letter | None:
    """The message that is due the longest, signed; what may not be told any more is withdrawn."""
    permit = permit_of(one, feed.desk.charter)
    _, one = await numbered(rows, permit, one, LOOKED_AT)
    heard = await _ready(rows, permit, one)
    if heard is None:
        due = await webhooks.next_due(rows, one.id)
        await rows.again(job, one.expires if due is None else min(due, one.expires))
        return None
    rows.audit(disclosed(permit, one.id, [heard], rows.now))
    body = exact.dumps(told(heard))
    headers = await webhook_signing.signed(rows, feed.seals, one.id, message_id(one.id, heard.number), body)
    url = terms_of(one.body).url
    return Letter(one=one, heard=(heard,), endpoint=url, headers=headers, body=body, timeout=TIMEOUT, media=JSON)


async def _ready(rows: FeedRows, permit: Permit, one: Subscribed) -> Heard | None:
    while found := await rows.ready(permit, one.id, 1):
        if found[0].seen:
            return found[0]
        await rows.came(one.id, found, "withdrawn")
    return None


async def settled(rows: FeedRows, job: Job, letter: Letter, one: Subscribed, reply: "Reply") -> None:
    """What came of a message, and when the next one goes."""
    (heard,) = letter.heard
    before = await webhooks.tried(rows, one.id, heard)
    if before and before.state == "sending":
        await webhooks.settle(rows, one.id, heard, outcome(before, reply, rows.now))
    if one.version != letter.one.version:
        await rows.again(job, rows.now)
    elif reply.taken:
        await rows.sent(one.id)
        await rows.again(job, rows.now)
    elif reply.status == GONE:
        await stopped(rows, job, one, Standing.OFF, "The endpoint is gone (410).")
    else:
        await _failed(rows, job, one, reply)


def outcome(before: Tried, reply: "Reply", now: int) -> Tried:
    """Where a message stands after another attempt."""
    tries = before.tries + 1
    state = "done" if reply.taken else "sending" if tries <= len(RETRIES) else "dead"
    due = now + max(RETRIES[tries - 1], _asked(reply)) if state == "sending" else 0
    return Tried(state=state, tries=tries, tried=now, due=due, answer=reply.status, said=reply.said)


async def _failed(rows: FeedRows, job: Job, one: Subscribed, reply: "Reply") -> None:
    since = one.failing or rows.now
    if rows.now - since >= GIVEN_UP:
        sentence = f"The endpoint took nothing for {GIVEN_UP // DAY} days."
        await stopped(rows, job, replace(one, failing=since), Standing.ERROR, sentence)
        return
    await webhooks.failing(rows, one.id, since)
    due = await webhooks.next_due(rows, one.id)
    quiet = rows.now + max(PAUSE, _asked(reply))
    # With a try behind it, news do not call the job before the pause is over.
    await rows.again(job, min(max(quiet, due or 0), one.expires), tries=1)


def _asked(reply: "Reply") -> int:
    """For how long the endpoint asks to be left alone, as far as that is believed."""
    return min(reply.wait, LONGEST_WAIT)
