"""The readiness of a stay: the gate with its items, an answer to one of them, an override, a discharge that failed.

Short addresses for what can be done with the entries themselves too: they make the same deeds, so that leave, checks,
audit and events are the same. The gate is computed from what the caller may see.
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api import forms
from api.deeds import Deed, Visit
from api.readiness import Readiness, item_of, readiness_of
from api.rest import asked, said
from api.rest.words import Words
from auth.access import Verb
from fhir_facade import exact
from fhir_facade.drafts import HOME, fields_of
from fhir_facade.faces import FACES
from plan.discharge_table import CODES
from plan.kinds import KINDS
from plan.kinds.types import Coding, DateOrMoment, Form, Text
from plan.model import Json, Section
from plan.problem import Problem, Trouble

STAY = "/v1/people/{person}/stays/{entry}"


class ItemAnswer(Form):
    """An answer to one item. `reason`: why it is blocked or not needed. `asked_for`: the planned discharge it is for.

    `starts`: when what was arranged begins: the arrival, the first visit, the appointment. `version`, or If-Match: the
    version of the entry that was read; then nobody's answer in between is written over.
    """

    status: Literal["confirmed", "blocked", "not_needed", "asked"]
    reason: Coding | None = None
    starts: DateOrMoment | None = None
    asked_for: DateOrMoment | None = None
    note: Text | None = None
    version: Annotated[int, Field(ge=1)] | None = None


async def read(request: Request) -> Response:
    """The gate of a stay, with its items."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    found = await readiness_of(asked.desk_of(request), visit, asked.person_of(request), asked.entry_of(request))
    return said.view(request, exact.text(found.told()))


async def answer(request: Request) -> Response:
    """Confirm an item, say what stands in its way, that it is not needed, or that it is open again."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    forms.checked(ItemAnswer, body, "answer")
    desk, person = asked.desk_of(request), asked.person_of(request)
    found = await readiness_of(desk, visit, person, asked.entry_of(request))
    named = str(request.path_params["item"])
    item = item_of(found, visit, named if named in CODES else asked.id_of(request, "item"))
    current = await desk.entry(visit, person, "readiness", item.id)
    kept = {name: value for name, value in fields_of(exact.stored(current.body)).items() if name not in _ANSWERED}
    version = _version(request, body, current.version)
    deed = _deed("readiness", Verb.UPDATE, found, kept | body)
    deed.id, deed.version = item.id, version
    return await said.written(request, visit, deed, raw)


def _version(request: Request, body: dict[str, Any], current: int) -> int:
    """The version that is answered: the one that is said, else the one that is there."""
    said = body.pop("version", None)
    return current if said is None and "if-match" not in request.headers else asked.version_said(request, said)


async def override(request: Request) -> Response:
    """Let the person leave although the gate is not ready."""
    return await _made(request, "discharge_override", {"status": "decided"}, Section.TRANSITIONS)


async def failed(request: Request) -> Response:
    """Record that the discharge failed."""
    return await _made(request, "failed_discharge", {}, None)


_ANSWERED = ("status", "reason", "starts", "note")
"""What an answer says anew."""


async def _made(request: Request, kind: str, more: dict[str, Json], section: Section | None) -> Response:
    visit = await asked.visit_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    found = await readiness_of(asked.desk_of(request), visit, asked.person_of(request), asked.entry_of(request))
    whole = {**more, **body, "stay": found.reference}
    faults = forms.found(KINDS[kind].form, whole, kind)
    if faults:
        raise Problem(Trouble.UNPROCESSABLE, f"The {kind} is not as it must be.", tuple(faults))
    deed = _deed(kind, Verb.CREATE, found, whole)
    deed.section = section or _home(visit, kind)
    shelf = f"/v1/people/{found.known.person}/plan/sections/{deed.section}/{kind}"
    return await said.written(request, visit, deed, raw, shelf)


def _deed(kind: str, verb: Verb, found: Readiness, body: dict[str, Json]) -> Deed:
    return Deed(verb=verb, type=FACES[kind].type, kind=kind, person=found.known.person, body=body)


def _home(visit: Visit, kind: str) -> Section:
    home = HOME.get(visit.caller.role)
    return home if home in KINDS[kind].sections else Section.TRANSITIONS


def _words(name: str, summary: str, answer: str, **more: Any) -> Words:
    return Words(name=name, summary=summary, tag="stays", answer=answer, **more)


_FAILED = _words(
    "record_failed_discharge", "A discharge failed", "FailedDischarge", body="FailedDischarge", status=201, keyed=True
)
_OVERRIDE = _words(
    "override_discharge",
    "Leave although the gate is not ready",
    "DischargeOverride",
    body="DischargeOverride",
    status=201,
    keyed=True,
)
ROWS = (
    ("GET", f"{STAY}/readiness", read, _words("read_readiness", "The gate and its items", "StayReadiness", known=True)),
    (
        "POST",
        f"{STAY}/readiness/{{item}}",
        answer,
        _words(
            "answer_item",
            "Confirm an item, or say what blocks it",
            "Readiness",
            body="ItemAnswer",
            keyed=True,
            may_name=True,
        ),
    ),
    ("POST", f"{STAY}/override", override, _OVERRIDE),
    ("POST", f"{STAY}/failed-discharge", failed, _FAILED),
)
"""Method, address, handler and description."""
