"""The steps that telling a subscription has by every channel: numbers are given, and an end is made."""

from collections.abc import Sequence
from dataclasses import replace

from api.feed_leave import moved
from api.feed_letter import LOOKED_AT
from auth.access import Permit
from db.feed import FeedRows, Heard, Job
from db.subscriptions import Subscribed
from plan.subscription import Standing

GONE = 410
"""By this an endpoint says that it wants nothing more (RFC 9110 15.5.11)."""


async def numbered(rows: FeedRows, permit: Permit, one: Subscribed, most: int) -> tuple[Sequence[Heard], Subscribed]:
    """The oldest of what waits and may be seen, `most` of it, numbered; what may not be seen is forgotten."""
    while waiting := await rows.waiting(permit, one.id, LOOKED_AT):
        seen = [heard for heard in waiting if heard.seen][:most]
        last = waiting.index(seen[-1]) if len(seen) == most else len(waiting)
        await rows.forget(one.id, [heard for heard in waiting[:last] if not heard.seen])
        if seen:
            await rows.number(one.id, seen, one.events + 1)
            await rows.counted(one.id, one.events + len(seen))
            told = [replace(heard, number=n) for n, heard in enumerate(seen, one.events + 1)]
            return told, replace(one, events=one.events + len(seen))
    return (), one


async def stopped(rows: FeedRows, job: Job, one: Subscribed, status: Standing, sentence: str) -> None:
    """Nothing more is sent until the owner asks; what could not be sent is kept."""
    await rows.give_up(one.id)
    await rows.keep(moved(one, status, rows.now, sentence))
    await rows.drop(job)
