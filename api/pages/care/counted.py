"""Which changes of the feed are counted as changes: those that somebody made, not those that follow from them.

An entry that is written makes new versions of its section's and of the plan's own record, which list it.
"""

from collections.abc import Collection, Iterable
from typing import Final

from plan.model import Change, Section

_AGGREGATES: Final = frozenset({"plan", "section"})


def counted(changes: Iterable[Change]) -> list[Change]:
    """Those that somebody made, in their order. What is written of a section alone is one: its summary was changed."""
    there = list(changes)
    made = {(one.at, one.section) for one in there if one.kind not in _AGGREGATES}
    return [one for one in there if not _follows(one, made)]


def _follows(change: Change, made: Collection[tuple[int, Section]]) -> bool:
    if change.kind == "section":
        return change.version == 1 or (change.at, change.section) in made
    return change.kind == "plan"
