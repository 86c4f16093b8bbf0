"""An agency as the rules know it: what the directory says of it, and nothing that it does not say."""

import pytest

from fhir_facade.agencies import AGENCY_KIND, CONTACT_POINT, agency, provider
from plan.known import Contact, Opening

WEEKDAYS = frozenset(range(5))
DAILY = frozenset(range(7))
MARCH_2 = 1_772_409_600_000
"""2026-03-02T00:00:00Z."""


def organization(**more):
    return {"resourceType": "Organization", "id": "HA1", **more}


def service(id_="s", **more):
    return {"resourceType": "HealthcareService", "id": id_, **more}


def typed(system, *codes):
    return [{"text": "words alone"}, {"coding": [{"system": system, "code": code} for code in codes]}]


@pytest.mark.parametrize(
    "type_, kind",
    [
        (None, ""),
        (typed(AGENCY_KIND, "housing"), "housing"),
        (typed(AGENCY_KIND, "castle", "housing"), "housing"),
        (typed("http://elsewhere.example", "housing"), ""),
    ],
)
def test_its_kind_is_said_in_our_words_or_not_at_all(type_, kind):
    found = agency(organization(name="Test Housing", **({"type": type_} if type_ else {})), [])
    assert (found.id, found.name, found.kind, found.hours, found.contacts) == ("HA1", "Test Housing", kind, None, {})
    assert found.reference == "Organization/HA1"


@pytest.mark.parametrize(
    "time, openings",
    [
        (
            {"daysOfWeek": ["mon", "fri"], "availableStartTime": "09:00:00", "availableEndTime": "17:30:00"},
            [({0, 4}, 540, 1050)],
        ),
        ({"availableStartTime": "09:00:00"}, [(DAILY, 540, 1440)]),
        ({"daysOfWeek": ["sun"], "allDay": True, "availableStartTime": "09:00:00"}, [({6}, 0, 1440)]),
        ({"availableEndTime": "12:00:00"}, [(DAILY, 0, 720)]),
        ({"daysOfWeek": ["nonsense"], "allDay": True}, [(DAILY, 0, 1440)]),
        ({"availableStartTime": "22:00:00", "availableEndTime": "06:00:00"}, []),
    ],
)
def test_its_hours_are_those_of_its_services(time, openings):
    found = agency(organization(), [service(availableTime=[time])])
    wanted = tuple(Opening(days=frozenset(days), start=start, end=end) for days, start, end in openings)
    assert found.hours == (wanted or None)


def test_it_is_closed_when_a_service_says_so_and_a_span_without_days_is_none():
    spans = [
        {"description": "Holiday", "during": {"start": "2026-03-02", "end": "2026-03-03"}},
        {"description": "One day", "during": {"start": "2026-03-02"}},
        {"description": "Some time"},
    ]
    day = 86_400_000
    assert agency(organization(), [service(notAvailable=spans)]).closed == (
        (MARCH_2, MARCH_2 + 2 * day - 1),
        (MARCH_2, MARCH_2 + day - 1),
    )


def test_it_is_reached_by_the_first_service_in_use_that_says_what_it_is_for():
    duty = typed(CONTACT_POINT, "duty")
    services = [
        service("old", type=duty, active=False),
        service(
            "first",
            type=duty,
            name="Duty desk",
            telecom=[{"system": "phone", "value": "1"}, {"system": "phone", "value": "2"}, {"value": "3"}],
        ),
        service("second", type=duty, telecom=[{"system": "email", "value": "duty@ha1.example"}]),
    ]
    found = agency(organization(), services).contacts
    assert found == {"duty": Contact(reference="HealthcareService/first", name="Duty desk", phone="1")}


@pytest.mark.parametrize(
    "said, id_",
    [({}, ""), ({"providedBy": {"display": "x"}}, ""), ({"providedBy": {"reference": "Organization/HA1"}}, "HA1")],
)
def test_whose_a_service_is(said, id_):
    assert provider(service(**said)) == id_
