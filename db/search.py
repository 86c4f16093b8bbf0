"""A query and a permit as one statement: what may be seen, what was asked, in which order, from where on."""

from db.conditions import COLUMNS, Of, entries
from db.sight import Look, Sql
from db.values import LAST
from plan.query import Query, Sort

PAGE_SECONDS = 1.2
"""How long the statements of a page may take together."""
OPEN_END = 2**62
_WORDS = ("code", f"'{LAST}'")
_SORTED = {
    "token": _WORDS,
    "string": _WORDS,
    "reference": _WORDS,
    "date": ("low", str(OPEN_END)),
    "number": ("low", f"'{LAST}'"),
}
"""By which column a family is sorted, and what stands in for a value that is missing: it comes after all others."""


def statement(look: Look, query: Query, face: str) -> Sql:
    """The page of `query`, one row more than its count: person, section, id, type, version, at, slot, the face and the
    sort keys.
    """
    of = _of(look, query)
    (tables, found), (where, values) = entries(look, of, query.conditions)
    keys = [_key(sort, of.prefix) for sort in _order(query)]
    select = ", ".join(f"{sql} as k{i}" for i, (sql, _) in enumerate(keys))
    bound = [value for _, wanted in keys for value in wanted]
    inner = f"""select e.person_id, e.section, e.id, e.type, e.version, e.updated, e.slot, e.{face}, {select}
        from {tables} where {where}"""
    after, after_values = _after(query)
    order = ", ".join(f"k{i}{' desc' if sort.descending else ''}" for i, sort in enumerate(_order(query)))
    text = f"select * from ({inner}) page where {after} order by {order} limit ?"
    return text, (*bound, *found, *values, *after_values, query.count + 1)


def count(look: Look, query: Query) -> Sql:
    """How many entries match."""
    of = _of(look, query)
    (tables, found), (where, values) = entries(look, of, query.conditions)
    return f"select count(*) from {tables} where {where}", (*found, *values)


def _of(look: Look, query: Query) -> Of:
    types = query.types or (query.type,)
    return Of(look.prefix(types[0]), types, query.persons)


def _order(query: Query) -> tuple[Sort, ...]:
    """The keys of the order; the last is always the id, so that no two entries stand equal."""
    asked = query.sort or (Sort("_lastUpdated", "date", descending=True),)
    return (*asked, Sort("_id", "token", descending=asked[-1].descending))


def _key(sort: Sort, prefix: str) -> Sql:
    """Of several values the one that comes first in the order that was asked for (search.html 3.1.1.5.1)."""
    column = COLUMNS.get(sort.param)
    if column:
        return f"e.{column}", ()
    value, missing = _SORTED[sort.family]
    first = "max" if sort.descending else "min"
    text = f"""coalesce((select {first}(s.{value}) from {prefix}search_{sort.family} s
        where s.person_id = e.person_id and s.entry_id = e.id and s.param = ?), {missing})"""
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
