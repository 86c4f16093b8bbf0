"""Conditions as SQL on an entry: what its values must be, what it must refer to, what must refer to it.

Conditions read the `search_*` tables alone and never open JSON. Every entry on the way, be it only the target of a
chain, is under the permit: what may not be seen is as if it were not there (docs/decisions/0007-one-predicate.md).

There are three ways to look, chosen so that no statement walks through a whole population: a search that is bound to
people looks at their rows alone; any other begins with its rarest condition (`leader`), from the index of its values;
and what is then left to be tested is looked up by the key of the entry.
"""

from dataclasses import dataclass

from db.sight import Look, Sql
from db.values import EVERYTHING, NOTHING, joined, marks, on_column, table, test
from plan.model import PersonId
from plan.query import Chain, Condition, Has, Point, Text, Token, Value

COLUMNS = {"_id": "id", "_lastUpdated": "updated"}
"""What is no index row but a column of the entry."""
_RARE: tuple[type[Value], ...] = (Point, Chain, Has, Text, Token)
"""The classes of values that a search may begin with, the rarest first."""
_ONE = "limit 1 offset 0"
"""Keeps PostgreSQL from making one large join of what is to be looked up row by row: it would guess the order badly."""
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

    @property
    def key(self) -> str:
        """The key of the entry."""
        return f"({self.alias}.person_id, {self.alias}.id)"


def where(look: Look, of: Of, conditions: tuple[Condition, ...]) -> Sql:
    """What must hold of the entry: its type, that it may be seen, and all of the conditions."""
    e = of.alias
    parts: list[Sql] = [(f"{e}.type in ({marks(of.types)}) and not {e}.deleted", of.types), look.seen(of.prefix, e)]
    if of.persons:
        parts.append((f"{e}.person_id in ({marks(of.persons)})", of.persons))
    first = None if of.found or of.persons else min(conditions, key=leader, default=None)
    for condition in conditions:
        leads = condition is first and leader(condition) < _NEVER
        parts.append(_condition(look, of, condition, leads=leads))
    return joined(parts)


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


def _condition(look: Look, of: Of, condition: Condition, *, leads: bool) -> Sql:
    if condition.param in COLUMNS:
        return _own(of, condition, leads=leads)
    values = [value for value in condition.any_of if isinstance(value, Chain | Has)]
    if values:
        return _negated(condition, _either([_led(look, of, condition.param, value, leads=leads) for value in values]))
    return _indexed(of, condition, leads=leads)


def _negated(condition: Condition, said: Sql) -> Sql:
    sql, values = said
    return f"not ({sql})" if condition.negated else f"({sql})", values


def _either(parts: list[Sql]) -> Sql:
    """One of them. As few brackets as can be: the depth of a statement has a limit."""
    if len(parts) == 1:
        return parts[0]
    return joined([(f"({sql})", values) for sql, values in parts], " or ")


def _own(of: Of, condition: Condition, *, leads: bool) -> Sql:
    """A condition on a column, which is never missing. By its id an entry is found where it stands."""
    if condition.missing is not None:
        return NOTHING if condition.missing else EVERYTHING
    column = f"{of.alias}.{COLUMNS[condition.param]}"
    either = _negated(condition, _either([on_column(column, value) for value in condition.any_of]))
    if not leads or of.prefix:
        return either
    ids = tuple(value.code for value in condition.any_of if isinstance(value, Token))
    if not ids:
        return NOTHING
    within = f"{of.key} in (select w.person_id, w.id from whereabouts w where w.id in ({marks(ids)}))"
    return joined([(within, ids), either])


def _indexed(of: Of, condition: Condition, *, leads: bool) -> Sql:
    """A condition on index rows."""
    e = of.alias
    parts: list[Sql] = [(f"s.type in ({marks(of.types)}) and s.param = ?", (*of.types, condition.param))]
    if condition.missing is None:
        sql, values = _either([test(value) for value in condition.any_of])
        parts.append((f"({sql})", values))
    absent = condition.negated or bool(condition.missing)
    rows = f"from {of.prefix}{table(condition)} s where"
    if absent or not (of.persons or leads):
        sql, values = joined([(f"s.person_id = {e}.person_id and s.entry_id = {e}.id", ()), *parts])
        return f"{'not ' if absent else ''}exists (select 1 {rows} {sql} {_ONE})", values
    if of.persons:
        parts.insert(0, (f"s.person_id in ({marks(of.persons)})", of.persons))
    sql, values = joined(parts)
    return f"{of.key} in (select s.person_id, s.entry_id {rows} {sql})", values


def _led(look: Look, of: Of, param: str, value: Chain | Has, *, leads: bool) -> Sql:
    """An entry beside this one, to which a reference leads there or here, that may be seen and meets its conditions.

    The joins are written in the order in which they are to be done: SQLite keeps to it, PostgreSQL knows better.
    """
    near = Of(look.prefix(value.type), (value.type,), depth=of.depth + 1, found=not leads)
    said = _chain(of, near, param, leads=leads) if isinstance(value, Chain) else _has(of, near, value, leads=leads)
    head, tables, link = said
    where_, values = where(look, near, value.conditions)
    sql, wanted = link
    one = "" if leads else f" {_ONE}"
    return f"{head} from {' cross join '.join(tables)} where {sql} and {where_}{one})", (*wanted, *values)


_Link = tuple[str, list[str], Sql]
"""What comes before `from`, the tables in their order, and what ties them together."""


def _chain(of: Of, near: Of, param: str, *, leads: bool) -> _Link:
    """From a reference of this entry to its target."""
    r, w, t, e = near.named("r"), near.named("w"), near.alias, of.alias
    refers, target = f"{of.prefix}search_reference {r}", f"{near.prefix}entry {t}"
    which: Sql = (
        f"{r}.type in ({marks(of.types)}) and {r}.param = ? and {r}.system = ?",
        (*of.types, param, *near.types),
    )
    if leads:
        head = f"{of.key} in (select {r}.person_id, {r}.entry_id"
        return head, [target, refers], joined([(f"{r}.code = {t}.id", ()), which])
    own: Sql = (f"{r}.person_id = {e}.person_id and {r}.entry_id = {e}.id", ())
    if near.prefix:
        there = f"{t}.person_id = '' and {t}.id = {r}.code"
        return "exists (select 1", [refers, target], joined([own, which, (there, ())])
    there = f"{w}.id = {r}.code and {t}.person_id = {w}.person_id and {t}.id = {w}.id"
    return "exists (select 1", [refers, f"whereabouts {w}", target], joined([own, which, (there, ())])


def _has(of: Of, near: Of, has: Has, *, leads: bool) -> _Link:
    """From this entry to what refers to it."""
    r, w, x, e = near.named("r"), near.named("w"), near.alias, of.alias
    refers, source = f"{near.prefix}search_reference {r}", f"{near.prefix}entry {x}"
    same: Sql = (f"{x}.person_id = {r}.person_id and {x}.id = {r}.entry_id", ())
    which: Sql = (f"{r}.type = ? and {r}.param = ?", (has.type, has.param))
    if not leads:
        here: Sql = (f"{r}.system = {e}.type and {r}.code = {e}.id", ())
        return "exists (select 1", [refers, source], joined([which, here, same])
    # What a reference says of its target's type must be true of it.
    y, tables = near.named("y"), [source, refers]
    here = (f"{r}.system in ({marks(of.types)}) and {y}.id = {r}.code and {y}.type = {r}.system", of.types)
    if not of.prefix:
        tables.append(f"whereabouts {w}")
    whose = f"{y}.person_id = ''" if of.prefix else f"{w}.id = {r}.code and {y}.person_id = {w}.person_id"
    tables.append(f"{of.prefix}entry {y}")
    return f"{of.key} in (select {y}.person_id, {y}.id", tables, joined([same, which, here, (whose, ())])
