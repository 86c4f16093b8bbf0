"""Face: how one native kind and its FHIR R4 resource show the same entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_facade.lens import Fields, Resource


def always(resource: Resource) -> bool:
    """The type says it all: every resource of it is of this kind."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The FHIR face of a kind.

    `base`: what a new resource of this kind starts from (resourceType, required elements, marks of the kind).
    `fields`: native field and lens, in reading order. `mine`: tells this kind from others of the same type.
    `person`: the element that refers to the Patient.
    """

    kind: str
    type: str
    person: str
    base: Mapping[str, Any]
    fields: Fields
    mine: Callable[[Resource], bool] = always
