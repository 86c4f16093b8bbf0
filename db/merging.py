"""What a merge of two people reads inside its transaction: all entries of one, and what their consents decide.

It reads for the service, not for the caller: what the caller may not see is carried too, and told to nobody.
"""

from db.relations import Rule
from db.rows import WHOLE, whole
from db.writing import Writing
from plan.model import EntryId, PersonId, Section, Stored


async def entries(writing: Writing, person: PersonId, most: int, tag: tuple[str, str] | None = None) -> list[Stored]:
    """The entries of a person that are there and no part of the frame, at most `most`, the oldest first.

    `tag`: only those that carry it, as system and code.
    """
    tagged = ""
    if tag:
        tagged = """and exists (select 1 from search_token s where s.person_id = e.person_id and s.entry_id = e.id
            and s.param = '_tag' and s.system = ? and s.code = ?)"""
    sql = f"""{WHOLE} from entry e where e.person_id = ? and e.slot is null and not e.deleted {tagged}
        order by e.created, e.id limit ?"""
    rows = await writing.rows(sql, (person, *(tag or ()), most))
    return [one for row in rows if (one := whole([row]))]


async def rules(writing: Writing, person: PersonId) -> dict[EntryId, list[Rule]]:
    """What each consent of a person decides."""
    sql = "select entry_id, party, section, decision, since, until from consent_rule where person_id = ?"
    found: dict[EntryId, list[Rule]] = {}
    for entry, party, section, decision, since, until in await writing.rows(sql, (person,)):
        rule = Rule(party=party, sections=(Section(section),), decision=decision, since=since, until=until)
        found.setdefault(EntryId(entry), []).append(rule)
    return found
