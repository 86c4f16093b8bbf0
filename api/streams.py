"""Streams that are open: how many one session may have, so that no browser runs out of connections, nor the service.

A browser keeps six connections to a host under HTTP/1.1; each open stream takes one of them.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST: Final = 3
"""The most streams of one holder. Another ends the oldest: what is looked at last is what is read."""


class Streams:
    """The streams of one service, by whose they are."""

    def __init__(self) -> None:
        self._open: dict[str, list[asyncio.Event]] = {}

    def count(self, holder: str) -> int:
        """How many somebody has."""
        return len(self._open.get(holder, ()))

    @contextmanager
    def held(self, holder: str) -> Iterator[asyncio.Event]:
        """A stream of somebody's, until the end of the block; the event that it is to end."""
        own, there = asyncio.Event(), self._open.setdefault(holder, [])
        there.append(own)
        for old in there[:-MOST]:
            old.set()
        try:
            yield own
        finally:
            there.remove(own)
            if not there:
                self._open.pop(holder, None)
