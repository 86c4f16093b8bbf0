"""Messages with their states, and the steps that the team asked and the sender take: each is one write at the desk.

A message that asks has an ask (plan.kinds.ask), which the service keeps. FHIR clients take the same steps by changing
its Task, answering with a Communication, and saying of their own that they have understood.
"""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from api import forms
from api.deeds import UNSAID, Deed, Visit
from api.rest import asked, entries, said
from api.rest.asked import Spot
from auth.access import Verb
from fhir_facade import exact
from fhir_facade.drafts import fields_of, moment
from plan.kinds.message import Outcome
from plan.kinds.types import Form, Text
from plan.model import Stored
from plan.problem import Fault, Problem, Trouble

Step = Literal["seen", "acknowledged"]


class Answering(Form):
    """An answer: what came of a message, and in words what was done; `outcome_reason`: why nothing changes."""

    outcome: Outcome
    text: Text
    outcome_reason: Text | None = None


async def listing(request: Request) -> Response:
    """The messages, oldest first, and the threads of those that ask: how far each has come, by whom and when."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, "section")
    section = asked.section_named(terms["section"], Trouble.BAD_VALUE) if "section" in terms else None
    found = await asked.desk_of(request).kind(visit, person, "message", section)
    asks = await asked.desk_of(request).kind(visit, person, "ask", None) if found else ()
    there = {f"Communication/{one.id}" for one in found}
    threads = [one.body for one in asks if there & _about(one)]
    return said.view(request, f'{said.items(one.body for one in found)[:-1]},"threads":[{",".join(threads)}]}}')


async def thread(request: Request) -> Response:
    """How far one message has come. Raises CONFLICT for one that asks nothing, or was sent only now."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    message = await _message(request, visit)
    return said.entry(request, await _ask(request, visit, message))


async def seen(request: Request) -> Response:
    """Somebody of the team has seen it, which is not to say that they take it on."""
    return await _stepped(request, "seen")


async def acknowledge(request: Request) -> Response:
    """The team takes it on: its clock stops."""
    return await _stepped(request, "acknowledged")


async def answer(request: Request) -> Response:
    """What came of it: a message in reply, for the same readers, or for sender and asked alone where others write."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    fields = forms.checked(Answering, body, "answer")
    message = await _message(request, visit)
    stands = await _beside(request, visit, message)
    deed = asked.writable(Spot(message.person, stands.section, "message"), Verb.CREATE)
    deed.body = {**fields, "status": "sent", "in_reply_to": f"Communication/{message.id}"}
    deed.restriction = UNSAID if stands.restriction is None else stands.restriction | {message.agency}
    shelf = request.url.path.removesuffix(f"/{message.id}/answer")
    return await said.written(request, visit, deed, raw, shelf)


async def understood(request: Request) -> Response:
    """The sender has understood the answer: the loop closes."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    message = await _message(request, visit)
    if "answer" not in exact.stored((await _ask(request, visit, message)).body):
        what = "there is no answer yet"
        raise Problem(Trouble.UNPROCESSABLE, "Nobody has answered it yet.", (Fault(what, mend="Wait for it."),))
    deed = _changing(message)
    deed.body = fields_of(exact.stored(message.body)) | {"understood": moment(asked.desk_of(request).store.clock())}
    return await said.written(request, visit, deed, b"")


async def _stepped(request: Request, state: Step) -> Response:
    visit = await asked.visit_of(request)
    asked.terms(request)
    message = await _message(request, visit)
    ask = await _ask(request, visit, message)
    body = exact.stored(ask.body)
    if body["state"] == state:
        return said.entry(request, ask)
    deed = _changing(ask)
    deed.body = fields_of(body) | {"state": state}
    return await said.written(request, visit, deed, b"")


def _changing(entry: Stored) -> Deed:
    spot = Spot(entry.person, entry.section, entry.kind)
    deed = asked.writable(spot, Verb.UPDATE)
    deed.id, deed.version = entry.id, entry.version
    return deed


async def _message(request: Request, visit: Visit) -> Stored:
    """The message of the address, where this caller sees it."""
    where = entries.at_home("message")(request)
    return await asked.desk_of(request).entry(visit, where.person, where.kind, asked.entry_of(request))


async def _beside(request: Request, visit: Visit, message: Stored) -> Stored:
    """What an answer stands beside: the message, or what asks the caller's agency when it may not write there."""
    mine = [one for one in await _asks(request, visit, message) if _to(one) == visit.caller.agency]
    return mine[0] if mine and mine[0].section is not message.section else message


async def _asks(request: Request, visit: Visit, message: Stored) -> list[Stored]:
    found = await asked.desk_of(request).kind(visit, message.person, "ask", None)
    return [one for one in found if f"Communication/{message.id}" in _about(one)]


async def _ask(request: Request, visit: Visit, message: Stored) -> Stored:
    """The ask of a message: of several that of the caller's agency."""
    mine = await _asks(request, visit, message)
    for one in sorted(mine, key=lambda one: _to(one) != visit.caller.agency):
        return one
    what = "This message asks nothing of anybody, or has not been delivered yet."
    raise Problem(Trouble.CONFLICT, what, (Fault("there is no ask of it", mend="Look again in some seconds."),))


def _about(ask: Stored) -> frozenset[str]:
    """The messages of a thread."""
    return frozenset(exact.stored(ask.body).get("messages", ()))


def _to(ask: Stored) -> str:
    return str(exact.stored(ask.body).get("to", {}).get("reference", "")).removeprefix("Organization/")
