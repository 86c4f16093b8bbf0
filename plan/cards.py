"""What a record system is told of a plan before anybody opens it: how much needs somebody, how badly, and nothing else.

Counts and severities only: the card stands on a screen that the plan's own rules do not reach. Source: CDS Hooks 2.0
(a summary of less than 140 characters, an indicator of three).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from plan.attention import SEVERITIES

INDICATORS: Final[Mapping[str, str]] = {"critical": "critical", "high": "warning", "medium": "info", "low": "info"}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "ask": ("unacknowledged social-care concern", "unacknowledged social-care concerns"),
    "finding": ("contradiction in the plan", "contradictions in the plan"),
    "": ("other thing to do", "other things to do"),
}
"""What is counted by itself, in this order; all else is counted together."""


class Counted(NamedTuple):
    """A card: its summary, its indicator, and how many there are of each severity in words."""

    summary: str
    indicator: str
    detail: str


def card(items: Iterable[tuple[str, str]]) -> Counted | None:
    """What is said of these, each a kind and a severity of plan.attention; None when nothing needs anybody."""
    listed = list(items)
    if not listed:
        return None
    kinds = Counter(kind if kind in _WORDS else "" for kind, _ in listed)
    severities = Counter(severity for _, severity in listed)
    said = [f"{kinds[kind]} {words[kinds[kind] > 1]}" for kind, words in _WORDS.items() if kinds[kind]]
    worst = next(one for one in SEVERITIES if severities[one])
    levels = ", ".join(f"{severities[one]} {one}" for one in SEVERITIES if severities[one])
    return Counted(", ".join(said), INDICATORS[worst], f"By severity: {levels}.")
