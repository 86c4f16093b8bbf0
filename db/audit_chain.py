"""How the audit is chained: every link's hash is made from the one before and from all that its events say.

One process has as many chains as it writes at the same time, so nobody waits for a common head: a head is taken for one
transaction and given back after it. Whoever cannot be sure how a transaction ended does not give it back, and a new
chain is begun; the old one just ends there. The text that is hashed is the netstrings (`length:value`) of the columns,
so no two sets of events have the same; lengths count characters, which Python and PostgreSQL do alike.
"""

import os
import secrets
import socket
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

Event = Sequence[Any]
"""The columns of audit_event in the order of the table; the first 17 are what happened, then chain, number, hash."""

FORM = 1
"""The form that links are written in now. An event with other columns needs another number and chains of its own."""
SAID = 17
"""How many columns of an event say what happened."""
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


OPENER = f"{socket.gethostname()}:{os.getpid()}"
"""Which machine and process this is."""


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
    place = netstrings((chain, str(number)))
    ordered = sorted(events, key=lambda event: (event[0], event[1])) if len(events) > 1 else events
    parts = [netstrings((before,))]
    for event in ordered:
        parts += (fixed(event), place, _varying(event))
    return sha256("".join(parts).encode()).hexdigest()


def fixed(event: Event) -> str:
    """What all events of one request have in common, written out."""
    return netstrings((event[1], str(event[2]), *event[3:12], event[15], event[16]))


def netstrings(values: Sequence[str]) -> str:
    """`length:value` one after the other. Joined, not formatted: an enumeration's word counts, not its name."""
    return "".join([part for value in values for part in (str(len(value)), ":", value)])


def _varying(event: Event) -> str:
    return netstrings((event[0], event[12], "1" if event[13] else "0", event[14]))
