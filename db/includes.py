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
    near = _even([key for key in sources if any(_from(one, key[1]) for one in includes)])
    shelves = []
    for prefix in ("", DIRECTORY) if near else ():
        wanted = [*_forward(look, includes, near, prefix), *_reverse(look, includes, prefix)]
        if wanted:
            shelves.append(_shelf(look, prefix, wanted, known, face))
    if not shelves:
        return None
    text, values = joined(shelves, " union all ")
    marked = ", ".join(["(?, ?, ?)"] * len(near))
    sql = f"with near (person_id, type, id) as (values {marked}) select * from ({text}) page order by type, id limit ?"
    return sql, (*(part for key in near for part in key), *values, room + 1)


def _from(one: Include, type_: str) -> bool:
    """Whether an include starts at entries of a type."""
    return (one.target if one.reverse else one.source) in (None, "*", type_)


def _shelf(look: Look, prefix: str, wanted: list[Sql], known: Iterable[Key], face: str) -> Sql:
    seen, seen_values = look.seen(prefix, "e")
    keys, values = joined(wanted, " union ")
    there = _even([id_ for _, type_, id_ in known if look.prefix(type_) == prefix])
    new = f"and e.id not in ({marks(there)})" if there else ""
    text = f"""select e.person_id, e.section, e.id, e.type, e.version, e.updated, e.slot, e.{face}
        from ({keys}) k cross join {prefix}entry e
        where e.person_id = k.person_id and e.id = k.id and not e.deleted {new} and {seen}"""
    return text, (*values, *there, *seen_values)


def _forward(look: Look, includes: Sequence[Include], near: Sequence[Key], prefix: str) -> Iterator[Sql]:
    """The keys of what the sources refer to, on the shelf `prefix`; the sources stand on either."""
    for one in includes:
        if one.reverse or not _leads(look, one.target, prefix):
            continue
        for shelf in sorted({look.prefix(type_) for _, type_, _ in near if _from(one, type_)}):
            which, values = _named(one)
            text = f"""select distinct t.person_id, t.id
                from near n cross join {shelf}search_reference r {_targets(prefix)}
                and r.person_id = n.person_id and r.entry_id = n.id and r.type = n.type {which}"""
            yield text, values


def _targets(prefix: str) -> str:
    if prefix:
        return f"cross join {prefix}entry t where t.person_id = '' and t.id = r.code and t.type = r.system"
    return """cross join whereabouts w cross join entry t
                where w.id = r.code and t.person_id = w.person_id and t.id = w.id and t.type = r.system"""


def _named(one: Include) -> Sql:
    """What an include says of the reference."""
    said = {"type": one.source, "param": one.param, "system": one.target or "*"}
    kept = {name: value for name, value in said.items() if value != "*"}
    return "".join(f" and r.{name} = ?" for name in kept), tuple(kept.values())


def _reverse(look: Look, includes: Sequence[Include], prefix: str) -> Iterator[Sql]:
    """The keys of what refers to the sources and stands on the shelf `prefix`."""
    for one in includes:
        if not one.reverse or not _leads(look, one.source, prefix):
            continue
        which, values = _named(one)
        # Without a parameter no index leads from the target to what refers to it; the plan that both are in does.
        within = "and r.person_id = n.person_id" if "*" in (one.source, one.param) and not prefix else ""
        text = f"""select distinct r.person_id, r.entry_id as id from near n cross join {prefix}search_reference r
            where r.code = n.id and r.system = n.type {within} {which}"""
        yield text, values


def _leads(look: Look, type_: str | None, prefix: str) -> bool:
    """Whether entries of this type, of any for None, can stand on a shelf."""
    return type_ in (None, "*") or look.prefix(str(type_)) == prefix


def _even(values: list[T]) -> tuple[T, ...]:
    """The values, the last one repeated up to a power of two, so that there are few different statements to prepare."""
    if not values:
        return ()
    return (*values, *[values[-1]] * ((1 << (len(values) - 1).bit_length()) - len(values)))
