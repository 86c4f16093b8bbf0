"""What sign-in and consent leave in the audit: durable before anything is answered. No password, no code, no token."""

from api.ids import fresh
from api.pages.turn import Turn
from api.service import Service
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
    """One event of a turn. `refused` says why not, and is empty when it was allowed.

    Of a name that is no account nothing is kept: people type passwords where names belong.
    """
    await told(
        made.service,
        what,
        account=account or (login.account if login else None),
        target=target or (login.login if login else ""),
        person=person,
        refused=refused,
        client=client,
        request=made.request.scope["request_id"],
    )


async def told(  # noqa: PLR0913 - one keyword a column
    service: Service,
    what: str,
    *,
    account: Account | None = None,
    subject: str = "",
    target: str,
    person: str = "",
    refused: str = "",
    client: str = "",
    request: str = "",
    door: str = DOOR,
) -> None:
    """One event: `what` happened, by `account` or by a subject that is none, to `target`."""
    desk = service.desk
    event = Note(
        id=fresh(),
        at=desk.store.clock(),
        subject=account.subject if account else subject,
        agency=account.agency if account else "",
        role=account.role.value if account else "",
        purpose="",
        client=client,
        action="E",
        door=door,
        type=what,
        target=target,
        charter=desk.charter.version,
        request=request or fresh(),
        refused=refused,
    )
    await desk.store.database.note([event.event(person, "", found=not refused)])
