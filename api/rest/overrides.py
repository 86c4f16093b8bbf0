"""Overrides: a plan is opened for an hour without a relationship, and the queue of those who look into that."""

from starlette.requests import Request
from starlette.responses import Response

from api import cursors, door
from api.override_forms import reviewed, told, wanted
from api.overriding import Overriding, Page
from api.rest import asked, said
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.problem import Fault, Problem, Trouble

SHELF = "/v1/overrides"
STATES = ("open", "reviewed")
_CURSOR = {"at": int, "id": str}


async def open_(request: Request) -> Response:
    """Open a plan."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    done = await _desk(request).open(visit, wanted(body), door.key_of(request, raw))
    one = done.override
    headers = {"Location": f"{SHELF}/{one.id}"} | ({"Idempotency-Replayed": "true"} if done.replayed else {})
    return said.value({"id": one.id, "person": one.person, "expires": moment(one.until)}, said.CREATED, headers)


async def listing(request: Request) -> Response:
    """The review queue, the oldest first; for who opens plans themself, their own."""
    visit = await asked.visit_of(request)
    terms = asked.terms(request, "state", "limit", "cursor")
    count = asked.limit(terms)
    found = await _desk(request).queue(visit, Page(reviewed=_state(terms), after=_after(terms), count=count))
    shown, now = found[:count], _now(request)
    last = shown[-1][0] if len(found) > count else None
    following = cursors.made(at=last.since, id=last.id) if last else None
    return said.view(request, said.items((exact.text(told(one, use, now)) for one, use in shown), following))


async def read(request: Request) -> Response:
    """One of them."""
    visit, id_ = await asked.visit_of(request), asked.id_of(request, "override")
    asked.terms(request)
    one, use = await _desk(request).one(visit, id_)
    return said.view(request, exact.text(told(one, use, _now(request))))


async def end(request: Request) -> Response:
    """It ends now. Ending it twice is ending it once."""
    visit, id_ = await asked.visit_of(request), asked.id_of(request, "override")
    asked.terms(request)
    door.key_of(request, b"")
    await _desk(request).end(visit, id_)
    return Response(None, said.NO_CONTENT)


async def review(request: Request) -> Response:
    """What looking into it came to."""
    visit, id_ = await asked.visit_of(request), asked.id_of(request, "override")
    asked.terms(request)
    raw, body = await asked.body_of(request)
    door.key_of(request, raw)
    outcome, comment = reviewed(body)
    one, use = await _desk(request).review(visit, id_, outcome, comment)
    return said.value(told(one, use, _now(request)))


def _desk(request: Request) -> Overriding:
    return Overriding.of(asked.desk_of(request))


def _now(request: Request) -> int:
    return asked.desk_of(request).store.clock()


def _state(terms: asked.Terms) -> bool:
    """Whether those are asked for whose review has ended."""
    state = terms.get("state", "open")
    if state not in STATES:
        what = "state is none that an override has"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Send open or reviewed."),))
    return state == "reviewed"


def _after(terms: asked.Terms) -> tuple[int, str]:
    if "cursor" not in terms:
        return -1, ""
    found = cursors.read(terms["cursor"], _CURSOR)
    return found["at"], found["id"]
