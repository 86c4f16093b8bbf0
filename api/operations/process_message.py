"""$process-message: a message of a hospital's feed, taken as an event of a stay and answered at once.

Source: FHIR R4 and R5 MessageHeader operation process-message. What is refused is answered with its OperationOutcome
and its status, so that no sender takes it for done; it may be sent again under the same id.
"""

from dataclasses import replace

from api.fhir_asked import Answer, Asked
from api.ids import fresh
from api.operations.sent import said, taken
from api.stay_feed import StayFeed
from fhir_facade import parameters, stay_message
from fhir_facade.drafts import moment
from fhir_facade.parameters import In
from plan.problem import Fault, Problem, Trouble

TAKES = (In("content", "resource"), In("async", "boolean"))


async def take(asked: Asked) -> Answer:
    """Take the message. Raises what is wrong with it, at its place in the message."""
    told = said(asked, TAKES, bare="Bundle")
    if parameters.one(told, "async", default=False):
        what = "a message is answered at once"
        raise Problem(Trouble.NOT_SUPPORTED, "", (Fault(what, ("async",), "Leave async out."),))
    sent = parameters.one(told, "content") or parameters.one(told, "resource")
    if sent is None:
        raise Problem(Trouble.REQUIRED, "", (Fault("there is no message", ("content",), "Send a Bundle."),))
    bundle = taken(asked, sent, "Bundle", ("Bundle",))
    (one,) = await StayFeed.of(asked.desk).take(asked.visit, [stay_message.event(bundle)])
    if one.problem:
        faults = tuple(replace(f, where=stay_message.place(f.where, bundle)) for f in one.problem.faults)
        raise replace(one.problem, faults=faults)
    at = moment(asked.desk.store.clock())
    led = {"stay": one.stay, "warnings": one.warnings}
    text = stay_message.answered(bundle, (fresh(), fresh()), at, asked.base, led)
    return Answer(text=asked.version.shown(text))
