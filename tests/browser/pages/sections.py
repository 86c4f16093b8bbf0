"""Sections, entries with history and form, the review, the team and the documents: one person of whom there is much."""

from functools import cache

from plan.model import PersonId
from tests.browser.care import Care

WALK = "I want to buy my own paper again, every morning, and talk with whoever is in the shop."


@cache
def told(care: Care) -> tuple[PersonId, dict[str, str]]:
    """Somebody with an entry of most kinds; the ids of some, by kind."""
    person, clinic, council = care.person("Ada", "Fernhill"), "P10001", "LA1"
    need = care.add(clinic, person, "need", "health", need="Heart failure", status="active", severity="moderate")
    ids = {
        "need": need,
        "goal": care.add(
            council,
            person,
            "goal",
            "social_care",
            goal="Walk to the shop and back",
            status="active",
            own_words=WALK,
            importance=8,
            needs=[f"Condition/{need}"],
            due="2027-05",
        ),
        "service": care.add(
            council,
            person,
            "service",
            "social_care",
            service="Morning visit",
            status="active",
            visits=[{"days": ["mon", "wed", "fri"], "start": "08:30", "minutes": 30}, {"start": "18:00"}],
            gives_medicines=True,
            provider={"reference": "Organization/HC1"},
        ),
        "housing": care.add(
            "HA1", person, "housing", scheme="Larch Court", hazards=[{"type": "damp", "detail": "Bathroom wall"}]
        ),
        "contingency": care.add(
            council,
            person,
            "contingency",
            trigger_factors=[{"text": "Cannot finish a sentence"}, {"text": "Ankles swell"}],
            what_should_happen=["Ring the heart nurse", "After eight in the evening ring 111"],
            who_should_be_contacted=[{"name": "Bea", "role": "Daughter", "contact": "020 7946 0001"}],
        ),
        "legal": care.add(council, person, "legal", attorneys=[{"name": "Bea", "type": "health_and_welfare"}]),
    }
    for number in range(12):
        care.add(clinic, person, "observation", "health", code={"text": "Body weight"}, value=f"{70 + number} kg")
    care.add(clinic, person, "document", "health", title="Letter from the heart clinic", status="current")
    care.add(
        clinic,
        person,
        "document",
        "health",
        title="Care and support plan, signed on paper",
        status="superseded",
        url="https://letters.example.org/care/plan-2025.pdf",
        type={"text": "Care plan"},
    )
    return person, ids


def at(care: Care, rest: str) -> str:
    """An address of this person; the ids of their entries stand in it by kind."""
    person, ids = told(care)
    return f"/care/people/{person}/{rest.format(**ids)}"


PAGES = (
    ("A section", "clinician-p10001", lambda care: at(care, "sections/health")),
    ("All of one kind", "clinician-p10001", lambda care: at(care, "sections/health?kind=observation")),
    ("Amending a summary", "clinician-p10001", lambda care: at(care, "sections/health/change")),
    ("An entry", "social-worker-la1", lambda care: at(care, "entries/social_care/goal/{goal}")),
    ("The history of an entry", "social-worker-la1", lambda care: at(care, "entries/social_care/goal/{goal}/history")),
    ("Changing a goal", "social-worker-la1", lambda care: at(care, "entries/social_care/goal/{goal}/change")),
    ("Changing a service", "social-worker-la1", lambda care: at(care, "entries/social_care/service/{service}/change")),
    ("Changing a home", "housing-officer-ha1", lambda care: at(care, "entries/housing/housing/{housing}/change")),
    (
        "Changing a contingency plan",
        "clinician-p10001",
        lambda care: at(care, "entries/contingency/contingency/{contingency}/change"),
    ),
    ("Adding legal information", "clinician-p10001", lambda care: at(care, "entries/legal/legal/new")),
    ("Adding a need", "clinician-p10001", lambda care: at(care, "entries/health/need/new")),
    ("Review and sign", "clinician-p10001", lambda care: at(care, "review")),
    ("The team", "clinician-p10001", lambda care: at(care, "team?find=Elsewhere")),
    ("Documents", "clinician-p10001", lambda care: at(care, "documents")),
)
