"""The words of the plan: person, section, entry, draft, change. Values only; no rule lives here."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

PersonId = NewType("PersonId", str)
EntryId = NewType("EntryId", str)
AgencyId = NewType("AgencyId", str)
Subject = NewType("Subject", str)
"""Who acts: the `sub` of a token (a worker, a client system, the person or a carer)."""

Json = Any
"""A JSON value with exact numbers (see fhir_facade.exact)."""


class Section(StrEnum):
    """The parts of a plan. `frame` is what holds them together: identity, root plan and team."""

    FRAME = "frame"
    ABOUT_ME = "about_me"
    HEALTH = "health"
    SOCIAL_CARE = "social_care"
    HOUSING = "housing"
    BENEFITS = "benefits"
    CONTINGENCY = "contingency"
    TRANSITIONS = "transitions"
    LEGAL = "legal"
    SAFEGUARDING = "safeguarding"


PLAN_SECTIONS: tuple[Section, ...] = tuple(s for s in Section if s is not Section.FRAME)
"""The nine sections that a reader of the plan sees, in reading order."""


class Role(StrEnum):
    """In which capacity somebody acts. The first eight have sections; the last three have none."""

    PERSON = "person"
    CARER = "carer"
    CLINICIAN = "clinician"
    SOCIAL_WORKER = "social_worker"
    HOUSING_OFFICER = "housing_officer"
    BENEFITS_ADVISER = "benefits_adviser"
    CARE_PROVIDER = "care_provider"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    COMMISSIONER = "commissioner"
    ADMINISTRATOR = "administrator"


class Slot(StrEnum):
    """The places of a plan that can be filled once per person; the database holds them unique."""

    PATIENT = "patient"
    ROOT = "root"
    TEAM = "team"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One searchable value of an entry, for one search parameter.

    family `token`: `system` and `code`; `reference`: `system` is the target type, `code` the target id (or the
    absolute address with an empty type); `string`: `code` is the folded text; `date`: `low` and `high`, milliseconds
    since 1970 UTC, both ends inclusive, open ends at the smallest and largest value; `number` (a quantity too):
    `system` and `code` of the unit, `bottom` and `top` as keys of plan.number, both ends inclusive.
    """

    param: str
    family: str
    system: str = ""
    code: str = ""
    low: int = 0
    high: int = 0
    bottom: str = ""
    top: str = ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """An entry as it shall be stored: both faces and all that is projected from them.

    `id`, `version` and the server-written parts of the faces (meta, envelope) are filled in by the desk.
    `body` is the native face without its envelope; `fhir` the R4 resource. `restriction` names the only agencies that
    may see the entry; None: everybody whom the section's charter row lets read.
    """

    type: str
    kind: str
    section: Section
    body: dict[str, Json]
    fhir: dict[str, Json]
    status: str = ""
    due: int | None = None
    restriction: frozenset[AgencyId] | None = None
    slot: str | None = None
    index: list[IndexRow] = field(default_factory=list)
    identifiers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Stored:
    """An entry as the store gives it back: the current version, or an older one. Nobody changes it.

    It is not frozen only because a whole plan makes dozens of them, and freezing triples what each costs.

    `at` is when this version was written, milliseconds since 1970 UTC; `reason`: why, where somebody said so.
    `body` and `fhir` are ready JSON text.
    """

    person: PersonId
    id: EntryId
    type: str
    kind: str
    section: Section
    agency: AgencyId
    author: Subject
    version: int
    at: int
    status: str = ""
    slot: str | None = None
    restriction: frozenset[AgencyId] | None = None
    deleted: bool = False
    created: int = 0
    by_subject: str = ""
    by_role: str = ""
    by_agency: str = ""
    reason: str = ""
    body: str = ""
    fhir: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the feed: what changed, when and by whom; never its content."""

    person: PersonId
    entry: EntryId
    type: str
    kind: str
    section: Section
    version: int
    action: str
    at: int
    agency: AgencyId
    by_subject: Subject
    by_role: str
    by_agency: AgencyId
