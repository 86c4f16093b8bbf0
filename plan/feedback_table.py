"""What the feedback loop runs by, as data: clocks by urgency, hours where none are published, the number to ring.

Every row says where it comes from, from when until when it holds and who may change it; a row that does not stops the
service from starting. Source of the defaults: coordination scenarios F1 to F6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from plan.known import Opening
from plan.model import Role

_SCENARIOS = "Coordination scenarios, section 2"
_OWNER = "The agencies of the plan, by their charter"
_BEGIN = "2026-01-01"
_CORE_HOURS = "Core hours of general practice: SI 2015/1862, regulation 3 (8 a.m. to 6.30 p.m., Monday to Friday)"
_RING_999 = "https://www.nhs.uk/nhs-services/urgent-and-emergency-care-services/when-to-call-999/"


class TableError(ValueError):
    """A row leaves something unanswered; the service does not start with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What stands on every row: `since` and `until` are dates, the last one included; None: until further notice."""

    name: str
    source: str
    since: str
    owner: str
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Row):
    """How long a team has to acknowledge: `minutes` that run always, or `days` of work in its published hours."""

    minutes: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Row):
    """One number that a rule needs; its name says the unit."""

    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Row):
    """Hours of a team that publishes none."""

    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone(Row):
    """A number to ring."""

    number: str


Some = TypeVar("Some", bound=Row)


def checked(rows: tuple[Some, ...]) -> tuple[Some, ...]:
    """The rows, when each has its source, its owner and dates in order. Raises TableError."""
    for row in rows:
        if not (row.name.strip() and row.source.strip() and row.owner.strip()):
            raise TableError(f"{row.name or 'a row'}: has no source or no owner")
        try:
            since, until = date.fromisoformat(row.since), date.fromisoformat(row.until or row.since)
        except ValueError as error:
            raise TableError(f"{row.name}: has no effective dates") from error
        if until < since:
            raise TableError(f"{row.name}: ends before it begins")
    return rows


def at(rows: Iterable[Some], name: str, now: int) -> Some:
    """The row of this name that holds at a moment (milliseconds since 1970 UTC), or the first one if none does."""
    named = [row for row in rows if row.name == name]
    day = datetime.fromtimestamp(now / 1000, UTC).date().isoformat()
    return next((row for row in named if row.since <= day <= (row.until or day)), named[0])


CLOCKS = checked(
    (
        Clock(name="urgent", minutes=120, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
        Clock(name="soon", days=1, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
        Clock(name="routine", days=5, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
    )
)
"""From the message until it must be acknowledged, the tightest first."""
UNREAD = checked((Clock(name="unread", days=1, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),))
"""How long carers have to read an instruction when no visit is known."""
AMOUNTS = checked(
    (
        Amount(name="duty_percent", value=100, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
        Amount(name="coordinator_percent", value=150, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
        Amount(name="merge_minutes", value=120, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
        Amount(name="understood_days", value=5, source=_SCENARIOS, since=_BEGIN, owner=_OWNER),
    )
)
HOURS = checked(
    (
        Hours(
            name="unpublished",
            openings=(Opening(days=frozenset(range(5)), start=8 * 60, end=18 * 60 + 30),),
            source=_CORE_HOURS,
            since=_BEGIN,
            owner=_OWNER,
        ),
    )
)
EMERGENCY = checked((Phone(name="emergency", number="999", source=_RING_999, since=_BEGIN, owner=_OWNER),))
"""What to ring where nobody on the team publishes an emergency contact."""

RESPONSIBLE = ("gp_practice", "community_health", "hospital", "pharmacy")
"""Kinds of agency that answer for the person clinically, the first one on the team before the next."""
ROLE_OF: Mapping[str, Role] = {
    **dict.fromkeys(("hospital", "gp_practice", "pharmacy", "community_health"), Role.CLINICIAN),
    "social_care": Role.SOCIAL_WORKER,
    "care_provider": Role.CARE_PROVIDER,
    "housing": Role.HOUSING_OFFICER,
    "benefits": Role.BENEFITS_ADVISER,
    "discharge_hub": Role.COORDINATOR,
}
"""In which role the workers of a kind of agency read."""
STATES: Mapping[str, str] = {
    "sent": "Sent",
    "delivered": "Delivered: it stands in the team's list",
    "seen": "Seen, not acknowledged",
    "acknowledged": "Acknowledged: the team has taken it on",
    "acted": "Acted: there is an answer with its outcome",
    "closed": "Closed: the sender has understood, or had the time to ask back",
}
"""How far something that asks has come, in order; code system `ask-state`."""
TOPICS: Mapping[str, str] = {
    "escalation": "Nobody has answered in time",
    "sender-told": "What became of a message",
}
"""What the service's own messages are about: code system `message-topic`."""
TOPIC_SYSTEM = "https://oneplan.example/fhir/CodeSystem/message-topic"
