"""Rates: the figures of a measure as rows that people read. Plain values; how they are drawn is rates_picture.

A small number is not shown, and the row says so; it is never drawn as nought.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from api.pages.care.wording import ROLES, label, sentence

GROUPS: Final = {
    "estate": "Estate",
    "hospital": "Hospital",
    "month": "Month",
    "urgency": "Urgency",
    "role": "Receiving role",
    "agency": "Agency",
    "agency_from": "Asks",
    "agency_to": "Is asked",
}
"""The words of a group, by the names that the API gives them, in the order in which they are read."""
FEW: Final = "Not shown: fewer than 5"
_NUMBERS: Final = frozenset({"total", "count", "value", "low", "high", "curve", "suppressed"})
_AGENCIES: Final = frozenset({"hospital", "agency", "agency_from", "agency_to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One figure. `group`: its words as people read them; `value`, `low`, `high`: as they were told, None for none.

    `share`: they are shares of 1, shown as per cent. `curve`: of waits, (hours, share that still waits).
    """

    group: tuple[str, ...]
    share: bool
    total: int | None = None
    count: int | None = None
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    more: tuple[tuple[str, str], ...] = ()
    curve: tuple[tuple[int, Decimal], ...] = ()
    suppressed: bool = False

    @property
    def name(self) -> str:
        """What it is of."""
        return ", ".join(filter(None, self.group)) or "All"

    @property
    def shown(self) -> str:
        """The value in words."""
        return self.said(self.value)

    @property
    def interval(self) -> str:
        """From where to where the true value may well lie."""
        return f"{self.said(self.low)} to {self.said(self.high)}" if self.low is not None else ""

    def said(self, number: Decimal | None) -> str:
        """A number in the unit of the measure."""
        if number is None:
            return ""
        if not self.share:
            return f"{number:f}"
        rounded = (number * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return f"{rounded}".removesuffix(".0") + "%"


def rates(measure: Mapping[str, Any], names: Mapping[str, str]) -> list[Rate]:
    """The figures of a measure as the API tells them. `names`: of the agencies, by their ids."""
    share = str(measure["unit"]).startswith("share")
    return [_rate(one, share=share, names=names) for one in measure["figures"]]


def columns(measure: Mapping[str, Any]) -> list[str]:
    """The names of the columns of groups."""
    spelled = {"from": "agency_from", "to": "agency_to"}
    return [GROUPS[spelled.get(name, name)] for name in _ordered(spelled.get(name, name) for name in measure["by"])]


def _ordered(names: Iterable[str]) -> list[str]:
    there = set(names)
    return [name for name in GROUPS if name in there]


def _rate(one: Mapping[str, Any], *, share: bool, names: Mapping[str, str]) -> Rate:
    def decimal(name: str) -> Decimal | None:
        return Decimal(str(one[name])) if one.get(name) not in (None, "") else None

    return Rate(
        group=tuple(word(name, str(one[name]), names) for name in _ordered(one)),
        share=share,
        total=one.get("total"),
        count=one.get("count"),
        value=decimal("value"),
        low=decimal("low"),
        high=decimal("high"),
        more=tuple((label(name), str(said)) for name, said in one.items() if name not in _NUMBERS | GROUPS.keys()),
        curve=tuple((int(step["hours"]), Decimal(str(step["waiting"]))) for step in one.get("curve", ())),
        suppressed=bool(one.get("suppressed")),
    )


def word(name: str, said: str, names: Mapping[str, str]) -> str:
    """A word of a group as people read it."""
    if not said:
        return "Not known"
    if name in _AGENCIES:
        return names.get(said, said)
    if name == "month":
        return f"{date.fromisoformat(f'{said}-01'):%B %Y}"
    if name == "role":
        return ROLES.get(said) or sentence(said)
    return f"Estate {said}" if name == "estate" else sentence(said)


def top(rows: Sequence[Rate]) -> Decimal:
    """The end of the scale on which all of these have room: 1 for shares, else a round number."""
    if all(one.share for one in rows):
        return Decimal(1)
    most = max((one.value for one in rows if one.value is not None), default=Decimal(1))
    sizes = (Decimal(size * 10**power) for power in range(12) for size in (1, 2, 5))
    return next(size for size in sizes if size >= most)
