"""The service's own hand at work beside the doors: how it is named in versions and in the audit."""

from api.deeds import Visit
from auth.caller import HOUSE

ROLE = "service"
"""In which role it writes: one of its own, so that nobody takes it for a coordinator who has looked."""


def visit(door: str, request: str) -> Visit:
    """What it does by one of its own doors."""
    return Visit(caller=HOUSE, door=door, request=request)
