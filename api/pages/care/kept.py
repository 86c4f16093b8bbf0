"""What was typed when a session had ended: kept closed for an hour, and offered again to the same account.

Nothing of it is done until somebody has signed in, looked at it, and sent it themself. Another account that signs in
at the same browser is shown nothing of it.
"""

import secrets
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from api.pages.care.addresses import PEOPLE
from api.pages.care.wording import HOUR, label
from api.pages.turn import OVER, PREFIX, Turn, late_form_of, one, sign_in_first
from db.kept_forms import KeptForms

AGAIN: Final = "/care/again"
KEPT: Final = "oneplan-kept"
"""The cookie with the token of what is kept."""
_SEAL, _WHO = "kept", "who"
_UNSEEN: Final = frozenset({"token", "key", "kept-for", "version"})
"""Fields that nobody typed."""


async def keep(made: Turn) -> Response:
    """Keep a form of ours whose session has ended, and send its writer to sign in; without one, only the latter."""
    found = await late_form_of(made)
    whose = made.service.sign_in.seals.opened(_WHO, one(found, "kept-for")) if found else None
    if not found or not whose:
        return sign_in_first(made)
    token, now = secrets.token_urlsafe(32), made.service.sign_in.now()
    fields = {name: said for name, said in found.items() if name not in ("token", "kept-for")}
    sealed = made.service.sign_in.seals.closed(
        _SEAL, {"login": whose["login"], "path": made.request.url.path, "fields": fields}
    )
    await _rows(made).put(_digest(token), now, sealed, forget=now - HOUR)
    made.cookies[KEPT] = token
    return made.away(OVER if made.launch else f"{PREFIX}/sign-in?next={quote(AGAIN, safe='/')}")


async def offered(made: Turn) -> dict[str, object] | None:
    """What is kept for the account of this session: its `path`, its `fields`, and the `shown` ones with labels.

    A session that came by a launch is offered what belongs to its one person.
    """
    token = made.cookie(KEPT)
    sealed = await _rows(made).find(_digest(token)) if token else None
    held = made.service.sign_in.seals.opened(_SEAL, sealed, HOUR // 1000) if sealed else None
    if held is None or made.session is None or held["login"] != made.session.login.login:
        return None
    if made.launch and not str(held["path"]).startswith(f"{PEOPLE}/{made.launch.person}/"):
        return None
    shown = [
        (label(name), said)
        for name, said in held["fields"].items()
        if name not in _UNSEEN and any(map(str.strip, said))
    ]
    return {**held, "shown": shown}


async def forget(made: Turn) -> None:
    """Let go of what is kept."""
    if token := made.cookie(KEPT):
        await _rows(made).drop(_digest(token))
    made.drop(KEPT)


def _rows(made: Turn) -> KeptForms:
    return KeptForms(made.service.database)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
