"""The pages of a person's own plan, of what they allow, and of emergency access."""

from functools import cache
from typing import Any

from api.deeds import Visit
from api.demonstration_data import ADA, BEN
from api.overriding import Overriding, Wanted
from plan.model import PersonId
from tests.browser.care import Care

WHY = "Found at home, not responding to the door"


@cache
def asked(care: Care) -> str:
    """Something that is asked of Ada: a message from the council."""
    body: dict[str, Any] = {"text": "Which day suits you for a visit?", "status": "sent"}
    return care.add("LA1", ADA, "message", "social_care", **body, to=[{"reference": f"Patient/{ADA}"}])


@cache
def consent(care: Care) -> str:
    """A decision of Ada's that stands."""
    found = care.done(care.desk.kind(care.visit(), ADA, "consent", None))
    return str(found[0].id)


@cache
def override(care: Care) -> str:
    """An emergency access to Ben's plan, from elsewhere."""
    visit: Visit = care.visit("RX9", "clinician")
    wanted = Wanted(person=PersonId(BEN), reason="emergency", text=WHY, minutes=60)
    return str(care.done(Overriding.of(care.desk).open(visit, wanted)).override.id)


def _of_ada(path: str) -> Any:
    return lambda care: f"/care/people/{ADA}{path}"


PAGES = (
    ("My plan", "ada-test", _of_ada("/mine")),
    ("The plan of whom I care for", "bea-test", _of_ada("/mine")),
    ("People I care for", "bea-test", lambda care: "/care/mine"),
    ("What matters to me", "ada-test", _of_ada("/mine/words")),
    ("Say something about my plan", "ada-test", _of_ada("/mine/say")),
    ("Agree with my plan", "ada-test", _of_ada("/mine/agree")),
    ("We ask you something", "ada-test", lambda care: f"/care/people/{ADA}/mine/asked/{asked(care)}"),
    ("What I allow", "ada-test", _of_ada("/consents")),
    ("What the person allows", "social-worker-la1", _of_ada("/consents")),
    ("Allow or refuse", "ada-test", _of_ada("/consents/new")),
    ("Change what was decided", "ada-test", lambda care: f"/care/people/{ADA}/consents/{consent(care)}"),
    ("How decisions came to be", "ada-test", _of_ada("/consents/history")),
    ("Emergency access to a plan", "clinician-rx9", lambda care: "/care/open"),
    ("Emergency access to review", "auditor-la1", lambda care: override(care) and "/care/overrides"),
    ("One emergency access", "auditor-la1", lambda care: f"/care/overrides/{override(care)}"),
)
