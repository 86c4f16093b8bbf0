"""A value that says that there is none, for an element that must be there (extension data-absent-reason)."""

from typing import Any

ABSENT: dict[str, Any] = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unsupported"},
    ]
}
