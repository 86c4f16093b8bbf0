"""Tying an authenticator app to an account: a picture to scan, a first code to prove it, recovery codes to keep.

The new secret stands sealed in a cookie until the first code proves that the app has it.
"""

import io

import segno
from starlette.requests import Request
from starlette.responses import Response

from api.pages import trail
from api.pages.shown import page
from api.pages.turn import ENROL, HOME, PREFIX, Turn, form_of, one, onward, sign_in_first, turn
from auth.sign_in import codes
from auth.sign_in.records import Login
from plan.problem import Problem, Trouble

TICKET_SECONDS = 900
TITLE = "Oneplan"


async def begin(request: Request) -> Response:
    """Somebody who is signed in wants codes. Who has them already asks an administrator to begin anew."""
    made = await turn(request)
    await form_of(made)
    if made.session is None:
        return sign_in_first(made)
    login = made.session.login
    if login.totp or not login.password:
        raise Problem(Trouble.REFUSED, "An app is tied to this account already. An administrator can undo that.")
    made.hand(ENROL, {"login": login.login, "stamp": login.stamp, "next": HOME, "secret": codes.new_secret()})
    return made.away(f"{PREFIX}/app")


async def show(request: Request) -> Response:
    """The picture, the same as text, and where the first code goes."""
    made = await turn(request)
    ticket = made.ticket(ENROL, TICKET_SECONDS)
    return made.away(f"{PREFIX}/sign-in") if ticket is None else _form(made, ticket["secret"])


async def picture(request: Request) -> Response:
    """The QR code, for the browser that has the ticket."""
    made = await turn(request)
    ticket = made.ticket(ENROL, TICKET_SECONDS)
    if ticket is None:
        raise Problem(Trouble.NOT_FOUND)
    drawn = io.BytesIO()
    address = codes.address(ticket["secret"], ticket["login"], TITLE)
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


async def enrol(request: Request) -> Response:
    """The first code. Whoever is here has proved the password; the code ties the app, and signs in."""
    made = await turn(request)
    form = await form_of(made)
    ticket = made.ticket(ENROL, TICKET_SECONDS)
    login = await _still(made, ticket) if ticket else None
    if ticket is None or login is None:
        return made.away(f"{PREFIX}/sign-in")
    done = await made.service.sign_in.entrance.enrol(login, ticket["secret"], one(form, "code"))
    if done is None:
        return _form(made, ticket["secret"], [("code", "The code is not right. Type the one that the app shows now.")])
    changed, recovery = done
    await trail.note(made, "code-app-tied", changed)
    await trail.note(made, "sign-in", changed)
    await made.service.sign_in.entrance.door.forgive(changed.login, made.address)
    await made.begin(changed)
    return page(made, "recovery.html", recovery=recovery, next=onward(ticket["next"]))


async def _still(made: Turn, ticket: dict[str, str]) -> Login | None:
    """The account of a ticket, unless it changed since."""
    found = await made.service.sign_in.kept.find(ticket["login"])
    return found if found and found.active and found.stamp == ticket["stamp"] and not found.totp else None


def _form(made: Turn, secret: str, faults: list[tuple[str, str]] | None = None) -> Response:
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page(made, "app.html", secret=spaced, faults=faults or ())
