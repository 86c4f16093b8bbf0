"""How the audit is chained: every link's hash is made from the one before and from all that its events say.

One process has as many chains as it writes at the same time, so nobody waits for a common head: a head is taken for one
transaction and given back after it. Whoever cannot be sure how a transaction ended does not give it back, and a new
chain is begun; the old one just ends there. The text that is hashed says how long each column is before it says them
all, so no two sets of events have the same; lengths count characters, as Python and PostgreSQL both do.
"""

import os
import secrets
import socket
import time
from collections.abc import Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple

Event = Sequence[Any]
"""The columns of audit_event in the order of the table; the first 17 are what happened, then chain, number, hash."""

FORM = 1
"""The form that links are written in now. An event with other columns needs another number and chains of its own."""
SAID = 17
"""How many columns of an event say what happened."""
_KEY = itemgetter(0, 1)
_REST = 3600.0
"""Seconds after which a head that nobody needed is left alone: retention may take whole chains that have ended."""


class Head(NamedTuple):
    """Where a chain ends: its last link's number, from 1, and hash; 0 and empty before the first."""

    chain: str
    number: int = 0
    hash: str = ""

    def row(self) -> tuple[Any, ...]:
        """The row of audit_chain of a chain that begins now."""
        return (self.chain, FORM, time.time_ns() // 1_000_000, OPENER, 0, "")


OPENER = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
"""Which machine and process this is; no two are alike, though every container's first process is number 1."""


class Chains:
    """The heads of one process that nobody is using; the one that was used last is used first, so that few are."""

    def __init__(self) -> None:
        self._free: list[tuple[float, Head]] = []

    def take(self) -> Head:
        """A head that is the caller's until it is given back."""
        if self._free:
            since, head = self._free.pop()
            if time.monotonic() - since < _REST:
                return head
            self._free.clear()  # those below have rested longer
        return Head(secrets.token_hex(8))

    def give(self, head: Head) -> None:
        """Where the chain ends for certain."""
        self._free.append((time.monotonic(), head))


def linked(head: Head, events: Sequence[Event]) -> tuple[Head, list[tuple[Any, ...]]]:
    """The next link: the head after it, and its events with their last three columns. `events`: one or more.

    Raises UnicodeEncodeError for text that no database keeps.
    """
    number = head.number + 1
    made = Head(head.chain, number, link_hash(head.hash, head.chain, number, events))
    return made, [(*event[:SAID], *made) for event in events]


def link_hash(before: str, chain: str, number: int, events: Sequence[Event]) -> str:
    """The hash of a link, in hex. `before` is the hash of the link before it."""
    ordered = sorted(events, key=_KEY) if len(events) > 1 else events
    place, parts = (chain, str(number)), [beginning(before)]
    for event in ordered:
        found = (event[0], event[12], "1" if event[13] else "0", event[14])
        values = (*shared(event), *place, *found)
        parts += (lengths(values), ":", *values)
    return sha256("".join(parts).encode()).hexdigest()


def beginning(before: str) -> str:
    """What the text of a link begins with."""
    return f"{len(before)}:{before}"


def shared(event: Event) -> tuple[str, ...]:
    """What all events of one request have in common: it comes first in the text of each."""
    return (event[1], str(event[2]), *event[3:12], event[15], event[16])


def lengths(values: Sequence[str]) -> str:
    """The lengths of some words, in characters."""
    return ",".join(map(str, map(len, values)))
