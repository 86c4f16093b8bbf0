"""Stays in hospital as the rules ask of them: which one is open, when it ends, and whether it ends at home.

Source of the destinations: NHS Data Model and Dictionary, DISCHARGE DESTINATION (19, 29 and no code at all: a home).
"""

from collections.abc import Iterator
from typing import Any

from plan.known import Entry, Known
from plan.rules.spans import Spell, said

OPEN = frozenset({"planned", "arrived", "in_hospital", "on_leave"})
ELSEWHERE = frozenset(
    {"30", "37", "38", "40", "42", "48", "49", "50", "51", "52", "53", "54", "55", "56", "65", "66"}
    | {"79", "84", "85", "87", "88", "89"}
)
"""Hospitals, care homes, hospices, custody, and those who died."""


def opened(known: Known) -> Iterator[Entry]:
    """The stays that have not ended."""
    for stay in known.of("stay"):
        if stay.body.get("status") in OPEN and "discharged" not in stay.body:
            yield stay


def homeward(known: Known) -> Iterator[Entry]:
    """The stays that have not ended and from which the person goes home."""
    yield from (stay for stay in opened(known) if _code(stay) not in ELSEWHERE)


def _code(stay: Entry) -> str:
    return str((stay.body.get("destination") or {}).get("code", ""))


def leaving(stay: Entry, known: Known) -> Spell | None:
    """When the discharge is planned, as precisely as it is known."""
    return said(stay.body.get("planned_discharge"), known.zone)


def home(stay: Entry) -> str:
    """What a stay says of its end."""
    planned: Any = stay.body.get("planned_discharge")
    return f"discharge planned for {planned}" if planned else "no discharge planned yet"
