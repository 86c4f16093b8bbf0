"""The authorization server as it is made at start: on the database, under the settings, witnessed by the audit."""

from api.desk import Desk
from api.ids import fresh
from api.settings import Settings
from auth import development
from auth.access import Question
from auth.keys import Keys
from auth.server.ring import Ring
from auth.server.server import Server, Terms
from auth.server.storage import Deed
from db.engine import Database, Note
from db.grants import Grants

DAY = 24 * 3600


def refuse_unready(settings: Settings) -> None:
    """Raise ValueError, with a sentence, when the doors cannot be opened in production under these settings."""
    if settings.production and not settings.auth_secret.get_secret_value():
        raise ValueError("In production ONEPLAN_AUTH_SECRET is needed: 32 characters or more that nobody can guess.")
    if settings.production and not settings.base_url:
        raise ValueError("In production ONEPLAN_BASE_URL is needed: tokens say by it who gave them.")


def opened(settings: Settings, database: Database, desk: Desk) -> Server:
    """The server. Commands work without a secret; what needs a key then says that it cannot be had."""
    storage = Grants(database)

    def now() -> int:
        return desk.store.clock()

    return Server(
        storage=storage,
        ring=Ring(storage, _secret(settings), now),
        keys=Keys(()),
        terms=terms(settings),
        witness=Ledger(desk),
        now=now,
    )


def terms(settings: Settings) -> Terms:
    """The terms that the settings speak of."""
    return Terms(
        issuer=settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}",
        access=settings.token_minutes * 60,
        refresh=settings.refresh_days * DAY,
        grant=max(settings.grant_days, settings.refresh_days) * DAY,
        session=settings.session_hours * 3600,
        registration=settings.registration_token.get_secret_value(),
        origins=settings.key_origins,
    )


def _secret(settings: Settings) -> str:
    said = settings.auth_secret.get_secret_value()
    if said or settings.production:
        return said
    return development.secret(settings.development_key)


class Ledger:
    """What the authorization server did, in the audit, before anybody is told of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, deed: Deed) -> None:
        note = Note(
            id=fresh(),
            at=self._desk.store.clock(),
            subject=deed.subject,
            agency=deed.agency,
            role=deed.role,
            purpose="",
            client=deed.client,
            action="E",
            door="auth",
            type="Token",
            target=f"{deed.what}: {deed.refused}" if deed.refused else deed.what,
            charter=self._desk.charter.version,
            request=deed.request or fresh(),
            refused=Question.TOKEN.value if deed.refused else "",
        )
        await self._desk.store.database.note([note.event(deed.person or "", "", found=False)])
