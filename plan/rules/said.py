"""What several rules ask of an entry: whose it is, what it is about, which hours it names."""

from typing import Any

from plan.known import Entry

_DAY = 24 * 60


def about(entry: Entry, *topics: str) -> bool:
    """Whether an instruction is about one of these topics."""
    return entry.body.get("topic") in topics


def changes(one: Entry, other: Entry) -> bool:
    """Whether one of two instructions says that it changes the other: it is clear which of them counts."""
    return one.body.get("changes") == other.reference or other.body.get("changes") == one.reference


def who(entry: Entry) -> str:
    """Whose words an entry is, as its author said or else by the agency."""
    for field in ("source", "provider"):
        name = (entry.body.get(field) or {}).get("name")
        if name:
            return str(name)
    return str(entry.agency)


def agency(entry: Entry) -> str:
    """Which agency acts by this entry: the provider that it names, or whose entry it is."""
    reference = str((entry.body.get("provider") or {}).get("reference", ""))
    return reference.removeprefix("Organization/") if reference.startswith("Organization/") else str(entry.agency)


def clock(time: str) -> int:
    """Minutes of the day of `hh:mm`."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def minutes(window: Any) -> frozenset[int]:
    """The minutes of the day in a window, both ends included; one that ends before it starts passes midnight."""
    start, end = clock(window["start"]), clock(window["end"])
    return frozenset(minute % _DAY for minute in range(start, end + 1 + (_DAY if end < start else 0)))
