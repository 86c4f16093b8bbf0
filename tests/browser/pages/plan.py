"""The plan page, and what changed in a plan."""

from api.demonstration_data import ADA
from tests.browser.care import Care
from tests.browser.seeded import COUNT, plans


def ada(care: Care) -> str:
    """The plan of the demonstration, once the worker has seen what needs whom."""
    care.turn()
    return f"/care/people/{ADA}"


PAGES = (
    ("The plan of Ada Test", "clinician-p10001", ada),
    ("A plan", "clinician-p10001", lambda care: f"/care/people/{plans(care)[COUNT - 1]}"),
    ("A plan that has hardly begun", "social-worker-la1", lambda care: f"/care/people/{plans(care)[0]}"),
    ("What changed", "clinician-p10001", lambda care: f"/care/people/{plans(care)[COUNT - 1]}/changes"),
)
