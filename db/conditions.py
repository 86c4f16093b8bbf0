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
    if condition.missing is None and isinstance(condition.any_of[0], Has):
        parts = [_has(look, of, value, leads=leads) for value in condition.any_of if isinstance(value, Has)]
        return _negated(condition, joined([(f"({sql})", values) for sql, values in parts], " or "))
    return _indexed(look, of, condition, leads=leads)


def _negated(condition: Condition, said: Sql) -> Sql:
    sql, values = said
    return f"{'not ' if condition.negated else ''}({sql})", values


def _own(of: Of, condition: Condition, *, leads: bool) -> Sql:
    """A condition on a column, which is never missing. By its id an entry is found where it stands."""
    if condition.missing is not None:
        return NOTHING if condition.missing else EVERYTHING
    column = f"{of.alias}.{COLUMNS[condition.param]}"
    either = joined([_bracketed(on_column(column, value)) for value in condition.any_of], " or ")
    if leads and not of.prefix:
        ids = tuple(value.code for value in condition.any_of if isinstance(value, Token))
        if not ids:
            return NOTHING
        within = f"{of.key} in (select w.person_id, w.id from whereabouts w where w.id in ({marks(ids)}))"
        return joined([(within, ids), _bracketed(either)])
    return _negated(condition, either)


def _bracketed(said: Sql) -> Sql:
    sql, values = said
    return f"({sql})", values


def _indexed(look: Look, of: Of, condition: Condition, *, leads: bool) -> Sql:
    """A condition on index rows."""
    s, e = of.named("s"), of.alias
    parts: list[Sql] = [(f"{s}.type in ({marks(of.types)}) and {s}.param = ?", (*of.types, condition.param))]
    if condition.missing is None:
        either = joined([_bracketed(_value(look, of, value, leads=leads)) for value in condition.any_of], " or ")
        parts.append(_bracketed(either))
    absent = condition.negated or bool(condition.missing)
    if (of.persons or leads) and not absent:
        if of.persons:
            parts.insert(0, (f"{s}.person_id in ({marks(of.persons)})", of.persons))
        head = f"{of.key} in (select {s}.person_id, {s}.entry_id"
    else:
        parts.insert(0, (f"{s}.person_id = {e}.person_id and {s}.entry_id = {e}.id", ()))
        head = f"{'not ' if absent else ''}exists (select 1"
    sql, values = joined(parts)
    return f"{head} from {of.prefix}{table(condition)} {s} where {sql})", values


def _value(look: Look, of: Of, value: Value, *, leads: bool) -> Sql:
    if isinstance(value, Chain):
        return _chain(look, of, value, leads=leads)
    sql, values = test(value)
    return sql.replace("s.", f"{of.named('s')}."), values


def _chain(look: Look, of: Of, chain: Chain, *, leads: bool) -> Sql:
    """A reference to an entry that may be seen and meets its own conditions."""
    prefix = look.prefix(chain.type)
    target = Of(prefix, (chain.type,), depth=of.depth + 1, found=not leads)
    s, t = of.named("s"), target.alias
    sql, values = where(look, target, chain.conditions)
    if leads:
        found = f"{s}.code in (select {t}.id from {prefix}entry {t} where {sql})"
    elif prefix:
        found = f"exists (select 1 from {prefix}entry {t} where {t}.person_id = '' and {t}.id = {s}.code and {sql})"
    else:
        found = f"exists (select 1 from {_known(target, f'{s}.code')} where {sql})"
    return f"{s}.system = ? and {found}", (chain.type, *values)


def _known(target: Of, id_: str) -> str:
    """An entry of somebody's plan of which only the id is known, for after `from`."""
    w, t = target.named("w"), target.alias
    return f"whereabouts {w} join entry {t} on {w}.id = {id_} and {t}.person_id = {w}.person_id and {t}.id = {w}.id"


def _has(look: Look, of: Of, has: Has, *, leads: bool) -> Sql:
    """An entry that may be seen, refers here and meets its own conditions."""
    prefix = look.prefix(has.type)
    source = Of(prefix, (has.type,), depth=of.depth + 1, found=not leads)
    x, r, e = source.alias, source.named("r"), of.alias
    sql, values = where(look, source, has.conditions)
    same = f"{x}.person_id = {r}.person_id and {x}.id = {r}.entry_id"
    rows = f"{prefix}search_reference {r} join {prefix}entry {x} on {same}"
    which = f"{r}.type = ? and {r}.param = ?"
    if not leads:
        here = f"{r}.system = {e}.type and {r}.code = {e}.id"
        return f"exists (select 1 from {rows} where {which} and {here} and {sql})", (has.type, has.param, *values)
    which = f"{which} and {r}.system in ({marks(of.types)})"
    wanted = (has.type, has.param, *of.types, *values)
    if of.prefix:
        return f"{e}.id in (select {r}.code from {rows} where {which} and {sql})", wanted
    w = source.named("w")
    rows = f"{rows} join whereabouts {w} on {w}.id = {r}.code"
    return f"{of.key} in (select {w}.person_id, {w}.id from {rows} where {which} and {sql})", wanted
