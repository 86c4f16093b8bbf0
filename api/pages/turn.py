"""One request at the pages: whose session it is, where we are reached, and whether a form is really from our own page.

Sources: RFC 6265bis (cookie prefixes, SameSite), OWASP ASVS 5.0 chapters 3 and 7, the Fetch standard (`Origin` and
`Sec-Fetch-Site`).
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.service import Service
from auth.sign_in.sessions import Session
from plan.problem import Problem, Trouble

PREFIX = "/auth"
HOME = f"{PREFIX}/you"
OVER = "/care/launch/over"
MAX_FORM = 64 * 1024
MAX_FIELDS = 300
FORM = "application/x-www-form-urlencoded"

SESSION, VISIT, TRIP, CODE, ENROL = "oneplan", "oneplan-visit", "oneplan-trip", "oneplan-code", "oneplan-app"
LAUNCH, LAUNCHED = "oneplan-launch", "oneplan-launched"
"""The cookies: who is signed in, a visitor's forms, a sign-in at a provider, a code that is due, an app to be tied; a
launch by a record system that is on its way, and who came by one.

Over https each name begins with `__Host-`. Over http, which only this very machine may use, browsers refuse that
prefix, so that the bare names are used.
"""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OUR_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}")
_OWN_SITE = frozenset({"same-origin", "none"})
_OF_SIGN_IN = frozenset({SESSION, VISIT, TRIP, CODE, ENROL})
"""Cookies that are never sent in another's frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What a session that came by a launch keeps: by which record system, on whom, and whether to show the banner."""

    ehr: str
    title: str
    person: str
    banner: bool = True


@dataclass(slots=True)
class Turn:
    """A request, and the cookies that its answer sets.

    `came`: the token of a session as it came, also of one that has ended. `launch`: by which launch it came, when it
    did. `framers`: whose pages may frame ours, as a policy spells them.
    """

    request: Request
    service: Service
    origin: str
    session: Session | None = None
    visit: str = ""
    came: str = ""
    launch: Launched | None = None
    framers: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over https."""
        return self.origin.startswith("https://")

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else ""

    @property
    def token(self) -> str:
        """What every form of this visitor, or of this session, carries.

        It is written anew each time, so that the length of a compressed page tells nothing of it.
        """
        return self._token(secrets.token_hex(8))

    def is_own(self, token: str, ended: str = "") -> bool:
        """Whether a form carries what a form of ours does: of this session, or of one that has `ended`."""
        return hmac.compare_digest(token.encode(), self._token(token.partition(".")[0], ended).encode())

    @property
    def who(self) -> str:
        """Whose form it is, closed, so that it can be kept for them when their session has ended meanwhile."""
        login = self.session.login.login if self.session else ""
        return self.service.sign_in.seals.closed("who", {"login": login})

    def _token(self, salt: str, ended: str = "") -> str:
        holder = ended or (self.session.token if self.session else self.visit)
        return f"{salt}.{self.service.sign_in.seals.mark('form', f'{salt} {holder}')}"

    def cookie(self, name: str) -> str:
        """A cookie of ours as it came."""
        return self.request.cookies.get(self._spelled(name), "")

    def ticket(self, name: str, seconds: int) -> dict[str, Any] | None:
        """What we closed into a cookie not longer ago than that."""
        text = self.cookie(name)
        return self.service.sign_in.seals.opened(name, text, seconds) if text else None

    def hand(self, name: str, said: Mapping[str, Any]) -> None:
        """Close something into a cookie."""
        self.cookies[name] = self.service.sign_in.seals.closed(name, said)

    def drop(self, *names: str) -> None:
        """Take cookies away, those that came."""
        self.cookies |= {name: "" for name in names if self.cookie(name)}

    async def begin(self, login: Any, launch: Launched | None = None) -> None:
        """A new session under a new token, in place of the one there was; the visitor is none any more."""
        if self.session:
            await self.service.sign_in.sessions.end(self.session.token)
        self.session = await self.service.sign_in.sessions.begin(login)
        self.drop(SESSION, VISIT, TRIP, CODE, ENROL, LAUNCH, LAUNCHED)
        self.launch = launch
        if launch is None:
            self.cookies[SESSION] = self.session.token
            return
        kept = {"token": self.session.token, "ehr": launch.ehr, "person": launch.person, "banner": launch.banner}
        self.hand(LAUNCHED, kept)

    def dressed(self, response: Response) -> Response:
        """The answer with its cookies."""
        for name, value in self.cookies.items():
            life = None if value else 0
            # In a record system's frame browsers send only what may go to other sites, and keep it for that one.
            framed = bool(self.framers) and self.secure and name not in _OF_SIGN_IN
            response.set_cookie(
                self._spelled(name),
                value,
                life,
                path="/",
                secure=self.secure,
                httponly=True,
                samesite="none" if framed else "lax",
            )
            if framed:
                header, said = response.raw_headers[-1]
                response.raw_headers[-1] = (header, said + b"; Partitioned")
        return response

    def away(self, to: str) -> Response:
        """Send the browser somewhere else, to be asked for by GET."""
        return self.dressed(Response(status_code=303, headers={"Location": to}))

    def _spelled(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


async def turn(request: Request, *, used: bool = True) -> Turn:
    """The turn of a request; `used` as in Sessions.find.

    Raises Problem: REFUSED over plain http from elsewhere, UNAVAILABLE without a secret.
    """
    service = door.service_of(request)
    made = Turn(request, service, _origin(request, service.settings.base_url))
    made.came = _launched(made) or made.cookie(SESSION)
    made.session = await service.sign_in.sessions.find(made.came, used=used)
    made.visit = made.cookie(VISIT)
    if made.session is None and not made.visit:
        made.visit = made.cookies[VISIT] = secrets.token_urlsafe(32)
    return made


def framers(request: Request) -> str:
    """Whose pages may frame an answer to this request, whatever it is; empty for nobody's.

    It raises nothing, so that the last word on an error can ask for it: of the address only the scheme is looked at.
    """
    service = door.service_of(request)
    if not service.sign_in.is_open:
        return ""
    made = Turn(request, service, service.settings.base_url or f"{request.scope['scheme']}://")
    _launched(made)
    return made.framers


def _launched(made: Turn) -> str:
    """The token of a session that came by a launch; empty without one, or when its record system is none any more."""
    ticket = made.ticket(LAUNCHED, made.service.settings.sign_in_hours * 3600)
    ehr = made.service.sign_in.launches.ehrs.get(ticket["ehr"]) if ticket else None
    if ticket is None or ehr is None:
        return ""
    made.framers = ehr.framers
    made.launch = Launched(ehr=ehr.name, title=ehr.title, person=ticket["person"], banner=ticket["banner"])
    return str(ticket["token"])


async def form_of(made: Turn) -> dict[str, list[str]]:
    """The fields of a form of ours: each name with all its values.

    Raises Problem: MEDIA_TYPE, TOO_LARGE, MALFORMED, and REFUSED for a form that is not from our own page.
    """
    found = await _fields(made)
    if not _from_here(made) or not made.is_own(one(found, "token")):
        raise Problem(Trouble.REFUSED, "This form is not from this page, or it is too old. Go back, and open it again.")
    return found


async def late_form_of(made: Turn) -> dict[str, list[str]] | None:
    """The fields of a form of ours whose session has ended meanwhile; None for any other. Raises as form_of."""
    found, ended = await _fields(made), made.came
    return found if ended and _from_here(made) and made.is_own(one(found, "token"), ended) else None


def _from_here(made: Turn) -> bool:
    headers = made.request.headers
    return headers.get("origin", made.origin) == made.origin and headers.get("sec-fetch-site", "none") in _OWN_SITE


async def _fields(made: Turn) -> dict[str, list[str]]:
    raw = await door.body(made.request, (FORM,), MAX_FORM)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Problem(Trouble.MALFORMED, "The form cannot be read.") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def one(form: Mapping[str, list[str]], name: str) -> str:
    """The value of a field that stands once, without what no keyboard writes; empty otherwise."""
    said = form.get(name, [""])
    return said[0] if len(said) == 1 and said[0].isprintable() else ""


def onward(said: str) -> str:
    """Where to go next, when it is an address of ours; else the account's own page."""
    return said if _OUR_PATH.fullmatch(said) else HOME


def sign_in_first(made: Turn) -> Response:
    """Send somebody who has not signed in to do so, and back here; who came by a launch has to be launched again."""
    if made.launch:
        return made.away(OVER)
    url = made.request.url
    here = f"{url.path}?{url.query}" if url.query else url.path
    return made.away(f"{PREFIX}/sign-in?next={quote(here, safe='/')}")


def _origin(request: Request, base: str) -> str:
    """Where browsers reach us: as configured, or as they asked."""
    origin = base.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    parts = urlsplit(origin)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise Problem(Trouble.REFUSED, "Signing in needs https (ONEPLAN_BASE_URL says where clients find the service).")
    return origin
