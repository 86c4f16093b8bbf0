"""The history of a person's consents, for the person and for auditors."""

from starlette.requests import Request
from starlette.responses import Response

from api import cursors
from api.consent_history import history, told
from api.rest import asked, said
from db.consents import Mark
from fhir_facade import exact

_CURSOR = {"at": int, "id": str, "version": int}


async def read(request: Request) -> Response:
    """What was decided on sharing, the oldest first."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, "limit", "cursor")
    count = asked.limit(terms)
    found = await history(asked.desk_of(request), visit, person, _after(terms), count)
    last = found[count - 1] if len(found) > count else None
    following = cursors.made(at=last.at, id=last.id, version=last.version) if last else None
    return said.view(request, said.items((exact.text(told(one)) for one in found[:count]), following))


def _after(terms: asked.Terms) -> Mark:
    if "cursor" not in terms:
        return -1, "", 0
    mark = cursors.read(terms["cursor"], _CURSOR)
    return mark["at"], mark["id"], mark["version"]
