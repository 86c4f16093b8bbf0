"""R5 as a conversion of R4, both ways, losing nothing: `up` and `down`, and the row of the version.

Pure functions of parsed JSON; what they are given is not changed, and what they give may share parts with it. Coming
back is an identity (r5_plan.py says why). Source: FHIR R5 5.0.0 and its page versions.html; docs/decisions/0017.
"""

from fhir_facade import exact
from fhir_facade.r5_plan import DOWN, UP
from fhir_facade.r5_tables import TYPES_UP
from fhir_facade.versions import Resource

__all__ = ["TYPES_UP", "down", "shown", "shown_type", "stored_type", "taken", "up"]


def up(resource: Resource) -> Resource:
    """An R4 resource as R5. Raises KeyError for a type that R4 has not."""
    return UP.whole(resource)


def down(resource: Resource) -> Resource:
    """An R5 resource as R4. Raises KeyError for a type that R5 has not."""
    return DOWN.whole(resource)
