"""Conditions as SQL on an entry: what its values must be, what it must refer to, what must refer to it.

Conditions read the `search_*` tables alone and never open JSON. Every entry on the way, be it only the target of a
chain, is under the permit: what may not be seen is as if it were not there (docs/decisions/0007-one-predicate.md).

There are three ways to look, chosen so that no statement walks through a whole population: a search that is bound to
people looks at their rows alone; any other begins with its rarest condition (`leader`), from the index of its values;
and what is then left to be tested is looked up by the key of the entry.
"""

from dataclasses import dataclass

from db.sight import ONE, Look, Sql
from db.values import EVERYTHING, NOTHING, joined, marks, on_column, table, test
from plan.model import PersonId
from plan.query import Chain, Condition, Has, Point, Text, Token, Value

COLUMNS = {"_id": "id", "_lastUpdated": "updated"}
"""What is no index row but a column of the entry."""
_RARE: tuple[type[Value], ...] = (Point, Chain, Has, Text, Token)
"""The classes of values that a search may begin with, the rarest first."""
_FIRST, _SECOND, _NEVER = -2, -1, 1000


@dataclass(frozen=True, slots=True)
class Of:
    """The entries that conditions are about: where they stand, of which types, and whose when that is known.

    `depth` numbers the aliases: the entry is `e` at the top and `e1`, `e2`, ... below. `found`: the statement around
    leads to single entries already.
    """

    prefix: str
    types: tuple[str, ...]
    persons: tuple[PersonId, ...] = ()
    depth: int = 0
    found: bool = False

    def named(self, letter: str) -> str:
        """An alias of this depth."""
        return f"{letter}{self.depth or ''}"

    @property
    def alias(self) -> str:
        """The alias of the entry."""
        return self.named("e")


def entries(look: Look, of: Of, conditions: tuple[Condition, ...]) -> tuple[Sql, Sql]:
    """What stands after `from` and after `where`: the type, that it may be seen, and all of the conditions.

    Joins are written in the order in which they are to be done: SQLite keeps to it, PostgreSQL knows better.
    """
    e = of.alias
    parts: list[Sql] = [(f"{e}.type in ({marks(of.types)}) and not {e}.deleted", of.types), look.seen(of.prefix, e)]
    if of.persons:
        parts.append((f"{e}.person_id in ({marks(of.persons)})", of.persons))
    tables: Sql = (f"{of.prefix}entry {e}", ())
    first = None if of.found or of.persons else min(conditions, key=leader, default=None)
    keys = _keys(look, of, first) if first and leader(first) < _NEVER else None
    if keys:
        sql, values = keys
        k = of.named("k")
        tables = (f"({sql}) {k} cross join {tables[0]}", values)
        parts.insert(0, (f"{e}.person_id = {k}.person_id and {e}.id = {k}.id", ()))
    left = [condition for condition in conditions if not keys or condition is not first]
    return tables, joined([*parts, *(_condition(look, of, condition) for condition in left)])


def leader(condition: Condition) -> int:
    """How rare what a condition finds is likely to be; the least begins the search."""
    if condition.negated or not condition.any_of or condition.param == "_lastUpdated":
        return _NEVER
    if condition.param == "_id":
        return _FIRST
    if condition.param.startswith("identifier"):
        return _SECOND
    kind = type(condition.any_of[0])
    return _RARE.index(kind) if kind in _RARE else len(_RARE)


def _keys(look: Look, of: Of, condition: Condition) -> Sql | None:
    """The keys of the entries that a condition finds, each once; None for an id in the directory, which is a key."""
    if condition.param == "_id":
        ids = tuple(value.code for value in condition.any_of if isinstance(value, Token))
        if of.prefix or not ids:
            return None
        return f"select w.person_id, w.id from whereabouts w where w.id in ({marks(ids)})", ids
    near = [value for value in condition.any_of if isinstance(value, Chain | Has)]
    if near:
        return joined([_keys_beside(look, of, condition.param, value) for value in near], " union ")
    sql, values = joined(_is(of, condition))
    rows = f"{of.prefix}{table(condition)} s"
    return f"select distinct s.person_id, s.entry_id as id from {rows} where {sql}", values


def _is(of: Of, condition: Condition) -> list[Sql]:
    """What must hold of an index row `s`."""
    parts: list[Sql] = [(f"s.type in ({marks(of.types)}) and s.param = ?", (*of.types, condition.param))]
    if condition.missing is None:
        sql, values = _either([test(value) for value in condition.any_of])
        parts.append((f"({sql})", values))
    return parts


def _condition(look: Look, of: Of, condition: Condition) -> Sql:
    if condition.param in COLUMNS:
        return _own(of, condition)
    values = [value for value in condition.any_of if isinstance(value, Chain | Has)]
    if values:
        return _negated(condition, _either([_beside(look, of, condition.param, value) for value in values]))
    return _indexed(of, condition)


def _negated(condition: Condition, said: Sql) -> Sql:
    sql, values = said
    return f"not ({sql})" if condition.negated else f"({sql})", values


def _either(parts: list[Sql]) -> Sql:
    """One of them. As few brackets as can be: the depth of a statement has a limit."""
    if len(parts) == 1:
        return parts[0]
    return joined([(f"({sql})", values) for sql, values in parts], " or ")


def _own(of: Of, condition: Condition) -> Sql:
    """A condition on a column, which is never missing."""
    if condition.missing is not None:
        return NOTHING if condition.missing else EVERYTHING
    column = f"{of.alias}.{COLUMNS[condition.param]}"
    return _negated(condition, _either([on_column(column, value) for value in condition.any_of]))


def _indexed(of: Of, condition: Condition) -> Sql:
    """A condition on index rows."""
    parts, rows = _is(of, condition), f"from {of.prefix}{table(condition)} s where"
    absent = condition.negated or bool(condition.missing)
    if of.persons and not absent:
        sql, values = joined([(f"s.person_id in ({marks(of.persons)})", of.persons), *parts])
        return f"({of.alias}.person_id, {of.alias}.id) in (select s.person_id, s.entry_id {rows} {sql})", values
    sql, values = joined([(f"s.person_id = {of.alias}.person_id and s.entry_id = {of.alias}.id", ()), *parts])
    return f"{'not ' if absent else ''}exists (select 1 {rows} {sql} {ONE})", values


def _beside(look: Look, of: Of, param: str, value: Chain | Has) -> Sql:
    """That there is an entry beside this one, to which a reference leads there or here, and that meets its own
    conditions: looked up from here.
    """
    near = Of(look.prefix(value.type), (value.type,), depth=of.depth + 1, found=True)
    r, w, x, e = near.named("r"), near.named("w"), near.alias, of.alias
    chain = isinstance(value, Chain)
    (_, _), (meets, values) = entries(look, near, value.conditions)
    (which, wanted), refers = _refers(of, near, param, value), of if chain else near
    tables = [f"{refers.prefix}search_reference {r}"]
    if not chain:
        tie = f"{r}.system = {e}.type and {r}.code = {e}.id and {x}.person_id = {r}.person_id and {x}.id = {r}.entry_id"
    else:
        tie = f"{r}.person_id = {e}.person_id and {r}.entry_id = {e}.id and {_there(near, x, r)}"
        tables += [] if near.prefix else [f"whereabouts {w}"]
    tables.append(f"{near.prefix}entry {x}")
    return f"exists (select 1 from {' cross join '.join(tables)} where {which} and {tie} and {meets} {ONE})", (
        *wanted,
        *values,
    )


def _keys_beside(look: Look, of: Of, param: str, value: Chain | Has) -> Sql:
    """The keys of the entries that have such an entry beside them: looked up from there."""
    near = Of(look.prefix(value.type), (value.type,), depth=of.depth + 1)
    r, w, x, y = near.named("r"), near.named("w"), near.alias, near.named("y")
    (found, found_values), (meets, values) = entries(look, near, value.conditions)
    which, wanted = _refers(of, near, param, value)
    if isinstance(value, Chain):
        what, tables = f"{r}.person_id, {r}.entry_id as id", [found, f"{of.prefix}search_reference {r}"]
        tie = f"{r}.code = {x}.id"
    else:
        what, tables = f"{y}.person_id, {y}.id", [found, f"{near.prefix}search_reference {r}"]
        tables += [] if of.prefix else [f"whereabouts {w}"]
        tables.append(f"{of.prefix}entry {y}")
        # What a reference says of its target's type must be true of it.
        same = f"{r}.person_id = {x}.person_id and {r}.entry_id = {x}.id"
        tie = f"{same} and {_there(of, y, r, w)} and {y}.type = {r}.system"
    text = f"select distinct {what} from {' cross join '.join(tables)} where {which} and {tie} and {meets}"
    return text, (*found_values, *wanted, *values)


def _refers(of: Of, near: Of, param: str, value: Chain | Has) -> Sql:
    """What must hold of the reference between the two."""
    r = near.named("r")
    source, target, name = (of, near, param) if isinstance(value, Chain) else (near, of, value.param)
    text = f"{r}.type in ({marks(source.types)}) and {r}.param = ? and {r}.system in ({marks(target.types)})"
    return text, (*source.types, name, *target.types)


def _there(target: Of, x: str, r: str, w: str = "") -> str:
    """That `x` is the entry whose id the reference `r` says: in the directory, or where it is known to be."""
    if target.prefix:
        return f"{x}.person_id = '' and {x}.id = {r}.code"
    known = w or target.named("w")
    return f"{known}.id = {r}.code and {x}.person_id = {known}.person_id and {x}.id = {known}.id"
