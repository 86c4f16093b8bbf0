"""What each word of the events means to the service: one small function each, and one row."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from api.deeds import Deed
from api.simulation.events import Event
from api.simulation.town import SEATS
from auth.access import Verb
from plan.model import EntryId, PersonId, Section
from plan.problem import Problem, Trouble

if TYPE_CHECKING:
    from api.simulation.player import Player

Step = Callable[["Player", Event], Awaitable[None]]


def nothing(kind: str) -> Problem:
    """There is nothing to do it to."""
    return Problem(Trouble.NOT_FOUND, f"There is no such {kind}.")


async def _begin(play: "Player", event: Event) -> None:
    person, desk = PersonId(event.person), play.service.desk
    deed = Deed(verb=Verb.CREATE, type="Patient", id=EntryId(person), kind="person", body=dict(event.said["body"]))
    visit = play.visit(event)
    await desk.write(visit, [deed])
    for one in event.said["team"]:
        if one["worker"] != event.by:
            await desk.add_member(visit, person, one["agency"], SEATS[one["kind"]].role.value, "")


async def _write(play: "Player", event: Event) -> None:
    said = event.said
    body = _filled(play, event, dict(said["body"]))
    await play.make(event, said["kind"], said["name"], body, Section(said["section"]))


def _filled(play: "Player", event: Event, value: Any) -> Any:
    """A body in which `{name}` is the id of the person's entry of that name."""
    if isinstance(value, dict):
        return {name: _filled(play, event, held) for name, held in value.items()}
    if isinstance(value, list):
        return [_filled(play, event, held) for held in value]
    if isinstance(value, str) and "{" in value:
        head, _, rest = value.partition("{")
        name, _, tail = rest.partition("}")
        return f"{head}{play.id(event.person, name)}{tail}"
    return value


async def _admit(play: "Player", event: Event) -> None:
    hospital = play.agency(event, "hospital")
    body = {"status": "in_hospital", "hospital": hospital, "admitted": play.written(event.at)}
    body |= {"ward": event.said["ward"]} if "ward" in event.said else {}
    await play.make(event, "stay", event.said["stay"], body, Section.TRANSITIONS)


async def _plan(play: "Player", event: Event) -> None:
    there = await play.entry(event, "stay", event.said["stay"])
    await play.change(event, there, planned_discharge=event.said["planned"])


async def _cancel(play: "Player", event: Event) -> None:
    await play.change(event, await play.entry(event, "stay", event.said["stay"]), status="cancelled")


async def _die(play: "Player", event: Event) -> None:
    how = {"text": "Died", "system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeMethodEngland", "code": "4"}
    there = await play.entry(event, "stay", event.said["stay"])
    left = play.written(event.at)
    await play.change(event, there, status="finished", discharged=left, discharge_method=how)


async def _item(play: "Player", event: Event, **fields: Any) -> None:
    stay = f"Encounter/{play.id(event.person, event.said['stay'])}"
    there = await play.find(event, "readiness", item=event.said["item"], stay=stay)
    await play.change(event, there, **fields)


async def _confirm(play: "Player", event: Event) -> None:
    starts = {"starts": event.said["starts"]} if "starts" in event.said else {}
    await _item(play, event, status="confirmed", reason=None, **starts)


async def _block(play: "Player", event: Event) -> None:
    await _item(play, event, status="blocked", reason={"text": event.said["text"]})


async def _leave(play: "Player", event: Event) -> None:
    stay = event.said["stay"]
    if "override" in event.said:
        told = event.said["override"]
        body = {
            "stay": f"Encounter/{play.id(event.person, stay)}",
            "status": "decided",
            "role": "Ward sister",
            "reason": {"code": told["reason"], "system": _OVERRIDES},
            "text": told["text"],
            "receives": {"name": told["receiver"]},
            "mitigation": told["mitigation"],
        }
        await play.make(event, "discharge_override", f"override-{stay}", body, Section.TRANSITIONS)
    there = await play.entry(event, "stay", stay)
    await play.change(event, there, status="finished", discharged=play.written())


async def _fail(play: "Player", event: Event) -> None:
    causes = [
        {"reason": {"text": one.get("text") or one["item"]}, "agency": play.agency(event, one["kind"])["reference"]}
        for one in event.said["reasons"]
    ]
    stay = event.said["stay"]
    body = {"stay": f"Encounter/{play.id(event.person, stay)}", "category": event.said["type"], "causes": causes}
    body |= {"at": play.written(event.at)}
    await play.make(event, "failed_discharge", f"failed-{stay}", body, Section.TRANSITIONS)


async def _concern(play: "Player", event: Event) -> None:
    body = {
        "text": event.said["text"],
        "status": "sent",
        "urgency": event.said["urgency"],
        "concern": {"text": event.said["concern"]},
        "to": [play.agency(event, "gp_practice")],
        "sent": play.written(event.at),
    }
    await play.make(event, "message", event.said["message"], body, Section.SOCIAL_CARE)


async def _stage(play: "Player", event: Event) -> None:
    about = f"Communication/{play.id(event.person, event.said['message'])}"
    await play.change(event, await play.find(event, "ask", focus=about), state=_STAGES[event.do])


async def _answer(play: "Player", event: Event) -> None:
    name = event.said["message"]
    body = {
        "text": event.said["text"],
        "status": "sent",
        "outcome": event.said["outcome"],
        "in_reply_to": f"Communication/{play.id(event.person, name)}",
        "to": [play.agency(event, "care_provider")],
        "sent": play.written(event.at),
    }
    await play.make(event, "message", f"answer-{name}", body, Section.SOCIAL_CARE)


async def _understood(play: "Player", event: Event) -> None:
    there = await play.entry(event, "message", event.said["message"])
    await play.change(event, there, understood=play.written(event.at))


async def _sign(play: "Player", event: Event) -> None:
    for name in event.said["sections"]:
        found = await play.service.desk.plan(play.visit(event), PersonId(event.person), section=Section(name))
        section = next(one for one in found if one.kind == "section")
        signed = f"CarePlan/{section.id}/_history/{section.version}"
        body = {"signed": signed, "outcome": "no_change"}
        await play.make(event, "review", f"review-{name}-{event.at}", body, Section(name))


async def _score(play: "Player", event: Event) -> None:
    there = await play.entry(event, "goal", event.said["goal"])
    by = {"reference": f"Patient/{event.person}"}
    await play.change(event, there, score=event.said["score"], scored_by=by, scored=play.written(event.at))


async def _resolve(play: "Player", event: Event) -> None:
    sides = {play.id(event.person, name) for name in event.said["entries"]}
    found = await play.service.desk.kind(play.visit(event), PersonId(event.person), "finding", None)
    for one in found:
        if sides == {side.partition("/")[2] for side in play.body(one)["sides"]}:
            await play.change(event, one, status="resolved", resolution={"reason": event.said["text"]})


async def _refer(play: "Player", event: Event) -> None:
    to = {"reference": f"Organization/{event.said['to']}"}
    body = {"referral": event.said["text"], "status": "active", "to": to}
    name = event.said["referral"]
    await play.make(event, "referral", name, body, Section.TRANSITIONS)
    focus = f"ServiceRequest/{play.id(event.person, name)}"
    task = {"what": event.said["text"], "status": "planned", "who": to, "focus": focus}
    await play.make(event, "action", f"task-{name}", task, Section.TRANSITIONS)


async def _decide(play: "Player", event: Event) -> None:
    about = f"ServiceRequest/{play.id(event.person, event.said['referral'])}"
    why = {"status_reason": event.said["text"]} if "text" in event.said else {}
    await play.change(event, await play.find(event, "action", focus=about), status=_DECISIONS[event.do], **why)


async def _told(play: "Player", event: Event) -> None:
    """What the person says themselves is their answer to the item."""
    await _item(play, event, status="confirmed", reason=None)


_OVERRIDES: Final = "https://oneplan.example/fhir/CodeSystem/discharge-override-reason"
_DECISIONS: Final = {"accept": "accepted", "refuse": "refused"}
_STAGES: Final = {"see": "seen", "acknowledge": "acknowledged"}
STEPS: Final[Mapping[str, Step]] = {
    "begin": _begin,
    "write": _write,
    "admit": _admit,
    "notice": _plan,
    "move": _plan,
    "cancel": _cancel,
    "die": _die,
    "confirm": _confirm,
    "block": _block,
    "depart": _leave,
    "fail": _fail,
    "told": _told,
    "concern": _concern,
    "see": _stage,
    "acknowledge": _stage,
    "answer": _answer,
    "understood": _understood,
    "sign": _sign,
    "score": _score,
    "resolve": _resolve,
    "refer": _refer,
    "accept": _decide,
    "refuse": _decide,
}
"""By the words of api.simulation.events; what is true is no step."""
