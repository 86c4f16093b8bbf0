"""The pages of work: my list, finding a person, the board, one discharge and what is done about it."""

from tests.browser.care import Care
from tests.browser.discharge import leaving


def _list(care: Care) -> str:
    leaving(care)
    return "/care/list"


def _by_ward(care: Care) -> str:
    leaving(care)
    return "/care/discharges"


def _left(care: Care) -> str:
    one = leaving(care)
    one.confirm("housing.telecare")
    return one.at


PAGES = (
    ("My list", "housing-officer-ha1", _list),
    ("My list, by urgency", "clinician-rx1", lambda care: f"{_list(care)}?by=urgency"),
    ("My list, one estate", "housing-officer-ha1", lambda care: f"{_list(care)}?estate=100000000001"),
    ("Find a person", "clinician-rx1", lambda care: "/care/find"),
    ("Discharges by ward", "clinician-rx1", _by_ward),
    ("Discharges by home", "housing-officer-ha1", lambda care: "/care/discharges"),
    ("Discharges that wait for us", "care-worker-hc1", lambda care: "/care/discharges?view=agency"),
    ("One discharge", "clinician-rx1", _left),
    ("Answer for an item", "housing-officer-ha1", lambda care: leaving(care).item("housing.telecare")),
    ("An item of others", "housing-officer-ha1", lambda care: leaving(care).item("hospital.transport")),
    ("When it starts", "care-worker-hc1", lambda care: leaving(care).item("social_care.package")),
    ("Leave although not ready", "clinician-rx1", lambda care: f"{leaving(care).at}/override"),
    ("Record a failed discharge", "housing-officer-ha1", lambda care: f"{leaving(care).at}/failed"),
)
