"""The directory: agencies and the workers' roles in them. Readable by everybody who is signed in; written by FHIR."""

from starlette.requests import Request
from starlette.responses import Response

from api.forms import ID
from api.rest import asked, people, said
from api.rest.entries import Handler
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Point, Query

AGENCY, WORKER = "Organization", "PractitionerRole"
_FILTERS = {AGENCY: "name", WORKER: "agency"}


def listing(type_: str) -> Handler:
    """Directory entries of a type, by id."""

    async def listed(request: Request) -> Response:
        visit = await asked.visit_of(request)
        terms = asked.terms(request, _FILTERS[type_], "limit", "cursor")
        query = Query(
            type=type_,
            conditions=_conditions(terms),
            sort=people.BY_ID,
            count=asked.limit(terms),
            after=people.after(terms),
        )
        page = await asked.desk_of(request).search(visit, query, "body")
        return said.view(request, said.items((hit.text for hit in page.hits), people.following(page.after)))

    return listed


def reading(type_: str) -> Handler:
    """One directory entry."""

    async def read(request: Request) -> Response:
        visit, id_ = await asked.visit_of(request), asked.entry_of(request)
        asked.terms(request)
        return said.entry(request, await asked.desk_of(request).read(visit, type_, id_, "body"))

    return read


def _conditions(terms: asked.Terms) -> tuple[Condition, ...]:
    if "name" in terms:
        return tuple(people.named(terms["name"]))
    if "agency" not in terms:
        return ()
    if not ID.fullmatch(terms["agency"]):
        what = "agency is no id"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Send the id of an agency: ?agency=RX1."),))
    return (Condition("organization", (Point(terms["agency"], AGENCY),)),)
