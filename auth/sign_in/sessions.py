"""Sessions: who has signed in, proved by a random token in a cookie; only its digest is kept.

Sources: NIST SP 800-63B-4 section 5, OWASP ASVS 5.0 chapter 7. A session ends when nobody uses it, after its longest
time, by sign-out, and at once when its account is locked, removed or changed.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from auth.sign_in.records import Accounts, Login

TOKEN_BYTES = 32
TOUCH_MS = 60_000
"""A session that is in use is written down again at most this often."""


@dataclass(frozen=True, slots=True)
class Session:
    """A live session: its token, its account, and when it began (milliseconds since 1970 UTC)."""

    token: str
    login: Login
    begun: int


class Sessions:
    """`idle` and `longest` are in milliseconds; `now` gives milliseconds since 1970 UTC."""

    def __init__(self, kept: Accounts, now: Callable[[], int], *, idle: int, longest: int) -> None:
        self._kept, self._now, self._idle, self._longest = kept, now, idle, longest

    async def begin(self, login: Login) -> Session:
        """A new session, under a token that nobody has seen before; those that are over are forgotten."""
        now, token = self._now(), secrets.token_urlsafe(TOKEN_BYTES)
        await self._kept.sweep(now - self._longest, now - self._idle)
        await self._kept.open(_digest(token), login.login, login.stamp, now)
        return Session(token, login, now)

    async def find(self, token: str, *, used: bool = True) -> Session | None:
        """The live session of a token. `used`: somebody does something in it, so that it goes on."""
        if not token:
            return None
        key, now = _digest(token), self._now()
        kept = await self._kept.session(key)
        if kept is None:
            return None
        over = now - kept.seen > self._idle or now - kept.begun > self._longest
        if over or not kept.login.active or kept.stamp != kept.login.stamp:
            await self._kept.close(key)
            return None
        if used and now - kept.seen > TOUCH_MS:
            await self._kept.touch(key, now)
        return Session(token, kept.login, kept.begun)

    async def end(self, token: str) -> None:
        """Sign out."""
        await self._kept.close(_digest(token))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
