"""Telling one subscription by whichever channel; what may be told is asked at the moment of sending.

In three steps, so that the worker can die between any two of them: what is sent gets its numbers and its audit in one
transaction; then it is sent; what came of it is another transaction. Who died in between sends the same numbers again.
Here too is the channel of FHIR: handshake, events, heartbeat.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from api import webhook_notify
from api.feed_leave import disclosed, events_of, moved, permit_of, sender, wanted_of
from api.feed_letter import Channel, Letter
from api.feed_steps import GONE, numbered, stopped
from api.ids import fresh
from auth.access import Permit
from db.feed import FeedRows, Heard, Job
from db.subscriptions import FHIR, WEBHOOK, Subscribed
from fhir_facade.notices import Kind, hushed, notice
from fhir_facade.versions import VERSIONS
from plan.subscription import Standing

if TYPE_CHECKING:
    from api.feed import Feed
    from api.feed_hook import Reply

MINUTE = 60_000
BACKOFF = tuple(min(MINUTE * 2**n, 12 * 60 * MINUTE) for n in range(15))
"""Milliseconds until the next try: a minute, doubled up to twelve hours; three days and five hours in all."""


async def notify(feed: "Feed", job: Job) -> None:
    """Tell one subscription what is next."""
    async with feed.store.working() as rows:
        letter = await _written(feed, rows, job)
    if letter is None:
        return
    reply = await feed.hook.post(letter.endpoint, letter.headers, letter.body, letter.timeout, letter.media)
    async with feed.store.working() as rows:
        await _settle(rows, job, letter, reply)


async def _written(feed: "Feed", rows: FeedRows, job: Job) -> Letter | None:
    """The next notice, with its numbers given and its audit written; None when there is nothing to send now."""
    one = await rows.subscription(job.id)
    await rows.holding(job)
    if one is None or await _over(rows, one):
        await rows.drop(job)
        return None
    return await CHANNELS[one.channel].written(feed, rows, job, one)


async def _settle(rows: FeedRows, job: Job, letter: Letter, reply: "Reply") -> None:
    """What came of a notice. A subscription that its owner changed meanwhile begins anew with what is left."""
    one = await rows.subscription(job.id) or letter.one
    await rows.holding(job)
    await CHANNELS[one.channel].settled(rows, job, letter, one, reply)


async def _over(rows: FeedRows, one: Subscribed) -> bool:
    """Whether nothing is sent: switched off, come to its end, or in error until its owner asks again."""
    ended = not one.deleted and one.status != Standing.OFF and one.expires <= rows.now
    if ended:
        await rows.keep(moved(one, Standing.OFF, rows.now, "It has come to its end."))
    over = ended or one.deleted or one.status == Standing.OFF
    if over:
        await rows.empty(one.id)
    return over or one.status == Standing.ERROR


async def _next_notice(feed: "Feed", rows: FeedRows, job: Job, one: Subscribed) -> Letter | None:
    """A handshake that is due, or events, or a heartbeat."""
    if one.status == Standing.REQUESTED:
        return _letter(rows, one, "handshake", ())
    permit = permit_of(one, feed.desk.charter)
    heard, one = await _next(rows, permit, one)
    if heard:
        rows.audit(disclosed(permit, one.id, heard, rows.now))
        return _letter(rows, one, "event-notification", heard)
    if _quiet(one, one.sent) <= rows.now:
        return _letter(rows, one, "heartbeat", ())
    await rows.again(job, _quiet(one, one.sent))
    return None


async def _next(rows: FeedRows, permit: Permit, one: Subscribed) -> tuple[Sequence[Heard], Subscribed]:
    """What has a number already, or else what is numbered now."""
    most = wanted_of(one.fhir).most
    begun = await rows.sending(permit, one.id, most)
    return (begun, one) if begun else await numbered(rows, permit, one, most)


def _letter(rows: FeedRows, one: Subscribed, kind: Kind, heard: Sequence[Heard]) -> Letter:
    wanted = wanted_of(one.fhir)
    events = hushed(events_of(heard), wanted.content)
    return Letter(
        one=one,
        kind=kind,
        heard=tuple(heard),
        endpoint=wanted.endpoint,
        headers=wanted.headers,
        timeout=wanted.timeout,
        body=notice(VERSIONS[one.dialect], sender(one), kind, rows.now, fresh(), events),
    )


async def _settled(rows: FeedRows, job: Job, letter: Letter, one: Subscribed, reply: "Reply") -> None:
    if reply.taken:
        await rows.came(job.id, letter.heard, "done")
    if one.version != letter.one.version:
        await rows.again(job, rows.now)
    elif reply.taken:
        await _taken(rows, job, one)
    elif reply.status == GONE:
        await stopped(rows, job, one, Standing.OFF, "The endpoint is gone (410).")
    else:
        said = reply.said or f"the endpoint answered {reply.status}"
        await _failed(rows, job, one, letter.kind, said)


async def _taken(rows: FeedRows, job: Job, one: Subscribed) -> None:
    if one.status == Standing.REQUESTED:
        await rows.keep(moved(one, Standing.ACTIVE, rows.now))
    await rows.sent(one.id)
    await rows.again(job, rows.now if await rows.busy(one.id) else _quiet(one, rows.now))


def _quiet(one: Subscribed, sent: int) -> int:
    """Until when there is nothing to do after something was sent: a heartbeat or the end; news call the job earlier."""
    heartbeat = wanted_of(one.fhir).heartbeat * 1000
    return min(sent + heartbeat, one.expires) if heartbeat else one.expires


async def _failed(rows: FeedRows, job: Job, one: Subscribed, kind: Kind, said: str) -> None:
    sentence = f"{said[:1].upper()}{said[1:]}."
    if kind == "handshake" or job.tries >= len(BACKOFF):
        await stopped(rows, job, one, Standing.ERROR, sentence)
    else:
        await rows.again(job, rows.now + BACKOFF[job.tries], tries=job.tries + 1)


CHANNELS: Mapping[str, Channel] = {
    FHIR: Channel(_next_notice, _settled),
    WEBHOOK: Channel(webhook_notify.written, webhook_notify.settled),
}
"""How subscriptions are told, by their channel."""
