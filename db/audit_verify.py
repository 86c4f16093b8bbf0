"""Whether the audit is as it was written: every chain from its start to its end, and all of them against the anchors.

Works beside a running service: anchors are read first, so what they saw must be there. Nothing is held in memory but
one page, the links that are broken (a few of each chain), and the anchors.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from db.audit_anchors import Anchors, when
from db.audit_chain import FORM, link_hash
from db.engine import Database, Row, columns

Tell = Callable[[str], None]

REMOVED = ("D", "AuditEvent")
"""Action and type of the event in which retention says that it removed links; its target is `chain/number`."""
_PAGE = 2000
_LEAST, _MOST = -(2**63), 2**63 - 1
_LOOKED_AT = 20
"""So many broken links of one chain are looked at closely: which were only moved, and where one event was put in."""
_EVENTS_LOOKED_AT = 50
_NEXT = """select min(id) from (select min(id) as id from audit_chain where id > ?
    union all select min(chain) from audit_event where chain > ?) both_of_them"""
_ROW = "select form, start, hash from audit_chain where id = ?"
_PLACE = columns("audit_event").index("number")


@dataclass(slots=True)
class Counts:
    """What was looked at, and how much of it is not as it was written."""

    chains: int = 0
    links: int = 0
    events: int = 0
    faults: int = 0


@dataclass(slots=True)
class Link:
    """A link as it stands; `before` is the hash that stands in the link before it."""

    number: int
    before: str
    events: Sequence[Row]

    @property
    def hash(self) -> str:
        """The hash that its first event has."""
        hash_: str = self.events[0][-1]
        return hash_


class Stretch(NamedTuple):
    """A chain from its start to some link: the link before the first one, the hash of that, the last one."""

    chain: str
    start: int
    hash: str
    until: int = _MOST


@dataclass(slots=True)
class _Seen:
    """What became clear on the way: retention's own events, where chains begin, what the anchors miss, by line."""

    removals: set[str] = field(default_factory=set)
    starts: dict[str, int] = field(default_factory=dict)
    chains: set[str] = field(default_factory=set)
    missing: dict[int, int] = field(default_factory=dict)


async def verify(database: Database, anchors: Anchors | None, tell: Tell) -> Counts:
    """Look at everything; every fault is told in a sentence. Raises Unavailable."""
    counts, seen = Counts(), _Seen()

    def fault(sentence: str) -> None:
        counts.faults += 1
        tell(sentence)

    known = anchors or Anchors()
    for sentence in known.faults:
        fault(sentence)
    async for chain in _chains(database):
        counts.chains += 1
        seen.chains.add(chain)
        await _chain(database, chain, known, seen, counts, fault)
    for chain in sorted({*known.seen} - seen.chains):
        _cut_off(chain, 0, known, seen, fault)
    _begins(known if anchors else None, seen, fault)
    _older(known, seen, fault)
    return counts


async def _chain(database: Database, chain: str, known: Anchors, seen: _Seen, counts: Counts, fault: Tell) -> None:
    rows = await database.rows(_ROW, (chain,))
    form, start, hash_ = rows[0] if rows else (FORM, 0, "")
    if not rows:
        fault(f"Chain {chain} was never opened: all its events were put in, or its row was taken out.")
    if form != FORM:
        fault(f"Chain {chain} has a form that this version does not know ({form}).")
    if start:
        seen.starts[chain] = start
    broken: list[Link] = []
    last, anew = start, False
    async for link in checked(database, Stretch(chain, start, hash_), broken, fault):
        counts.links += 1
        counts.events += len(link.events)
        seen.removals.update(event[11] for event in link.events if (event[8], event[10]) == REMOVED)
        anew = anew or _sealed_anew(chain, link, known, fault)
        last = link.number
    for sentence in told(chain, broken):
        fault(sentence)
    _cut_off(chain, last, known, seen, fault)


def _sealed_anew(chain: str, link: Link, known: Anchors, fault: Tell) -> bool:
    hash_, line = known.seen.get(chain, {}).get(link.number, (link.hash, 0))
    if hash_ != link.hash:
        what = f"has another hash than the anchor of {when(known.moments[line])} saw: it was sealed anew."
        fault(f"Chain {chain}, link {link.number} {what}")
    return hash_ != link.hash


async def checked(database: Database, whole: Stretch, broken: list[Link], fault: Tell) -> AsyncIterator[Link]:
    """The links of a chain, those that are not as they were written also in `broken`; gaps are told at once."""
    chain, start, before, until = whole
    expected = start + 1
    async for number, events in _links(database, chain, until):
        link = Link(number, before, events)
        if number <= start:
            fault(f"Chain {chain}, link {number} stands before the chain begins: it was put in.")
            continue
        if number > expected:
            what = f"{_span(expected, number - 1)} missing{' at its start' if expected == start + 1 else ''}."
            fault(f"Chain {chain}: {what}")
        elif not _holds(chain, link):
            broken.append(link)
            if len(broken) > _LOOKED_AT:
                fault(_changed(chain, broken.pop()))
        yield link
        before, expected = link.hash, number + 1


def told(chain: str, broken: Sequence[Link]) -> list[str]:
    """What happened to the broken links of a chain, in sentences."""
    moved = _moved(chain, [link for link in broken if len(link.events) <= _EVENTS_LOOKED_AT])
    if any(place != number for number, place in moved.items()):
        away = {number: place for number, place in moved.items() if place != number}
        was = ", ".join(f"{place} at {number}" for number, place in sorted(away.items()))
        rest = [link for link in broken if link.number not in moved]
        return [f"Chain {chain}: links were moved, there stands {was}.", *told(chain, rest)]
    return [_put_in(chain, link) or _changed(chain, link) for link in broken]


def _moved(chain: str, broken: Sequence[Link]) -> dict[int, int]:
    """Which of the broken links are as they were written, but elsewhere or beside one that is: where they belong."""
    hashes = {link.hash for link in broken}
    found = {}
    for link in broken:
        for place in broken:
            befores = hashes | {place.before}
            if any(link_hash(before, chain, place.number, link.events) == link.hash for before in befores):
                found[link.number] = place.number
    return found


def _put_in(chain: str, link: Link) -> str | None:
    """Whether the link is whole without one of its events, or without those that have another hash."""
    for more in link.events if len(link.events) <= _EVENTS_LOOKED_AT else ():
        rest = [event for event in link.events if event is not more]
        if rest and link_hash(link.before, chain, link.number, rest) == rest[0][-1]:
            return f"Chain {chain}, link {link.number}: the event {more[1]} was put in."
    return None


def _changed(chain: str, link: Link) -> str:
    what = "what it says and what was before it do not give its hash: an event was changed, added or taken out."
    return f"Chain {chain}, link {link.number}: {what}"


def _holds(chain: str, link: Link) -> bool:
    alike = all(event[-1] == link.hash for event in link.events)
    return alike and link_hash(link.before, chain, link.number, link.events) == link.hash


def _cut_off(chain: str, last: int, known: Anchors, seen: _Seen, fault: Tell) -> None:
    """What the anchors saw of a chain and is not there, though retention has not taken it."""
    kept = {
        n: line for n, (_, line) in known.seen.get(chain, {}).items() if n > max(last, known.retained.get(chain, 0))
    }
    if not kept:
        return
    for line in kept.values():
        seen.missing[line] = seen.missing.get(line, 0) + 1
    most = max(kept)
    moment = when(known.moments[kept[most]])
    if last:
        fault(f"Chain {chain} ends at link {last}, but the anchor of {moment} saw link {most}: its end was cut off.")
    else:
        fault(f"Chain {chain} is gone, but the anchor of {moment} saw its link {most}: it was taken out whole.")


def _begins(known: Anchors | None, seen: _Seen, fault: Tell) -> None:
    """Whether every start that was moved was moved by retention: the anchors say so, or else retention's own events."""
    for chain, start in seen.starts.items():
        if known and start > known.retained.get(chain, 0):
            fault(
                f"Chain {chain} begins after link {start}, and no anchor says that retention did that: it was cut off."
            )
        elif not known and f"{chain}/{start}" not in seen.removals:
            fault(
                f"Chain {chain} begins after link {start}, and no event says that retention did that: it was cut off."
            )


def _older(known: Anchors, seen: _Seen, fault: Tell) -> None:
    """Whether the database is whole, but as it was at an earlier anchor."""
    told_in: dict[int, int] = {}
    for numbers in known.seen.values():
        for _, line in numbers.values():
            told_in[line] = told_in.get(line, 0) + 1
    first = min(seen.missing, default=len(known.moments))
    later = [line for line in told_in if line >= first]
    if later and all(seen.missing.get(line) == told_in[line] for line in later):
        moment = when(known.moments[first])
        fault(f"All that the anchors saw from {moment} on is missing: this is an older copy, or all since was cut off.")


async def _chains(database: Database) -> AsyncIterator[str]:
    """The names of all chains, of those too that only events or only their own row tell of."""
    if await database.rows("select 1 from audit_event where chain = '' limit 1"):
        yield ""
    last = ""
    while (last := (await database.rows(_NEXT, (last, last)))[0][0]) is not None:
        yield last


async def _links(database: Database, chain: str, until: int) -> AsyncIterator[tuple[int, Sequence[Row]]]:
    """The links of a chain in order, each with all its events; the columns of an event are those of the table."""
    sql = f"select {', '.join(columns('audit_event'))} from audit_event where chain = ? and number"
    after, full = _LEAST, True
    while full and after <= until:
        rows = await database.rows(f"{sql} between ? and ? order by number limit {_PAGE}", (chain, after, until))
        full = len(rows) == _PAGE
        whole = [row for row in rows if row[_PLACE] != rows[-1][_PLACE]] if full else rows
        if full and not whole:
            whole = await database.rows(f"{sql} = ?", (chain, rows[0][_PLACE]))
        for number, events in groupby(whole, itemgetter(_PLACE)):
            yield number, list(events)
            after = number + 1


def _span(first: int, last: int) -> str:
    return f"link {first} is" if first == last else f"links {first} to {last} are"
