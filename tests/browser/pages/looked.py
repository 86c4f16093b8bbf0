"""Who has looked."""

from api.demonstration_data import ADA

PAGES = (("Who has looked", "ada-test", lambda care: f"/care/people/{ADA}/looked"),)
