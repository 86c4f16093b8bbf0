"""A session that came by a launch is for one person, and may stand in the frame of the record system that launched it.

Two windows of one clinician about two people are how a wrong patient is treated. So what was opened from a record shows
that person and nobody else, whoever the account may see: for others there is the record, or a window of one's own.
"""

from typing import Final

from starlette.requests import Request
from starlette.types import Scope

from api import wire
from api.pages.care.addresses import PEOPLE
from api.pages.turn import Turn, framers
from plan.problem import Problem, Trouble

_ALWAYS: Final = frozenset({"/care", "/care/again", "/care/launch/leave"})
"""Addresses that are about nobody, and lead to nobody else."""


def framed(made: Turn) -> Turn:
    """Let those who launched it frame the answer to this request, whatever it will be."""
    if made.framers:
        made.request.scope[wire.FRAMERS] = made.framers
    return made


def framed_anyway(scope: Scope) -> None:
    """The same where no page was come to: an address that does not exist, an error before anybody was known."""
    found = framers(Request(scope))
    if found:
        scope[wire.FRAMERS] = found


def start(made: Turn) -> str:
    """Where a session that came by a launch begins; empty for any other."""
    return f"{PEOPLE}/{made.launch.person}" if made.launch else ""


def hold(made: Turn) -> None:
    """Insist that a page is about the person of the launch. Raises REFUSED, which tells nothing of anybody."""
    if made.launch is None or made.request.url.path in _ALWAYS:
        return
    if made.request.path_params.get("person") != made.launch.person:
        title = made.launch.title
        what = f"This window was opened from {title} for one person, so it shows nobody else."
        raise Problem(
            Trouble.REFUSED, f"{what} Open the other person's record in {title}, or sign in to Oneplan by itself."
        )
