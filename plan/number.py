"""Decimal numbers as text whose order is the order of the numbers, so that any database compares them to the digit.

A key is a sign, the exponent and the digits: `p` for zero and more, `n` for less. Below zero everything is turned
round, so that the smaller number is the smaller text. Text must compare by code point (db.tables.WORDS).
"""

from decimal import Decimal

LOWEST = "a"
HIGHEST = "z"
"""Before and after the key of every number: the ends of an open range."""

_BIAS = 5000
"""Added to an exponent, so that it has no sign of its own; no FHIR decimal is longer than its bounds allow."""
_MOST = 4000
_TURNED = str.maketrans("0123456789", "9876543210")


def key(number: Decimal) -> str:
    """The key of a finite number. Raises ValueError for infinity, for what is no number, and beyond 10^+-4000."""
    if not number.is_finite() or (number and abs(number.adjusted()) > _MOST):
        raise ValueError("the number is too large or too small to be compared")
    digits = "".join(map(str, number.as_tuple().digits)).strip("0") if number else ""
    if not digits:
        return "p"
    plain = f"{number.adjusted() + _BIAS:04d}{digits}"
    if number > 0:
        return "p" + plain
    return "n" + plain.translate(_TURNED) + "~"


def before(said: str) -> str:
    """The end of a range that leaves its last number out: after the key of all that is less, before the key `said`."""
    if said == "p":
        return "o"
    if said.startswith("n"):
        return said[:-1] + "}"
    return f"{said[:-1]}{int(said[-1]) - 1}~"
