"""An agency as the rules know it, from the directory: what it is, when its team works, where it is reached.

Source: https://hl7.org/fhir/R4/organization.html (type) and healthcareservice.html (providedBy, type, telecom,
availableTime, notAvailable). The words of both types are ours: code systems `agency-kind` and `contact-point`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fhir_facade import systems
from plan.dates import date_range
from plan.known import AGENCY_KINDS, CONTACTS, Agency, Contact, Opening
from plan.model import AgencyId

Resource = dict[str, Any]
AGENCY_KIND = f"{systems.OURS}/CodeSystem/agency-kind"
CONTACT_POINT = f"{systems.OURS}/CodeSystem/contact-point"
_DAYS = {day: number for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_EVERY_DAY = frozenset(_DAYS.values())
_MIDNIGHT = 24 * 60


def agency(organization: Resource, services: Sequence[Resource]) -> Agency:
    """An agency, from its Organization and the HealthcareServices that it provides and that are in use."""
    used = [one for one in services if one.get("active") is not False]
    hours = [opening for one in used for opening in _hours(one)]
    return Agency(
        id=AgencyId(str(organization["id"])),
        name=str(organization.get("name", "")),
        kind=next(_coded(organization, AGENCY_KIND, AGENCY_KINDS), ""),
        hours=tuple(hours) or None,
        closed=tuple(span for one in used for span in _closed(one)),
        contacts={word: _contact(one) for one in reversed(used) for word in _coded(one, CONTACT_POINT, CONTACTS)},
    )


def provider(service: Resource) -> str:
    """The id of the agency that provides a service; empty where none is said."""
    return str((service.get("providedBy") or {}).get("reference", "")).removeprefix("Organization/")


def _coded(resource: Resource, system: str, words: Any) -> Iterator[str]:
    for concept in resource.get("type", ()):
        for coding in concept.get("coding", ()):
            if coding.get("system") == system and coding.get("code") in words:
                yield coding["code"]


def _contact(service: Resource) -> Contact:
    reached = {
        one["system"]: one["value"] for one in reversed(service.get("telecom", ())) if {"system", "value"} <= one.keys()
    }
    return Contact(
        reference=f"HealthcareService/{service['id']}",
        name=str(service.get("name", "")),
        phone=str(reached.get("phone", "")),
        email=str(reached.get("email", "")),
    )


def _hours(service: Resource) -> Iterator[Opening]:
    """The hours of a service; a time without days is every day, and one without an end lasts to midnight."""
    for one in service.get("availableTime", ()):
        days = frozenset(_DAYS[day] for day in one.get("daysOfWeek", ()) if day in _DAYS) or _EVERY_DAY
        whole = one.get("allDay") is True
        start = 0 if whole else _minutes(one.get("availableStartTime"), 0)
        end = _MIDNIGHT if whole else _minutes(one.get("availableEndTime"), _MIDNIGHT)
        if start < end:
            yield Opening(days=days, start=start, end=end)


def _closed(service: Resource) -> Iterator[tuple[int, int]]:
    for one in service.get("notAvailable", ()):
        during = one.get("during", {})
        start, end = date_range(during.get("start", "")), date_range(during.get("end", during.get("start", "")))
        if start and end:
            yield start[0], end[1]


def _minutes(said: Any, missing: int) -> int:
    """Minutes since midnight of a FHIR time."""
    if not isinstance(said, str):
        return missing
    hours, minutes = said.split(":")[:2]
    return int(hours) * 60 + int(minutes)
