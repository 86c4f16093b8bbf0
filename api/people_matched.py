"""Which person of ours another system means: one who has its NHS number and its date of birth, or nobody.

Asked at the desk as the account that asks, so whoever is not theirs to see is nobody too.
"""

from api.deeds import Visit
from api.desk import Desk
from auth.sign_in.patients import Whom
from fhir_facade import exact
from plan.dates import date_range
from plan.identity import NHS_NUMBER
from plan.model import PersonId
from plan.query import Condition, Query, Sort, Token, When

_BY_ID = (Sort("_id", "token"),)


async def matched(desk: Desk, visit: Visit, whom: Whom | None) -> PersonId | None:
    """The one person whom the caller may see and who is this one; None for nobody, and for more than one."""
    born = date_range(whom.born) if whom else None
    if whom is None or born is None:
        return None
    number = Condition("identifier", (Token(whom.nhs_number, NHS_NUMBER),))
    query = Query(type="Patient", conditions=(number, Condition("birthdate", (When(*born),))), sort=_BY_ID, count=2)
    page = await desk.search(visit, query, "body")
    found = [hit.person for hit in page.hits if _is(exact.stored(hit.text), whom)]
    return found[0] if len(found) == len(page.hits) == 1 else None


def _is(body: dict[str, object], whom: Whom) -> bool:
    """Whether a native body says the same of both: what a search finds is only as exact as its index."""
    return (body.get("nhs_number"), body.get("birth_date")) == tuple(whom)
