"""Findings of a plan: what contradicts, what no rule could read, and how one of them is settled."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from api import forms
from api.deeds import Deed
from api.rest import asked, said
from api.settling import KIND, resolved
from auth.access import Verb
from fhir_facade import exact
from plan.kinds.types import Form, Text
from plan.unchecked import listed, not_checked


class Settling(Form):
    """How a finding is settled: why, and whether the contradiction was a real one."""

    reason: Text
    outcome: Literal["resolved", "withdrawn"] | None = None


async def listing(request: Request) -> Response:
    """The findings that this caller may see, the oldest first, and what of the plan they see no rule could read."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    desk = asked.desk_of(request)
    stored = await desk.kind(visit, person, KIND, None)
    unread = exact.text(listed(list(not_checked(await desk.known(visit, person)))))
    return said.view(request, f'{{"items":[{",".join(one.body for one in stored)}],"not_machine_checked":{unread}}}')


async def resolve(request: Request) -> Response:
    """Settle one, with a reason."""
    visit, person, id_ = await asked.visit_of(request), asked.person_of(request), asked.entry_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    version = asked.version_said(request, forms.version_in(body))
    sent = {name: value for name, value in body.items() if name != "version"}
    wanted = forms.checked(Settling, sent, "settling")
    current = await asked.desk_of(request).entry(visit, person, KIND, id_)
    done = resolved(exact.stored(current.body), wanted.get("outcome", "resolved"), wanted["reason"])
    deed = Deed(verb=Verb.UPDATE, type="DetectedIssue", id=id_, person=person, kind=KIND, body=done, version=version)
    return await said.written(request, visit, deed, raw)
