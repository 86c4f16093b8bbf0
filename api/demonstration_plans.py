"""Larch Court: the plans of the made-up people who live there, as tables.

Ada Test, flat 12, is in hospital, her discharge planned; three neighbours have smaller plans. NHS numbers for tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.demonstration_data import ADA, BEN, CARA, DEV, EHR, ESTATE_UPRN
from plan.model import PersonId, Section

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a plan: who writes it, under which name others of the plan refer to it (`{name}`), and what."""

    by: str
    kind: str
    name: str
    body: Body
    section: Section | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One person: the native body, the agencies of the team with the worker who stands for them, and the entries."""

    id: PersonId
    body: Body
    team: tuple[tuple[str, str, str], ...]
    entries: tuple[Entry, ...]


TEAM = (
    ("RX1", "Hospital", EHR),
    ("P10001", "General practice", "clinician-p10001"),
    ("LA1", "Social care", "social-worker-la1"),
    ("HC1", "Home care", "care-worker-hc1"),
    ("BA1", "Benefits", "benefits-adviser-ba1"),
    ("HA1", "Housing", "housing-officer-ha1"),
)
SNOMED = "http://snomed.info/sct"
_HOSPITAL = {"reference": "Organization/RX1", "name": "Test Hospital"}
_PRACTICE = {"reference": "Organization/P10001", "name": "Test Surgery"}
_HOME_CARE = {"reference": "Organization/HC1", "name": "Test Home Care"}
_HOUSING = {"reference": "Organization/HA1", "name": "Test Housing Association"}
_BENEFITS = {"reference": "Organization/BA1", "name": "Test Council Benefits Team"}


def _person(name: str, nhs_number: str, flat: int, birth_date: str, gender: str) -> Body:
    return {
        "name": {"given": [name], "family": "Test"},
        "birth_date": birth_date,
        "gender": gender,
        "nhs_number": nhs_number,
        "addresses": [
            {
                "type": "home",
                "lines": [f"Flat {flat}", "Larch Court"],
                "city": "Testville",
                "uprn": f"1000000000{flat:02d}",
                "parent_uprn": ESTATE_UPRN,
            }
        ],
        "gp_practice": {"ods_code": "P10001", "name": "Test Surgery"},
    }


ADA_ENTRIES: tuple[Entry, ...] = (
    Entry(
        by="social-worker-la1",
        kind="contact",
        name="bea",
        body={
            "name": "Bea Test",
            "relationship": "daughter",
            "roles": ["next_of_kin", "unpaid_carer", "daughter"],
            "lives_with": False,
            "key_holder": True,
            "subject": "bea-test",
        },
    ),
    Entry(
        by="ada-test",
        kind="consent",
        name="sharing-with-bea",
        body={
            "decision": "permit",
            "status": "active",
            "to": [{"carer": "RelatedPerson/{bea}"}],
            "sections": ["transitions", "about_me"],
            "date": "2026-02-20",
            "basis": "consent",
            "recorded_how": "Told the social worker at home",
        },
    ),
    Entry(
        by="ada-test",
        kind="about_me",
        name="about-me",
        body={
            "most_important": "My own front door, and my plants.",
            "people_important": "Bea, who rings every evening.",
            "communication": "Speak up on my left side. I read large print.",
            "please_do_and_dont": "Do knock twice. Do not move the chair by the window.",
            "date": "2026-02-20",
        },
    ),
    Entry(
        by="clinician-p10001",
        kind="need",
        name="heart-failure",
        section=Section.HEALTH,
        body={
            "need": "Heart failure",
            "code": {"system": SNOMED, "code": "84114007", "display": "Heart failure"},
            "category": "diagnosis",
            "status": "active",
            "certainty": "confirmed",
            "own_words": "I run out of puff on the stairs.",
            "since": "2023-05",
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="need",
        name="lives-alone",
        section=Section.SOCIAL_CARE,
        body={
            "need": "Lives alone and needs help in the morning",
            "status": "active",
            "own_words": "Mornings are slow.",
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="goal",
        name="walk-to-the-shop",
        section=Section.SOCIAL_CARE,
        body={
            "goal": "Walk to the shop and back",
            "status": "active",
            "own_words": "I want to buy my own paper again.",
            "importance": 8,
            "due": "2026-05-31",
            "needs": ["Condition/{lives-alone}"],
            "stage_goals": [{"goal": "Walk to the gate", "status": "in_progress", "due": "2026-03-31"}],
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="action",
        name="walk-with-ada",
        section=Section.SOCIAL_CARE,
        body={
            "what": "Walk with Ada to the gate twice a week",
            "status": "planned",
            "who": _HOME_CARE,
            "due": "2026-03-31",
            "confidence": 7,
            "goals": ["Goal/{walk-to-the-shop}"],
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="action",
        name="review-package",
        section=Section.TRANSITIONS,
        body={"what": "Confirm the first visit after the discharge", "status": "accepted", "who": _HOME_CARE},
    ),
    Entry(
        by="care-worker-hc1",
        kind="service",
        name="visits",
        section=Section.SOCIAL_CARE,
        body={
            "service": "Personal care, morning and evening",
            "status": "active",
            "provider": _HOME_CARE,
            "visits": [
                {"start": "08:00", "minutes": 45, "carers": 1, "tasks": "Wash, dress, breakfast"},
                {"start": "19:30", "minutes": 30, "carers": 1, "tasks": "Supper, prompt medicines"},
                {"days": ["tue", "fri"], "start": "11:00", "minutes": 30, "carers": 1, "tasks": "Walk"},
            ],
            "gives_medicines": True,
            "needs": ["Condition/{lives-alone}"],
        },
    ),
    Entry(
        by="clinician-rx1",
        kind="instruction",
        name="fluids",
        section=Section.HEALTH,
        body={
            "text": "Keep fluids to 1.5 litres a day",
            "topic": "fluids",
            "action": "restrict",
            "status": "active",
            "value": {"value": Decimal("1.5"), "unit": "L"},
            "source": _HOSPITAL,
            "review_date": "2026-04-01",
        },
    ),
    Entry(
        by="clinician-rx1",
        kind="equipment",
        name="walking-frame",
        section=Section.HEALTH,
        body={"item": "Walking frame", "status": "ordered", "reason": "Unsteady", "needed_by": "2026-03-06"},
    ),
    Entry(
        by="clinician-p10001",
        kind="risk",
        name="falls",
        section=Section.HEALTH,
        body={
            "risk": "Falls",
            "to_whom": "self",
            "likelihood": "moderate",
            "status": "final",
            "mitigation": "Walking frame; pendant worn at all times",
            "assessed": "2026-02-18",
        },
    ),
    Entry(
        by="clinician-p10001",
        kind="observation",
        name="weight",
        section=Section.HEALTH,
        body={
            "code": {"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"},
            "value": {"value": 68, "unit": "kg"},
            "date": "2026-02-18",
        },
    ),
    Entry(
        by="clinician-p10001",
        kind="assessment",
        name="frailty",
        section=Section.HEALTH,
        body={
            "instrument": {"text": "Clinical Frailty Scale"},
            "date": "2026-02-18",
            "score": 5,
            "outcome": "Living with mild frailty",
            "next_due": "2026-08-18",
        },
    ),
    Entry(
        by="housing-officer-ha1",
        kind="housing",
        name="home",
        body={
            "tenancy": {"landlord": _HOUSING, "type": "sheltered", "start": "2019-04-01", "status": "active"},
            "scheme": "Larch Court",
            "uprn": "100000000012",
            "parent_uprn": ESTATE_UPRN,
            "access": "Bea and the scheme manager hold a key.",
            "warden_hours": "Monday to Friday, 09:00 to 17:00",
            "telecare": {"supplier": "Test Housing Association", "working": True},
            "evacuation_plan": {
                "text": "Meet at the front door; needs one person beside her.",
                "updated": "2026-01-10",
            },
        },
    ),
    Entry(
        by="benefits-adviser-ba1",
        kind="benefits",
        name="attendance-allowance",
        body={
            "benefit": "attendance_allowance",
            "status": "awarded",
            "effective": "2024-10-01",
            "hospital_stay_impact": "Ask an adviser before day 28 of a stay.",
            "caseworker": _BENEFITS,
        },
    ),
    Entry(
        by="clinician-p10001",
        kind="contingency",
        name="breathless",
        body={
            "plan_name": "When I get breathless",
            "trigger_factors": [{"text": "Ankles swell, or two kilograms more in three days"}],
            "early_warning_signs": ["Sleeps in the chair"],
            "what_should_happen": ["Ring the surgery the same day", "After hours ring 111"],
            "who_should_be_contacted": [_PRACTICE, {"reference": "RelatedPerson/{bea}", "name": "Bea Test"}],
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="legal",
        name="attorney",
        body={"attorneys": [{"name": "Bea Test", "type": "health_and_welfare"}]},
    ),
    Entry(
        by="clinician-rx1",
        kind="stay",
        name="stay",
        body={
            "status": "in_hospital",
            "hospital": _HOSPITAL,
            "ward": "Ward 7",
            "admitted": "2026-03-02T10:00:00+00:00",
            "planned_discharge": "2026-03-06T14:00:00+00:00",
            "reason": {"text": "Breathless at home"},
            "pathway": 1,
        },
    ),
    Entry(
        by="care-worker-hc1",
        kind="message",
        name="swollen-ankles",
        section=Section.SOCIAL_CARE,
        body={
            "text": "Breathless, ankles swollen, third visit.",
            "status": "sent",
            "urgency": "soon",
            "to": [_PRACTICE],
            "sent": "2026-03-01T19:40:00+00:00",
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="document",
        name="support-plan",
        section=Section.SOCIAL_CARE,
        body={
            "title": "Care and support plan",
            "status": "current",
            "date": "2026-02-20",
            "url": "https://documents.example/larch-court/12/support-plan",
            "content_type": "application/pdf",
        },
    ),
    Entry(
        by="social-worker-la1",
        kind="risk",
        name="doorstep-callers",
        section=Section.SAFEGUARDING,
        body={"risk": "Callers at the door who ask for money", "to_whom": "from_others", "status": "final"},
    ),
)


def _neighbour(about: str, need: str, goal: str) -> tuple[Entry, ...]:
    return (
        Entry(by="social-worker-la1", kind="about_me", name="about-me", body={"most_important": about}),
        Entry(
            by="clinician-p10001",
            kind="need",
            name="need",
            section=Section.HEALTH,
            body={"need": need, "status": "active"},
        ),
        Entry(
            by="social-worker-la1",
            kind="goal",
            name="goal",
            section=Section.SOCIAL_CARE,
            body={"goal": goal, "status": "active", "importance": 6, "needs": ["Condition/{need}"]},
        ),
        Entry(by="housing-officer-ha1", kind="housing", name="home", body={"scheme": "Larch Court"}),
    )


_SMALL_TEAM = tuple(row for row in TEAM if row[0] in ("RX1", "P10001", "LA1", "HA1"))

RESIDENTS: tuple[Resident, ...] = (
    Resident(
        id=ADA,
        body=_person("Ada", "9000000009", 12, "1941-03-14", "female"),
        team=TEAM,
        entries=ADA_ENTRIES,
    ),
    Resident(
        id=BEN,
        body=_person("Ben", "9000000017", 3, "1938-11-02", "male"),
        team=_SMALL_TEAM,
        entries=_neighbour("The wireless, not too loud.", "Type 2 diabetes", "Sit in the garden every dry day"),
    ),
    Resident(
        id=CARA,
        body=_person("Cara", "9000000025", 7, "1946-07-21", "female"),
        team=_SMALL_TEAM,
        entries=_neighbour("Chess on Thursdays.", "Osteoarthritis of the knee", "Get down to the common room alone"),
    ),
    Resident(
        id=DEV,
        body=_person("Dev", "9000000033", 21, "1950-01-09", "male"),
        team=_SMALL_TEAM,
        entries=_neighbour("Meals at regular times.", "Chronic obstructive pulmonary disease", "Cook once a week"),
    ),
)
"""Everybody who lives in the demonstration."""
