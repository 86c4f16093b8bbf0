"""What comes along with a page: what its entries refer to, and what refers to them. FHIR R4 search.html 3.1.1.5.4.

One statement a round, whatever is asked for: the keys of all that is wanted on a shelf, and of these what may be seen.
The rounds end when nothing new comes, or after five.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from db.sight import DIRECTORY, Look, Sql
from db.values import joined, marks
from plan.query import Include

Key = tuple[str, str, str]
"""An entry: whose, of which type, its id."""
T = TypeVar("T")
ROUNDS = 5
MOST = 1000


def statement(
    look: Look, includes: Sequence[Include], sources: Sequence[Key], known: Iterable[Key], face: str, room: int
) -> Sql | None:
    """What `includes` want of `sources`, without what is known, at most `room` and one more; None when that is nothing.

    The columns are those of a hit: person, section, id, type, version, at, slot and the face.
    """
    shelves = []
    for prefix in ("", DIRECTORY):
        wanted = [*_forward(look, includes, sources, prefix), *_reverse(look, includes, sources, prefix)]
        if wanted:
            shelves.append(_shelf(look, prefix, wanted, known, face))
    if not shelves:
        return None
    text, values = joined(shelves, " union all ")
    return f"select * from ({text}) page order by type, id limit ?", (*values, room + 1)


def _shelf(look: Look, prefix: str, wanted: list[Sql], known: Iterable[Key], face: str) -> Sql:
    seen, seen_values = look.seen(prefix, "e")
    keys, values = joined(wanted, " union ")
    there = _even([id_ for _, type_, id_ in known if look.prefix(type_) == prefix])
    new = f"and e.id not in ({marks(there)})" if there else ""
    text = f"""select e.person_id, e.section, e.id, e.type, e.version, e.updated, e.slot, e.{face}
        from {prefix}entry e where (e.person_id, e.id) in ({keys}) and not e.deleted {new} and {seen}"""
    return text, (*values, *there, *seen_values)


def _forward(look: Look, includes: Sequence[Include], sources: Sequence[Key], prefix: str) -> Iterator[Sql]:
    """The keys of what the sources refer to, on the shelf `prefix`; the sources stand on either."""
    for shelf in ("", DIRECTORY):
        asked = [one for one in includes if not one.reverse and _leads(look, one.target, prefix)]
        types = {one.source for one in asked}
        some = [key for key in sources if look.prefix(key[1]) == shelf and ("*" in types or key[1] in types)]
        if not some:
            continue
        which, values = joined([_named(one) for one in asked], " or ")
        pairs = _even([(person, id_) for person, _, id_ in some])
        text = f"""select t.person_id, t.id from {shelf}search_reference r {_targets(prefix)}
            where (r.person_id, r.entry_id) in ({_pairs(pairs)}) and ({which})"""
        yield text, (*(part for pair in pairs for part in pair), *values)


def _targets(prefix: str) -> str:
    if prefix:
        return f"join {prefix}entry t on t.person_id = '' and t.id = r.code and t.type = r.system"
    return """join whereabouts w on w.id = r.code
            join entry t on t.person_id = w.person_id and t.id = w.id and t.type = r.system"""


def _named(one: Include) -> Sql:
    said = {"type": one.source, "param": one.param, "system": one.target or "*"}
    parts: list[Sql] = [(f"r.{name} = ?", (value,)) for name, value in said.items() if value != "*"]
    text, values = joined([("1 = 1", ()), *parts])
    return f"({text})", values


def _reverse(look: Look, includes: Sequence[Include], sources: Sequence[Key], prefix: str) -> Iterator[Sql]:
    """The keys of what refers to the sources and stands on the shelf `prefix`."""
    for one in includes:
        if not one.reverse or not _leads(look, None if one.source == "*" else one.source, prefix):
            continue
        some = [key for key in sources if one.target in (None, "*", key[1])]
        if not some:
            continue
        pairs = _even([(type_, id_) for _, type_, id_ in some])
        ids = tuple(id_ for _, id_ in pairs)
        which, values = _named(Include(one.source, one.param))
        people = tuple(sorted({key[0] for key in some} - {""}))
        # Without a parameter no index leads from the target to what refers to it; the plan that both are in does.
        if prefix or "*" not in (one.source, one.param):
            people = ()
        within = f"and r.person_id in ({marks(people)})" if people else ""
        text = f"""select r.person_id, r.entry_id from {prefix}search_reference r
            where {which} and r.code in ({marks(ids)}) and (r.system, r.code) in ({_pairs(pairs)}) {within}"""
        yield text, (*values, *ids, *(part for pair in pairs for part in pair), *people)


def _leads(look: Look, type_: str | None, prefix: str) -> bool:
    """Whether entries of this type, of any for None, can stand on a shelf."""
    return type_ in (None, "*") or look.prefix(str(type_)) == prefix


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return f"values {', '.join(['(?, ?)'] * len(pairs))}"


def _even(values: list[T]) -> tuple[T, ...]:
    """The values, the last one repeated up to a power of two, so that there are few different statements to prepare."""
    if not values:
        return ()
    return (*values, *[values[-1]] * ((1 << (len(values) - 1).bit_length()) - len(values)))
