"""What a hospital sends of its stays: read, judged event by event, and what came of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api import forms
from db.stay_events import Kept
from fhir_facade import exact
from plan import stay_events as told
from plan.dates import date_range
from plan.identity import NHS_NUMBER, identity
from plan.known import moment
from plan.model import AgencyId, EntryId, Json, PersonId, Stored
from plan.problem import Fault, Problem, Trouble, refuse_if
from plan.stay_events import Happened, StayEvent

_OPEN = 2**62
Whose = PersonId | tuple[str, str]
"""A person, or an NHS number that nobody here has."""


@dataclass(slots=True, kw_only=True)
class Taken:
    """What came of one event.

    `outcome`: applied (the stay changed), unchanged (kept; newer events say all that it says), repeated (it was taken
    before), heard (a heartbeat), refused (`problem` says why; nothing of it is kept, and it may be sent again).
    """

    id: str
    outcome: str = ""
    person: PersonId | None = None
    stay: EntryId | None = None
    version: int | None = None
    warnings: list[str] = field(default_factory=list)
    problem: Problem | None = None


def read(event: Json, agency: AgencyId) -> Taken:
    """An event as it came, and what is wrong with it by itself."""
    id_ = event.get("id") if isinstance(event, dict) else None
    taken = Taken(id=id_ if isinstance(id_, str) else "")
    try:
        forms.checked(StayEvent, forms.an_object(event), "event")
        if "nhs_number" in event:
            _numbered(event["nhs_number"])
        what = "an agency sends the events of its own stays only"
        mend = f"Send {agency}, or leave it out."
        refuse_if([Fault(what, ("hospital",), mend)] * (event.get("hospital", agency) != agency), Trouble.BAD_VALUE)
    except Problem as problem:
        refuse(taken, problem)
    return taken


def _numbered(number: str) -> None:
    try:
        identity(NHS_NUMBER, number)
    except ValueError as error:
        mend = "Check the number with the person."
        raise Problem(Trouble.BAD_VALUE, "", (Fault(str(error), ("nhs_number",), mend),)) from None


def refuse(taken: Taken, problem: Problem) -> None:
    """An event is refused, and why."""
    taken.outcome, taken.problem = "refused", problem


def at_fault(what: str, mend: str) -> Problem:
    """What is wrong with an event is the time of it."""
    return Problem(Trouble.UNPROCESSABLE, "", (Fault(what, ("occurred_at",), mend),))


def whose(event: Mapping[str, Json], owners: Mapping[str, PersonId]) -> Whose:
    """The person of an event; where nobody has the number, the number: those are asked leave for like all others."""
    if "person" in event:
        return PersonId(event["person"])
    return owners.get(event["nhs_number"]) or ("nhs_number", event["nhs_number"])


def happened(event: Mapping[str, Json]) -> Happened:
    """An event that was read, as it is kept."""
    said = event["occurred_at"]
    body = {name: event[name] for name in told.FIELDS if name in event}
    return Happened(id=event["id"], type=event["type"], at=moment(said) or 0, said=said, body=body)


def kept_as(one: Kept) -> Happened:
    """An event that was kept, as it is told."""
    return Happened(id=one.id, type=one.type, at=one.at, said=one.said, body=exact.stored(one.body))


def tell(events: Sequence[Happened]) -> dict[str, Any]:
    """The fields of the stay that these events come to."""
    return told.told(told.fold(events))


def without(body: Mapping[str, Json]) -> dict[str, Json]:
    """What of a stay the events do not tell."""
    return {name: value for name, value in body.items() if name not in told.FIELDS}


def number_of(stored: Stored) -> str | None:
    """The hospital's number of a stay; None where it has none, or was deleted."""
    number: str | None = exact.stored(stored.body).get("number") if stored.body else None
    return number


def span(body: Mapping[str, Json]) -> tuple[int, int] | None:
    """From coming in to leaving, both ends included; None for a stay that is not, or of which nobody knows when."""
    ends = [date_range(body[name]) if name in body else None for name in ("admitted", "discharged")]
    if body.get("status") == "cancelled" or ends[0] is None:
        return None
    return ends[0][0], ends[1]["T" not in body["discharged"]] if ends[1] else _OPEN


def meet(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Whether two stretches of time have more than an end in common."""
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]


def ordered(value: Json) -> Json:
    """The same content in one order: members of objects may come in any."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value)}
    return [ordered(one) for one in value] if isinstance(value, list) else value
