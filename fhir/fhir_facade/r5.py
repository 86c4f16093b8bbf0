"""R5 as a conversion of R4, both ways, losing nothing: `up` and `down`, and what the row of the version needs.

Pure functions of parsed JSON; what they are given is not changed, and what they give may share parts with it. Coming
back is an identity (r5_plan.py says why). Source: FHIR R5 5.0.0 and its page versions.html; docs/decisions/0017.
"""

from fhir_facade import exact
from fhir_facade.elements import resource_types
from fhir_facade.r5_plan import DOWN, UP
from fhir_facade.r5_tables import TYPES_UP
from fhir_facade.release import Resource
from plan.problem import Fault, Problem, Trouble

__all__ = ["TYPES_UP", "down", "shown", "shown_type", "stored_type", "taken", "up"]


def up(resource: Resource) -> Resource:
    """An R4 resource as R5; of a type that R5 has not, a Basic that says which. Raises KeyError for no type of R4."""
    return UP.whole(resource)


def down(resource: Resource) -> Resource:
    """An R5 resource as R4; of a type that R4 has not, a Basic that says which. Raises KeyError for no type of R5."""
    return DOWN.whole(resource)


def shown(text: str) -> str:
    """A stored resource as R5 text."""
    return exact.text(up(exact.stored(text)))


def taken(resource: Resource) -> Resource:
    """What a client sent as R5, as R4. Raises Problem(INVALID) for what has not the form of a resource of R5."""
    try:
        return down(resource)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        what = "this has not the form of an R5 resource"
        mend = "Look the type and its elements up in R5 (5.0.0)."
        raise Problem(Trouble.INVALID, what[:1].upper() + what[1:], (Fault(what, mend=mend),)) from error


def shown_type(name: str) -> str | None:
    """The R5 name of an R4 type; None for one that R5 has not (docs/decisions/0018)."""
    return UP.other(name) if name in resource_types("R4") else None


def stored_type(name: str) -> str | None:
    """The R4 name of an R5 type; None for one that R4 has not, and for what is no type of R5."""
    return DOWN.other(name) if name in resource_types("R5") else None
