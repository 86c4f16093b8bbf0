"""The rows of subscriptions: who wants to hear of what, as whom, in which version, and all older versions."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from db.engine import Row, Transaction
from plan.model import PersonId

FHIR, WEBHOOK = "fhir", "webhook"
"""The channels: how a subscription is told."""
LISTED = 10_000
"""How many subscriptions a list holds at most: the administrator's; an owner has far fewer."""
_COLUMNS = """s.id, s.version, s.status, s.deleted, s.agency, s.subject, s.role, s.purpose, s.client, s.owner,
    s.patient, s.party, s.scopes, s.base, s.dialect, s.created, s.updated, s.expires, s.events, s.sent, s.failing,
    s.channel, s.fhir, s.body"""
LISTENS = """not s.deleted and (s.status in ('active', 'error') or (s.status = 'requested' and s.sent > 0))"""
"""That a subscription `s` hears of what happens: what is in error, or is asked for another handshake, waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscription as it is stored, in the order of the table. `owner`: whose plan is the owner's own, if any;
    `patient`: the patient of the launch, if any.
    """

    id: str
    version: int
    status: str
    deleted: bool = False
    agency: str
    subject: str
    role: str
    purpose: str
    client: str
    owner: str
    patient: str | None = None
    party: str
    scopes: str
    base: str
    dialect: str
    created: int
    updated: int
    expires: int
    events: int = 0
    sent: int = 0
    failing: int = 0
    channel: str = FHIR
    fhir: str = ""
    body: str = ""


class SubscriptionRows:
    """What is done to subscriptions inside one transaction."""

    def __init__(self, transaction: Transaction, now: int, sharing: str) -> None:
        self.transaction = transaction
        self.now = now
        self.sharing = sharing
        self._events: list[tuple[object, ...]] = []

    async def subscription(self, id_: str) -> Subscribed | None:
        """One subscription, held until the transaction ends; deleted ones too."""
        sql = f"select {_COLUMNS} from subscription s where s.id = ?{self.sharing.format('s')}"
        return _one(await self.transaction.rows(sql, (id_,)))

    async def listed(self, owner: tuple[str, str] | None, channel: str = FHIR) -> list[Subscribed]:
        """The subscriptions of (agency, subject), or of everybody, by one channel, the newest first."""
        whose = "and s.agency = ? and s.subject = ?" if owner else ""
        sql = f"""select {_COLUMNS} from subscription s where not s.deleted and s.channel = ? {whose}
            order by s.created desc, s.id desc limit {LISTED}"""
        return [_read(row) for row in await self.transaction.rows(sql, (channel, *(owner or ())))]

    async def count(self, owner: tuple[str, str]) -> int:
        """How many subscriptions (agency, subject) has, by whatever channel."""
        sql = "select count(*) from subscription s where s.agency = ? and s.subject = ? and not s.deleted"
        return int((await self.transaction.rows(sql, owner))[0][0])

    async def wanting(self, person: PersonId) -> list[Subscribed]:
        """Who may hear of this person: owners who are on the team today, and the person."""
        sql = f"""select {_COLUMNS} from subscription s where {LISTENS} and (s.party = ? or s.party in (
                select tm.party from team_member tm
                where tm.person_id = ? and tm.since <= ? and (tm.until is null or tm.until > ?)))"""
        values = (f"person:{person}", person, self.now, self.now)
        return [_read(row) for row in await self.transaction.rows(sql, values)]

    async def versions(self, id_: str) -> list[tuple[int, int, bool, str]]:
        """Every version, newest first: number, moment, whether it deleted, R4 text."""
        sql = "select version, at, deleted, fhir from subscription_version where id = ? order by version desc"
        return [(row[0], row[1], bool(row[2]), row[3]) for row in await self.transaction.rows(sql, (id_,))]

    async def keep(self, one: Subscribed) -> None:
        """Leave a subscription so, and remember this version of it, where FHIR can ask for it again."""
        version = (one.id, one.version, one.updated, one.deleted, one.fhir)
        versions = [version] if one.channel == FHIR else []
        await self.transaction.change({}, {"subscription": [astuple(one)], "subscription_version": versions})

    async def counted(self, id_: str, events: int) -> None:
        """So many events were sent; that makes no new version."""
        await self.transaction.rows("update subscription set events = ? where id = ?", (events, id_))

    async def sent(self, id_: str) -> None:
        """Something was taken by the endpoint just now."""
        await self.transaction.rows("update subscription set sent = ?, failing = 0 where id = ?", (self.now, id_))

    async def flush(self) -> None:
        """Write the audit down with everything else."""
        events, self._events = self._events, []
        await self.transaction.change({}, {"audit_event": events})


def _one(rows: Sequence[Row]) -> Subscribed | None:
    return _read(rows[0]) if rows else None


def _read(row: Row) -> Subscribed:
    names = Subscribed.__dataclass_fields__
    return Subscribed(**{**dict(zip(names, row, strict=True)), "deleted": bool(row[3])})
