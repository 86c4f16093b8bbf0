"""Events of a hospital's feed, and the stay that they come to: a fold over all of them in the order of what happened.

Feeds repeat themselves, come late and come in any order. So a stay is never changed by an event as it arrives: every
event is kept, and the stay is told again from all of them. Each fact is the newest event's that speaks of it, and has
that event's time. What somebody wrote by hand in between is one more event, of the moment when it was written.

Source: HL7 v2.5.1 chapter 3 (ADT: A01, A02, A03, A11, A13, A16, A25) for what the events mean; UK Core DischargeMethod
(NHS Data Dictionary, DISCHARGE METHOD CODE) for how somebody left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from plan.dates import date_range
from plan.kinds.person import NhsNumber
from plan.kinds.refs import at, needed
from plan.kinds.types import Coding, DateOrMoment, Form, Line, Moment
from plan.known import moment
from plan.model import Json

Type = Literal[
    "admit",
    "transfer",
    "plan_discharge",
    "change_discharge",
    "cancel_discharge",
    "discharge",
    "self_discharge",
    "died",
    "cancel_admission",
    "heartbeat",
]
"""What can happen. Of two events of one moment the one that stands later here counts as the later."""
TYPES: tuple[str, ...] = get_args(Type)
HEARTBEAT = "heartbeat"
EDIT = "edit"
"""What was written by hand: no event of a feed, and the last of its moment."""
SLACK = 5 * 60_000
"""Milliseconds by which a sender's clock may be ahead of ours."""
DISCHARGE_METHOD = "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeMethodEngland"
DIED: Mapping[str, str] = {"system": DISCHARGE_METHOD, "code": "4", "text": "Patient died"}
SELF_DISCHARGED: Mapping[str, str] = {"system": DISCHARGE_METHOD, "code": "6", "text": "Patient discharged themself"}

Id = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
"""How the sender names an event: 1 to 128 characters of ASCII without spaces."""
ShortId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
_PLAN = frozenset({"planned_discharge", "discharge_ready", "pathway", "destination"})
SAYS: Mapping[str, frozenset[str]] = {
    "admit": _PLAN | {"ward", "reason", "method"},
    "transfer": frozenset({"ward"}),
    "plan_discharge": _PLAN,
    "change_discharge": _PLAN,
    "discharge": frozenset({"destination", "discharge_method", "pathway"}),
    "self_discharge": frozenset({"destination", "discharge_method"}),
    "died": frozenset({"destination", "discharge_method"}),
}
"""What an event of a type may say of the stay; those that are not here say nothing."""
_MUST: Mapping[str, str] = {
    "transfer": "ward",
    "plan_discharge": "planned_discharge",
    "change_discharge": "planned_discharge",
}
FIELDS = ("status", "admitted", "discharged", "discharge_method", *sorted(_PLAN), "ward", "reason", "method")
"""What of a stay the events tell; all else of it is left as it is."""
_ENDED = ("status", "discharged", "discharge_method")
"""These three are said together, so that they are always one event's."""
_STAYS: Mapping[str, Json] = {"status": "in_hospital", "discharged": None, "discharge_method": None}
_DEPARTURES = frozenset({"discharge", "self_discharge", "died"})


class StayEvent(Form):
    """One event. `occurred_at` is when it happened, whenever it is sent; `stay` is the hospital's number of the visit.

    `person` is our id of the person; or `nhs_number` says whom. `hospital` is the sender's own agency.
    """

    id: Id
    type: Type
    occurred_at: Moment
    hospital: ShortId | None = None
    person: ShortId | None = None
    nhs_number: NhsNumber | None = None
    stay: Line | None = None
    ward: Line | None = None
    planned_discharge: DateOrMoment | None = None
    discharge_ready: DateOrMoment | None = None
    pathway: Annotated[int, Field(ge=0, le=3)] | None = None
    destination: Coding | None = None
    reason: Coding | None = None
    method: Coding | None = None
    discharge_method: Coding | None = None

    @model_validator(mode="after")
    def _says_what_its_type_says(self) -> Self:
        said = self.model_fields_set
        if self.type == HEARTBEAT:
            for field in sorted(said - {"id", "type", "occurred_at", "hospital"}):
                raise at(field, "a heartbeat is of no stay: leave it out")
            return self
        if self.stay is None:
            raise needed("stay")
        if self.person is None and self.nhs_number is None:
            raise needed("person")
        if self.person is not None and self.nhs_number is not None:
            raise at("nhs_number", "the person's id says already who it is: send one of the two")
        for field in sorted((said & set(FIELDS)) - SAYS.get(self.type, frozenset())):
            raise at(field, f"an event of the type {self.type} says nothing of this: leave it out")
        if _MUST.get(self.type, "type") not in said:
            raise needed(_MUST[self.type])
        return self

    @model_validator(mode="after")
    def _plans_ahead(self) -> Self:
        planned = date_range(self.planned_discharge) if self.planned_discharge else None
        happened = moment(self.occurred_at)
        if planned and happened is not None and planned[1] < happened:
            raise at("planned_discharge", f"is not before the event itself, {self.occurred_at}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event as it is kept: when it happened (milliseconds since 1970 UTC, and as it was written), what it said."""

    id: str
    type: str
    at: int
    said: str
    body: Mapping[str, Json]

    @property
    def turn(self) -> tuple[int, int, str]:
        """Its place among the events of its stay."""
        return self.at, TYPES.index(self.type) if self.type in TYPES else len(TYPES), self.id


@dataclass(frozen=True, slots=True)
class Fact:
    """What is so of a stay, since when, and by which event."""

    value: Json
    at: int
    event: str


def fold(events: Iterable[Happened]) -> dict[str, Fact]:
    """What is so after all of these events, in whatever order they are given."""
    known: dict[str, Fact] = {}
    for one in sorted(events, key=lambda event: event.turn):
        known |= {name: Fact(value, one.at, one.id) for name, value in _facts(one).items()}
    return known


def told(facts: Mapping[str, Fact]) -> dict[str, Json]:
    """The fields of the stay that these facts come to. Who is somewhere, and nobody said how it began, is there."""
    said = {name: facts[name].value for name in FIELDS if name in facts and facts[name].value is not None}
    return {"status": "in_hospital", **said}


def by_hand(events: Iterable[Happened], body: Mapping[str, Json], entry: str, at_: int) -> Happened | None:
    """What somebody wrote into the stay since the last of its events, as one event; None where they wrote nothing.

    `entry`: which version of which entry it was found in; `at_`: when that was written.
    """
    before = list(events)
    was = told(fold(before)) if before else {}
    changed = [name for name in FIELDS if body.get(name) != was.get(name)]
    if not changed:
        return None
    if any(name in changed for name in _ENDED):
        changed = [*dict.fromkeys((*_ENDED, *changed))]
    when = max((at_, *(one.at for one in before)))
    return Happened(id=entry, type=EDIT, at=when, said="", body={name: body.get(name) for name in changed})


def too_late(events: Iterable[Happened], event: Happened) -> Happened | None:
    """The admission that a departure would come before. It can never count: whoever comes in after has not left."""
    if event.type not in _DEPARTURES:
        return None
    return next((one for one in events if one.type == "admit" and one.turn > event.turn), None)


def _facts(one: Happened) -> Mapping[str, Json]:
    """What an event says is so. Coming in, and being kept, also say what is no longer so."""
    if one.type == EDIT:
        return one.body
    said = {name: one.body[name] for name in SAYS.get(one.type, ()) if name in one.body}
    if one.type == "admit":
        return {**_STAYS, **dict.fromkeys(_PLAN), "admitted": one.said, **said}
    if one.type == "cancel_discharge":
        return {**_STAYS, **dict.fromkeys(_PLAN)}
    if one.type == "cancel_admission":
        return {**_STAYS, "status": "cancelled"}
    if one.type in _DEPARTURES:
        return {"discharge_method": _LEFT.get(one.type), **said, "status": "finished", "discharged": one.said}
    return said


_LEFT: Mapping[str, Mapping[str, str]] = {"died": DIED, "self_discharge": SELF_DISCHARGED}
