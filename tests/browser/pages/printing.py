"""What can be printed, and the calendar of a person."""

from api.demonstration_data import ADA

PAGES = (
    ("Print", "clinician-rx1", lambda care: f"/care/people/{ADA}/print"),
    ("Calendar", "ada-test", lambda care: f"/care/people/{ADA}/calendar"),
)
