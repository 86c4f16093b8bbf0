"""Service: the running whole, made once at start and handed to every request."""

import logging
import time
from dataclasses import dataclass, field

from api.authorization import opened as authorization
from api.desk import Desk
from api.feed import Feed
from api.feed_hook import Hook, Terms
from api.mail_server import Sender
from api.settings import Settings
from api.sign_in import SignIn, secret_of
from api.streams import Streams
from auth.keys import Keys
from auth.server.parties import Requests
from auth.server.requests import Waitings
from auth.server.server import Server
from auth.tokens import Tokens
from db import reindexing, wall
from db.clock import Clock
from db.engine import Database, opened
from db.store import Store
from db.watched import Watched
from fhir_facade import index
from fhir_facade.resources import DIRECTORY
from plan.charter import ROWS, Charter, as_table, charter, from_table

DUE = (
    "Entries are here that were written for another set of search parameters: searches may miss them."
    " Run `oneplan db reindex`; the service may run meanwhile."
)


BLIND = (
    "The worker would see nobody's news: name its role in ONEPLAN_WORKER_DATABASE (docs/operations.md),"
    " or leave the work to another process with ONEPLAN_FEED_WORKER=false."
)


@dataclass(slots=True)
class Readiness:
    """What the database last said of itself: believed until then, by the counter of this process; whether the schema
    is right.
    """

    until: float = 0.0
    schema: bool = False


@dataclass(slots=True)
class Service:
    """What a request needs: the desk, the tokens, the settings, and the database to look after.

    `everybody`: the database as the worker sees it. Nothing that a request asks goes there.
    `requests` are the apps' authorization requests that wait for a decision.
    """

    settings: Settings
    database: Database
    everybody: Database
    desk: Desk
    clock: Clock
    tokens: Tokens
    keys: Keys
    feed: Feed
    server: Server
    sign_in: SignIn
    requests: Requests
    streams: Streams = field(default_factory=Streams)
    readiness: Readiness = field(default_factory=Readiness)


def milliseconds() -> int:
    """Now, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


async def started(settings: Settings) -> Service:
    """Open everything. Raises CharterError, Unavailable or ValueError with a sentence when the service cannot start."""
    rows = from_table(settings.charter.read_text("utf-8")) if settings.charter else ROWS
    agreed = charter(rows)
    issuers = settings.trusted()
    keys = Keys(issuers)
    database: Database = Watched(await opened(settings.database))
    await _must_be_walled(database, settings)
    everybody = await opened(settings.worker_database) if settings.worker_database else database
    await _record(database, agreed, as_table(rows))
    if await reindexing.due(database, index.version()):
        logging.getLogger(__name__).warning(DUE)
    clock = Clock(database)
    await clock.look()
    desk = Desk(Store(database, clock, DIRECTORY), agreed, settings.identity_systems)
    hook = Hook(Terms(settings.feed_origins, settings.feed_loopback))
    limit, days = settings.max_subscriptions, settings.subscription_days
    secret = secret_of(settings)
    mail, look = mail_sender(settings), clock.look
    feed = desk.feed = Feed(desk, everybody, hook, limit=limit, days=days, secret=secret, look=look, mail=mail)
    server = authorization.opened(settings, database, desk)
    tokens = Tokens(issuers, keys, own=server)
    server.forget = tokens.forget

    def now() -> int:
        return desk.store.clock()

    sign_in = SignIn(settings, database, now)
    return Service(settings, database, everybody, desk, clock, tokens, keys, feed, server, sign_in, Waitings(server))


def mail_sender(settings: Settings) -> Sender | None:
    """Where mails go out, when a server is named."""
    server = settings.mail_server.get_secret_value()
    return Sender(server, settings.mail_from, settings.base_url, settings.mail_link) if server else None


async def _must_be_walled(database: Database, settings: Settings) -> None:
    """Refuse in production a role that row-level security does not hold; say so elsewhere."""
    gap = await wall.gap(database)
    if gap and settings.production:
        await database.close()
        raise ValueError(gap)
    if gap:
        logging.getLogger(__name__).warning(gap)


async def must_see_everybody(service: Service) -> None:
    """Insist that the worker sees whose news it is to spread. Raises ValueError with what to set."""
    if not await wall.sees_everybody(service.everybody):
        raise ValueError(BLIND)


async def _record(database: Database, agreed: Charter, table: str) -> None:
    """Keep every charter that was ever in force, so that a decision can be read again under its own."""
    if not await database.rows("select 1 from charter where version = ?", (agreed.version,)):
        async with database.transaction() as transaction:
            await transaction.change({}, {"charter": [(agreed.version, milliseconds(), table)]})


async def stopped(service: Service) -> None:
    """Let go of everything."""
    await service.feed.hook.close()
    await service.keys.close()
    await service.sign_in.close()
    await service.server.keys.close()
    await service.database.close()
    if service.everybody is not service.database:
        await service.everybody.close()
