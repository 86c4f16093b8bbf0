"""Referrals: an agency is asked to take something on, and answers. The task that asks goes with the referral.

Everything else of a referral is done as with any entry (api/rest/entries.py).
"""

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from api import forms
from api.deeds import Deed
from api.ids import fresh
from api.rest import asked, said
from auth.access import Verb
from fhir_facade import exact, lens
from fhir_facade.drafts import moment
from fhir_facade.faces import FACES
from fhir_facade.referral import FULFILL
from plan.kinds import KINDS
from plan.kinds.types import Form, Text
from plan.model import Json, Section, Stored
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Point, Query

KIND = KINDS["referral"]
EVERYBODYS = Section.TRANSITIONS
"""Where a referral stands when nobody says: who is asked must be able to answer there, whatever their role."""


class Moving(Form):
    """How a referral moves on. A refusal carries a `reason`; what is done says its `outcome`."""

    status: Literal["accepted", "refused", "doing", "paused", "done", "not_achieved", "cancelled"]
    reason: Text | None = None
    outcome: Text | None = None


async def create(request: Request) -> Response:
    """Ask an agency: the referral and its task, or neither."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, "section")
    raw, body = await asked.body_of(request)
    told = terms.get("section") or body.get("section")
    section = asked.section_named(str(told), Trouble.BAD_VALUE) if told else EVERYBODYS
    form = forms.read(KIND, body, {"kind": KIND.name, "section": section.value}, new=True)
    whom = form.fields.get("to") or {}
    if not whom.get("reference"):
        what = "nobody is asked"
        fault = Fault(what, ("to", "reference"), "Name an Organization of the directory.", Trouble.REQUIRED)
        raise Problem(Trouble.REQUIRED, what, (fault,))
    now, mine = moment(asked.desk_of(request).store.clock()), f"Organization/{visit.caller.agency}"
    fields = {"asked_by": {"reference": mine}, "asked": now, **form.fields}
    link = f"urn:uuid:{fresh()}"
    common: dict[str, Any] = {"person": person, "section": section, "restriction": form.restriction}
    deed = Deed(verb=Verb.CREATE, type="ServiceRequest", kind=KIND.name, body=fields, link=link, **common)
    task = Deed(verb=Verb.CREATE, type="Task", resource=_task(fields, str(person), link), **common)
    return await said.written(request, visit, deed, raw, request.url.path, (task,))


def _task(fields: dict[str, Json], person: str, link: str) -> dict[str, Json]:
    """The task of a new referral (Gravity: an order to fulfil it, requested of its owner)."""
    priority = {"priority": fields["priority"]} if "priority" in fields else {}
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [FULFILL]},
        "description": fields["referral"],
        "focus": {"reference": link},
        "for": {"reference": f"Patient/{person}"},
        "authoredOn": fields["asked"],
        "requester": {"reference": fields["asked_by"]["reference"]},
        "owner": {"reference": fields["to"]["reference"]},
        **priority,
    }


async def answer(request: Request) -> Response:
    """The task of a referral moves on."""
    visit, person, id_ = await asked.visit_of(request), asked.person_of(request), asked.entry_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    fields = forms.checked(Moving, body, "answer")
    focus = Condition("focus", (Point(str(id_), "ServiceRequest"),))
    deed = Deed(
        verb=Verb.UPDATE,
        type="Task",
        person=person,
        where=Query(type="Task", persons=(person,), conditions=(focus,)),
        change=lambda stored: _moved(stored, fields),
    )
    return await said.written(request, visit, deed, raw)


def _moved(stored: Stored, fields: dict[str, Json]) -> dict[str, Json]:
    """The task with its new status, seen through its native face."""
    face = FACES["action"]
    task = exact.stored(stored.fhir)
    body = lens.view(face.fields, task)
    body |= {"status": fields["status"]}
    body |= {name: fields[key] for name, key in (("status_reason", "reason"), ("outcome", "outcome")) if key in fields}
    return lens.put(face.fields, body, task)
