"""Emergency access, as the reader's browser keeps it: whose plans they have opened, by which override, until when.

An override counts only for requests that state the purpose of use BTG (docs/access.md). So the pages of a person whose
plan was opened state it, and no others do: every look under it says so in the audit by itself. The sealed cookie lets
nobody in; the desk asks for the override each time, and a cookie that outlives it opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from api.pages.turn import Turn
from auth.caller import Caller
from plan.model import PersonId
from plan.override import BREAK_THE_GLASS, MINUTES

COOKIE: Final = "oneplan-glass"
_SECONDS = MINUTES * 60
_MOST = 8
"""So many plans at once keep the cookie small; the eldest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Glass:
    """One plan that is open to one reader: the id of the override, and its end in milliseconds since 1970 UTC."""

    id: str
    person: PersonId
    until: int


def opened(made: Turn, caller: Caller) -> Mapping[PersonId, Glass]:
    """The plans that this caller has opened in this browser, as far as their time is not over."""
    ticket = made.ticket(COOKIE, _SECONDS)
    if ticket is None or ticket["who"] != _who(caller):
        return {}
    now = made.service.desk.store.clock()
    found = (Glass(id_, PersonId(person), until) for person, (id_, until) in ticket["open"].items())
    return {one.person: one for one in found if one.until > now}


def through(made: Turn, caller: Caller) -> Caller:
    """The caller, for the purpose of an emergency on the pages of a person whose plan they have opened."""
    person = made.request.path_params.get("person")
    return replace(caller, purpose=BREAK_THE_GLASS) if person in opened(made, caller) else caller


def keep(made: Turn, caller: Caller, one: Glass) -> None:
    """Remember that a plan is open."""
    others = [there for there in opened(made, caller).values() if there.person != one.person]
    _hand(made, caller, [*others, one][-_MOST:])


def drop(made: Turn, caller: Caller, id_: str) -> None:
    """Forget an override that has ended."""
    _hand(made, caller, [one for one in opened(made, caller).values() if one.id != id_])


def _hand(made: Turn, caller: Caller, some: list[Glass]) -> None:
    if not some:
        made.drop(COOKIE)
        return
    held: dict[str, Any] = {one.person: (one.id, one.until) for one in some}
    made.hand(COOKIE, {"who": _who(caller), "open": held})


def _who(caller: Caller) -> str:
    """Two people who share a browser do not share what one of them opened."""
    return f"{caller.agency}/{caller.subject}"
