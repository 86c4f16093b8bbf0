"""The measures a second time: plain Python over the raw feed and its versions, for every day and event by itself.

It shares no code with the service: not its SQL, not its statistics, not its words. Where the service joins sets, this
walks through one life after the other.
"""

import json
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, getcontext
from itertools import pairwise
from typing import Any

getcontext().prec = 50
D = 24 * 60 * 60 * 1000
END = 1 << 60
Key = tuple[str, ...]


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def places(number: Decimal, count: int) -> str:
    return str(number.quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP))


class Life:
    """Everything that was ever written of one person, in the order of the feed."""

    def __init__(self, feed: Sequence[Mapping[str, Any]]) -> None:
        self.past: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for line in feed:
            self.past[line["id"]].append(line)
        self.now = {id_: lines[-1] for id_, lines in self.past.items() if not lines[-1]["deleted"]}

    def kind(self, *kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for id_, line in self.now.items():
            if line["kind"] in kinds:
                yield id_, line

    def at(self, id_: str, moment: int) -> Mapping[str, Any] | None:
        found = None
        for line in self.past[id_]:
            if line["at"] <= moment:
                found = line
        return found

    def spans(self, id_: str) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
        lines = self.past[id_]
        for place, line in enumerate(lines):
            yield line["at"], lines[place + 1]["at"] if place + 1 < len(lines) else END, line

    @property
    def estate(self) -> str:
        found = [line["body"]["parent_uprn"] for _, line in self.kind("housing") if "parent_uprn" in line["body"]]
        return min(found, default="")

    def left(self) -> Iterator[dict[str, Any]]:
        for _, line in self.kind("departure"):
            body = line["body"]
            stay = self.now.get(body["stay"].split("/")[1])
            hospital = stay["body"]["hospital"]["reference"].split("/")[1] if stay else ""
            yield {"at": ms(body["left"]), "hospital": hospital, **body}


def lives(lines: Sequence[Mapping[str, Any]]) -> list[Life]:
    """The feed by person."""
    by: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        by[line["person"]].append(line)
    return [Life(feed) for feed in by.values()]


def minutes(spans: Sequence[tuple[int, int]], low: int, high: int) -> int:
    """Milliseconds between two moments that any span covers: between two neighbouring ends it is all or none."""
    ends = sorted({low, high, *(end for span in spans for end in span if low < end < high)})
    total = 0
    for one, other in pairwise(ends):
        if any(start <= one and other <= end for start, end in spans):
            total += other - one
    return total


def shares(counted: Mapping[Key, list[bool]]) -> dict[Key, tuple[Any, ...]]:
    """Total, count, share and Wilson's interval, by the roots of its quadratic."""
    found: dict[Key, tuple[Any, ...]] = {}
    for key, hits in counted.items():
        n, k, z = len(hits), sum(hits), 1.959963984540054
        a, b, c = 1 + z * z / n, -(2 * k / n + z * z / n), (k / n) ** 2
        root = math.sqrt(max(b * b - 4 * a * c, 0))
        low = 0.0 if k == 0 else (-b - root) / (2 * a)
        high = 1.0 if k == n else (-b + root) / (2 * a)
        found[key] = (n, k, *(places(Decimal(x), 4) for x in (k / n, low, high)))
    return found


def waits(asked: Mapping[Key, list[tuple[int, int, bool]]]) -> dict[Key, tuple[Any, ...]]:
    """Total, unanswered, median and p90 in hours, share inside the clock: one step of the product at each end."""
    found: dict[Key, tuple[Any, ...]] = {}
    for key, questions in asked.items():
        hours = [
            None if t is None else places(Decimal(t) / 3_600_000, 2)
            for t in (_reached([(Decimal(t), e) for t, _, e in questions], share) for share in ("0.5", "0.1"))
        ]
        relative = [(Decimal(took) / max(clock, 1), ended) for took, clock, ended in questions]
        inside = 1 - _left(relative, Decimal(1))
        unanswered = sum(not ended for _, _, ended in questions)
        found[key] = (len(questions), unanswered, *hours, places(inside, 4))
    return found


def _curve(waiting: list[tuple[Decimal, bool]]) -> Iterator[tuple[Decimal, Decimal]]:
    """At each moment at which one ended, the share that waits longer."""
    everyone, ends = sorted(time for time, _ in waiting), sorted(time for time, ended in waiting if ended)
    share = Decimal(1)
    for moment in sorted(set(ends)):
        there = len(everyone) - bisect_left(everyone, moment)
        gone = bisect_right(ends, moment) - bisect_left(ends, moment)
        share = share * (there - gone) / there
        yield moment, share


def _left(waiting: list[tuple[Decimal, bool]], limit: Decimal) -> Decimal:
    """The share that waits longer than a limit."""
    return min((share for moment, share in _curve(waiting) if moment <= limit), default=Decimal(1))


def _reached(waiting: list[tuple[Decimal, bool]], share: str) -> Decimal | None:
    edge = Decimal(share) + Decimal("1e-30")
    return next((moment for moment, left in _curve(waiting) if left <= edge), None)


def score(goals: list[tuple[int, int]]) -> Decimal:
    """T, to a tenth."""
    total = sum(w for w, _ in goals)
    below = (Decimal("0.7") * sum(w * w for w, _ in goals) + Decimal("0.3") * total**2).sqrt()
    return (50 + 10 * sum(w * x for w, x in goals) / below).quantize(Decimal("0.1"), ROUND_HALF_UP)


def read(rows: Sequence[Sequence[Any]]) -> list[Life]:
    """Lives from rows of person, entry, kind, section, at, role, deleted, body, in the order of the feed."""
    names = ("person", "id", "kind", "section", "at", "role", "deleted", "body")
    made = [dict(zip(names, row, strict=True)) for row in rows]
    for line in made:
        line["body"] = json.loads(line["body"])
    return lives(made)
