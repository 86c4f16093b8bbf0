"""What a MedicationStatement and a MedicationRequest have in common: the medicine, its dose, its times, who gives it.

Source: https://hl7.org/fhir/R4/dosage.html. A Timing is read as times of the day only when that says all of it: a patch
"every 72 hours" shown as "at eight" would be given too often.
"""

from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import PARTY, coding_beside, own, title, words
from fhir_facade.lens import At, First, Lens, Only, Resource, Where, dig, plant
from fhir_facade.timing import timing_of, visits_of

_BOUNDS = ("repeat", "boundsPeriod")


@dataclass(frozen=True, slots=True)
class DueTimes:
    """A list of hh:mm at which a dose is due each day, in `timing` of a Dosage."""

    def view(self, resource: Resource) -> Any:
        found = visits_of(resource.get("timing")) or []
        return [visit["start"] for visit in found if visit.keys() == {"start"}] or None

    def put(self, resource: Resource, value: Any) -> None:
        bounds = dig(resource, ("timing", *_BOUNDS))
        resource.pop("timing", None)
        if value:
            resource["timing"] = timing_of(value, {})
            if bounds is not None:
                plant(resource["timing"], _BOUNDS, bounds)


@dataclass(frozen=True, slots=True)
class Medicine:
    """What the medicine is called: in words, or by the display of a reference to it."""

    def view(self, resource: Resource) -> Any:
        return _CONCEPT.view(resource) or words("medicationReference", "display").view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        for name in ("medicationReference", "_medicationReference"):
            resource.pop(name, None)
        _CONCEPT.put(resource, value)


_CONCEPT = title("medicationCodeableConcept")


def taken(dosage: str) -> tuple[tuple[str, Lens], ...]:
    """The fields of plan.kinds.medicine.Taken; `dosage`: the name of the list that holds the Dosage."""
    return (
        ("medicine", Medicine()),
        ("code", Only(coding_beside("medicationCodeableConcept"), ("medicationReference",))),
        ("dose", First(dosage, words("text"))),
        ("times", First(dosage, DueTimes())),
        ("as_needed", First(dosage, Only(At("asNeededBoolean"), ("asNeededCodeableConcept",)))),
        ("time_critical", own("time-critical", "valueBoolean")),
        ("tolerance_minutes", own("tolerance-minutes", "valueInteger")),
        ("given_by", Where("extension", {"url": systems.own_extension("given-by")}, _Reference())),
        ("self_given", own("self-given", "valueBoolean")),
    )


@dataclass(frozen=True, slots=True)
class _Reference:
    """A Party in the value of an extension."""

    def view(self, resource: Resource) -> Any:
        held = resource.get("valueReference")
        return PARTY.view(held) if isinstance(held, dict) else None

    def put(self, resource: Resource, value: Any) -> None:
        held = resource.get("valueReference")
        made: Resource = held if isinstance(held, dict) else {}
        PARTY.put(made, value)
        plant(resource, ("valueReference",), made or None)
