"""The registry of contradiction rules, and what they find: a new rule is one function in plan/rules and one row here.

What no rule can read is listed as not machine-checked, so that no finding never reads as no contradiction.
Source: docs/coordination.md, section 4.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import ValidationError

from plan.kinds import KINDS
from plan.known import HOUSE, Entry, Known
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
    read = readable(known)
    for row in RULES:
        if row.since <= today and (row.until is None or today <= row.until):
            found = {(hit.mark, frozenset(side.id for side in hit.sides)): hit for hit in row.find(read, row.given)}
            yield from ((row, hit) for hit in found.values())


def readable(known: Known) -> Known:
    """What rules are shown: the entries that have the form of their kind. An EHR may have left out what it needs."""
    return replace(known, entries={id_: entry for id_, entry in known.entries.items() if is_whole(entry)})


def is_whole(entry: Entry) -> bool:
    """Whether an entry has the form of its kind; what has no form is taken as it is."""
    kind = KINDS.get(entry.kind)
    if kind is None or entry.agency == HOUSE:
        return True
    try:
        kind.form.model_validate(dict(entry.body))
    except ValidationError:
        return False
    return True
