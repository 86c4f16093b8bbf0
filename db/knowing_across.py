"""What a caller may know of the teams of many people, in one statement, beside what db/across.py shows of them."""

from collections.abc import Collection, Mapping

from auth.access import Permit
from db.engine import Database
from db.relations import MEMBER, Member, member_of
from db.sight import who
from plan.model import AgencyId, PersonId
from plan.override import OVERRIDE


async def teams(
    database: Database, permit: Permit, people: Collection[PersonId], now: int
) -> Mapping[PersonId, list[Member]]:
    """The teams of some people whose plans the caller was shown just now, past places too: what they may know of."""
    found: dict[PersonId, list[Member]] = {person: [] for person in people}
    sql = f"""select person_id, {MEMBER} from team_member
        where person_id in (values {", ".join(["(?)"] * len(found))}) and basis <> '{OVERRIDE}' order by since, id"""
    for row in await database.rows(sql, tuple(found), who=who(permit, now)):
        member = member_of(row[1:])
        if permit.sees(AgencyId(member.party), member.restriction):
            found[PersonId(row[0])].append(member)
    return found
