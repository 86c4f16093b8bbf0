"""Passwords: what is taken, how they are kept, and how they are checked without holding up anybody else.

Sources: NIST SP 800-63B-4 section 3.1.1 (length, no composition rules, a list of common ones, normalisation), RFC 9106
section 4 (argon2id, second recommended option: 3 passes over 64 MiB with 4 lanes).
"""

import asyncio
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from auth.sign_in.common import COMMON
from plan.problem import Problem, Trouble

Done = TypeVar("Done")

SHORTEST, LONGEST = 12, 128
"""How many characters a password has. Longer ones are refused, not cut."""
AT_ONCE = 2
"""How many hashes are made at the same time: each takes 64 MiB and a core or more."""
WAITING = 64
"""How many more may wait for theirs; who comes then is told to try again."""
OURS = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def faults(password: str, *own: str) -> Iterator[str]:
    """What is wrong with a new password, a sentence each. `own` are words of the account that it may not be."""
    folded = _folded(password)
    if len(folded) < SHORTEST:
        yield f"The password must have at least {SHORTEST} characters."
    if len(password) > LONGEST or len(folded) > LONGEST:
        yield f"The password must have at most {LONGEST} characters."
    plain = folded.casefold().replace(" ", "")
    if plain in COMMON or len(set(plain)) <= 2 or plain in {word.casefold().replace(" ", "") for word in own}:  # noqa: PLR2004 - one or two characters over and over
        yield "The password is one of those that are tried first. Choose another."


class Passwords:
    """Hashes and checks, in threads of their own.

    A check against no hash does the same work as any other, so that nobody learns by time which accounts there are.
    """

    def __init__(self, hasher: PasswordHasher = OURS, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(at_once, "password")
        self._room = at_once + waiting
        self._nobody = ""

    async def hashed(self, password: str) -> str:
        """What is kept of a password. Raises Problem(THROTTLED) when too many wait."""
        return await self._run(self._hasher.hash, _folded(password))

    async def right(self, kept: str, password: str) -> bool:
        """Whether it is the password; never for an empty `kept`. Raises Problem(THROTTLED) when too many wait."""
        self._nobody = self._nobody or await self.hashed("nobody has this password")
        fits = len(password) <= LONGEST
        found = await self._run(self._verified, kept or self._nobody, _folded(password) if fits else "")
        return found and bool(kept) and fits

    def old(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _verified(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., Done], *given: str) -> Done:
        if self._room <= 0:
            raise Problem(Trouble.THROTTLED, "Too many people are signing in just now.", headers={"Retry-After": "5"})
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*given))
        finally:
            self._room += 1


def _folded(password: str) -> str:
    """One form for the characters that keyboards and systems write in several."""
    return unicodedata.normalize("NFKC", password)
