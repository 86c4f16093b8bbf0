"""What is kept of accounts and sessions, and the protocol of whoever keeps it. Moments: milliseconds since 1970 UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from auth.server.parties import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An account as it is kept. `login` is its folded name; one from a provider is `PROVIDER:SUB`.

    `password` is an argon2id hash, empty when there is none; `totp` a sealed secret, empty before enrolment. `stamp` is
    random and new whenever who the account is, what it may do or how it is proved changes: a session of an older stamp
    is none.
    """

    login: str
    account: Account
    stamp: str
    password: str = ""
    active: bool = True
    must_use_totp: bool = False
    totp: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept, with its account as that is now."""

    login: Login
    stamp: str
    begun: int
    seen: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How often it failed in a row, when last, and until when the next try has to wait."""

    failures: int
    last: int
    until: int


class Accounts(Protocol):
    """Who keeps accounts, sessions and tallies."""

    async def find(self, login: str) -> Login | None:
        """An account by its name."""

    async def of_subject(self, agency: str, subject: str) -> Sequence[Login]:
        """The accounts of somebody of an agency, by name."""

    async def every(self) -> Sequence[Login]:
        """All accounts by name."""

    async def add(self, login: Login) -> bool:
        """Keep a new account; False, and nothing is done, when the name is taken."""

    async def put(self, login: Login) -> None:
        """Keep an account as it is now, in place of what was kept of it."""

    async def rehash(self, login: str, old: str, new: str) -> None:
        """Keep another hash of the same password, unless the password was changed meanwhile."""

    async def remove(self, login: str) -> bool:
        """Forget an account with its sessions and codes; False when there is none."""

    async def spend_step(self, login: str, step: int) -> bool:
        """Use up the code of a time step; False when that one, or a later one, was used before."""

    async def put_recovery(self, login: str, digests: Sequence[str]) -> None:
        """The recovery codes of an account, in place of those that it had."""

    async def spend_recovery(self, login: str, digest: str) -> bool:
        """Use up a recovery code; False when there is no such one."""

    async def open(self, digest: str, login: str, stamp: str, now: int) -> None:
        """Keep a session by the digest of its token."""

    async def session(self, digest: str) -> Kept | None:
        """A session, whatever its age."""

    async def touch(self, digest: str, now: int) -> None:
        """A session was used."""

    async def close(self, digest: str) -> None:
        """Forget a session."""

    async def close_all(self, login: str) -> None:
        """Forget all sessions of an account."""

    async def sweep(self, begun: int, seen: int) -> None:
        """Forget sessions that begun before the one moment or were last seen before the other."""

    async def tally(self, key: str) -> Tally | None:
        """What is kept of failures under a key."""

    async def swap(self, key: str, old: Tally | None, new: Tally) -> bool:
        """Keep a tally in place of `old`; False, and nothing is done, when that is not what is there."""

    async def forgive(self, key: str) -> None:
        """Forget the failures under a key."""
