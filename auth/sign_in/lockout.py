"""Guessing gets slow: every try waits longer than the one before, for an account and for an address.

A try is charged before the password is looked at, so that many at once gain nothing, and forgiven when it was right.
Nothing here depends on whether the account exists. Source: NIST SP 800-63B-4 section 3.2.2 (at most 100 in a row).
"""

from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from auth.sign_in.records import Accounts, Tally

_SECOND = 1000
_LOSSES = 8
"""How often a tally is written again when others write it too; then the try has to wait like any other."""


class Terms(NamedTuple):
    """How many failures are free, the first and the longest wait, how many in a row there may be at all, and after how
    long without a try all is forgotten. Times in seconds.
    """

    free: int
    first: int
    longest: int
    most: int
    forget: int


ACCOUNT = Terms(free=5, first=2, longest=15 * 60, most=100, forget=24 * 3600)
ADDRESS = Terms(free=50, first=2, longest=5 * 60, most=10_000, forget=15 * 60)
"""A hospital or a council is often one address, so an address has more room."""


def charged(tally: Tally | None, terms: Terms, now: int) -> Tally:
    """The tally with one failure more. The wait doubles with each failure beyond the free ones."""
    known = 0 if tally is None or now - tally.last > terms.forget * _SECOND else tally.failures
    failures = known + 1
    return Tally(failures, now, now + _wait(failures, terms) * _SECOND)


def _wait(failures: int, terms: Terms) -> int:
    if failures < terms.free:
        return 0
    if failures >= terms.most:
        return terms.forget
    return min(terms.first << min(failures - terms.free, 32), terms.longest)


class Door:
    """What a try has to pass before its password is looked at: its account's tally and its address's."""

    def __init__(self, kept: Accounts) -> None:
        self._kept = kept

    async def charge(self, login: str, address: str, now: int) -> int:
        """Charge a try; 0 when it may go on, else how many seconds it has to wait. A try that waits is not charged."""
        for key, terms in _keys(login, address):
            wait = await self._charge(key, terms, now)
            if wait:
                return wait
        return 0

    async def forgive(self, login: str, address: str) -> None:
        """It was right: the account is free of failures, and the address has this try back."""
        (of_login, _), (of_address, _) = _keys(login, address)
        await self._kept.forgive(of_login)
        await self.refund(of_address)

    async def pardon(self, login: str) -> None:
        """Free an account of its failures."""
        await self._kept.forgive(account_key(login))

    async def refund(self, key: str) -> None:
        """Take one failure back."""
        for _ in range(_LOSSES):
            tally = await self._kept.tally(key)
            if tally is None or not tally.failures:
                return
            if await self._kept.swap(key, tally, replace(tally, failures=tally.failures - 1, until=tally.last)):
                return

    async def _charge(self, key: str, terms: Terms, now: int) -> int:
        for _ in range(_LOSSES):
            tally = await self._kept.tally(key)
            if tally and tally.until > now:
                return -((now - tally.until) // _SECOND)
            if await self._kept.swap(key, tally, charged(tally, terms, now)):
                return 0
        return 1


def account_key(login: str) -> str:
    """Under which key an account's failures stand: no name, as people type passwords where names belong."""
    return f"login:{sha256(login.encode()).hexdigest()}"


def network(address: str) -> str:
    """Whom an address stands for: of IPv6 the whole /64, which is one customer's."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return f"{IPv6Address(int(known) >> 64 << 64)}/64" if isinstance(known, IPv6Address) else str(known)


def _keys(login: str, address: str) -> tuple[tuple[str, Terms], tuple[str, Terms]]:
    return (account_key(login), ACCOUNT), (f"address:{network(address)}", ADDRESS)
