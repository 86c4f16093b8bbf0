"""How far somebody has read a plan, and the versions since: what is news to one reader is found in one statement.

Of each entry that changed there are two versions at most: the one that the reader had seen (up to a moment of its
section, or written by the reader), and the newest; of what lists the team all since, for each says whose hand it was.
Only what the permit shows today, of all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from auth.access import Permit
from db.engine import Database, insert_head
from db.rows import stored, then
from db.sight import Sql, visible, who
from db.writing import Writing
from plan.changed import Mark
from plan.model import PersonId, Section, Slot, Stored

_TEAM = Slot.TEAM.value
"""The kind of what lists the team."""
_MARK = "select seen, at from reading where person_id = ? and agency = ? and subject = ?"


@dataclass(frozen=True, slots=True)
class Pair:
    """An entry as the reader had seen it, or None, and as it is now."""

    was: Stored | None
    now: Stored


@dataclass(frozen=True, slots=True)
class Found:
    """The entries that changed, and the versions of what lists the team, the oldest first."""

    pairs: list[Pair]
    team: list[Stored]


async def mark(database: Database, permit: Permit, person: PersonId, now: int) -> Mark | None:
    """How far the caller has read. Asked for somebody whose plan they were shown just now."""
    caller = permit.caller
    rows = await database.rows(_MARK, (person, caller.agency, caller.subject), who=who(permit, now))
    return Mark(seen=rows[0][0], at=rows[0][1]) if rows else None


async def read_on(writing: Writing, permit: Permit, person: PersonId, seen: int) -> Mark:
    """The caller has read so far, now. Nobody reads backwards: what was further stays."""
    caller = permit.caller
    sql = f"""{insert_head("reading")} values (?, ?, ?, ?, ?) on conflict (person_id, agency, subject) do update
        set seen = excluded.seen, at = excluded.at where excluded.seen >= reading.seen"""
    await writing.rows(sql, (person, caller.agency, caller.subject, seen, writing.now))
    kept = (await writing.rows(_MARK, (person, caller.agency, caller.subject)))[0]
    return Mark(seen=kept[0], at=kept[1])


async def news(database: Database, permit: Permit, person: PersonId, since: Mapping[Section, int], now: int) -> Found:
    """What changed after the moment of its section, by others. Asked for somebody whose plan the caller was shown
    just now, and whose sections the event of that names.
    """
    sql, values = _statement(permit, person, since, now)
    rows = await database.rows(sql, values, who=who(permit, now))
    found: dict[str, dict[bool, Stored]] = {}
    team = []
    for *row, is_newest in rows:
        one = stored(row, "body")
        if one.kind == _TEAM:
            team.append(one)
        else:
            found.setdefault(one.id, {})[bool(is_newest)] = one
    pairs = [Pair(each.get(False), each[True]) for each in found.values() if True in each]
    return Found(pairs, sorted(team, key=lambda one: (one.at, one.version)))


def _statement(permit: Permit, person: PersonId, since: Mapping[Section, int], now: int) -> Sql:
    seen, mine = visible(permit, now)
    then_seen, theirs = visible(permit, now, alias="v")
    moment, moments = _moment(since)
    caller = permit.caller
    own = (caller.subject, caller.agency)
    shown, both = f"{seen} and {then_seen}", (*mine, *theirs)
    sql = f"""select {then("body")}, v.version = e.version
        from (select n.*, (select max(x.version) from entry_version x where x.person_id = n.person_id and x.id = n.id
                and (x.at <= {moment} or (x.by_subject = ? and x.by_agency = ?))) as base
            from entry n where n.person_id = ? and n.updated > ? and n.kind <> '{_TEAM}') e
        join entry_version v on v.person_id = e.person_id and v.id = e.id
        where e.version > coalesce(e.base, 0) and v.version in (e.version, e.base) and {shown}
        union all select {then("body")}, v.version = e.version
        from entry e join entry_version v on v.person_id = e.person_id and v.id = e.id
        where e.person_id = ? and e.kind = '{_TEAM}' and v.at > ? and {shown}"""
    of_team = (person, since[Section.FRAME], *both)
    return sql, (*moments, *own, person, min(since.values()), *both, *of_team)


def _moment(since: Mapping[Section, int]) -> Sql:
    """From when on an entry is news, by its section."""
    cases = " ".join("when ? then cast(? as bigint)" for _ in since)
    values = [value for section, at in since.items() for value in (section.value, at)]
    return f"case n.section {cases} else 0 end", tuple(values)
