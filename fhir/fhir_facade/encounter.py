"""A stay in hospital as an Encounter of class inpatient.

Source: https://hl7.org/fhir/R4/encounter.html; UK Core extensions AdmissionMethod and DischargeMethod. R4 has no
element for the planned discharge (R5: plannedEndDate), so it is an extension of ours.
"""

from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import CONCEPT, coding, own, party, said, words
from fhir_facade.face import Face
from fhir_facade.lens import Code, First, Lens, Resource, Through, Via, Where, dig, plant

_ACT_CODE = f"{systems.HL7}/v3-ActCode"
_PATHWAYS = range(4)
INPATIENT = frozenset({"IMP", "ACUTE", "NONAC"})
"""The classes of an Encounter that is a stay (v3 ActCode)."""
STATUSES = {
    "planned": "planned",
    "arrived": "arrived",
    "in_hospital": "in-progress",
    "on_leave": "onleave",
    "finished": "finished",
    "cancelled": "cancelled",
}
"""The status of a stay, and of its Encounter."""


@dataclass(frozen=True, slots=True)
class CurrentPlace:
    """The place of an Encounter that is active, else the last one; those it had before stay."""

    inner: Lens

    def view(self, resource: Resource) -> Any:
        place = self._place(resource)
        return None if place is None else self.inner.view(place)

    def put(self, resource: Resource, value: Any) -> None:
        place = self._place(resource)
        held: Resource = {} if place is None else place
        self.inner.put(held, value)
        listed = resource.get("location")
        places = [*(listed if isinstance(listed, list) else ()), *([held] if place is None else ())]
        plant(resource, ("location",), [kept for kept in places if kept is not held or "location" in held] or None)

    def _place(self, resource: Resource) -> Resource | None:
        listed = resource.get("location")
        places = [place for place in (listed if isinstance(listed, list) else ()) if isinstance(place, dict)]
        active = [place for place in places if place.get("status") == "active"]
        return next(reversed(active or places), None)


def _named(found: Any) -> Any:
    return found.get("name")


_WARD = CurrentPlace(Via(party("location"), _named, lambda name: {"name": name}))


def _uk_core(name: str) -> Lens:
    return Where("extension", {"url": f"{systems.UK_CORE_EXTENSION}/{name}"}, coding("valueCodeableConcept"))


def _pathway(value: Any) -> int | None:
    return value if type(value) is int and value in _PATHWAYS else None


def _inpatient(resource: Resource) -> bool:
    return said(dig(resource, ("class", "code"))) in INPATIENT


FACE = Face(
    kind="stay",
    type="Encounter",
    person="subject",
    base={
        "resourceType": "Encounter",
        "class": {"system": _ACT_CODE, "code": "IMP", "display": "inpatient encounter"},
    },
    mine=_inpatient,
    fields=(
        ("status", Code(words("status"), STATUSES, also={"triaged": "arrived"})),
        ("number", First("identifier", words("value"))),
        ("hospital", party("serviceProvider")),
        ("ward", _WARD),
        ("admitted", words("period", "start")),
        ("planned_discharge", own("planned-discharge", "valueDateTime")),
        ("notice", own("discharge-notice", "valueDateTime")),
        ("discharge_ready", own("discharge-ready", "valueDateTime")),
        ("discharged", words("period", "end")),
        ("reason", First("reasonCode", CONCEPT)),
        ("method", Through(("hospitalization",), _uk_core("Extension-UKCore-AdmissionMethod"))),
        ("discharge_method", _uk_core("Extension-UKCore-DischargeMethod")),
        ("destination", coding("hospitalization", "dischargeDisposition")),
        ("pathway", Via(own("discharge-pathway", "valueInteger"), _pathway, int)),
    ),
)
