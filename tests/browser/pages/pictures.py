"""The pictures: a timeline, a week with clashes and a stay, outcomes, and the measures."""

from datetime import UTC, datetime, timedelta
from typing import Any

from plan.model import PersonId
from tests.browser.care import Care

_HOSPITAL = {"reference": "Organization/RX1", "name": "Test Hospital"}


def busy(care: Care) -> PersonId:
    """Somebody with visits that clash, that are joint and that rest, and with a stay that is to end."""
    person = care.person()
    morning = {"start": "08:30", "minutes": 45, "tasks": "Wash, dress, breakfast"}
    lunch = {"days": ["tue"], "start": "12:00", "minutes": 60, "joint": True}
    care.add("HC1", person, "service", "social_care", service="Care at home", status="active", visits=[morning, lunch])
    walk = {"start": "09:00", "minutes": 60, "tasks": "Walking practice"}
    care.add("LA1", person, "service", "social_care", service="Reablement", status="active", visits=[walk])
    stay: dict[str, Any] = {"status": "in_hospital", "hospital": _HOSPITAL}
    care.add("RX1", person, "stay", **stay, admitted=_at(care, hours=-30), planned_discharge=_at(care, hours=20))
    wish: dict[str, Any] = {"goal": "Walk to the shop", "status": "active", "importance": 5, "score": 1}
    care.add("LA1", person, "goal", "social_care", **wish)
    return person


def _at(care: Care, **much: float) -> str:
    at = datetime.fromtimestamp(care.now / 1000, UTC) + timedelta(**much)
    return at.strftime("%Y-%m-%dT%H:%M:00Z")


PAGES = (
    ("Timeline", "clinician-p10001", lambda care: f"/care/people/{busy(care)}/timeline"),
    ("The week", "clinician-p10001", lambda care: f"/care/people/{busy(care)}/week"),
    ("Outcomes", "social-worker-la1", lambda care: f"/care/people/{busy(care)}/outcomes"),
    ("Measures", "commissioner-la1", lambda care: "/care/measures"),
    ("Waiting", "commissioner-la1", lambda care: "/care/measures?measure=interfaces"),
)
