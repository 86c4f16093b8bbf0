"""Referrals: how a task moves from asked to done, how long an answer may take, and who is told when none comes.

Source: Gravity SDOH Clinical Care 3.0.0, closed-loop referral (requested, accepted or rejected with a reason, in
progress, on hold, completed, failed, cancelled by the source); coordination, issue 5 part 5. Nothing is handed over
silently: who has it now stays until the new one has accepted, and both are told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from plan.attention_rules import Agreed, stamp
from plan.known import HOUSE, Agency, Contact, Entry, Known, Wake, Want, moment
from plan.model import AgencyId, Json
from plan.names import opening

HOUR: Final = 3_600_000
ASKED = "planned"
TAKEN_ON = frozenset(("accepted", "doing", "paused"))
MOVES: Mapping[str, frozenset[str]] = {
    "planned": frozenset(("accepted", "refused", "cancelled", "entered_in_error")),
    "accepted": frozenset(("doing", "paused", "not_achieved", "cancelled", "entered_in_error")),
    "doing": frozenset(("paused", "done", "not_achieved", "cancelled", "entered_in_error")),
    "paused": frozenset(("doing", "done", "not_achieved", "cancelled", "entered_in_error")),
}
"""From a status to which others; what is not named is at its end."""
OF_THE_ASKED = frozenset(("accepted", "refused", "doing", "paused", "done", "not_achieved"))
"""What only the agency that is asked can say; the rest is said by whoever asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Agreed):
    """Within how many hours a referral of a priority is answered."""

    priority: str
    hours: int


_SOURCE: Final = "Default until the locality agrees its own; Gravity 3.0.0: whoever is asked looks each working day"
_SINCE: Final = "2026-01-01"
_GROUP: Final = "The plan's coordinating group"
CLOCKS: Mapping[str, Clock] = {
    row.priority: row
    for row in (
        Clock(priority="stat", hours=2, source=_SOURCE, since=_SINCE, owner=_GROUP),
        Clock(priority="asap", hours=8, source=_SOURCE, since=_SINCE, owner=_GROUP),
        Clock(priority="urgent", hours=24, source=_SOURCE, since=_SINCE, owner=_GROUP),
        Clock(priority="routine", hours=120, source=_SOURCE, since=_SINCE, owner=_GROUP),
    )
}
STEPS: Mapping[int, str] = {100: "escalation", 150: "coordinator"}
"""At which per cent of the time for an answer who is told."""


def referrals(known: Known) -> Iterator[tuple[Entry, Entry]]:
    """Each referral with the task that asks for it."""
    for task in known.of("action"):
        referral = known.at(task.body.get("focus"))
        if referral is not None and referral.kind == "referral":
            yield referral, task


def answer_due(task: Entry, referral: Entry) -> int:
    """Until when an answer is expected, milliseconds: as the task says, or by its priority."""
    said = moment(task.body.get("due"))
    priority = str(task.body.get("priority") or referral.body.get("priority") or "routine")
    return task.created + CLOCKS[priority].hours * HOUR if said is None else said


def steps(known: Known) -> Iterator[Want | Wake]:
    """Unanswered referrals: the agency's escalation contact is told, and then the coordinator; each once."""
    for referral, task in referrals(known):
        if task.body.get("status") == ASKED and not known.identity.get("died"):
            yield from _overdue(known, referral, task)
        yield from _handed_over(known, referral, task)


def _overdue(known: Known, referral: Entry, task: Entry) -> Iterator[Want | Wake]:
    length = max(answer_due(task, referral) - task.created, 0)
    for per_cent, who in STEPS.items():
        at, key = task.created + length * per_cent // 100, f"referral:{task.id}:{per_cent}"
        if at > known.now:
            yield Wake(at)
        elif known.made(key) is None:
            words = f"A referral to {_named(known, task)} has not been answered in the time that was agreed."
            yield _told(known, key, task, _escalated(known, who, task), words)


def _handed_over(known: Known, referral: Entry, task: Entry) -> Iterator[Want]:
    """Who has it now is told that another was asked; both are told when they have accepted."""
    old = next((one for one, _ in _old(known, referral)), None)
    holder = next((_owner(was) for _, was in _old(known, referral)), "")
    status = str(task.body.get("status"))
    if old is None or not holder:
        return
    new = opening(_named(known, task))
    asked, accepted = f"handover:{task.id}:asked", f"handover:{task.id}:accepted"
    if status == ASKED and known.made(asked) is None:
        words = f"{new} was asked to take this over. It stays with you until they accept."
        yield _told(known, asked, task, [{"reference": f"Organization/{holder}"}], words)
    if status in TAKEN_ON and known.made(accepted) is None:
        both = [{"reference": f"Organization/{holder}"}, {"reference": f"Organization/{_owner(task)}"}]
        yield _told(known, accepted, task, both, f"{new} has taken this over; the agency before has ended.")


def _old(known: Known, referral: Entry) -> Iterator[tuple[Entry, Entry]]:
    before = known.at(referral.body.get("instead_of"))
    return (pair for pair in referrals(known) if before is not None and pair[0].id == before.id)


def _told(known: Known, key: str, task: Entry, to: list[Json], words: str) -> Want:
    """A message beside the task, for those who may read the task; it says nothing of what was asked."""
    body = {
        "text": words,
        "status": "sent",
        "topic": {"text": "Referral"},
        "to": to,
        "sent": stamp(known.now),
        "about": [task.reference],
    }
    return Want(key=key, kind="message", section=task.section, body=body, restriction=task.restriction, agency=HOUSE)


def _escalated(known: Known, who: str, task: Entry) -> list[Json]:
    agency = known.agencies.get(AgencyId(_owner(task)))
    contact = agency.contacts.get("escalation") if agency and who == "escalation" else None
    if contact:
        return [_reached(contact)]
    hubs = [one for one in known.members() if one.kind == "discharge_hub" or _coordinates(known, one)]
    found = [{"reference": one.reference, "name": one.name or one.id} for one in hubs]
    return found or [{"reference": f"Organization/{task.agency}"}]


def _coordinates(known: Known, agency: Agency) -> bool:
    return any(place.party == agency.id and place.role == "coordinator" for place in known.team if known.stands(place))


def _reached(contact: Contact) -> dict[str, Json]:
    return {"reference": contact.reference} | ({"name": contact.name} if contact.name else {})


def _owner(task: Entry) -> str:
    who = task.body.get("who")
    reference = str(who.get("reference", "")) if isinstance(who, dict) else ""
    return reference.removeprefix("Organization/") if reference.startswith("Organization/") else ""


def _named(known: Known, task: Entry) -> str:
    """Who is asked, as people call them. It is written once, so an id that had no name would stay for good."""
    owner = _owner(task)
    name = known.called(owner)
    return "the agency" if name == owner else name
