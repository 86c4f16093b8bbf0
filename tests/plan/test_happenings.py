"""What a calendar shows of a plan: visits of every week, reviews that are due, the planned discharge."""

from datetime import date, datetime
from typing import Any

import pytest

from plan.carried import carried
from plan.happenings import CARE, DISCHARGE, HOME_CARE, REVIEW, happenings
from plan.known import LONDON, Entry, Place
from plan.model import AgencyId, EntryId, Section
from tests.support.plans_known import known, ms

NOW = "2026-03-04T14:00:00Z"
HC1 = {"reference": "Organization/HC1", "name": "Home care"}


def entry(kind: str, id_: str = "e1", section: Section = Section.SOCIAL_CARE, **body: Any) -> Entry:
    at = ms("2026-03-02T10:00:00Z")
    more: dict[str, Any] = {
        "restriction": body.pop("restriction", None),
        "at": body.pop("at", at),
        "version": body.pop("version", 1),
    }
    return Entry(
        id=EntryId(id_), type="X", kind=kind, section=section, agency=AgencyId("LA1"), created=at, body=body, **more
    )


def service(**more: Any) -> Entry:
    body = {
        "service": "Morning care",
        "status": "active",
        "provider": HC1,
        "visits": [{"start": "08:30", "minutes": 30}],
    }
    return entry("service", **(body | more))


def of(*entries: Entry, **more: Any):
    return happenings(known(NOW, *entries, **more))


def test_a_visit_of_every_day_begins_on_the_day_that_its_service_was_written():
    (one,) = of(service(version=3))
    assert (one.words, one.start) == (HOME_CARE, datetime(2026, 3, 2, 8, 30, tzinfo=LONDON))
    assert one.days == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    assert (one.minutes, one.until, one.version) == (30, None, 3)
    assert one.details == "Morning care\nTest care_provider"


@pytest.mark.parametrize(
    "days, start, first",
    [
        (["mon"], "2026-03-02", "2026-03-02"),
        (["mon"], "2026-03-03", "2026-03-09"),
        (["sun", "wed"], "2026-03-02", "2026-03-04"),
        (["sat"], "2026-03", "2026-03-07"),
        (["fri"], "2026-03-05T23:30:00Z", "2026-03-06"),
    ],
)
def test_the_first_visit_is_the_first_of_its_days_in_the_period(days, start, first):
    (one,) = of(service(visits=[{"days": days, "start": "08:30"}], period={"start": start}))
    assert one.start.date() == date.fromisoformat(first)
    assert one.minutes is None


@pytest.mark.parametrize(
    "end, until",
    [
        ("2026-03-31", "2026-03-31"),
        ("2026-03", "2026-03-31"),
        ("2026-04-01T00:30:00+01:00", "2026-04-01"),
        ("2026-03-31T23:30:00Z", "2026-04-01"),
    ],
)
def test_a_visit_ends_with_the_last_day_of_the_period(end, until):
    (one,) = of(service(period={"end": end}))
    assert one.until == date.fromisoformat(until)


def test_what_ends_before_its_first_day_never_happens():
    assert of(service(visits=[{"days": ["sun"], "start": "08:30"}], period={"end": "2026-03-06"})) == []


def test_who_is_no_home_care_provider_visits_all_the_same():
    (one,) = of(service(provider={"reference": "Organization/LA1"}))
    assert one.words == CARE
    (one,) = of(service(provider={"name": "Somebody"}))
    assert one.words == CARE


@pytest.mark.parametrize("status", ["proposed", "on_hold", "completed", "cancelled", "entered_in_error"])
def test_a_service_that_is_not_active_visits_nobody(status):
    assert of(service(status=status)) == []


def test_a_service_without_visits_stands_nowhere():
    assert of(entry("service", service="Meals", status="active")) == []


def test_the_newest_review_of_a_section_says_when_the_next_is_due():
    old = entry("review", "r1", next_review="2026-04-01", signed="x", at=ms("2026-01-01T00:00:00Z"))
    new = entry("review", "r2", next_review="2026-06-01", signed="x", at=ms("2026-02-01T00:00:00Z"))
    said = entry("review", "r3", signed="x", at=ms("2026-02-02T00:00:00Z"))
    (one,) = of(new, old, said)
    assert (one.words, one.start, one.details) == (REVIEW, date(2026, 6, 1), "Review of the section social care")


def test_a_section_says_itself_when_it_is_due():
    (one,) = of(entry("section", title="Social care", review_date="2026-09-01"))
    assert one.start == date(2026, 9, 1)


@pytest.mark.parametrize("kind, field", [("review", "next_review"), ("section", "review_date")])
@pytest.mark.parametrize("day", ["2026-09", "2026"])
def test_what_is_no_whole_day_stands_in_no_calendar(kind, field, day):
    assert of(entry(kind, title="x", signed="x", **{field: day})) == []


@pytest.mark.parametrize(
    "planned, start",
    [
        ("2026-04-06T14:00:00Z", datetime(2026, 4, 6, 15, 0, tzinfo=LONDON)),
        ("2026-03-06", date(2026, 3, 6)),
    ],
)
def test_a_planned_discharge_is_at_its_time_or_on_its_day(planned, start):
    hospital = {"reference": "Organization/RX1"}
    stay = entry("stay", "s", Section.TRANSITIONS, status="in_hospital", planned_discharge=planned, hospital=hospital)
    (one,) = of(stay)
    assert (one.words, one.start, one.details) == (DISCHARGE, start, "Test hospital")


@pytest.mark.parametrize(
    "more",
    [
        {"planned_discharge": "2026-03"},
        {},
        {"planned_discharge": "2026-03-06", "status": "cancelled"},
        {"planned_discharge": "2026-03-06", "status": "finished"},
    ],
)
def test_a_discharge_that_is_not_planned_to_the_day_or_is_over_is_gone(more):
    assert of(entry("stay", "s", Section.TRANSITIONS, **({"status": "in_hospital"} | more))) == []


def test_nothing_happens_to_who_has_died():
    assert of(service(), identity={"died": True}) == []


@pytest.mark.parametrize(
    "hidden",
    [
        service(restriction=frozenset({AgencyId("LA1")})),
        entry("review", "r", Section.SAFEGUARDING, signed="x", next_review="2026-04-01"),
        entry("sealed_address", "a", Section.ABOUT_ME),
    ],
)
def test_what_must_not_stand_on_a_telephone_is_not_carried(hidden):
    assert of(hidden) == []
    assert not carried(known(NOW, hidden)).entries


def test_a_place_that_is_kept_secret_is_not_carried():
    secret = Place(party="HC1", restriction=frozenset({AgencyId("RX1")}))
    assert carried(known(NOW, team=(secret, Place(party="RX1")))).team == (Place(party="RX1"),)


def test_each_thing_has_a_key_of_its_own_that_lasts():
    two = [{"start": "08:30"}, {"start": "18:00", "tasks": "Supper"}]
    before, after = of(service(visits=two)), of(service(visits=[*two[:1], {"start": "19:00"}], version=2))
    assert [one.key for one in before] == [one.key for one in after] == ["e1 visit 0", "e1 visit 1"]
    assert before[1].details.endswith("Supper")
