"""The registry of contradiction rules, and what they find: a new rule is one function in plan/rules and one row here.

What no rule can read is listed as not machine-checked, so that no finding never reads as no contradiction.
Source: docs/coordination.md, section 4.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from plan.known import Known
from plan.rules import allergies, around, fluids, levels, medicines, visits
from plan.rules.rule import Hit, Row, checked

RULES: tuple[Row, ...] = checked(
    sorted(
        (
            *visits.ROWS,
            *medicines.ROWS,
            fluids.ROW,
            *levels.ROWS,
            allergies.ROW,
            *around.ROWS,
        ),
        key=lambda row: row.id,
    )
)
"""In the order of the design, C1 to C20."""


def row(rule: str) -> Row | None:
    """The row of a rule, by its id."""
    return next((row for row in RULES if row.id == rule), None)


def hits(known: Known) -> Iterator[tuple[Row, Hit]]:
    """All that the rules in force find now, each contradiction once."""
    today = datetime.fromtimestamp(known.now / 1000, UTC).astimezone(known.zone).date()
    for row in RULES:
        if row.since <= today and (row.until is None or today <= row.until):
            found = {(hit.mark, frozenset(side.id for side in hit.sides)): hit for hit in row.find(known, row.given)}
            yield from ((row, hit) for hit in found.values())
