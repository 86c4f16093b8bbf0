"""The gate of a discharge: whether somebody can go home now, and if not, what is missing and from whom.

It is computed whenever somebody asks, from what is known to whoever asks, and stored nowhere as truth; it names the
versions of the entries that it was computed from. Source: coordination scenarios D1, D2, D3, D5 and D8.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from plan.discharge_facts import Stay
from plan.discharge_items import DONE, Held, State, entries, items
from plan.discharge_table import span
from plan.known import Entry, Known
from plan.model import Json, Section

_DECIDING = ("contact", "housing", "equipment", "risk")
"""The kinds beside the stay and its items that say which items apply."""


class GateState(StrEnum):
    """UNKNOWN: the hospital's feed has been silent, so nobody can say."""

    READY = "ready"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The gate at a moment, milliseconds since 1970 UTC.

    `items`: every item; `open` and `stale`: the codes of those that hold it. `reasons`: why it is not ready, as
    `open`, `stale`, `blocked:ITEM`, `finding:RULE`, `feed_silent:AGENCY`, `no_planned_discharge`, `closed:WHY`.
    `evaluated_on`: what it was computed from, as `Type/id/_history/version`.
    """

    state: GateState
    at: int
    open: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    evaluated_on: tuple[str, ...] = ()
    items: tuple[Held, ...] = field(default=(), repr=False)


def gate(known: Known, stay: Stay, at: int | None = None) -> Gate:
    """How the gate of a stay stands, now or as it stood at a moment since."""
    held = items(known, stay, at)
    holding = [one for one in held if one.blocking and one.state not in DONE]
    stale = tuple(dict.fromkeys(one.code for one in holding if one.state is State.STALE))
    open_ = tuple(dict.fromkeys(one.code for one in holding if one.state is not State.STALE))
    when = known.now if at is None else at
    silent = [*_silent(known, stay, when)]
    reasons = [*silent, *_reasons(stay, holding), *(f"finding:{one.body.get('rule')}" for one in findings(known, stay))]
    return Gate(
        state=GateState.UNKNOWN if silent else GateState.NOT_READY if reasons else GateState.READY,
        at=when,
        open=open_,
        stale=stale,
        reasons=tuple(dict.fromkeys(reasons)),
        evaluated_on=tuple(versioned(one) for one in _evaluated(known, stay)),
        items=tuple(held),
    )


def at_departure(known: Known, stay: Stay) -> Gate:
    """How the gate stood when the person left, or stands now: as it is kept, for everybody who reads `transitions`."""
    return told(known, gate(known, replace(stay, closed=""), stay.left))


def told(known: Known, one: Gate) -> Gate:
    """A gate for everybody who reads `transitions`: what they may not see has its part in it, and is not named."""
    shown = {versioned(entry) for entry in known.entries.values() if _is_shared(entry)}
    rules = {f"finding:{entry.body.get('rule')}" for entry in known.of("finding") if not _is_shared(entry)}
    return replace(
        one,
        evaluated_on=tuple(version for version in one.evaluated_on if version in shown),
        reasons=tuple(dict.fromkeys("finding" if reason in rules else reason for reason in one.reasons)),
    )


def _is_shared(entry: Entry) -> bool:
    return entry.section is Section.TRANSITIONS and entry.restriction is None


def findings(known: Known, stay: Stay) -> list[Entry]:
    """The contradictions about a stay that are open and hold its discharge back."""
    found = known.of("finding")
    holding = (one for one in found if one.body.get("severity") == "blocking" and one.body.get("status") == "open")
    return [one for one in holding if _names(one.body, stay.reference)]


def is_silent(known: Known, stay: Stay, at: int) -> bool:
    """Whether the hospital's feed has not been heard of for too long; one that never had a feed is not silent."""
    heard = known.feeds.get(stay.hospital)
    return heard is not None and at - heard >= span("feed_silent", at)


def versioned(entry: Entry) -> str:
    """A version of an entry, as FHIR refers to it."""
    return f"{entry.reference}/_history/{entry.version}"


def _silent(known: Known, stay: Stay, at: int) -> Iterator[str]:
    if is_silent(known, stay, at):
        yield f"feed_silent:{stay.hospital}"


def _reasons(stay: Stay, holding: list[Held]) -> Iterator[str]:
    if stay.closed:
        yield f"closed:{stay.closed}"
    elif stay.planned is None:
        yield "no_planned_discharge"
    for one in holding:
        yield f"blocked:{one.code}" if one.state is State.BLOCKED else str(one.state)


def _evaluated(known: Known, stay: Stay) -> Iterator[Entry]:
    yield stay.entry
    yield from entries(known, stay)
    yield from findings(known, stay)
    yield from known.of(*_DECIDING)


def _names(value: Json, reference: str) -> bool:
    if isinstance(value, Mapping):
        return any(_names(part, reference) for part in value.values())
    if isinstance(value, list):
        return any(_names(part, reference) for part in value)
    return bool(value == reference)
