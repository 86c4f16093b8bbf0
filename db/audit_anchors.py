"""Anchors: where all chains of the audit ended at a moment, written down where nobody who rules the database writes.

An anchor is one line of JSON: when (`at`, milliseconds since 1970 UTC), `by` which process, how many `links` there
were, a `digest` of all heads, the `heads` that are new since the line before (chain: number and hash), the chains that
are `gone`, what `retention` has `retained` away (chain: number of the last link that may be missing), and the hash of
the line before (`previous`, empty in the first). `whole` lines name all heads, not only new ones. `torn`: before this
line stands the beginning of one whose writer died.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from db.audit_chain import Head
from db.engine import Database

_HEADS = """select c.id, e.number, min(e.hash) from audit_chain c join audit_event e on e.chain = c.id
    and e.number = (select max(m.number) from audit_event m where m.chain = c.id) group by c.id, e.number"""


async def heads(database: Database) -> dict[str, Head]:
    """Where every chain that has a link ends. Raises Unavailable."""
    return {row[0]: Head(*row) for row in await database.rows(_HEADS)}


async def starts(database: Database) -> dict[str, int]:
    """Of the chains whose first links are not kept: the last of those."""
    return {row[0]: row[1] for row in await database.rows("select id, start from audit_chain where start > 0")}


class Anchors:
    """What the lines of one file, or of one receiver, tell; they are read in order.

    `seen`: of every chain the heads that were ever told, by number, each with its hash and the place of its line in
    `moments`. `faults`: what is wrong with the lines themselves, in sentences.
    """

    def __init__(self) -> None:
        self.moments: list[int] = []
        self.seen: dict[str, dict[int, tuple[str, int]]] = {}
        self.retained: dict[str, int] = {}
        self.faults: list[str] = []
        self.heads: dict[str, Head] = {}
        self.last = ""
        self._unread = ""
        self._last_of: dict[str, str] = {}
        self._digest = ""

    def read(self, lines: Iterable[bytes]) -> "Anchors":
        """All lines of a file."""
        for line in lines:
            self.add(line.rstrip(b"\n"))
        if self.moments and self._digest != digest(self.heads):
            self.faults.append(f"Anchor {len(self.moments)} does not fit the heads that the anchors name.")
        return self

    def add(self, line: bytes) -> None:
        """The next line; one that its sender repeated, and an empty one, tell nothing."""
        own = sha256(line).hexdigest()
        if not line or own in self._last_of.values():
            return
        try:
            told = _checked(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            self._unclear(torn=False)
            self._unread = f"The line after anchor {len(self.moments)} cannot be read: {line[:40]!r}."
            return
        self._unclear(torn=told["torn"])
        n = len(self.moments) + 1
        if told["previous"] not in (self.last, self._last_of.get(told["by"], "")):
            self.faults.append(f"Anchor {n} does not follow from the one before: lines were changed or taken out.")
        for chain, (number, hash_) in told["heads"].items():
            self._head(Head(chain, number, hash_), when(told["at"]))
        for chain in {*self.heads} - {*told["heads"]} if told["whole"] else told["gone"]:
            self.heads.pop(chain, None)
        if told["retention"] or n == 1:
            for chain, number in told["retained"].items():
                self.retained[chain] = max(number, self.retained.get(chain, 0))
        self.moments.append(told["at"])
        self.last = self._last_of[told["by"]] = own
        self._digest = told["digest"]

    def _unclear(self, *, torn: bool) -> None:
        """A line that nobody can read is a fault when another comes after it that does not know of it."""
        if self._unread and not torn:
            self.faults.append(self._unread)
        self._unread = ""

    def _head(self, head: Head, moment: str) -> None:
        before = self.heads.get(head.chain, head)
        if head.number < before.number or (head.number == before.number and head.hash != before.hash):
            self.faults.append(
                f"Chain {head.chain} went back: the anchor of {moment} saw link {head.number},"
                f" an earlier one had seen link {before.number} with another hash or a higher number."
            )
        self.heads[head.chain] = head
        self.seen.setdefault(head.chain, {}).setdefault(head.number, (head.hash, len(self.moments)))

    def line(
        self, now: Mapping[str, Head], at: int, by: str, retained: Mapping[str, int], *, retention: bool = False
    ) -> bytes | None:
        """The line that comes next, without its end; None when nothing is new.

        `retained` counts in the first line, and in one of a retention, which is always written.
        """
        whole = not self.moments
        new = {chain: head for chain, head in now.items() if self.heads.get(chain) != head}
        gone = sorted({*self.heads} - {*now})
        if not (new or gone or whole or retention):
            return None
        told = {
            "at": at,
            "by": by,
            "links": sum(head.number for head in now.values()),
            "digest": digest(now),
            "heads": {chain: [head.number, head.hash] for chain, head in new.items()},
            "gone": gone,
            "retained": dict(retained) if whole or retention else {},
            "retention": retention,
            "whole": whole,
            "torn": bool(self._unread),
            "previous": self.last,
        }
        return json.dumps(told, separators=(",", ":")).encode()


def digest(now: Mapping[str, Head]) -> str:
    """One hash for all heads."""
    return sha256(
        "".join(f"{chain} {now[chain].number} {now[chain].hash}\n" for chain in sorted(now)).encode()
    ).hexdigest()


def when(moment: int) -> str:
    """A moment for people to read, in UTC."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _checked(told: Any) -> dict[str, Any]:
    """A line whose parts have the right shape; the errors of what has not."""
    when(told["at"])
    for chain, (number, hash_) in told["heads"].items():
        if not (isinstance(number, int) and isinstance(hash_, str)):
            raise TypeError(chain)
    for number in told["retained"].values():
        number + 0
    words = {name: told[name] + "" for name in ("by", "digest", "previous")}
    truths = {name: told[name] is True for name in ("whole", "retention", "torn")}
    return {**told, **words, **truths, "gone": [str(chain) for chain in told["gone"]]}
