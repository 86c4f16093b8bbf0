"""Emergency access: a plan is opened for an hour at most by who is not on the person's team, and closed again.

What it lets in is decided where all leave is; here it is asked for, told what it means, and kept for the pages that
follow (api/pages/care/emergency/glass.py).
"""

from typing import Final

from starlette.responses import Response

from api import forms
from api.pages.care.addresses import of_person
from api.pages.care.emergency import glass
from api.pages.care.emergency.glass import Glass
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import plain
from plan.known import moment
from plan.model import Json, PersonId
from plan.override import REASONS, ROLES, TEXT
from plan.problem import Problem, Trouble

OPEN: Final = "/care/open"
_WHO_MAY: Final = "Only a clinician, a social worker or a coordinator opens a plan in an emergency."
_WHOSE: Final = "Enter the NHS number of the person whose plan you need."


async def show(reader: Reader) -> Response:
    """The form, and the plans that are open already."""
    return _shown(reader, Form())


async def send(reader: Reader, form: Form) -> Response:
    """Open it, and go to the plan."""
    _must_be_one_who_may(reader)
    body: dict[str, Json] = {
        "nhs_number": form.need("nhs_number", _WHOSE),
        "reason": form.need("reason", "Choose why you need to see this plan now."),
        "text": form.need("text", "Say in a few words why you need to see this plan now."),
    }
    if form.text("text") and not TEXT[0] <= len(form.text("text")) <= TEXT[1]:
        form.fault("text", f"Say why in {TEXT[0]} to {TEXT[1]} characters.")
    found = None if form.faults else await _asked(reader, form, body)
    if found is None:
        return _shown(reader, form)
    glass.keep(reader.turn, reader.visit.caller, found)
    return reader.go(
        of_person(found.person), done="The plan is open to you. The person sees that you opened it, and why."
    )


async def end(reader: Reader, form: Form) -> Response:
    """It ends now. What is nobody's, or another's, ends without a word of it."""
    id_ = form.text("override")
    if not forms.ID.fullmatch(id_):
        raise Problem(Trouble.NOT_FOUND)
    try:
        await reader.ask("DELETE", f"/v1/overrides/{id_}")
    except Problem as problem:
        if problem.trouble is not Trouble.NOT_FOUND:
            raise
    glass.drop(reader.turn, reader.visit.caller, id_)
    return reader.go(OPEN, done="Your emergency access has ended.")


async def _asked(reader: Reader, form: Form, body: dict[str, Json]) -> Glass | None:
    """The override that was opened, or that is open already; None with faults for whatever it is refused for."""
    try:
        said = (await reader.ask("POST", "/v1/overrides", body, key=form.key)).body
    except Problem as problem:
        if problem.trouble is Trouble.NOT_FOUND:
            form.fault("nhs_number", "Nobody with this NHS number has a plan here.")
            return None
        if problem.trouble is Trouble.DUPLICATE and "override" in problem.extra:
            said = (await reader.ask("GET", f"/v1/overrides/{problem.extra['override']}")).body
        else:
            form.blame(problem)
            return None
    return Glass(said["id"], PersonId(said["person"]), moment(said["expires"]) or 0)


def _shown(reader: Reader, form: Form) -> Response:
    _must_be_one_who_may(reader)
    now = glass.opened(reader.turn, reader.visit.caller).values()
    return reader.page(
        "care/open.html",
        form=form,
        reasons=list(REASONS.items()),
        open=list(now),
        least=TEXT[0],
        words=plain(reader.now),
    )


def _must_be_one_who_may(reader: Reader) -> None:
    if reader.role not in ROLES:
        raise Problem(Trouble.REFUSED, _WHO_MAY)


WAYS = (Way("/open", show, send), Way("/open/end", None, end))
