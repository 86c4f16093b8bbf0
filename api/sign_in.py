"""Sign-in as the service has it: the parts of auth/sign_in, joined over the database with the server's secret."""

from collections.abc import Callable

from api.settings import Settings
from auth import development
from auth.sign_in.cds_clients import CdsClients
from auth.sign_in.common import DEMONSTRATION
from auth.sign_in.entrance import Entrance
from auth.sign_in.federation import Federation
from auth.sign_in.passwords import Passwords
from auth.sign_in.seals import Seals
from auth.sign_in.sessions import Sessions
from auth.sign_in.smart import Launches
from db.accounts import AccountRows
from db.engine import Database
from plan.problem import Problem, Trouble

MINUTE = 60_000


class SignIn:
    """`now` gives milliseconds since 1970 UTC. Without a secret, in production, nobody can sign in.

    Raises ValueError when a provider is configured twice, or the secret is too short.
    """

    def __init__(self, settings: Settings, database: Database, now: Callable[[], int]) -> None:
        secret = secret_of(settings)
        self.kept = AccountRows(database)
        self.passwords = Passwords()
        self.now = now
        self._seals = Seals(secret, now) if secret else None
        self.sessions = Sessions(
            self.kept, now, idle=settings.sign_in_idle_minutes * MINUTE, longest=settings.sign_in_hours * 60 * MINUTE
        )
        self.federation = Federation(settings.providers, now)
        self.launches = Launches(settings.ehrs, now)
        self.cds_clients = CdsClients(settings.ehrs)
        self._never = frozenset({DEMONSTRATION} if settings.production else ())

    @property
    def is_open(self) -> bool:
        """Whether there is a secret, so that anybody can sign in."""
        return self._seals is not None

    @property
    def seals(self) -> Seals:
        """What closes and opens. Raises Problem(UNAVAILABLE) without a secret."""
        if self._seals is None:
            raise Problem(
                Trouble.UNAVAILABLE, "Nobody can sign in here: the service has no secret (ONEPLAN_AUTH_SECRET)."
            )
        return self._seals

    @property
    def entrance(self) -> Entrance:
        """Where names and passwords are tried. Raises Problem(UNAVAILABLE) without a secret."""
        return Entrance(self.kept, self.passwords, self.seals, self.now, self._never)

    async def close(self) -> None:
        """Let go of threads and connections."""
        await self.federation.close()
        await self.launches.close()
        await self.cds_clients.close()
        self.passwords.close()


def secret_of(settings: Settings) -> bytes:
    """The server's secret: the setting, or outside production one that stays on this machine; empty for none."""
    said = settings.auth_secret.get_secret_value()
    if not said and not settings.production:
        said = development.secret(settings.development_key)
    return said.encode()
