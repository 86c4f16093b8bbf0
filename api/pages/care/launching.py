"""SMART App Launch: the pages as an app that a record system opens with a patient, in a frame or in a window.

Nothing is shown of anybody before the account, the record system and the person are known for certain: the session
begins when the patient of the launch is one whom the account may see, by NHS number and date of birth. What does not
come that far ends on a page that says what to do, and nothing of anybody.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import door, people_matched
from api.pages import federated, trail
from api.pages.care import kept, pinned, shown
from api.pages.care.addresses import of_person
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.turn import LAUNCH, LAUNCHED, OVER, SESSION, VISIT, Launched, Turn, turn
from auth.server import secrets
from auth.sign_in.ehrs import Ehr
from auth.sign_in.federation import Trip, account_of
from auth.sign_in.records import Login
from auth.sign_in.smart import AGAIN, Came
from plan.model import PersonId
from plan.problem import Problem, Trouble

START: Final = "/care/launch"
BACK: Final = f"{START}/back"
TRIP_SECONDS: Final = 600
EHR: Final = "ehr"
"""Where the scope of a request says which record system it is about."""
INTENTS: Final[Mapping[str, str]] = {
    "review": "/review",
    "changes": "/changes",
    "messages": "/messages",
    "referrals": "/referrals",
    "team": "/team",
}
"""What a record system may say that its user is there for, and the page of the plan that it is done at."""
_NOBODY: Final = "No plan that you may see has both the NHS number and the date of birth of the record that is open."


async def begin(request: Request) -> Response:
    """A record system opens us: off to it, to be let in."""
    shown.must_be_built()
    made = await _turn(request)
    said = request.query_params
    try:
        ehr = _one(made, said.getlist("iss"), said.getlist("launch"))
        to, trip = await made.service.sign_in.launches.begin(ehr, said["launch"], f"{made.origin}{BACK}")
    except Problem as problem:
        return await _stopped(made, problem)
    made.hand(LAUNCH, asdict(trip))
    return made.away(to)


async def back(request: Request) -> Response:
    """The browser comes back with the record system's answer."""
    shown.must_be_built()
    made = await _turn(request)
    try:
        trip = await _trip(made)
        came = await made.service.sign_in.launches.finish(trip, f"{made.origin}{BACK}", dict(request.query_params))
        login = await _login(made, came)
    except Problem as problem:
        return await _stopped(made, problem)
    person = await people_matched.matched(made.service.desk, Reader.of(made, login.account).visit, came.whom)
    if person is None:
        return await _nobody(made, came, login)
    return await _in(made, came, login, person)


async def over(request: Request) -> Response:
    """The session of a launch has ended."""
    shown.must_be_built()
    door.open_to_all(request)
    made = await _turn(request)
    if made.session:
        return made.away("/care")
    title = made.launch.title if made.launch else "the record system"
    return shown.plain(made, "care/launch.html", heading="Your session has ended", text=_again(title), alone=True)


async def leave(reader: Reader, _: Form) -> Response:
    """Sign out of what was launched: where a frame has to show something, it stays to say so."""
    made = reader.turn
    if made.session and made.launch:
        await trail.note(made, "sign-out", made.session.login)
        await made.service.sign_in.sessions.end(made.session.token)
    made.drop(SESSION, LAUNCHED)
    text = _again(made.launch.title) if made.launch else ""
    return shown.plain(made, "care/launch.html", heading="You have signed out", text=text, alone=True)


async def _turn(request: Request) -> Turn:
    """The turn of a request that needs no session, and has no form: so nothing is kept for one."""
    made = pinned.framed(await turn(request))
    made.cookies.pop(VISIT, None)
    return made


def _by(made: Turn, ehr: Ehr) -> None:
    """What is answered from here on is answered to this record system, which may show it."""
    made.launch, made.framers = None, ehr.framers
    made.request.scope[EHR] = ehr.name
    pinned.framed(made)


def _one(made: Turn, iss: list[str], launch: list[str]) -> Ehr:
    """The record system of a launch. Raises INVALID, REFUSED; nothing is fetched before it is known."""
    if len(iss) != 1 or len(launch) != 1:
        raise Problem(Trouble.INVALID, "This address opens Oneplan from a record system: it needs one iss and launch.")
    ehr = made.service.sign_in.launches.ehr(iss[0])
    _by(made, ehr)
    return ehr


async def _trip(made: Turn) -> Trip:
    """The launch that this browser has begun, used up with this. Raises BAD_TOKEN."""
    ticket = made.ticket(LAUNCH, TRIP_SECONDS)
    if ticket is None:
        raise Problem(Trouble.BAD_TOKEN, f"This launch was not begun here, or too long ago. {AGAIN}")
    trip = Trip(**ticket)
    ehr = made.service.sign_in.launches.ehrs.get(trip.provider)
    if ehr:
        _by(made, ehr)
    made.drop(LAUNCH)
    server = made.service.server
    until = server.now() + TRIP_SECONDS * 1000
    if not await server.storage.put("trip", secrets.hashed(trip.state), until, ""):
        raise Problem(Trouble.BAD_TOKEN, f"This launch was used before. {AGAIN}")
    return trip


async def _login(made: Turn, came: Came) -> Login:
    """Whose account came: by the rules for this record system, or, when that is this very service, who is signed in."""
    subject = str(came.claims["sub"])
    if not came.ehr.base.startswith(f"{made.origin}/"):
        return await federated.kept_as(made, f"{came.ehr.name}:{subject}", account_of(came.ehr, came.claims))
    if made.session is None or made.session.login.account.subject != subject:
        raise Problem(Trouble.REFUSED, f"Somebody else has signed in here meanwhile. {AGAIN}")
    return made.session.login


async def _in(made: Turn, came: Came, login: Login, person: PersonId) -> Response:
    """The session begins, for this person alone."""
    await trail.note(made, "launch", login, target=came.ehr.name, person=person, client=came.ehr.client_id)
    launch = Launched(ehr=came.ehr.name, title=came.ehr.title, person=person, banner=came.banner)
    await made.begin(login, launch)
    if await kept.offered(made):
        return made.away(kept.AGAIN)
    return made.away(f"{of_person(person)}{INTENTS.get(came.intent, '')}")


async def _nobody(made: Turn, came: Came, login: Login) -> Response:
    """No session begins, and nothing is shown of anybody."""
    await trail.note(made, "launch", login, target=came.ehr.name, client=came.ehr.client_id, refused="no-match")
    text = f"{_NOBODY} Check both in {came.ehr.title}: one digit may be wrong. The plan may also not be open to you."
    return shown.plain(made, "care/launch.html", 404, heading="There is no plan to show", text=text)


async def _stopped(made: Turn, problem: Problem) -> Response:
    """What did not come so far, on a page of its own."""
    code, status = problem.trouble.value.code, problem.trouble.value.status
    await trail.note(made, "launch", target=made.request.scope.get(EHR, ""), refused=code)
    text = problem.detail or problem.trouble.value.title
    return shown.plain(made, "care/launch.html", status, heading="Oneplan cannot be opened from here", text=text)


def _again(title: str) -> str:
    return f"Open Oneplan again from the record in {title}."


ROUTES = (
    Route(START, begin, methods=["GET"]),
    Route(BACK, back, methods=["GET"]),
    Route(OVER, over, methods=["GET"]),
)
"""What needs no session."""
WAYS: tuple[Way, ...] = (Way("/launch/leave", send=leave),)
