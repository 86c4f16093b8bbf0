"""What sign-in and consent leave in the audit: durable before anything is answered. No password, no code, no token."""

from api.ids import fresh
from api.pages.turn import Turn
from auth.server.parties import Account
from auth.sign_in.records import Login
from db.engine import Note

DOOR = "auth"


async def note(
    made: Turn,
    what: str,
    login: Login | None = None,
    *,
    account: Account | None = None,
    target: str = "",
    person: str = "",
    refused: str = "",
    client: str = "",
) -> None:
    """One event. `refused` says why not, and is empty when it was allowed.

    Of a name that is no account nothing is kept: people type passwords where names belong.
    """
    who = account or (login.account if login else None)
    desk = made.service.desk
    event = Note(
        id=fresh(),
        at=desk.store.clock(),
        subject=who.subject if who else "",
        agency=who.agency if who else "",
        role=who.role.value if who else "",
        purpose="",
        client=client,
        action="E",
        door=DOOR,
        type=what,
        target=target or (login.login if login else ""),
        charter=desk.charter.version,
        request=made.request.scope["request_id"],
        refused=refused,
    ).event(person, "", found=not refused)
    await desk.store.database.note([event])
