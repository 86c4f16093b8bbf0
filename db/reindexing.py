"""Search values made anew, for a release that finds entries by more than the one that wrote them.

Stretch by stretch along the keys of both shelves, what stands in the search tables is held against what the stored face
says today. Only where they differ is the person held, as every write holds them, and looked at again: so a write that
comes in between is never lost, nothing is written twice, and a run that was killed is simply run again. Entries, their
versions and the feed stay as they are.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from db.engine import Database, Row, Transaction, Values, keys
from db.index_values import Value, keyed
from plan.model import IndexRow

STRETCH = 200
"""Entries that are looked at together, and at most in one transaction."""
SHELVES = ("", "directory_")
"""What the tables of each shelf begin with."""
_TABLES = tuple(f"search_{family}" for family in ("token", "reference", "string", "date", "number"))
_WHAT = "search"
"""The name of our row in `built_with`."""

Indexed = Callable[[str], Iterable[IndexRow]]
"""The index rows of a stored R4 face."""
_Ask = Callable[[str, Values], Awaitable[Sequence[Row]]]
_Key = tuple[str, str]
"""Person and entry."""


@dataclass(slots=True)
class Counts:
    """What was done so far: entries looked at, entries whose search values changed, values that came and went."""

    entries: int = 0
    changed: int = 0
    came: int = 0
    went: int = 0


@dataclass(frozen=True, slots=True)
class _Difference:
    """An entry whose search values are not what its face says."""

    key: _Key
    type: str
    come: frozenset[Value]
    go: frozenset[Value]


async def due(database: Database, version: str) -> bool:
    """Whether entries are here that another version of the index was made for. An empty database takes ours."""
    sql = "select 1 from built_with where what = ? and version = ?"
    if await database.rows(sql, (_WHAT, version)):
        return False
    # Whose entries there are nobody need see to know that there are some.
    for table in ("whereabouts", "directory_entry"):
        if await database.rows(f"select 1 from {table} limit 1"):
            return True
    await mark(database, version)
    return False


async def mark(database: Database, version: str) -> None:
    """Say which version of the index all entries have."""
    async with database.transaction() as transaction:
        await transaction.change({}, {"built_with": [(_WHAT, version)]})


async def walk(database: Database, indexed: Indexed) -> AsyncIterator[Counts]:
    """Bring the search values of all entries up to date; the counts after every stretch. Raises Unavailable."""
    counts = Counts()
    for shelf in SHELVES:
        after: _Key = ("", "")
        while found := await _next(database, shelf, after):
            after = found[-1]
            different = await _differences(database.rows, shelf, found[0], after, indexed)
            for stretch in _together(shelf, [one.key for one in different]):
                await _mended(database, shelf, stretch, indexed, counts)
            counts.entries += len(found)
            yield counts


async def _next(database: Database, shelf: str, after: _Key) -> list[_Key]:
    sql = f"select person_id, id from {shelf}entry where (person_id, id) > (?, ?) order by person_id, id limit ?"
    return [(row[0], row[1]) for row in await database.rows(sql, (*after, STRETCH))]


def _together(shelf: str, found: Iterable[_Key]) -> Iterator[tuple[_Key, _Key]]:
    """First and last of what is mended in one transaction: a person's entries, or one entry of the directory, whose
    writers hold entries in no order.
    """
    for _, each in groupby(found, key=lambda key: key if shelf else key[0]):
        mine = list(each)
        yield mine[0], mine[-1]


async def _mended(database: Database, shelf: str, stretch: tuple[_Key, _Key], indexed: Indexed, counts: Counts) -> None:
    """One transaction: hold, look again, write what differs."""
    gone: dict[str, list[Values]] = {}
    made: dict[str, list[Values]] = {}
    async with database.transaction() as transaction:
        await _hold(transaction, database.sharing, shelf, stretch[0])
        different = await _differences(transaction.rows, shelf, *stretch, indexed)
        for one in different:
            for table, value in one.go:
                gone.setdefault(shelf + table, []).append((*one.key, *value))
            for table, value in one.come:
                made.setdefault(shelf + table, []).append((*one.key, *value, one.type))
        await transaction.change(gone, made)
    counts.changed += len(different)
    counts.came += sum(map(len, made.values()))
    counts.went += sum(map(len, gone.values()))


async def _hold(transaction: Transaction, sharing: str, shelf: str, key: _Key) -> None:
    """Hold what a write of this entry holds: the person, or the entry in the directory, which is nobody's."""
    if shelf:
        sql, values = f"select e.id from {shelf}entry e where e.person_id = ? and e.id = ?", key
        await transaction.rows(sql + sharing.format("e"), values)
    else:
        await transaction.rows(f"select 1 from person p where p.person_id = ?{sharing.format('p')}", key[:1])


async def _differences(ask: _Ask, shelf: str, first: _Key, last: _Key, indexed: Indexed) -> list[_Difference]:
    """The entries from `first` to `last` whose search values are not what they should be. A deleted one has none."""
    stretch = (*first, *last)
    sql = f"""select person_id, id, type, fhir from {shelf}entry
        where (person_id, id) >= (?, ?) and (person_id, id) <= (?, ?) order by person_id, id"""
    entries = await ask(sql, stretch)
    there: dict[_Key, set[Value]] = {}
    for table in _TABLES:
        names = ", ".join(keys(shelf + table))
        sql = f"""select {names} from {shelf}{table}
            where (person_id, entry_id) >= (?, ?) and (person_id, entry_id) <= (?, ?)"""
        for person, entry, *value in await ask(sql, stretch):
            there.setdefault((person, entry), set()).add((table, tuple(value)))
    compared = (_difference(row, there.get((row[0], row[1]), set()), indexed) for row in entries)
    return [one for one in compared if one.come or one.go]


def _difference(row: Row, there: set[Value], indexed: Indexed) -> _Difference:
    person, id_, type_, fhir = row
    wanted = keyed(indexed(fhir)).keys() if fhir else set()
    return _Difference((person, id_), type_, frozenset(wanted - there), frozenset(there - wanted))
