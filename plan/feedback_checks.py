"""What somebody may write in the feedback loop, at either door: messages, answers, instructions, steps of an ask.

Source: coordination scenarios F1, F3 and F4 and their bad input. Pure: the desk says who writes and who is on the team.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from plan.clocks import written
from plan.feedback_parties import PEOPLE, TEAMS, provider
from plan.feedback_readings import to_carers
from plan.feedback_table import EMERGENCY, RESPONSIBLE, STATES, at
from plan.feedback_threads import asks
from plan.known import Agency, Body
from plan.model import AgencyId, Json, Role
from plan.problem import Fault, Problem, Trouble, refuse_if

_ORDER = tuple(STATES)
_BY_HAND = ("delivered", "seen", "acknowledged")
"""The steps that who is asked takes; an answer makes it acted, and being understood closes it."""
_SENT = ("sent", "sending")
_KEPT = ("state", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Who writes, when, and what they may know of the team. `team`: its agencies; `workers`: of whom each worker is.

    `restriction`: who alone may see the entry; `owner`: the agency whose entry it is. `changed` says whether the entry
    that an instruction changes is there for the writer.
    """

    subject: str
    agency: AgencyId
    role: Role
    now: int
    owner: AgencyId
    team: Mapping[AgencyId, Agency] = field(default_factory=dict)
    workers: Mapping[str, AgencyId] = field(default_factory=dict)
    restriction: frozenset[AgencyId] | None = None
    changed: bool = False


def message(body: Body, before: Body, around: Around) -> dict[str, Json]:
    """The message as it is kept. `before`: as it was, empty for a new one. Raises Problem.

    An emergency is refused with the number to ring.
    """
    if body.get("urgency") == "emergency":
        raise _emergency(around)
    faults = list(_answered(body))
    if body.get("status") in _SENT and (body.get("to") != before.get("to") or asks(body) != asks(before)):
        faults += _sent_to(body, around)
    if body.get("understood") != before.get("understood"):
        faults += _understood(before, around)
    refuse_if(faults, Trouble.UNPROCESSABLE)
    kept = dict(body)
    if "understood" in body and body["understood"] != before.get("understood"):
        kept["understood"] = written(around.now)
    return kept


def instruction(body: Body, before: Body, around: Around) -> dict[str, Json]:
    """An instruction as it is kept: a clinician's to carers says until when it holds and which entry it changes."""
    parts = ("changes", "to", "period", "status")
    same = before and all(body.get(part) == before.get(part) for part in parts)
    if around.role is Role.CLINICIAN and to_carers(body) and body.get("status") == "active" and not same:
        refuse_if(_bounded(body, around), Trouble.UNPROCESSABLE)
    return dict(body)


def ask(body: Body, before: Body, around: Around) -> dict[str, Json]:
    """An ask as it is kept: it moves forward, by who is asked, and the service writes down who and when."""
    state = body.get("state")
    if not before:
        if state != "sent":
            raise _rule("an ask begins as sent", "state", "Send it as sent; who is asked moves it on.")
        return {**body, "steps": [_step(str(state), around)]}
    _must_be_kept(body, before)
    if state == before.get("state"):
        return {**body} | ({"steps": before["steps"]} if "steps" in before else {})
    _must_move(str(state), str(before.get("state")), before, around)
    return {**body, "steps": [*before.get("steps", ()), _step(str(state), around)]}


def _must_be_kept(body: Body, before: Body) -> None:
    names = sorted({*body, *before} - set(_KEPT))
    changed = [name for name in names if body.get(name) != before.get(name)]
    mend = "The service keeps it; change its state, or the message that it is about."
    refuse_if((Fault(f"{name} is not to be changed", (name,), mend) for name in changed), Trouble.UNPROCESSABLE)


def _must_move(state: str, was: str, before: Body, around: Around) -> None:
    asked = str(before.get("to", {}).get("reference", "")).removeprefix("Organization/")
    if asked and asked != around.agency:
        raise _rule("this asks another agency", "state", "Only who is asked moves it on.")
    if state == "acted":
        raise _rule("acted needs an answer", "state", "Answer the message, with an outcome: that makes it acted.")
    if state == "closed":
        raise _rule("its sender closes it", "state", "The sender says of the message that the answer is understood.")
    if state not in _BY_HAND:
        raise _rule("this is no state of an ask", "state", f"Its states are: {', '.join(_ORDER)}.")
    if _ORDER.index(state) < _ORDER.index(was):
        raise _rule(f"it is {was} already", "state", "Its states only move forward.")


def _step(state: str, around: Around) -> dict[str, Json]:
    return {"state": state, "at": written(around.now), "by": around.subject, "agency": around.agency}


def _answered(body: Body) -> Iterator[Fault]:
    if body.get("outcome") == "no_change" and "outcome_reason" not in body:
        mend = "Say in outcome_reason why nothing changes."
        yield Fault("no_change has no reason", ("outcome_reason",), mend, Trouble.REQUIRED)


def _understood(before: Body, around: Around) -> Iterator[Fault]:
    if not before:
        yield Fault("nothing has been answered yet", ("understood",), "Leave it out.")
    elif around.agency != around.owner:
        yield Fault("this is another agency's message", ("understood",), "Only its sender has understood.")


def _sent_to(body: Body, around: Around) -> Iterator[Fault]:
    for number, party in enumerate(body.get("to", ())):
        where = ("to", number, "reference")
        reference = str(party.get("reference", ""))
        type_ = reference.partition("/")[0]
        if type_ in ("", "CareTeam", *PEOPLE):
            continue
        if type_ not in TEAMS:
            if asks(body):
                what = "a message that asks goes to a team, not to one worker, who may be on leave"
                yield Fault(what, where, _instead(reference, around))
            continue
        agency = provider(reference, around.team)
        if agency is None:
            yield Fault(f"{reference} is not on this person's team", where, _those(around.team.values()))
        elif around.restriction is not None and agency not in {*around.restriction, around.owner}:
            yield Fault(f"{reference} is not among those who may see it", where, "Name it in restricted_to as well.")


def _instead(worker: str, around: Around) -> str:
    theirs = around.team.get(around.workers.get(worker.rpartition("/")[2], AgencyId("")))
    clinical = [one for kind in RESPONSIBLE for one in around.team.values() if one.kind == kind]
    return _those([theirs] if theirs else clinical or around.team.values())


def _those(agencies: Iterable[Agency]) -> str:
    names = ", ".join(sorted(f"{one.name} ({one.reference})" if one.name else one.reference for one in agencies))
    return f"Send it to: {names}." if names else "Nobody is on the team."


def _bounded(body: Body, around: Around) -> Iterator[Fault]:
    if "changes" not in body:
        yield Fault("it does not say what it changes", ("changes",), "Name the entry of the plan.", Trouble.REQUIRED)
    elif not around.changed:
        yield Fault("what it changes is not there", ("changes",), "Name an entry of this plan that you can see.")
    if "end" not in body.get("period", {}):
        what = "an instruction to carers holds until a day"
        yield Fault(what, ("period", "end"), "Say until when; it can be given anew.", Trouble.REQUIRED)
    for number, party in enumerate(body.get("to", ())):
        agency = provider(str(party.get("reference", "")), around.team)
        if agency is None or around.team[agency].kind != "care_provider":
            carers = [one for one in around.team.values() if one.kind == "care_provider"]
            yield Fault("this is no provider of care on the team", ("to", number, "reference"), _those(carers))


def _emergency(around: Around) -> Problem:
    numbers = dict.fromkeys(
        point.phone for one in around.team.values() for word, point in one.contacts.items() if word == "emergency"
    )
    numbers.pop("", None)
    ring = list(numbers) or [at(EMERGENCY, "emergency", around.now).number]
    what = f"An emergency is not a message: ring {' or '.join(ring)} now."
    fault = Fault("an emergency is not taken as a message", ("urgency",), f"Ring {' or '.join(ring)} now.")
    return Problem(Trouble.UNPROCESSABLE, what, (fault,), extra={"ring": ring})


def _rule(what: str, field_: str, mend: str) -> Problem:
    return Problem(Trouble.UNPROCESSABLE, f"{what[:1].upper()}{what[1:]}.", (Fault(what, (field_,), mend),))
