"""Amounts that can be compared: how much drink a day, whatever unit it is written in.

Sources: UCUM 2.1 (litre, millilitre, day, hour) and the ways in which plans write them. A unit that is not in the table
is not guessed at: the amount is not compared, and its entry is listed as not machine-checked.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

LITRES: Mapping[str, Decimal] = {
    **dict.fromkeys(("l", "litre", "litres", "liter", "liters", "ltr", "ltrs"), Decimal(1)),
    **dict.fromkeys(("ml", "mls", "millilitre", "millilitres", "milliliter", "milliliters", "cc"), Decimal("0.001")),
    **dict.fromkeys(("dl", "decilitre", "decilitres"), Decimal("0.1")),
    **dict.fromkeys(("cl", "centilitre", "centilitres"), Decimal("0.01")),
}
"""How many litres one of a unit is."""
PER_DAY: Mapping[str, int] = {
    **dict.fromkeys(("d", "day", "24h", "24 h", "24 hours", "24hours", "24 hrs", "24hrs", "24 hr"), 1),
    **dict.fromkeys(("h", "hour", "hr"), 24),
}
"""How often a day holds a span of time."""
_PER = re.compile(r"\s*(?:/|\bper\b|\ba\b|\bin\b|\beach\b|\bevery\b)\s*|\s+(?=daily$)")


def litres(amount: Any, times: int = 0) -> Decimal | None:
    """Litres a day that a Quantity says; `times`: how often a day an amount without a span is given (0: it is the
    day's whole). None for what is no volume.
    """
    unit, _, span = _split(str(amount.get("unit", "")))
    if unit not in LITRES or (span and span not in PER_DAY):
        return None
    often = PER_DAY[span] if span else times or 1
    return Decimal(amount["value"]) * LITRES[unit] * often


def _split(unit: str) -> tuple[str, str, str]:
    folded = " ".join(unit.lower().replace("daily", "/ day").split())
    head, *rest = _PER.split(folded, maxsplit=1)
    return head.strip(), "/", rest[0].strip() if rest else ""


def words(quantity: Any) -> str:
    """A Quantity as people say it: `1.5 L/d`."""
    return f"{quantity['value']} {quantity.get('unit', '')}".strip()
