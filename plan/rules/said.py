"""What several rules ask of an entry: whose it is, what it is about, which hours it names."""

from typing import Any

from plan.known import Entry, Known
from plan.names import author, opening

_DAY = 24 * 60


def about(entry: Entry, *topics: str) -> bool:
    """Whether an instruction is about one of these topics."""
    return entry.body.get("topic") in topics


def changes(one: Entry, other: Entry) -> bool:
    """Whether one of two instructions says that it changes the other: it is clear which of them counts."""
    return one.body.get("changes") == other.reference or other.body.get("changes") == one.reference


def who(entry: Entry, known: Known) -> str:
    """Whose words an entry is: whom its author named, or else the author, as people call them."""
    for field in ("source", "provider"):
        party = entry.body.get(field) or {}
        if party.get("name"):
            return str(party["name"])
        if organization(party):
            return known.called(organization(party))
    return author(known, entry)


def each_says(one: Entry, first: str, other: Entry, second: str, known: Known) -> str:
    """What two entries say that does not fit, in one sentence."""
    return opening(f"{who(one, known)} says {first}, and {who(other, known)} says {second}.")


def agency(entry: Entry) -> str:
    """Which agency acts by this entry: the provider that it names, or whose entry it is."""
    return organization(entry.body.get("provider")) or str(entry.agency)


def organization(party: object) -> str:
    """The agency that a Party is; empty where it is none."""
    reference = str(party.get("reference", "")) if isinstance(party, dict) else ""
    return reference.removeprefix("Organization/") if reference.startswith("Organization/") else ""


def clock(time: str) -> int:
    """Minutes of the day of `hh:mm`."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def minutes(window: Any) -> frozenset[int]:
    """The minutes of the day in a window, both ends included; one that ends before it starts passes midnight."""
    start, end = clock(window["start"]), clock(window["end"])
    return frozenset(minute % _DAY for minute in range(start, end + 1 + (_DAY if end < start else 0)))
