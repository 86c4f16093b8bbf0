"""Who must have been heard on which part of the plan, and what makes them needed again: the agreed rules, as data.

Design: coordination M1 to M4. Every row says where it comes from, since when it holds and whose it is, so that a
locality can change it; a row that leaves this out stops the service from starting.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from plan.dates import date_range
from plan.known import Entry, Known, moment
from plan.model import Role, Section

DAY: Final = 86_400_000
CLOSED: Final = frozenset(
    ("completed", "cancelled", "entered_in_error", "inactive", "resolved", "remission", "refuted", "returned")
)
"""Statuses of what is no longer part of anybody's care."""
MEDICINES: Final = frozenset(("MedicationStatement", "MedicationRequest"))
ELECTIVE: Final = frozenset(("11", "12", "13"))
"""Admission methods that were planned: NHS Data Dictionary, ADMISSION METHOD (waiting list, booked, planned)."""
UNPLANNED_DAYS: Final = 90


class RuleError(ValueError):
    """A rule that does not say where it comes from, or since when it holds: the service does not start with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What each rule says of itself: where it comes from, from when until when it holds (dates), and whose it is."""

    source: str
    since: str
    owner: str
    until: str = ""

    def __post_init__(self) -> None:
        missing = [name for name in ("source", "since", "owner") if not getattr(self, name).strip()]
        if missing:
            raise RuleError(f"a rule says nothing of its {', '.join(missing)}")
        for text in filter(None, (self.since, self.until)):
            if date_range(text) is None:
                raise RuleError(f"{text!r} is no date from which a rule can hold")

    def holds(self, now: int) -> bool:
        """Whether the rule is in force at a moment, milliseconds since 1970 UTC."""
        start, end = date_range(self.since), date_range(self.until)
        return (start is None or start[0] <= now) and (end is None or now <= end[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Agreed):
    """One rule: in `section`, active for `days`, one of `roles` must have been heard where `applies` says so.

    `agreement`: only the person's own word counts. `events`: what counts as a material change outside the section
    (EVENTS). Otherwise: flag `code`, and a task in `words` for an agency of the kind `tasks`, due after `task_days`.
    """

    section: Section
    roles: frozenset[Role]
    days: int
    applies: Callable[[Known], bool]
    code: str
    tasks: str
    words: str
    events: tuple[str, ...] = ()
    agreement: bool = False
    task_days: int = 7


# What the rules ask


def open_to_all(known: Known) -> Iterator[Entry]:
    """What is not restricted: a flag that everybody sees must not tell of the rest."""
    return (entry for entry in known.entries.values() if entry.restriction is None)


def live(entry: Entry) -> bool:
    """Whether an entry is part of somebody's care now."""
    body = entry.body
    return body.get("status") not in CLOSED and body.get("certainty") not in CLOSED


def at_clinical_risk(known: Known) -> bool:
    """A long-term condition, a medicine, or an unplanned admission in the last 90 days."""
    return any(_clinical(entry, known.now) for entry in open_to_all(known) if live(entry) or entry.kind == "stay")


def _clinical(entry: Entry, now: int) -> bool:
    if entry.kind == "stay":
        return _unplanned(entry, now)
    return entry.type in MEDICINES or (entry.kind == "need" and entry.section is Section.HEALTH)


def _unplanned(stay: Entry, now: int) -> bool:
    admitted, method = moment(stay.body.get("admitted")), stay.body.get("method") or {}
    recent = admitted is not None and now - UNPLANNED_DAYS * DAY <= admitted <= now
    return recent and stay.body.get("status") not in ("planned", "cancelled") and method.get("code") not in ELECTIVE


def has_a_package(known: Known) -> bool:
    """Somebody provides care at home."""
    return any(entry.kind == "service" and live(entry) for entry in open_to_all(known))


def has_a_landlord(known: Known) -> bool:
    """A landlord or housing association is on the team."""
    return bool(known.kinds("housing"))


def is_alive(known: Known) -> bool:
    """Of every living person."""
    return not known.identity.get("died")


_SINCE: Final = "2026-01-01"
_OWNER: Final = "The plan's coordinating group"
RULES: tuple[Missing, ...] = (
    Missing(
        section=Section.SOCIAL_CARE,
        roles=frozenset((Role.CLINICIAN,)),
        days=7,
        applies=at_clinical_risk,
        code="no_medical_input",
        tasks="gp_practice",
        words="Look at the social care section and sign it off, or say what has to change",
        events=("fall", "weight_loss", "medicine", "equipment"),
        source="Coordination M1 and M3; NICE NG22 (clinical assessment to guide social care planning), EHCH (7 days)",
        since=_SINCE,
        owner=_OWNER,
    ),
    Missing(
        section=Section.CONTINGENCY,
        roles=frozenset((Role.SOCIAL_WORKER,)),
        days=14,
        applies=has_a_package,
        code="no_social_care_input",
        tasks="social_care",
        words="Look at what should happen when things go wrong, and sign it off, or say what has to change",
        source="Coordination M4; Care Act 2014, section 25 (what a care and support plan holds)",
        since=_SINCE,
        owner=_OWNER,
    ),
    Missing(
        section=Section.HOUSING,
        roles=frozenset((Role.HOUSING_OFFICER,)),
        days=14,
        applies=has_a_landlord,
        code="no_housing_input",
        tasks="housing",
        words="Look at what others recorded of the home, and sign it off, or say what has to change",
        events=("equipment",),
        source="Coordination M4; NHS England quick guide on health and housing",
        since=_SINCE,
        owner=_OWNER,
    ),
    Missing(
        section=Section.SOCIAL_CARE,
        roles=frozenset((Role.PERSON,)),
        days=28,
        applies=is_alive,
        code="no_person_agreement",
        tasks="social_care",
        words="Go through the social care section with the person, and take down whether they agree",
        agreement=True,
        source="Coordination M4; Care Act 2014, section 25(5) (agreement with the adult); PRSB PCSP 2.0 (agreed with)",
        since=_SINCE,
        owner=_OWNER,
    ),
)


# What is material


@dataclass(frozen=True, slots=True, kw_only=True)
class Material(Agreed):
    """Of a kind, the fields whose change in the section itself is material. What is new or gone is material too."""

    kind: str
    fields: tuple[str, ...]


_M3: Mapping[str, str] = {"source": "Coordination M3", "since": _SINCE, "owner": _OWNER}
MATERIAL: Mapping[str, Material] = {
    row.kind: row
    for row in (
        Material(
            kind="service",
            fields=("service", "code", "status", "provider", "visits", "period", "gives_medicines", "package"),
            **_M3,
        ),
        Material(
            kind="instruction",
            fields=(
                "text",
                "topic",
                "action",
                "status",
                "code",
                "level",
                "value",
                "range",
                "times",
                "window",
                "carers",
                "period",
            ),
            **_M3,
        ),
        Material(kind="equipment", fields=("item", "code"), **_M3),
        Material(kind="need", fields=("need", "code", "status", "certainty", "severity"), **_M3),
        Material(kind="risk", fields=("risk", "code", "to_whom", "likelihood", "status", "mitigation"), **_M3),
        Material(kind="housing", fields=("tenancy", "telecare", "adaptations", "hazards", "access", "uprn"), **_M3),
        Material(
            kind="contingency",
            fields=(
                "trigger_factors",
                "what_should_happen",
                "who_should_be_contacted",
                "anticipatory_medicines_or_equipment",
            ),
            **_M3,
        ),
    )
}


def stamp(at: int) -> str:
    """Milliseconds since 1970 UTC as a FHIR instant."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
