"""Signing in with a name and a password, with a code where one is due, and signing out."""

from starlette.requests import Request
from starlette.responses import Response

from api.pages import trail
from api.pages.shown import page
from api.pages.turn import CODE, ENROL, HOME, LAUNCHED, PREFIX, SESSION, Turn, form_of, one, onward, sign_in_first, turn
from auth.sign_in import codes
from auth.sign_in.entrance import Came, Outcome
from auth.sign_in.records import Login

TICKET_SECONDS = 300
"""How long the code may come after the password."""
_WRONG = "The user name or the password is not right."
_WRONG_CODE = "The code is not right, or it was used already. Wait for the next one."


async def show(request: Request) -> Response:
    """The page where one signs in."""
    made = await turn(request)
    next_ = onward(request.query_params.get("next", ""))
    if made.session:
        return made.away(next_)
    return _form(made, next_)


async def enter(request: Request) -> Response:
    """A name and a password."""
    made = await turn(request)
    form = await form_of(made)
    name, next_ = one(form, "name"), onward(one(form, "next"))
    missing = [(field, f"Enter your {word}.") for field, word in _FIELDS.items() if not form.get(field, [""])[0]]
    if missing:
        return _form(made, next_, name, missing)
    outcome = await made.service.sign_in.entrance.by_password(name, one(form, "password"), made.address)
    await _note(made, outcome)
    if outcome.came in (Came.WRONG, Came.WAIT) or outcome.login is None:
        return _form(made, next_, name, [("name", _said(outcome, _WRONG))], *_status(outcome))
    ticket = {"login": outcome.login.login, "stamp": outcome.login.stamp, "next": next_}
    if outcome.came is Came.CODE_DUE:
        made.hand(CODE, ticket)
        return made.away(f"{PREFIX}/code")
    if outcome.came is Came.ENROL_DUE:
        made.hand(ENROL, {**ticket, "secret": codes.new_secret()})
        return made.away(f"{PREFIX}/app")
    return await came_in(made, outcome.login, next_)


async def show_code(request: Request) -> Response:
    """The page that asks for the code."""
    made = await turn(request)
    if made.ticket(CODE, TICKET_SECONDS) is None:
        return made.away(f"{PREFIX}/sign-in")
    return page(made, "code.html")


async def enter_code(request: Request) -> Response:
    """The code."""
    made = await turn(request)
    form = await form_of(made)
    ticket = made.ticket(CODE, TICKET_SECONDS)
    if ticket is None:
        return made.away(f"{PREFIX}/sign-in")
    outcome = await made.service.sign_in.entrance.by_code(
        ticket["login"], ticket["stamp"], one(form, "code"), made.address
    )
    await _note(made, outcome)
    if outcome.came is not Came.IN or outcome.login is None:
        status, headers = _status(outcome)
        return page(made, "code.html", status, headers=headers, faults=[("code", _said(outcome, _WRONG_CODE))])
    return await came_in(made, outcome.login, ticket["next"])


async def came_in(made: Turn, login: Login, next_: str) -> Response:
    """Somebody has signed in."""
    await made.begin(login)
    return made.away(onward(next_))


async def you(request: Request) -> Response:
    """Who is signed in."""
    made = await turn(request)
    if made.session is None:
        return sign_in_first(made)
    return page(made, "you.html", enrolled=bool(made.session.login.totp), local=bool(made.session.login.password))


async def leave(request: Request) -> Response:
    """Sign out: the session is over, wherever its token still lies."""
    made = await turn(request)
    if made.session:
        await form_of(made)
        await trail.note(made, "sign-out", made.session.login)
        await made.service.sign_in.sessions.end(made.session.token)
    made.drop(SESSION, LAUNCHED)
    return made.away(f"{PREFIX}/signed-out")


async def left(request: Request) -> Response:
    """What one sees after signing out."""
    made = await turn(request)
    return made.away(HOME) if made.session else page(made, "signed_out.html")


_FIELDS = {"name": "user name", "password": "password"}


def _form(
    made: Turn,
    next_: str,
    name: str = "",
    faults: list[tuple[str, str]] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    providers = made.service.sign_in.federation.providers.values()
    asked = next_ if next_ != HOME else ""
    return page(
        made,
        "sign_in.html",
        status,
        headers=headers,
        next=asked,
        name=name,
        faults=faults or (),
        providers=providers,
    )


async def _note(made: Turn, outcome: Outcome) -> None:
    """The event of a try; a right password that is not enough yet is none."""
    if outcome.came is Came.WAIT:
        await trail.note(made, "lockout", outcome.login, refused=outcome.why)
    elif outcome.came in (Came.IN, Came.WRONG):
        await trail.note(made, "sign-in", outcome.login, refused=outcome.why)


def _said(outcome: Outcome, wrong: str) -> str:
    if outcome.came is not Came.WAIT:
        return wrong
    wait = f"{-(-outcome.wait // 60)} minutes" if outcome.wait > 60 else f"{outcome.wait} seconds"  # noqa: PLR2004
    return f"There were too many tries. Wait {wait}, then try again."


def _status(outcome: Outcome) -> tuple[int, dict[str, str]]:
    if outcome.came is Came.WAIT:
        return 429, {"Retry-After": str(outcome.wait)}
    return 200, {}
