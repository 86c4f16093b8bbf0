"""The entrance: a name, a password and perhaps a code become an account, or nothing that tells why not."""

import secrets
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

from auth.sign_in import codes
from auth.sign_in.lockout import Door
from auth.sign_in.passwords import Passwords
from auth.sign_in.records import Accounts, Login
from auth.sign_in.seals import Seals

TOTP = "totp"
"""The purpose under which secrets of authenticator apps are sealed."""


class Came(StrEnum):
    """What came of a try."""

    IN = "in"
    CODE_DUE = "code-due"
    ENROL_DUE = "enrol-due"
    WRONG = "wrong"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a try. `why` is for the audit alone; `login` is there when the account is known.

    `wait` is in seconds.
    """

    came: Came
    why: str = ""
    login: Login | None = None
    wait: int = 0


class Entrance:
    """`now` gives milliseconds since 1970 UTC; `never` are passwords that open nothing here."""

    def __init__(
        self,
        kept: Accounts,
        passwords: Passwords,
        seals: Seals,
        now: Callable[[], int],
        never: AbstractSet[str] = frozenset(),
    ) -> None:
        self._kept, self._passwords, self._seals, self._now, self._never = kept, passwords, seals, now, never
        self.door = Door(kept)

    async def by_password(self, name: str, password: str, address: str) -> Outcome:
        """A name and a password. Whatever is wrong with them, the answer and the work are the same."""
        login = name.strip().casefold()
        wait = await self.door.charge(login, address, self._now())
        known = await self._kept.find(login)
        if wait:
            return Outcome(came=Came.WAIT, why="locked-out", login=known, wait=wait)
        right = await self._passwords.right(known.password if known else "", password)
        if known is None or not right or not known.active or password in self._never:
            return Outcome(came=Came.WRONG, why=_why(known, right=right), login=known)
        await self._renew(known, password)
        if known.totp or known.must_use_totp:
            return Outcome(came=Came.CODE_DUE if known.totp else Came.ENROL_DUE, login=known)
        await self.door.forgive(login, address)
        return Outcome(came=Came.IN, login=known)

    async def by_code(self, login: str, stamp: str, code: str, address: str) -> Outcome:
        """The code, after the password was right for the account of this stamp."""
        known = await self._kept.find(login)
        wait = await self.door.charge(login, address, self._now())
        if wait:
            return Outcome(came=Came.WAIT, why="locked-out", login=known, wait=wait)
        if known is None or known.stamp != stamp or not known.active:
            return Outcome(came=Came.WRONG, why="changed", login=known)
        if not await self._spent(known, codes.spoken(code)):
            return Outcome(came=Came.WRONG, why="code", login=known)
        await self.door.forgive(login, address)
        return Outcome(came=Came.IN, login=known)

    async def enrol(self, login: Login, secret: str, code: str) -> tuple[Login, tuple[str, ...]] | None:
        """Tie an authenticator app to an account: the account with a new stamp, and its recovery codes, told once.

        None for a wrong code.
        """
        step = codes.step_of(secret, codes.spoken(code), self._now())
        if step is None:
            return None
        changed = replace(login, totp=self._seals.closed(TOTP, {"secret": secret}), stamp=new_stamp())
        recovery = codes.new_recovery()
        await self._kept.put(changed)
        await self._kept.spend_step(login.login, step)
        await self._kept.put_recovery(login.login, [codes.digest(login.login, one) for one in recovery])
        await self._kept.close_all(login.login)
        return changed, recovery

    async def _spent(self, known: Login, code: str) -> bool:
        sealed = self._seals.opened(TOTP, known.totp)
        step = codes.step_of(sealed["secret"], code, self._now()) if sealed else None
        if step is not None:
            return await self._kept.spend_step(known.login, step)
        return await self._kept.spend_recovery(known.login, codes.digest(known.login, code))

    async def _renew(self, known: Login, password: str) -> None:
        """Keep the password as today's parameters want it."""
        if self._passwords.old(known.password):
            await self._kept.rehash(known.login, known.password, await self._passwords.hashed(password))


def new_stamp() -> str:
    """A stamp that no session has."""
    return secrets.token_hex(16)


def _why(known: Login | None, *, right: bool) -> str:
    if known is None:
        return "unknown"
    if not right:
        return "password"
    return "inactive" if not known.active else "made-up"
