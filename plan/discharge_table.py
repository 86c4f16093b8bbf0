"""What must be true at home before a discharge, and by when: the table that the readiness of a discharge follows from.

One row each: who answers for it, whether it holds the discharge back, when it applies, whether an answer lasts when the
date moves, by when it is due. A locality changes the rows, not the code; each says where it comes from, since when it
holds and who looks after it, and one that does not stops the service from starting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from plan.dates import date_range

PERSON: Final = "person"
CARER: Final = "carer"
"""Who answers beside the agencies: the person themselves, and their carer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Where a row comes from, from which day until which it holds (empty: further notice), and who looks after it."""

    source: str
    since: str
    owner: str
    until: str = ""


_SINCE = "2026-01-01"
_BOARD = "Coordination board"
_DESIGN = Basis(source="Oneplan coordination scenarios D1 to D9", since=_SINCE, owner=_BOARD)
_DISCHARGE = Basis(
    source="Hospital discharge and community support guidance, DHSC, 26 January 2024", since=_SINCE, owner=_BOARD
)
_NG27 = Basis(
    source="NICE NG27: transition between inpatient hospital settings and community or care home settings",
    since=_SINCE,
    owner=_BOARD,
)
_FRANCIS = Basis(
    source="Mid Staffordshire inquiry (Francis), recommendation 239: absolute assurance of care on arrival",
    since=_SINCE,
    owner=_BOARD,
)
_PHARMACY = Basis(source="NHS Discharge Medicines Service: stage 1 within 72 hours", since=_SINCE, owner=_BOARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that must be true.

    `agencies`: kinds of agency (plan.known.AGENCY_KINDS) that answer for it, those of the first kind that is on the
    team; or PERSON or CARER. `when`: a name of plan.discharge_facts.FACTS; empty: always. `blocking`: it holds the
    discharge back; `blocks_when`: it does where this fact holds. `by_time`: an answer counts only for the moment that
    it was given for. `due`: a name of CLOCK. `after`: what must be answered before. `within`: a name of CLOCK, the
    latest that what begins (a visit, an appointment) may begin after the arrival.
    """

    code: str
    title: str
    basis: Basis
    agencies: tuple[str, ...]
    blocking: bool = True
    blocks_when: str = ""
    when: str = ""
    by_time: bool = False
    due: str = "reminder"
    after: tuple[str, ...] = ()
    within: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One time. `minutes`: how long before the planned discharge, or how long something may take.

    `share`: after which part of what is left it falls instead, when notice was shorter than the first step.
    """

    name: str
    minutes: int
    basis: Basis
    share: float = 0.0


_HOME_CARE = ("care_provider", "social_care")
_COUNCIL = ("social_care", "care_provider")

ITEMS: tuple[Item, ...] = (
    Item(code="hospital.clinically_ready", title="Clinically ready", agencies=("hospital",), due="hub", basis=_DESIGN),
    Item(
        code="hospital.medicines",
        title="Discharge medicines, with the reason for each change",
        agencies=("hospital",),
        due="hub",
        basis=_DESIGN,
    ),
    Item(code="hospital.summary", title="Discharge summary sent", agencies=("hospital",), due="hub", basis=_DESIGN),
    Item(
        code="hospital.transport",
        title="Transport and arrival window",
        agencies=("hospital",),
        by_time=True,
        due="hub",
        basis=_DESIGN,
    ),
    Item(
        code="hospital.coordinator",
        title="Named coordinator with a telephone at all hours",
        agencies=("hospital",),
        basis=_NG27,
    ),
    Item(
        code="gp.reconciled",
        title="Plan received and medicines reconciled",
        agencies=("gp_practice", "pharmacy"),
        blocking=False,
        due="reconciled",
        after=("hospital.summary",),
        basis=_PHARMACY,
    ),
    Item(
        code="gp.follow_up",
        title="Follow-up within 72 hours booked",
        agencies=("gp_practice", "pharmacy"),
        blocking=False,
        blocks_when="at_risk_of_readmission",
        by_time=True,
        within="follow_up",
        basis=_NG27,
    ),
    Item(
        code="social_care.package",
        title="Package accepted; first visit at most two hours after arrival",
        agencies=_HOME_CARE,
        by_time=True,
        within="first_visit",
        basis=_FRANCIS,
    ),
    Item(code="social_care.access", title="Key or access known", agencies=_HOME_CARE, basis=_DESIGN),
    Item(code="social_care.medicines", title="Who gives the medicines is agreed", agencies=_COUNCIL, basis=_DESIGN),
    Item(
        code="housing.access",
        title="Flat accessible, heating works, no works and no lift outage",
        agencies=("housing",),
        basis=_DESIGN,
    ),
    Item(code="housing.telecare", title="Telecare on, test call passed", agencies=("housing",), basis=_DESIGN),
    Item(
        code="housing.evacuation",
        title="Emergency evacuation plan updated",
        agencies=("housing",),
        blocking=False,
        basis=_DESIGN,
    ),
    Item(
        code="equipment.installed",
        title="Equipment delivered, installed and tested",
        agencies=("equipment", "community_health", "social_care", "hospital"),
        when="equipment_listed",
        basis=_NG27,
    ),
    Item(
        code="benefits.awards",
        title="Awards checked, restart assigned",
        agencies=("benefits",),
        blocking=False,
        basis=_DESIGN,
    ),
    Item(
        code="person.agrees",
        title="The person knows the date and agrees",
        agencies=(PERSON,),
        by_time=True,
        basis=_DISCHARGE,
    ),
    Item(
        code="person.carer",
        title="The carer was asked, is willing and able",
        agencies=(CARER,),
        when="relies_on_a_carer",
        by_time=True,
        basis=_DISCHARGE,
    ),
    Item(
        code="person.arrival",
        title="Food for a day, and somebody to receive them",
        agencies=(PERSON,),
        when="lives_alone",
        by_time=True,
        basis=_DESIGN,
    ),
    Item(
        code="person.night",
        title="The person's own wish to come home at night is recorded",
        agencies=(PERSON,),
        when="alone_at_night",
        by_time=True,
        basis=_FRANCIS,
    ),
)
"""The items, in the order in which they are read."""

_HOUR = 60
CLOCKS: tuple[Clock, ...] = (
    Clock(name="reminder", minutes=24 * _HOUR, share=0.5, basis=_DESIGN),
    Clock(name="escalation", minutes=12 * _HOUR, share=0.75, basis=_DESIGN),
    Clock(name="hub", minutes=4 * _HOUR, share=0.75, basis=_DESIGN),
    Clock(name="reconciled", minutes=-72 * _HOUR, basis=_PHARMACY),
    Clock(name="follow_up", minutes=72 * _HOUR, basis=_NG27),
    Clock(name="first_visit", minutes=2 * _HOUR, basis=_FRANCIS),
    Clock(name="feed_silent", minutes=10, basis=_DESIGN),
    Clock(name="day_begins", minutes=8 * _HOUR, basis=_FRANCIS),
    Clock(name="day_ends", minutes=20 * _HOUR, basis=_FRANCIS),
    Clock(name="outcome_24h", minutes=24 * _HOUR, basis=_DESIGN),
    Clock(name="outcome_72h", minutes=72 * _HOUR, basis=_DESIGN),
    Clock(name="outcome_7d", minutes=7 * 24 * _HOUR, basis=_DESIGN),
    Clock(name="back_within_48h", minutes=48 * _HOUR, basis=_DESIGN),
    Clock(name="back_within_7d", minutes=7 * 24 * _HOUR, basis=_DESIGN),
)
"""The times: before the planned discharge (below zero: after it), how long something may take, or of the day."""

STEPS: Final = ("reminder", "escalation", "hub")
"""What is done about an item that nobody answers, in this order."""
OUTCOMES: Final = ("outcome_24h", "outcome_72h", "outcome_7d")
"""When somebody asks how it went."""


class Unsourced(ValueError):  # noqa: N818 - it says what is wrong with the row
    """A row that does not say where it comes from, since when it holds, or who looks after it."""


def checked(rows: Iterable[Item | Clock]) -> None:
    """Refuse a row without source, owner or good dates. Raises Unsourced."""
    for row in rows:
        basis = row.basis
        missing = [name for name in ("source", "owner") if not getattr(basis, name).strip()]
        since, until = date_range(basis.since), date_range(basis.until or basis.since)
        if since is None or until is None or until < since:
            missing.append("effective dates")
        if missing:
            raise Unsourced(f"{row.code if isinstance(row, Item) else row.name}: no {', no '.join(missing)}")


checked((*ITEMS, *CLOCKS))
CODES: Mapping[str, Item] = {row.code: row for row in ITEMS}
"""The items by code: what our code system `readiness-item` says."""


def in_force(at: int) -> list[Item]:
    """The items that hold at a moment, milliseconds since 1970 UTC."""
    return [row for row in ITEMS if holds(row.basis, at)]


def clock(name: str, at: int) -> Clock:
    """A time as it holds at a moment; its last row where none does."""
    rows = [row for row in CLOCKS if row.name == name]
    return next((row for row in rows if holds(row.basis, at)), rows[-1])


def span(name: str, at: int) -> int:
    """A time in milliseconds, as it holds at a moment."""
    return clock(name, at).minutes * 60_000


def holds(basis: Basis, at: int) -> bool:
    """Whether a row is in force at a moment."""
    since, until = date_range(basis.since), date_range(basis.until)
    return since is not None and since[0] <= at and (until is None or at <= until[1])


OVERRIDE_REASONS: Mapping[str, str] = {
    "persons_wish": "The person wishes to leave, knowing what is open",
    "arranged_otherwise": "What is open was arranged in another way",
    "end_of_life": "The person wants to be at home at the end of life",
    "harm_of_staying": "Staying does more harm than leaving",
    "bed_pressure": "The bed is needed",
    "other": "Another reason, as the text says",
}
"""Why somebody leaves although the gate is not ready: our code system `discharge-override-reason`."""

CLOSED_REASONS: Mapping[str, str] = {
    "discharged": "The person has left hospital",
    "cancelled": "The stay or its discharge was cancelled",
    "died": "The person has died",
    "self_discharge": "The person has left against advice",
    "moved_ward": "Another ward answers for it now",
    "not_applicable": "It does not apply any more",
}
"""Why an item was closed: our code system `readiness-closed`."""
