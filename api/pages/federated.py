"""Signing in at a provider: off to it, and back from it."""

from dataclasses import asdict, replace

from starlette.requests import Request
from starlette.responses import Response

from api.pages import trail
from api.pages.entering import came_in
from api.pages.turn import PREFIX, TRIP, Turn, onward, turn
from auth.server.parties import Account
from auth.sign_in.entrance import new_stamp
from auth.sign_in.federation import Trip
from auth.sign_in.records import Login
from plan.problem import Problem, Trouble

TRIP_SECONDS = 600


async def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    made = await turn(request)
    name = request.path_params["provider"]
    next_ = onward(request.query_params.get("next", ""))
    to, trip = await made.service.sign_in.federation.begin(name, _back(made, name), next_)
    made.hand(TRIP, asdict(trip))
    return made.away(to)


async def back(request: Request) -> Response:
    """The browser comes back with the provider's answer."""
    made = await turn(request)
    name = request.path_params["provider"]
    try:
        trip = _trip(made)
        answer = dict(request.query_params)
        login, account = await made.service.sign_in.federation.finish(trip, name, _back(made, name), answer)
        known = await kept_as(made, login, account)
    except Problem as problem:
        known_name = name if name in made.service.sign_in.federation.providers else ""
        await trail.note(made, "sign-in", refused=problem.trouble.value.code, target=known_name)
        raise
    await trail.note(made, "sign-in", known)
    return await came_in(made, known, trip.next)


def _trip(made: Turn) -> Trip:
    ticket = made.ticket(TRIP, TRIP_SECONDS)
    if ticket is None:
        raise Problem(Trouble.BAD_TOKEN, "This sign-in was not begun here, or too long ago. Start again.")
    return Trip(**ticket)


async def kept_as(made: Turn, name: str, account: Account) -> Login:
    """The account as the provider describes it today; one that changed ends the sessions of what it was.

    Raises Problem(REFUSED) for one that is locked here.
    """
    kept = made.service.sign_in.kept
    known = await kept.find(name)
    if known is None:
        made_new = Login(login=name, account=account, stamp=new_stamp())
        if await kept.add(made_new):
            return made_new
        known = await kept.find(name) or made_new
    if not known.active:
        raise Problem(Trouble.REFUSED, "This account is locked. Ask your administrator.")
    if known.account != account:
        known = replace(known, account=account, stamp=new_stamp())
        await kept.put(known)
    return known


def _back(made: Turn, name: str) -> str:
    return f"{made.origin}{PREFIX}/with/{name}/back"
