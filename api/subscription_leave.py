"""Who may have subscriptions, by whatever channel they are told, and what the audit says of that.

A subscription is its owner's: the same subject of the same agency. The administrator sees what there is and can delete
it; to all others it does not exist.
"""

from dataclasses import replace

from api.deeds import Visit
from api.desk import Desk
from api.feed_leave import note, owner
from auth.access import Permit, Question, Verb, allows, ask, beyond, refusal
from db.subscriptions import Subscribed
from plan.model import Role
from plan.override import BREAK_THE_GLASS
from plan.problem import Problem, Trouble

TYPE = "Subscription"
"""The FHIR type that scopes and the audit speak of."""
_ACTIONS = {Verb.CREATE: "C", Verb.READ: "R", Verb.UPDATE: "U", Verb.DELETE: "D", Verb.SEARCH: "E"}


async def permitted(desk: Desk, visit: Visit, verb: Verb, id_: str = "") -> Permit:
    """Questions 1 and 3: the app's scopes, and a role that has sections at all (or is the administrator's)."""
    permit = ask(visit.caller, desk.charter)
    refused = None
    if not allows(permit, verb, TYPE):
        refused = beyond(TYPE)
    elif not permit.letters and (permit.caller.role is not Role.ADMINISTRATOR or verb in (Verb.CREATE, Verb.UPDATE)):
        what = f"The role {permit.caller.role.value} has no plan to hear of."
        refused = refusal(Question.CHARTER, what, "Ask somebody who works on plans.")
    elif permit.caller.purpose == BREAK_THE_GLASS and verb in (Verb.CREATE, Verb.UPDATE):
        what = "A subscription outlives an override, so it is not asked for under the purpose BTG."
        refused = refusal(Question.RELATIONSHIP, what, "Ask under the purpose of your work with people, as TREAT.")
    if refused:
        await told(desk, visit, permit, verb, refused, id_)
        raise refused
    return permit


def own(permit: Permit, one: Subscribed) -> bool:
    """Whether a subscription is the caller's own."""
    return (one.agency, one.subject) == owner(permit.caller)


def visible(permit: Permit, one: Subscribed) -> bool:
    """Whether a subscription is there for the caller."""
    return own(permit, one) or permit.caller.role is Role.ADMINISTRATOR


def not_yours() -> Problem:
    """What is said to who sees a subscription that is not theirs to change."""
    return refusal(Question.OWNERSHIP, "A subscription is its owner's to change.", "Ask the owner.")


def event(visit: Visit, permit: Permit, verb: Verb, id_: str, now: int) -> tuple[object, ...]:
    """The audit row of what was done with a subscription."""
    return note(permit, _ACTIONS[verb], id_, now, visit.door, visit.request).event("", "", found=True)


async def told(desk: Desk, visit: Visit, permit: Permit, verb: Verb, problem: Problem, id_: str) -> None:
    """A refusal leaves its event before it is told."""
    if problem.trouble not in (Trouble.REFUSED, Trouble.NOT_FOUND):
        return
    question = str(problem.extra.get("question", Question.OWNERSHIP.value))
    feed = desk.feed
    refused = replace(note(permit, _ACTIONS[verb], id_, feed.clock(), visit.door, visit.request), refused=question)
    await feed.store.database.note([refused.event("", "", found=False)])
