"""The worker's tables: jobs that are due, whose news is to be spread, what a subscription has still to be told.

Whoever writes to a plan leaves a job `spread` in the same transaction; it is spread under the lock of that very
person, which every writer holds too, so that no change can slip in between reading the feed and forgetting the job.
News of whom nobody wants to hear are forgotten together, by one statement.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from auth.access import Permit
from db.engine import Database, Transaction
from db.rows import change
from db.sight import visible, who
from db.subscriptions import LISTENS, SubscriptionRows
from db.writing import SPREAD
from plan.model import Change, PersonId

LEASE = 120_000
"""Milliseconds after which a taken job is anybody's again: longer than the longest notice takes. No lease is longer:
one that seems to be was taken before the clock was set back, and holds nobody.
"""
FREE = "(j.lease <= ? or j.lease > ?)"
"""That nobody has a job `j` now; its values are now, and the end of the longest lease that could be taken now."""
NOTIFY = "notify"
"""The kind of job that sends a subscription what it has still to be told; its id is the subscription's."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done. `since` and `tries` as the row says."""

    person: PersonId
    kind: str
    id: str
    due: int
    tries: int
    since: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A change that a subscription shall hear of. `seen`: whether its owner may see it now; else it has no name."""

    person: PersonId
    seq: int
    number: int
    at: int
    section: str = ""
    type: str = ""
    entry: str = ""
    action: str = ""
    kind: str = ""

    @property
    def seen(self) -> bool:
        """Whether it may be told."""
        return bool(self.type)

    def unnamed(self) -> "Heard":
        """The same without what it tells of."""
        return Heard(self.person, self.seq, self.number, self.at)


class FeedRows(SubscriptionRows):
    """What the worker does inside one transaction."""

    def __init__(self, transaction: Transaction, now: int, sharing: str) -> None:
        super().__init__(transaction, now, sharing)
        self._skipping = f"{sharing} skip locked" if sharing else ""

    # jobs

    async def take(self, job: Job, lease: int) -> Job | None:
        """Hold a job until `lease`; None when another worker has it, or it is not due any more."""
        sql = f"""select j.person_id, j.kind, j.id, j.due, j.tries, j.since from job j
            where j.person_id = ? and j.kind = ? and j.id = ? and j.due <= ? and {FREE}
            {self._skipping.format("j")}"""
        values = (job.person, job.kind, job.id, self.now, self.now, self.now + LEASE)
        rows = await self.transaction.rows(sql, values)
        if not rows:
            return None
        sql = "update job set lease = ? where person_id = ? and kind = ? and id = ?"
        await self.transaction.rows(sql, (lease, job.person, job.kind, job.id))
        return Job(*rows[0])

    async def holding(self, job: Job) -> bool:
        """Lock a job's row, so that whoever adds to its work comes before or after; False when it is gone."""
        sql = f"""select 1 from job j where j.person_id = ? and j.kind = ? and j.id = ?
            {self.sharing.format("j")}"""
        return bool(await self.transaction.rows(sql, (job.person, job.kind, job.id)))

    async def again(self, job: Job, due: int, *, tries: int = 0) -> None:
        """Let go of a job: it is due at this moment."""
        sql = "update job set due = ?, lease = 0, tries = ? where person_id = ? and kind = ? and id = ?"
        await self.transaction.rows(sql, (due, tries, job.person, job.kind, job.id))

    async def drop(self, job: Job) -> None:
        """A job that is done."""
        await self.transaction.change({"job": [(job.person, job.kind, job.id)]}, {})

    async def call(self, kind: str, id_: str, due: int, *, anew: bool = False) -> None:
        """Have a job of no person done by then, unless it is to wait for a failure's sake; `anew`: in any case."""
        sql = """insert into job (person_id, kind, id, due, lease, tries, since) values ('', ?, ?, ?, 0, 0, 0)
            on conflict (person_id, kind, id) do update set due = excluded.due, tries = 0
            where job.due > excluded.due and (job.tries = 0 or ? = 1)"""
        await self.transaction.rows(sql, (kind, id_, due, int(anew)))

    # spreading

    async def unheard(self, count: int) -> int:
        """Forget the news that are due of people of whom nobody wants to hear, at most so many; how many that were.

        It holds nobody's row. A job that somebody adds to in the meantime stays: who adds to it moves its `due`, so
        that its row, once it is held, is not the one that was looked at (`o`) any more.
        """
        sql = f"""with unheard as materialized (
                select j.person_id, j.kind, j.id from job j
                join job o on o.person_id = j.person_id and o.kind = j.kind and o.id = j.id and o.due = j.due
                where j.due <= ? and {FREE} and j.kind = ? and not exists (
                    select 1 from subscription s where {LISTENS} and (s.party = 'person:' || j.person_id
                    or s.party in (select tm.party from team_member tm where tm.person_id = j.person_id
                        and tm.since <= ? and (tm.until is null or tm.until > ?))))
                order by j.due limit ? {self._skipping.format("j")})
            delete from job where (person_id, kind, id) in (select person_id, kind, id from unheard) returning 1"""
        values = (self.now, self.now, self.now + LEASE, SPREAD, self.now, self.now, count)
        return len(await self.transaction.rows(sql, values))

    async def news(self, person: PersonId) -> int | None:
        """Hold a person and say up to which change their news is spread; None: held by another, or nothing new."""
        sql = f"select 1 from person p where p.person_id = ?{self._skipping.format('p')}"
        if not await self.transaction.rows(sql, (person,)):
            return None
        rows = await self.transaction.rows(
            "select since from job where person_id = ? and kind = ? and id = ''", (person, SPREAD)
        )
        return int(rows[0][0]) if rows else None

    async def changes(self, person: PersonId, since: int, count: int) -> list[tuple[int, Change]]:
        """The changes after one, in order, with their place in it."""
        sql = """select c.seq, c.person_id, c.section, c.entry_id, c.type, c.kind, c.version, c.action, c.at, c.agency,
                c.by_subject, c.by_role, c.by_agency
            from change c where c.person_id = ? and c.seq > ? order by c.seq limit ?"""
        rows = await self.transaction.rows(sql, (person, since, count))
        return [(int(row[0]), change(row[1:])) for row in rows]

    async def reached(self, person: PersonId, seq: int) -> None:
        """Spread up to here; the rest comes in a turn of its own."""
        sql = "update job set since = ?, lease = 0 where person_id = ? and kind = ? and id = ''"
        await self.transaction.rows(sql, (seq, person, SPREAD))

    async def queue(self, pairs: Iterable[tuple[PersonId, int, str]]) -> None:
        """Changes (person, seq) that subscriptions shall hear of; one that is queued already stays as it is."""
        untried = (0, 0, 0, 0, "")
        rows = [(person, id_, seq, "waiting", 0, self.now, *untried) for person, seq, id_ in pairs]
        await self.transaction.change({}, {"delivery": rows})
        for id_ in sorted({row[1] for row in rows}):
            await self.call(NOTIFY, id_, self.now)

    # telling

    async def sending(self, permit: Permit, id_: str, count: int) -> list[Heard]:
        """What has its number and was not taken yet; what may not be told any more has lost its name."""
        where = "d.subscription_id = ? and d.state = 'sending'"
        return await self._heard(permit, where, (id_,), "d.number", count)

    async def told(self, permit: Permit, id_: str, since: int, until: int, count: int) -> list[Heard]:
        """What was sent before, under today's leave."""
        where = """d.subscription_id = ? and d.state in ('sending', 'done', 'dead')
            and d.number between ? and ?"""
        return await self._heard(permit, where, (id_, since, until), "d.number", count)

    async def ready(self, permit: Permit, id_: str, count: int) -> list[Heard]:
        """The same, of what may be tried now, the longest due first."""
        where = "d.subscription_id = ? and d.state = 'sending' and d.due <= ?"
        return await self._heard(permit, where, (id_, self.now), "d.due, d.number", count)

    async def logged(self, permit: Permit, id_: str, before: int, count: int) -> list[Heard]:
        """What has numbers below one, whatever came of it, the newest first, under today's leave."""
        where = "d.subscription_id = ? and d.number >= 1 and d.number < ?"
        return await self._heard(permit, where, (id_, before), "d.number desc", count)

    async def waiting(self, permit: Permit, id_: str, count: int) -> list[Heard]:
        """The oldest of what nobody has asked leave for yet."""
        where = "d.subscription_id = ? and d.state = 'waiting' and d.number = 0"
        return await self._heard(permit, where, (id_,), "d.queued, d.person_id, d.seq", count)

    async def _heard(
        self, permit: Permit, where: str, values: tuple[object, ...], order: str, count: int
    ) -> list[Heard]:
        now_seen, now_values = visible(permit, self.now)
        then_seen, then_values = visible(permit, self.now, alias="c")
        # A wall of the database may leave nothing there of a change but its number.
        sql = f"""select d.person_id, d.seq, d.number, coalesce(c.at, d.queued), c.section, c.type, c.entry_id,
                c.action, c.kind, case when {now_seen} and {then_seen} then 1 else 0 end as seen
            from delivery d
            left join change c on c.person_id = d.person_id and c.seq = d.seq
            left join entry e on e.person_id = c.person_id and e.id = c.entry_id
            where {where} order by {order} limit ?"""
        bound = (*now_values, *then_values, *values, count)
        rows = await self.transaction.rows(sql, bound, who=who(permit, self.now))
        return [Heard(*(row[:9] if row[9] else row[:4])) for row in rows]

    async def number(self, id_: str, heard: Sequence[Heard], first: int) -> None:
        """Give these their numbers, one after the other."""
        sql = """update delivery set state = 'sending', number = ?, due = ?
            where person_id = ? and subscription_id = ? and seq = ?"""
        for number, one in enumerate(heard, first):
            await self.transaction.rows(sql, (number, self.now, one.person, id_, one.seq))

    async def forget(self, id_: str, heard: Iterable[Heard]) -> None:
        """What may not be told leaves no trace."""
        await self.transaction.change({"delivery": [(one.person, id_, one.seq) for one in heard]}, {})

    async def came(self, id_: str, heard: Iterable[Heard], state: str) -> None:
        """What came of these."""
        sql = "update delivery set state = ? where person_id = ? and subscription_id = ? and seq = ?"
        for one in heard:
            await self.transaction.rows(sql, (state, one.person, id_, one.seq))

    async def give_up(self, id_: str) -> None:
        """What is being sent is dead until somebody asks for it again."""
        sql = "update delivery set state = 'dead' where subscription_id = ? and state = 'sending'"
        await self.transaction.rows(sql, (id_,))

    async def resend(self, id_: str, since: int, until: int, states: tuple[str, ...]) -> int:
        """Send again what has these numbers; how many."""
        marks = ", ".join("?" * len(states))
        sql = f"""update delivery set state = 'sending'
            where subscription_id = ? and state in ({marks}) and number between ? and ? returning 1"""
        return len(await self.transaction.rows(sql, (id_, *states, since, until)))

    async def busy(self, id_: str) -> bool:
        """Whether a subscription has anything left to be told."""
        sql = "select 1 from delivery where subscription_id = ? and state in ('waiting', 'sending') limit 1"
        return bool(await self.transaction.rows(sql, (id_,)))

    async def empty(self, id_: str) -> None:
        """Nothing more is told: what waits is forgotten, what was sent stays for $events."""
        sql = "delete from delivery where subscription_id = ? and state = 'waiting'"
        await self.transaction.rows(sql, (id_,))

    async def tidy(self, before: int, count: int) -> int:
        """Forget what was taken long ago, a stretch at a time; how many rows went."""
        sql = """delete from delivery where (person_id, subscription_id, seq) in (
                select person_id, subscription_id, seq from delivery
                where state in ('done', 'withdrawn') and queued < ? limit ?) returning 1"""
        return len(await self.transaction.rows(sql, (before, count)))

    def audit(self, events: Iterable[Sequence[object]]) -> None:
        """Events that become durable with what they tell of."""
        self._events += [tuple(event) for event in events]


class FeedStore:
    """The worker's tables in one database. `everybody`: the same, for the worker, who spreads everybody's news."""

    def __init__(self, database: Database, everybody: Database, clock: Callable[[], int]) -> None:
        self.database = database
        self.everybody = everybody
        self.clock = clock

    async def due(self, now: int, kinds: Sequence[str], count: int) -> list[Job]:
        """Jobs of these kinds that may be taken, the longest due first. Looking holds nothing."""
        marks = ", ".join("?" * len(kinds))
        sql = f"""select j.person_id, j.kind, j.id, j.due, j.tries, j.since from job j
            where j.due <= ? and {FREE} and j.kind in ({marks}) order by j.due limit ?"""
        return [Job(*row) for row in await self.everybody.rows(sql, (now, now, now + LEASE, *kinds, count))]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[FeedRows]:
        """One transaction of the worker, with its audit."""
        async with self.everybody.transaction() as transaction:
            rows = FeedRows(transaction, self.clock(), self.everybody.sharing)
            yield rows
            await rows.flush()

    @asynccontextmanager
    async def asked(self, permit: Permit) -> AsyncIterator[FeedRows]:
        """One transaction of somebody at a door, about their own subscriptions, with its audit."""
        now = self.clock()
        async with self.database.transaction(who(permit, now)) as transaction:
            rows = FeedRows(transaction, now, self.database.sharing)
            yield rows
            await rows.flush()
