"""Sections, entries with history and form, the review, the team and the documents: one person of whom there is much."""

from functools import cache
from typing import Any

from plan.model import EntryId, PersonId
from tests.browser.care import Care

WALK = "I want to buy my own paper again, every morning, and talk with whoever is in the shop."


_PLANTED: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "LA1",
        "goal",
        "social_care",
        {"goal": "Walk to the shop and back", "status": "active", "own_words": WALK, "importance": 8, "due": "2027-05"},
    ),
    (
        "LA1",
        "service",
        "social_care",
        {
            "service": "Morning visit",
            "status": "active",
            "visits": [{"days": ["mon", "wed", "fri"], "start": "08:30", "minutes": 30}, {"start": "18:00"}],
            "gives_medicines": True,
            "provider": {"reference": "Organization/HC1"},
        },
    ),
    ("HA1", "housing", "", {"scheme": "Larch Court", "hazards": [{"type": "damp", "detail": "Bathroom wall"}]}),
    (
        "LA1",
        "contingency",
        "",
        {
            "trigger_factors": [{"text": "Cannot finish a sentence"}, {"text": "Ankles swell"}],
            "what_should_happen": ["Ring the heart nurse", "After eight in the evening ring 111"],
            "who_should_be_contacted": [{"name": "Bea", "role": "Daughter", "contact": "020 7946 0001"}],
        },
    ),
    ("LA1", "legal", "", {"attorneys": [{"name": "Bea", "type": "health_and_welfare"}]}),
    ("P10001", "document", "health", {"title": "Letter from the heart clinic", "status": "current"}),
    (
        "P10001",
        "document",
        "health",
        {
            "title": "Care and support plan, signed on paper",
            "status": "superseded",
            "url": "https://letters.example.org/care/plan-2025.pdf",
            "type": {"text": "Care plan"},
        },
    ),
)
"""Who writes what, where."""


@cache
def told(care: Care) -> tuple[PersonId, dict[str, EntryId]]:
    """Somebody with an entry of most kinds; the ids of some, by kind."""
    person = care.person("Ada", "Fernhill")
    need = care.add("P10001", person, "need", "health", need="Heart failure", status="active", severity="moderate")
    ids = {"need": need}
    for agency, kind, section, body in _PLANTED:
        more = {"needs": [f"Condition/{need}"]} if kind == "goal" else {}
        ids[kind] = care.add(agency, person, kind, section, **body | more)
    for number in range(12):
        care.add("P10001", person, "observation", "health", code={"text": "Body weight"}, value=f"{70 + number} kg")
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
