"""Stays across people: what hospitals send of them, and those that somebody may see, by home, estate and hospital."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import door, stays_asked
from api.answers import problem_json
from api.rest import asked, said
from api.rest.people import after, following
from api.stay_feed import StayFeed
from api.stay_sent import Taken
from fhir_facade import exact
from plan.model import Json
from plan.problem import Fault, Problem, Trouble
from plan.query import Query

SHELF = "/v1/stays"
MOST = 200
"""How many events one request may bring."""


async def events(request: Request) -> Response:
    """Take one event, or a list of them. What is wrong with the only one is the answer itself."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    raw = await door.body(request, (asked.JSON,), door.service_of(request).settings.max_body)
    door.key_of(request, raw)
    sent = exact.loads(raw)
    listed = sent if isinstance(sent, list) else [sent]
    if not 0 < len(listed) <= MOST:
        what = f"a request brings 1 to {MOST} events"
        raise Problem(
            Trouble.TOO_COSTLY if listed else Trouble.INVALID, what, (Fault(what, mend="Send fewer at once."),)
        )
    taken = await StayFeed.of(asked.desk_of(request)).take(visit, listed)
    if sent is not listed:
        if taken[0].problem:
            raise taken[0].problem
        return said.value(_told(taken[0], visit.request))
    return said.value({"items": [_told(one, visit.request) for one in taken]})


async def search(request: Request) -> Response:
    """Stays, the oldest first."""
    visit = await asked.visit_of(request)
    terms = asked.terms(request, *stays_asked.TERMS, "limit", "cursor")
    query = Query(
        type=stays_asked.TYPE,
        conditions=tuple(stays_asked.conditions(terms)),
        sort=stays_asked.BY_ID,
        count=asked.limit(terms),
        after=after(terms),
    )
    page = await asked.desk_of(request).search(visit, query, "body")
    return said.view(request, said.items((_with(hit.person, hit.text) for hit in page.hits), following(page.after)))


def _told(one: Taken, request: str) -> dict[str, Json]:
    """What came of an event."""
    told: dict[str, Any] = {
        "id": one.id,
        "outcome": one.outcome,
        "person": one.person,
        "stay": one.stay,
        "version": one.version,
        "warnings": one.warnings,
        "problem": exact.loads(bytes(problem_json(one.problem, request).body)) if one.problem else None,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def _with(person: str, body: str) -> str:
    """A stay together with whose it is, which the address does not say here."""
    return f'{{"person":"{person}","stay":{body}}}'
