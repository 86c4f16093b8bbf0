"""A query and a permit as one statement: what may be seen, what was asked, in which order, from where on.

Conditions read the `search_*` tables alone and never open JSON. A query that is bound to people looks only at their
rows; any other starts from the index of its values.
"""

from collections.abc import Callable

from auth.access import Permit
from db.sight import Sql, visible
from plan.query import Condition, Point, Query, Sort, Text, Token, Value, When

OPEN_END = 2**62
_LAST = chr(0x10FFFF)
"""Sorts after every character that text may hold."""
_COLUMNS = {"_id": "e.id", "_lastUpdated": "e.updated"}
_TABLES: dict[type[Value], str] = {
    Token: "search_token",
    Point: "search_reference",
    Text: "search_string",
    When: "search_date",
}
_SORT_TABLES = {
    "token": ("search_token", "min(s.code)", "''"),
    "string": ("search_string", "min(s.code)", "''"),
    "reference": ("search_reference", "min(s.code)", "''"),
    "date": ("search_date", "min(s.low)", str(OPEN_END)),
}


def statement(query: Query, permit: Permit, now: int, *, prefix: str, face: str) -> Sql:
    """The page of `query`, one row more than its count: person, section, id, type, version, at, slot, the sort keys
    and the face. `prefix` names the shelf: empty for people, `directory_` for the directory.
    """
    where, values = _where(query, permit, now, prefix)
    keys = [_key(sort, prefix) for sort in _order(query)]
    select = ", ".join(f"{sql} as k{i}" for i, (sql, _) in enumerate(keys))
    bound = [value for _, wanted in keys for value in wanted]
    inner = f"""select e.person_id, e.section, e.id, e.type, e.version, e.updated, e.slot, e.{face}, {select}
        from {prefix}entry e where {where}"""
    after, after_values = _after(query)
    order = ", ".join(f"k{i}{' desc' if sort.descending else ''}" for i, sort in enumerate(_order(query)))
    text = f"select * from ({inner}) page where {after} order by {order} limit ?"
    return text, (*bound, *values, *after_values, query.count + 1)


def count(query: Query, permit: Permit, now: int, *, prefix: str) -> Sql:
    """How many entries match."""
    where, values = _where(query, permit, now, prefix)
    return f"select count(*) from {prefix}entry e where {where}", values


def _where(query: Query, permit: Permit, now: int, prefix: str) -> Sql:
    parts: list[Sql] = [("e.type = ? and not e.deleted", (query.type,))]
    if not prefix:
        parts.append(visible(permit, now))
    if query.persons:
        parts.append((f"e.person_id in ({_marks(query.persons)})", query.persons))
    parts += [_condition(condition, query, prefix) for condition in query.conditions]
    return " and ".join(sql for sql, _ in parts), tuple(value for _, values in parts for value in values)


def _condition(condition: Condition, query: Query, prefix: str) -> Sql:
    column = _COLUMNS.get(condition.param)
    tests = [_on_column(column, value) if column else _TESTS[type(value)](value) for value in condition.any_of]
    either = " or ".join(f"({sql})" for sql, _ in tests)
    values = tuple(value for _, wanted in tests for value in wanted)
    if column:
        return f"({either})", values
    table = _TABLES[type(condition.any_of[0])]
    whose = f"s.person_id in ({_marks(query.persons)}) and " if query.persons else ""
    text = f"""(e.person_id, e.id) in (select s.person_id, s.entry_id from {prefix}{table} s
        where {whose}s.type = ? and s.param = ? and ({either}))"""
    return text, (*query.persons, query.type, condition.param, *values)


def _on_column(column: str, value: Value) -> Sql:
    if isinstance(value, When):
        sql, values = _when(value)
        return sql.replace("s.low", column).replace("s.high", column), values
    return f"{column} = ?", (value.code if isinstance(value, Token) else "",)


def _token(value: Value) -> Sql:
    assert isinstance(value, Token)
    parts: list[Sql] = []
    if value.code is not None:
        parts.append(("s.code = ?", (value.code,)))
    if value.system is not None:
        parts.append(("s.system = ?", (value.system,)))
    return " and ".join(sql for sql, _ in parts) or "1 = 1", tuple(v for _, values in parts for v in values)


def _point(value: Value) -> Sql:
    assert isinstance(value, Point)
    if value.type is None:
        return "s.code = ?", (value.id,)
    return "s.code = ? and s.system = ?", (value.id, value.type)


def _text(value: Value) -> Sql:
    """Text that begins with the folded words that were asked for: a stretch of the index on every database."""
    assert isinstance(value, Text)
    return "s.code >= ? and s.code < ?", (value.text, value.text + _LAST)


def _when(value: Value) -> Sql:
    """FHIR R4 search.html, date: how the range of the value must lie to the range that was asked for."""
    assert isinstance(value, When)
    low, high = value.low, value.high
    return {
        "eq": ("s.low >= ? and s.high <= ?", (low, high)),
        "ne": ("not (s.low >= ? and s.high <= ?)", (low, high)),
        "gt": ("s.high > ?", (high,)),
        "lt": ("s.low < ?", (low,)),
        "ge": ("(s.high > ? or (s.low >= ? and s.high <= ?))", (high, low, high)),
        "le": ("(s.low < ? or (s.low >= ? and s.high <= ?))", (low, low, high)),
        "sa": ("s.low > ?", (high,)),
        "eb": ("s.high < ?", (low,)),
        "ap": ("s.low <= ? and s.high >= ?", (high, low)),
    }[value.prefix]


_TESTS: dict[type[Value], Callable[[Value], Sql]] = {Token: _token, Point: _point, Text: _text, When: _when}


def _order(query: Query) -> tuple[Sort, ...]:
    """The keys of the order; the last is always the id, so that no two entries stand equal."""
    asked = query.sort or (Sort("_lastUpdated", "date", descending=True),)
    return (*asked, Sort("_id", "token", descending=asked[-1].descending))


def _key(sort: Sort, prefix: str) -> Sql:
    column = _COLUMNS.get(sort.param)
    if column:
        return column, ()
    table, value, missing = _SORT_TABLES[sort.family]
    text = f"""coalesce((select {value} from {prefix}{table} s where s.person_id = e.person_id and s.entry_id = e.id
        and s.param = ?), {missing})"""
    return text, (sort.param,)


def _after(query: Query) -> Sql:
    """Keyset paging: strictly after the last entry of the page before, key by key."""
    if not query.after:
        return "1 = 1", ()
    either: list[str] = []
    values: list[object] = []
    for i, sort in enumerate(_order(query)):
        same = [f"k{j} = ?" for j in range(i)]
        either.append(" and ".join([*same, f"k{i} {'<' if sort.descending else '>'} ?"]))
        values += query.after[: i + 1]
    return f"({' or '.join(f'({part})' for part in either)})", tuple(values)


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" * len(values))
