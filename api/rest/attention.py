"""Attention: one list of what needs the caller now, the most severe and the oldest first."""

from starlette.requests import Request
from starlette.responses import Response

from api import attending
from api.rest import asked, said
from fhir_facade import exact
from plan.model import AgencyId, PersonId

SHELF = "/v1/attention"


async def read(request: Request) -> Response:
    """What needs the caller, or one agency, in one plan, on one estate or in all plans that are open to them."""
    visit = await asked.visit_of(request)
    terms = asked.terms(request, "person", "agency", "estate")
    person, agency = terms.get("person"), terms.get("agency")
    found = await attending.board(
        asked.desk_of(request),
        visit,
        PersonId(person) if person else None,
        AgencyId(agency) if agency else None,
        terms.get("estate", ""),
    )
    return said.view(request, said.items(map(exact.text, found)))
