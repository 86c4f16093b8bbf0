"""The search values of an entry as keys of their tables, and which of them come and go with a change."""

from collections.abc import Iterable

from plan.model import IndexRow

MAX_INDEXED = 500
"""The characters of a search value that are kept: an index key has a limit."""
Value = tuple[str, tuple[object, ...]]
"""A search value: its table, and the part of the key that follows person and entry."""


def turned(values: dict[Value, bool], now: Iterable[IndexRow], before: Iterable[IndexRow]) -> dict[Value, bool]:
    """What comes and goes after one more change: what came and goes again is as if it had never been."""
    after, earlier = keyed(now), keyed(before)
    made = dict(values)
    # Not as a set: its order is another each time, and so would be the statement that writes it.
    for value, comes in [(v, True) for v in after if v not in earlier] + [
        (v, False) for v in earlier if v not in after
    ]:
        if made.get(value, comes) is comes:
            made[value] = comes
        else:
            del made[value]
    return made


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
