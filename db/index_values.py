"""Search values as the rows that they become: what is written with an entry, and what differs after a change."""

from collections.abc import Iterable

from plan.model import IndexRow

MAX_INDEXED = 500
"""The characters of a search value that are kept: an index key has a limit."""
Value = tuple[str, tuple[object, ...]]
"""A search value: its table, and the part of the key that follows person and entry."""


def turned(values: dict[Value, bool], now: Iterable[IndexRow], before: Iterable[IndexRow]) -> dict[Value, bool]:
    """What comes and goes after one more change: what came and goes again is as if it had never been."""
    after, earlier = keyed(now), keyed(before)
    left = dict(values)
    for value in after.keys() ^ earlier.keys():
        comes = value in after
        if left.get(value, comes) is comes:
            left[value] = comes
        else:
            del left[value]
    return left


def keyed(rows: Iterable[IndexRow]) -> dict[Value, None]:
    """Search values as table and key; what is too long for an index key is cut."""
    made: dict[Value, None] = {}
    for row in rows:
        if row.family == "date":
            value: tuple[object, ...] = (row.param, row.low, row.high)
        elif row.family == "number":
            units = (row.system[:MAX_INDEXED], row.code[:MAX_INDEXED])
            value = (row.param, *units, row.bottom[:MAX_INDEXED], row.top[:MAX_INDEXED])
        elif row.family == "string":
            value = (row.param, row.code[:MAX_INDEXED])
        else:
            value = (row.param, row.system[:MAX_INDEXED], row.code[:MAX_INDEXED])
        made[f"search_{row.family}", value] = None
    return made
