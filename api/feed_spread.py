"""Spreading: which subscriptions shall hear of a person's changes. Nothing is sent here, and no leave is settled.

Who cannot have leave (not on the team, not the person) is left out at once; for all others it is asked when sending.
"""

from collections.abc import Callable, Mapping

from api.feed_leave import terms_of, wanted_of
from db.feed import FeedStore, Job
from db.subscriptions import FHIR, WEBHOOK, Subscribed
from plan import webhook
from plan.model import Change
from plan.subscription import concerns

AT_ONCE = 500
"""Changes of one person in one turn."""
HELD = 200
"""Milliseconds after which a person is looked at again whom somebody else held."""


_CONCERNS: Mapping[str, Callable[[Subscribed, Change], bool]] = {
    FHIR: lambda one, change: concerns(wanted_of(one.fhir), change),
    WEBHOOK: lambda one, change: webhook.concerns(terms_of(one.body).events, change),
}
"""Whether a change is for a subscription, by its channel."""


def _wants(one: Subscribed, change: Change) -> bool:
    """Whether a change is for this subscription; one that cannot be read any more keeps nobody else from theirs."""
    try:
        return _CONCERNS[one.channel](one, change)
    except (KeyError, ValueError):
        return False


async def spread(store: FeedStore, job: Job) -> None:
    """One person's news."""
    async with store.working() as rows:
        since = await rows.news(job.person)
        if since is None:
            await rows.again(job, rows.now + HELD)
            return
        changes = await rows.changes(job.person, since, AT_ONCE)
        pairs = [
            (job.person, seq, one.id)
            for one in await rows.wanting(job.person)
            for seq, change in changes
            if change.at >= one.created and _wants(one, change)
        ]
        if pairs:
            await rows.queue(pairs)
        if len(changes) < AT_ONCE:
            await rows.drop(job)
        else:
            await rows.reached(job.person, changes[-1][0])
