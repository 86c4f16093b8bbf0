"""Streams that are open: how many one session may have, so that no browser runs out of connections, nor the service.

A browser keeps six connections to a host under HTTP/1.1; each open stream takes one of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from anyio import Event

MOST: Final = 3
"""The most streams of one holder. Another ends the oldest: what is looked at last is what is read."""


@dataclass(slots=True, eq=False)
class Stream:
    """One stream. `over`: that it ends, whoever says so; `ousted`: another took its place."""

    over: Event
    ousted: bool = False


class Streams:
    """The streams of one service, by whose they are."""

    def __init__(self) -> None:
        self._open: dict[str, list[Stream]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    @contextmanager
    def held(self, holder: str, over: Event) -> Iterator[Stream]:
        """A stream of somebody's, until the end of the block."""
        own, there = Stream(over), self._open.setdefault(holder, [])
        there.append(own)
        for old in there[:-MOST]:
            old.ousted = True
            old.over.set()
        try:
            yield own
        finally:
            there.remove(own)
            if not there:
                self._open.pop(holder, None)
