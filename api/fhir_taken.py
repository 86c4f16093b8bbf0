"""A resource that was sent, as it is kept: judged in its own version, turned into R4, our own addresses relative.

The one way in for every body, header and parameter that holds a resource.
"""

from typing import Any

from api.fhir_asked import Asked
from fhir_facade.references import at_home
from fhir_facade.validate import validate
from fhir_facade.versions import R4


def taken(asked: Asked, sent: Any, type_: str) -> dict[str, Any]:
    """The resource as R4, when it is a valid one of this type (as the version names it). Raises INVALID, MALFORMED.

    What came in another version is judged as R4 once more: its extensions may have brought elements home.
    """
    validate(sent, type_, asked.version.name)
    made = asked.version.taken(sent)
    if asked.version is not R4:
        validate(made)
    return at_home(made, asked.base)
