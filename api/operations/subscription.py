"""$status, $events and $resend of Subscription. R5 subscription.html, Subscriptions R5 Backport 1.1 operations.

What was sent before is told under today's leave: an event whose entry may not be seen any more keeps its number, and
loses its name.
"""

from typing import Any
from urllib.parse import parse_qsl

from api.feed_leave import disclosed, events_of, moved, permit_of, sender, wanted_of
from api.fhir_asked import Answer, Asked, message
from api.ids import fresh
from api.subscribing import found, listed, permitted
from api.subscription_leave import not_yours, own
from auth.access import Verb
from db.feed import NOTIFY
from fhir_facade.notices import hushed, notice, statuses
from plan.problem import Fault, Problem, Trouble
from plan.subscription import Standing

MOST_TOLD = 1000
"""Events in one answer; ask on from the last number for more."""
_LAST = 2**53


async def status(asked: Asked) -> Answer:
    """Where subscriptions stand: the one in the address, or those of the caller."""
    said = _parameters(asked)
    permit = await permitted(asked, Verb.READ)
    if asked.place.id:
        some = [await found(asked, permit)]
    else:
        ids, states = set(said.get("id", ())), set(said.get("status", ()))
        some = [
            one
            for one in await listed(asked, permit, Verb.READ)
            if (not ids or one.id in ids) and (not states or one.status in states)
        ]
    where = f"/{asked.place.id}" if asked.place.id else ""
    address = f"{asked.base}/Subscription{where}/$status"
    return Answer(text=statuses(asked.version, [(sender(one), fresh()) for one in some], address))


async def events(asked: Asked) -> Answer:
    """What was sent before, from one number to another, both included."""
    said = _parameters(asked)
    since, until = _number(said, "eventsSinceNumber", 1), _number(said, "eventsUntilNumber", _LAST)
    permit = await permitted(asked, Verb.READ)
    one = await found(asked, permit)
    async with asked.desk.feed.store.asked(permit) as rows:
        # What the owner's token allows now and what it allowed then: the narrower of both.
        then = permit_of(one, asked.desk.charter)
        heard = await rows.told(then, one.id, since, until, MOST_TOLD)
        now = {(h.person, h.seq) for h in await rows.told(permit, one.id, since, until, MOST_TOLD) if h.seen}
        heard = [h if (h.person, h.seq) in now else h.unnamed() for h in heard]
        rows.audit(disclosed(permit, one.id, heard, rows.now, asked.visit.door))
        at = rows.now
    content = "empty" if said.get("content") == ["empty"] else wanted_of(one.fhir).content
    told = hushed(events_of(heard), content)
    return Answer(text=notice(asked.version, sender(one), "query-event", at, fresh(), told))


async def resend(asked: Asked) -> Answer:
    """Send again: what was given up, or all from one number to another. A failed endpoint is asked first."""
    said = _parameters(asked)
    bounded = bool(said.keys() & {"eventsSinceNumber", "eventsUntilNumber"})
    since, until = _number(said, "eventsSinceNumber", 1), _number(said, "eventsUntilNumber", _LAST)
    permit = await permitted(asked, Verb.UPDATE)
    one = await found(asked, permit)
    if not own(permit, one):
        raise not_yours()
    if one.status == Standing.OFF:
        what = "the subscription is off"
        raise Problem(Trouble.UNPROCESSABLE, "", (Fault(what, mend="Set it to requested first."),))
    async with asked.desk.feed.store.asked(permit) as rows:
        count = await rows.resend(one.id, since, until, ("dead", "done") if bounded else ("dead",))
        held = await rows.subscription(one.id)
        if held and held.status == Standing.ERROR:
            await rows.keep(moved(held, Standing.REQUESTED, rows.now))
        await rows.call(NOTIFY, one.id, rows.now, anew=True)
    return Answer(text=message(f"{count} events will be sent again."))


def _parameters(asked: Asked) -> dict[str, list[str]]:
    """The parameters, from the address or from a Parameters resource."""
    said: dict[str, list[str]] = {}
    pairs: list[tuple[str, Any]] = parse_qsl(asked.query)
    sent = asked.resource
    if isinstance(sent, dict) and isinstance(sent.get("parameter", []), list):
        for one in sent.get("parameter", []):
            if isinstance(one, dict):
                pairs += [(str(one.get("name")), value) for name, value in one.items() if name.startswith("value")]
    for name, value in pairs:
        said.setdefault(name, []).append(str(value))
    return said


def _number(said: dict[str, list[str]], name: str, otherwise: int) -> int:
    texts = said.get(name, [str(otherwise)])
    if len(texts) != 1 or not (texts[0].isascii() and texts[0].isdigit() and len(texts[0]) < 17):  # noqa: PLR2004
        what = f"{name} is no event number"
        raise Problem(Trouble.BAD_VALUE, "", (Fault(what, mend="Write one whole number."),))
    return int(texts[0])
