"""The desk for webhooks: subscriptions of partner apps that are told by Standard Webhooks; each is its owner's alone.

They are rows of the same table as the Subscriptions of FHIR, heard of by the same spreading, asked leave for in the
same way at the moment of sending, and counted against the same limit.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from api import subscription_leave, webhook_forms, webhook_signing
from api.deeds import Key, Visit
from api.desk import Desk, holder
from api.feed_hook import Reply
from api.feed_leave import disclosed, owned, owner, permit_of
from api.ids import fresh
from api.subscription_leave import event, not_yours, own, visible
from api.webhook_notify import JSON
from auth.access import Permit, Verb
from db import webhooks
from db.feed import NOTIFY, FeedRows, Heard
from db.subscriptions import WEBHOOK, Subscribed
from db.webhooks import Tried
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.model import Json, Role
from plan.problem import Fault, Problem, Trouble
from plan.subscription import Standing
from plan.webhook import DAY, GRACE, MOST_SECRETS, TEST, TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A webhook with its secret, which is shown this once; no secret where an earlier request made it."""

    one: Subscribed
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message in the log, named as far as it may still be told, and what came of it."""

    heard: Heard
    came: Tried


class Webhooks:
    """What one visit does with webhooks. Every refusal leaves its event."""

    def __init__(self, desk: Desk, visit: Visit) -> None:
        self.desk, self.visit, self.feed = desk, visit, desk.feed

    async def create(self, body: Mapping[str, Json], key: Key | None = None) -> Made:
        """A new one, with its secret. Raises INVALID, KEY_REUSED, UNPROCESSABLE (too many, leads nowhere)."""
        permit = await self._permitted(Verb.CREATE)
        said = webhook_forms.wanted(body)
        await self._must_reach(str(said["url"]))
        secret, id_ = webhook_signing.made(), fresh()
        async with self.feed.store.asked(permit) as rows:
            known = await self._known(rows, key)
            if known:
                return Made(one=known)
            if await rows.count(owner(permit.caller)) >= self.feed.limit:
                what = f"an owner has at most {self.feed.limit} subscriptions here, webhooks among them"
                raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, (), "Delete one that is not needed."),))
            one = self._owned(permit, said, rows.now, id_, None)
            await rows.keep(one)
            await webhooks.add_secret(rows, id_, 1, webhook_signing.sealed(self.feed.seals, id_, secret), 0)
            if key:
                await webhooks.remember(rows, holder(self.visit), key.key, key.digest, id_, 1)
            rows.audit([self._event(permit, Verb.CREATE, id_, rows.now)])
        return Made(one=one, secret=secret)

    async def listed(self) -> list[tuple[Subscribed, bool]]:
        """Those that the caller may see, the newest first, and whether each is their own."""
        permit = await self._permitted(Verb.SEARCH)
        async with self.feed.store.asked(permit) as rows:
            whose = None if permit.caller.role is Role.ADMINISTRATOR else owner(permit.caller)
            rows.audit([self._event(permit, Verb.SEARCH, "", rows.now)])
            return [(one, own(permit, one)) for one in await rows.listed(whose, WEBHOOK)]

    async def read(self, id_: str) -> tuple[Subscribed, bool]:
        """One of them, and whether it is the caller's own. Raises NOT_FOUND, GONE."""
        async with self._at(id_, Verb.READ) as (permit, rows, one):
            rows.audit([self._event(permit, Verb.READ, id_, rows.now)])
            return one, own(permit, one)

    async def update(self, id_: str, body: Mapping[str, Json], version: int) -> Subscribed:
        """The webhook as its owner wants it now; one that was disabled begins anew. Raises STALE as well."""
        await self._permitted(Verb.UPDATE, id_)
        said = webhook_forms.wanted(body)
        await self._must_reach(str(said["url"]))
        async with self._theirs(id_, Verb.UPDATE) as (permit, rows, before):
            if version != before.version:
                raise Problem(Trouble.STALE, f"It is at version {before.version} now.")
            one = self._owned(permit, said, rows.now, id_, before)
            await rows.keep(one)
            await rows.call(NOTIFY, id_, rows.now, anew=True)
            rows.audit([self._event(permit, Verb.UPDATE, id_, rows.now)])
        return one

    async def delete(self, id_: str, version: int | None) -> None:
        """Nothing more is sent, and nothing is signed any more. Raises STALE as well."""
        async with self._at(id_, Verb.DELETE) as (permit, rows, before):
            if version not in (None, before.version):
                raise Problem(Trouble.STALE, f"It is at version {before.version} now.")
            off, number = Standing.OFF.value, before.version + 1
            await rows.keep(replace(before, version=number, status=off, deleted=True, updated=rows.now))
            await webhooks.forget_secrets(rows, id_)
            await rows.call(NOTIFY, id_, rows.now, anew=True)
            rows.audit([self._event(permit, Verb.DELETE, id_, rows.now)])

    async def rotate(self, id_: str, key: Key | None = None) -> tuple[str, int]:
        """A new secret and now; the one before signs too for its grace. An empty one where the key was used before."""
        secret = webhook_signing.made()
        async with self._theirs(id_, Verb.UPDATE) as (permit, rows, one):
            if await self._known(rows, key):
                return "", rows.now
            there = await webhooks.secrets(rows, id_)
            if len(there) >= MOST_SECRETS:
                what = f"{MOST_SECRETS} secrets sign at once already"
                mend = f"Wait until the oldest has ended, {GRACE // DAY} day after it was replaced."
                raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, (), mend),))
            closed = webhook_signing.sealed(self.feed.seals, id_, secret)
            await webhooks.add_secret(rows, id_, there[0].number + 1, closed, GRACE)
            if key:
                await webhooks.remember(rows, holder(self.visit), key.key, key.digest, id_, one.version)
            rows.audit([self._event(permit, Verb.UPDATE, id_, rows.now)])
            return secret, rows.now

    async def test(self, id_: str) -> tuple[str, Reply]:
        """Send a message of nobody now, once; its id and what the endpoint made of it."""
        message = f"msg_{fresh()}"
        async with self._theirs(id_, Verb.UPDATE) as (permit, rows, one):
            body = exact.dumps({"type": TEST, "timestamp": moment(rows.now), "data": {"webhook": id_}})
            headers = await webhook_signing.signed(rows, self.feed.seals, id_, message, body)
            rows.audit([self._event(permit, Verb.UPDATE, id_, rows.now)])
        reply = await self.feed.hook.post(webhook_forms.terms(one), headers, body, TIMEOUT, JSON)
        return message, reply

    async def deliveries(self, id_: str, before: int, count: int) -> tuple[Subscribed, list[Entry]]:
        """Messages with numbers below one, the newest first, under today's leave and that of when it was asked for."""
        async with self._theirs(id_, Verb.READ) as (permit, rows, one):
            heard = await rows.logged(permit_of(one, self.desk.charter), id_, before, count)
            seen = {h.number for h in await rows.logged(permit, id_, before, count) if h.seen}
            heard = [h if h.number in seen else h.unnamed() for h in heard]
            came = await webhooks.came_of(rows, id_, heard)
            rows.audit(disclosed(permit, id_, heard, rows.now, self.visit.door))
            rows.audit([self._event(permit, Verb.READ, id_, rows.now)])
        return one, [Entry(heard=h, came=came[h.number]) for h in heard]

    async def replay(self, id_: str, body: Mapping[str, Json]) -> int:
        """Send again what was delivered or given up; how many. Raises NOT_FOUND for a message that is not there."""
        await self._permitted(Verb.UPDATE, id_)
        async with self._theirs(id_, Verb.UPDATE) as (permit, rows, one):
            number, since = webhook_forms.replayed(id_, body)
            if one.status != Standing.ACTIVE:
                what = "the webhook is disabled"
                raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, (), "Set its status to active first."),))
            if number and not await webhooks.is_there(rows, id_, number):
                raise Problem(Trouble.NOT_FOUND, "This webhook has no such delivery.")
            count = await webhooks.again(rows, id_, number=number, since=since)
            await rows.call(NOTIFY, id_, rows.now, anew=True)
            rows.audit([self._event(permit, Verb.UPDATE, id_, rows.now)])
            return count

    # what they share

    async def _permitted(self, verb: Verb, id_: str = "") -> Permit:
        return await subscription_leave.permitted(self.desk, self.visit, verb, id_)

    @asynccontextmanager
    async def _at(self, id_: str, verb: Verb) -> AsyncIterator[tuple[Permit, FeedRows, Subscribed]]:
        """One transaction about a webhook that is there for the caller. Raises NOT_FOUND, GONE."""
        permit = await self._permitted(verb, id_)
        try:
            async with self.feed.store.asked(permit) as rows:
                yield permit, rows, _there(permit, await rows.subscription(id_))
        except Problem as problem:
            await subscription_leave.told(self.desk, self.visit, permit, verb, problem, id_)
            raise

    @asynccontextmanager
    async def _theirs(self, id_: str, verb: Verb) -> AsyncIterator[tuple[Permit, FeedRows, Subscribed]]:
        """The same about one's own. Raises REFUSED to who only sees it."""
        async with self._at(id_, verb) as (permit, rows, one):
            if not own(permit, one):
                raise not_yours()
            yield permit, rows, one

    async def _must_reach(self, url: str) -> None:
        try:
            await self.feed.hook.must_reach(url)
        except Problem as problem:
            faults = tuple(replace(fault, where=("url",)) for fault in problem.faults)
            raise Problem(problem.trouble, problem.detail, faults) from None

    async def _known(self, rows: FeedRows, key: Key | None) -> Subscribed | None:
        """What the same key made before."""
        known = await webhooks.remembered(rows, holder(self.visit), key.key) if key else None
        if known is None or key is None:
            return None
        digest, id_ = known
        key.must_be_of(digest)
        return await rows.subscription(id_)

    def _owned(
        self, permit: Permit, said: Mapping[str, Json], now: int, id_: str, before: Subscribed | None
    ) -> Subscribed:
        """The webhook as it shall be stored, in the name of who writes it now."""
        return owned(
            permit,
            now,
            before,
            id=id_,
            status=webhook_forms.standing(said).value,
            base="",
            dialect="",
            expires=now + self.feed.days * DAY,
            channel=WEBHOOK,
            body=webhook_forms.kept(said),
        )

    def _event(self, permit: Permit, verb: Verb, id_: str, now: int) -> tuple[object, ...]:
        return event(self.visit, permit, verb, id_, now)


def _there(permit: Permit, one: Subscribed | None) -> Subscribed:
    """A webhook that is there for the caller."""
    if one is None or one.channel != WEBHOOK or not visible(permit, one):
        raise Problem(Trouble.NOT_FOUND)
    if one.deleted:
        raise Problem(Trouble.GONE)
    return one
