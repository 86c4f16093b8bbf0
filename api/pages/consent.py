"""The consent screen: which app asks for what, in plain words; the account takes away what it likes and decides.

Specification: SMART App Launch 2.2 (in a standalone launch the user chooses the patient; fewer scopes may be granted).
Only what was asked, offered in words and left ticked is granted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.pages import choosing, trail
from api.pages.choosing import Faults, Found
from api.pages.scope_words import CHOOSE_PERSON, needs_person, offers
from api.pages.shown import page
from api.pages.turn import Turn, form_of, one, sign_in_first, turn
from auth.server.parties import Account, Decision, Pending, Requests
from plan.model import PersonId
from plan.problem import Problem, Trouble

ENCOUNTER = "launch/encounter"
_LAUNCH = frozenset({"launch", CHOOSE_PERSON})
"""Words that go with the person, who stands on the screen instead of them."""
_OVER = "This request is no longer waiting. Go back to the app and start again."
_SOURCE = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?|[a-z][a-z0-9+.-]*:")
_ANY_APP = "https: http://127.0.0.1:* http://localhost:*"
"""Where the forms may lead when it is not said where the app is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What stands on the screen beside the request itself."""

    kept: frozenset[str]
    people: Sequence[Found] = ()
    person: str = ""
    typed: Mapping[str, str]
    faults: Faults


async def show(request: Request) -> Response:
    """The question."""
    made = await turn(request)
    if made.session is None:
        return sign_in_first(made)
    account, pending = made.session.login.account, await _pending(made)
    people = await _offered(made, account, pending)
    chosen = people[0].id if len(people) == 1 else ""
    typed = dict.fromkeys(choosing.FIELDS, "")
    return _shown(
        made, pending, Screen(kept=frozenset(pending.scopes), people=people, person=chosen, typed=typed, faults=[])
    )


async def decide(request: Request) -> Response:
    """The answer: allow, refuse, or first find a person."""
    made = await turn(request)
    if made.session is None:
        return sign_in_first(made)
    form = await form_of(made)
    account, pending = made.session.login.account, await _pending(made)
    choice = one(form, "do")
    if choice == "refuse":
        return await _refuse(made, account, pending)
    if choice == "find":
        return await _find(made, account, pending, form)
    if choice != "allow":
        raise Problem(Trouble.INVALID, "The form does not say what was decided.")
    return await _allow(made, account, pending, form)


async def _refuse(made: Turn, account: Account, pending: Pending) -> Response:
    to = await _requests(made).deny(pending.id, account)
    await trail.note(made, "consent", account=account, target=pending.client, refused="consent")
    return made.away(to)


async def _find(made: Turn, account: Account, pending: Pending, form: Mapping[str, list[str]]) -> Response:
    people, faults = await choosing.search(made, account, form)
    chosen = people[0].id if len(people) == 1 else ""
    typed = {name: one(form, name) for name in choosing.FIELDS}
    kept = frozenset(form.get("scope", ()))
    return _shown(made, pending, Screen(kept=kept, people=people, person=chosen, typed=typed, faults=faults))


async def _allow(made: Turn, account: Account, pending: Pending, form: Mapping[str, list[str]]) -> Response:
    kept = frozenset(form.get("scope", ()))
    said = pending.patient or PersonId(one(form, "person"))
    wanted = needs_person(pending.scopes) or pending.patient is not None
    person = (await choosing.known(made, account, said) if said else None) if wanted else None
    if wanted and person is None:
        people = await _offered(made, account, pending)
        typed = {name: one(form, name) for name in choosing.FIELDS}
        fault = ("person", "Choose the person that the app is to work with.")
        return _shown(made, pending, Screen(kept=kept, people=people, typed=typed, faults=[fault]))
    left = _left(pending, kept, person=person is not None)
    if not left:
        return await _refuse(made, account, pending)
    decision = Decision(
        scopes=left,
        patient=person.id if person else None,
        encounter=pending.encounter if ENCOUNTER not in pending.scopes or ENCOUNTER in kept else None,
    )
    to = await _requests(made).grant(pending.id, account, decision)
    await trail.note(
        made, "consent", account=account, target=pending.client, person=decision.patient or "", client=pending.client
    )
    return made.away(to)


def _left(pending: Pending, kept: frozenset[str], *, person: bool) -> tuple[str, ...]:
    """What of the asked scopes is granted, in the order in which they were asked for."""
    offered = {offer.word for offer in offers(pending.scopes)}
    return tuple(
        word
        for word in dict.fromkeys(pending.scopes)
        if (word in _LAUNCH and person) or (word in offered and word in kept)
    )


async def _offered(made: Turn, account: Account, pending: Pending) -> Sequence[Found]:
    """Who can be chosen before anything is searched for; in a launch from an EHR the one person it is about."""
    if pending.patient:
        found = await choosing.known(made, account, pending.patient)
        return [found] if found else []
    return await choosing.own(made, account) if needs_person(pending.scopes) else []


def _shown(made: Turn, pending: Pending, screen: Screen) -> Response:
    return page(
        made,
        "consent.html",
        to=source(pending.redirect_uri),
        pending=pending,
        offers=offers(pending.scopes),
        needs_person=needs_person(pending.scopes) or pending.patient is not None,
        searchable=_searchable(made, pending),
        until=datetime.fromtimestamp(pending.expires, UTC),
        app_host=urlsplit(pending.redirect_uri).netloc,
        kept=screen.kept,
        people=screen.people,
        person=screen.person,
        typed=screen.typed,
        faults=screen.faults,
    )


def _searchable(made: Turn, pending: Pending) -> bool:
    """Whether this account finds people by searching: a person and a carer have theirs before them."""
    account = made.session.login.account if made.session else None
    own = account is None or account.role.value in ("person", "carer")
    return not own and pending.patient is None


def source(redirect_uri: str) -> str:
    """Where the forms of the screen may lead, as a policy spells it: browsers hold a form to it across redirects."""
    parts = urlsplit(redirect_uri)
    said = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    return said if _SOURCE.fullmatch(said) else _ANY_APP


def _requests(made: Turn) -> Requests:
    if made.service.requests is None:
        raise Problem(Trouble.NOT_FOUND, _OVER)
    return made.service.requests


async def _pending(made: Turn) -> Pending:
    found = await _requests(made).pending(made.request.path_params["pending"])
    if found is None:
        raise Problem(Trouble.NOT_FOUND, _OVER)
    return found
