"""Everything of a person that a permit shows: pages of all types at once, and what the directory says beside them.

The order is by person and id, the Patient first, so that a page begins where the one before ended whatever has changed
in the meantime. Leave is part of every statement: a page shows what may be seen when it is asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auth.access import Permit
from db.engine import Database, Note
from db.sight import members, visible, who
from db.store import Hit
from plan.model import PersonId, Role

AT_ONCE = 500
"""Ids in one statement."""
_HIT = "e.person_id, e.section, e.id, e.type, e.version, e.updated, e.slot, e.fhir"
_KEY = "case when e.id = e.person_id then '' else e.id end"
"""The Patient, whose id is the person's, comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for. Moments are milliseconds since 1970 UTC.

    `types`: only these, none for all. `since`: changed after it. `start`, `end`: of the dates of care; what has no date
    stays. `about`: only this Encounter, what refers to it, and its Patient. `ids`: only these. `after`: person and id
    where the page before ended.
    """

    persons: tuple[PersonId, ...]
    types: tuple[str, ...] = ()
    since: int | None = None
    start: int | None = None
    end: int | None = None
    about: str = ""
    ids: tuple[str, ...] = ()
    after: tuple[str, str] | None = None
    count: int = 1000


async def everything(database: Database, permit: Permit, wanted: Wanted, note: Note) -> Sequence[Hit]:
    """A page, one more than its count when more follow."""
    seen, seen_by = visible(permit, note.at)
    parts: list[tuple[str, Sequence[object]]] = [
        (f"e.person_id in ({_marks(wanted.persons)}) and not e.deleted and {seen}", (*wanted.persons, *seen_by)),
        *_conditions(wanted),
    ]
    sql = f"""select {_HIT} from entry e where {" and ".join(part for part, _ in parts)}
        order by e.person_id, {_KEY} limit ?"""
    values = [value for _, bound in parts for value in bound]
    return [Hit(*row) for row in await database.noted(sql, (*values, wanted.count + 1), note, who=who(permit, note.at))]


def _conditions(wanted: Wanted) -> Iterable[tuple[str, Sequence[object]]]:
    if wanted.after:
        person, id_ = wanted.after
        key = "" if id_ == person else id_
        yield f"(e.person_id > ? or (e.person_id = ? and {_KEY} > ?))", (person, person, key)
    if wanted.types:
        yield f"e.type in ({_marks(wanted.types)})", wanted.types
    if wanted.ids:
        yield f"e.id in ({_marks(wanted.ids)})", wanted.ids
    if wanted.since is not None:
        yield "e.updated > ?", (wanted.since,)
    if wanted.start is not None or wanted.end is not None:
        yield from _of_care(wanted)
    if wanted.about:
        refers = """select 1 from search_reference s where s.person_id = e.person_id and s.entry_id = e.id
            and s.system = 'Encounter' and s.code = ?"""
        yield f"(e.id in (?, e.person_id) or exists ({refers}))", (wanted.about, wanted.about)


def _of_care(wanted: Wanted) -> Iterable[tuple[str, Sequence[object]]]:
    """Within the dates: what has none is kept, and so is who the person is and the frame of the plan."""
    date = "select 1 from search_date s where s.person_id = e.person_id and s.entry_id = e.id"
    ends: list[tuple[str, object]] = []
    if wanted.start is not None:
        ends.append(("s.high >= ?", wanted.start))
    if wanted.end is not None:
        ends.append(("s.low <= ?", wanted.end))
    within = " and ".join(text for text, _ in ends)
    text = f"(e.slot is not null or not exists ({date}) or exists ({date} and {within}))"
    yield text, [value for _, value in ends]


async def people(database: Database, permit: Permit, now: int, after: str, count: int) -> list[PersonId]:
    """The people with whom the caller has a relationship today, from one on, in the order of their ids."""
    if permit.caller.role is Role.PERSON or permit.only:
        own = permit.only
        return [own] if own is not None and own >= after else []
    names = members(permit)
    sql = f"""select distinct person_id from team_member where party in ({_marks(names)}) and person_id >= ?
        and since <= ? and (until is null or until > ?) order by person_id limit ?"""
    rows = await database.rows(sql, (*names, after, now, now, count), who=who(permit, now))
    return [PersonId(row[0]) for row in rows]


async def listed(database: Database, ids: Sequence[str]) -> list[Hit]:
    """Directory entries, which disclose nothing of a plan, by their ids."""
    found: list[Hit] = []
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        sql = f"""select {_HIT} from directory_entry e
            where e.person_id = '' and e.id in ({_marks(some)}) and not e.deleted order by e.id"""
        found += [Hit(*row) for row in await database.rows(sql, some)]
    return found


async def labels(
    database: Database, permit: Permit, now: int, type_: str, most: int, *, directory: bool = False
) -> list[tuple[str, str, str]]:
    """The tags, labels and profiles in use on what the permit shows: parameter, system and code, at most `most`.

    It looks at so many rows at most that the answer stays quick: a summary, no count.
    """
    seen, values = ("1 = 1", ()) if directory else visible(permit, now)
    shelf = "directory_" if directory else ""
    of_type, more = ("s.type = ? and ", (type_,)) if type_ else ("", ())
    parts = [
        f"""select s.param, {system} as system, s.code from {shelf}{table} s
            join {shelf}entry e on e.person_id = s.person_id and e.id = s.entry_id
            where {of_type}s.param in ({params}) and not e.deleted and {seen}"""
        for table, system, params in _LABELS
    ]
    sql = f"""select distinct param, system, code from (select * from ({" union all ".join(parts)}) every limit ?) found
        order by param, system, code limit ?"""
    bound = (*more, *values) * len(parts)
    rows = await database.rows(sql, (*bound, most * 100, most), who=who(permit, now))
    return [(row[0], row[1], row[2]) for row in rows]


_LABELS = (
    ("search_token", "s.system", "'_tag', '_security', '_profile'"),
    ("search_string", "''", "'_profile'"),
    ("search_reference", "''", "'_profile'"),
)
"""Where labels are indexed: a profile is an address, whichever family keeps it."""


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
