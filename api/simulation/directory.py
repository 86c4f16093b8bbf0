"""The directory of the simulation: every agency with its kind, its hours and its contacts, as each keeps it itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.simulation.town import SEATS, Estate
from fhir_facade.agencies import AGENCY_KIND, CONTACT_POINT

_WEEKDAYS: Final = ["mon", "tue", "wed", "thu", "fri"]
_EVERY_DAY: Final = [*_WEEKDAYS, "sat", "sun"]
HOURS: Final[Mapping[str, tuple[list[str], str, str]]] = {
    "hospital": (_EVERY_DAY, "00:00:00", "23:59:00"),
    "gp_practice": (_WEEKDAYS, "08:00:00", "18:30:00"),
    "social_care": (_WEEKDAYS, "09:00:00", "17:00:00"),
    "care_provider": (_EVERY_DAY, "07:00:00", "22:00:00"),
    "housing": (_WEEKDAYS, "09:00:00", "17:00:00"),
    "benefits": (_WEEKDAYS, "09:00:00", "17:00:00"),
    "equipment": (_WEEKDAYS, "08:00:00", "18:00:00"),
    "discharge_hub": (_EVERY_DAY, "08:00:00", "20:00:00"),
}
"""When each kind of agency works: days, from, to."""
CONTACTS: Final[Mapping[str, str]] = {
    "team": "team",
    "duty": "duty desk",
    "escalation": "manager on call",
}
"""What a contact is for, and what it is called."""


def pages(estate: Estate) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Agency, type and resource of each page."""
    for kind, seat in SEATS.items():
        agency, (days, opens, closes) = estate.agency(kind), HOURS[kind]
        hours = [{"daysOfWeek": days, "availableStartTime": opens, "availableEndTime": closes}]
        coded = [{"coding": [{"system": AGENCY_KIND, "code": kind}]}]
        organization = {"resourceType": "Organization", "id": agency, "active": True, "name": seat.name, "type": coded}
        yield agency, "Organization", organization
        for contact, called in CONTACTS.items():
            service: dict[str, Any] = {
                "resourceType": "HealthcareService",
                "id": f"{agency}-{contact}",
                "active": True,
                "providedBy": {"reference": f"Organization/{agency}"},
                "type": [{"coding": [{"system": CONTACT_POINT, "code": contact}]}],
                "name": f"{seat.name}, {called}",
                "telecom": [{"system": "phone", "value": "020 7946 0000"}],
            }
            yield agency, "HealthcareService", service | ({"availableTime": hours} if contact == "team" else {})
