"""Larch Court: the made-up agencies, and everybody who can sign in. Nobody here is, or looks like, a real person.

The estate of every scenario, the agencies that work there, and others that have nothing to do with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from plan.model import AgencyId, PersonId, Role

ADA = PersonId("01900000-0000-8000-8000-000000000012")
BEN = PersonId("01900000-0000-8000-8000-000000000003")
CARA = PersonId("01900000-0000-8000-8000-000000000007")
DEV = PersonId("01900000-0000-8000-8000-000000000021")

TODAY = date(2026, 3, 3)
"""The day of the tables of plans: Ada came to hospital the day before, and is to leave in three days."""
ESTATE = "larch-court"
ESTATE_UPRN = "100000000001"
EHR = "ehr-rx1"


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency: its id, which tokens carry, its name, what it is, and the hours of its team.

    `kind` is a word of plan.known.AGENCY_KINDS; `hours`: local times, on all days or on weekdays.
    """

    id: AgencyId
    name: str
    type: str
    kind: str = ""
    hours: tuple[str, str] = ("09:00:00", "17:00:00")
    weekdays: bool = True


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who can sign in. `scopes` are SMART words; `person` goes with the role person."""

    worker: str
    role: Role
    agency: AgencyId
    name: str
    scopes: str = "user/*.cruds"
    person: PersonId | None = None


_DAY_AND_NIGHT = ("00:00:00", "23:59:59")
_HOSPITAL = ("Hospital", "hospital", _DAY_AND_NIGHT, False)
_PRACTICE = ("GP practice", "gp_practice", ("08:00:00", "18:30:00"), True)
_COUNCIL = ("Council social care", "social_care", ("09:00:00", "17:00:00"), True)
_HOME_CARE = ("Home-care provider", "care_provider", ("07:00:00", "22:00:00"), False)
_BENEFITS = ("Benefits team", "benefits", ("09:00:00", "17:00:00"), True)
_HOUSING = ("Housing association", "housing", ("09:00:00", "17:00:00"), True)

AGENCIES: tuple[Agency, ...] = tuple(
    Agency(AgencyId(id_), name, *what)
    for id_, name, what in (
        ("RX1", "Test Hospital", _HOSPITAL),
        ("P10001", "Test Surgery", _PRACTICE),
        ("LA1", "Test Council Adult Social Care", _COUNCIL),
        ("HC1", "Test Home Care", _HOME_CARE),
        ("BA1", "Test Council Benefits Team", _BENEFITS),
        ("HA1", "Test Housing Association", _HOUSING),
        ("RX9", "Elsewhere Hospital", _HOSPITAL),
        ("LA9", "Elsewhere Council", _COUNCIL),
        ("HC9", "Elsewhere Home Care", _HOME_CARE),
        ("BA9", "Elsewhere Benefits Team", _BENEFITS),
        ("HA9", "Elsewhere Housing Association", _HOUSING),
    )
)
"""Six that work at Larch Court, and five that have nothing to do with it."""

WORKERS: Mapping[str, Worker] = {
    row.worker: row
    for row in (
        Worker(EHR, Role.CLINICIAN, AgencyId("RX1"), "Record system of Test Hospital", "system/*.cruds"),
        Worker("clinician-rx1", Role.CLINICIAN, AgencyId("RX1"), "Ward Sister Test"),
        Worker("clinician-p10001", Role.CLINICIAN, AgencyId("P10001"), "Doctor Test"),
        Worker("social-worker-la1", Role.SOCIAL_WORKER, AgencyId("LA1"), "Social Worker Test"),
        Worker("housing-officer-ha1", Role.HOUSING_OFFICER, AgencyId("HA1"), "Scheme Manager Test"),
        Worker("benefits-adviser-ba1", Role.BENEFITS_ADVISER, AgencyId("BA1"), "Benefits Adviser Test"),
        Worker("care-worker-hc1", Role.CARE_PROVIDER, AgencyId("HC1"), "Care Worker Test"),
        Worker("coordinator-rx1", Role.COORDINATOR, AgencyId("RX1"), "Discharge Coordinator Test"),
        Worker("auditor-la1", Role.AUDITOR, AgencyId("LA1"), "Auditor Test"),
        Worker("commissioner-la1", Role.COMMISSIONER, AgencyId("LA1"), "Commissioner Test"),
        Worker("administrator-rx1", Role.ADMINISTRATOR, AgencyId("RX1"), "Administrator Test"),
        # People have no agency: each stands alone under a name that no agency has.
        Worker("ada-test", Role.PERSON, AgencyId("ada-test"), "Ada Test", "patient/*.cruds", ADA),
        Worker("bea-test", Role.CARER, AgencyId("bea-test"), "Bea Test"),
        Worker("ben-test", Role.PERSON, AgencyId("ben-test"), "Ben Test", "patient/*.cruds", BEN),
        Worker("clinician-rx9", Role.CLINICIAN, AgencyId("RX9"), "Elsewhere Clinician Test"),
        Worker("coordinator-rx9", Role.COORDINATOR, AgencyId("RX9"), "Elsewhere Coordinator Test"),
        Worker("administrator-rx9", Role.ADMINISTRATOR, AgencyId("RX9"), "Elsewhere Administrator Test"),
        Worker("social-worker-la9", Role.SOCIAL_WORKER, AgencyId("LA9"), "Elsewhere Social Worker Test"),
        Worker("auditor-la9", Role.AUDITOR, AgencyId("LA9"), "Elsewhere Auditor Test"),
        Worker("commissioner-la9", Role.COMMISSIONER, AgencyId("LA9"), "Elsewhere Commissioner Test"),
        Worker("care-worker-hc9", Role.CARE_PROVIDER, AgencyId("HC9"), "Elsewhere Care Worker Test"),
        Worker("benefits-adviser-ba9", Role.BENEFITS_ADVISER, AgencyId("BA9"), "Elsewhere Benefits Adviser Test"),
        Worker("housing-officer-ha9", Role.HOUSING_OFFICER, AgencyId("HA9"), "Elsewhere Housing Officer Test"),
        Worker("zoe-test", Role.CARER, AgencyId("zoe-test"), "Zoe Test"),
    )
}
