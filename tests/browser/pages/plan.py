"""The plan page, and what changed in a plan."""

from tests.browser.seeded import COUNT, plans

PAGES = (
    ("A plan", "clinician-p10001", lambda care: f"/care/people/{plans(care)[COUNT - 1]}"),
    ("A plan that has hardly begun", "social-worker-la1", lambda care: f"/care/people/{plans(care)[0]}"),
    ("What changed", "clinician-p10001", lambda care: f"/care/people/{plans(care)[COUNT - 1]}/changes"),
)
