"""Clocks in a team's own hours: laws on made-up hours across both changes of summer time and the bank holidays."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.calendars import bank_holidays, keeps, observed
from plan.clocks import DAY, MINUTE, after, due, elapsed, local, working_day, written
from plan.feedback_table import CLOCKS
from plan.known import LONDON, Agency, Opening
from plan.model import AgencyId

HOUR = 60 * MINUTE
URGENT, SOON, ROUTINE = CLOCKS
HOLIDAYS = bank_holidays(2025, 2028)
WEEKDAYS = frozenset(range(5))


def team(*openings: tuple[frozenset[int], int, int], closed=HOLIDAYS) -> Agency:
    hours = tuple(Opening(days=days, start=start, end=end) for days, start, end in openings)
    return Agency(id=AgencyId("P10001"), hours=hours or None, closed=closed)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp() * 1000)


def said(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, LONDON).isoformat()[:16]


PRACTICE = team((WEEKDAYS, 480, 1110))
MIXED = team((WEEKDAYS, 540, 720), (WEEKDAYS, 780, 1020), (frozenset({5}), 540, 660))

DUE = [
    ("the next working day", SOON, PRACTICE, "2026-03-02T10:00", "2026-03-03T10:00"),
    ("over a weekend", SOON, PRACTICE, "2026-03-06T17:30", "2026-03-09T17:30"),
    ("sent on a Sunday, by the end of Monday", SOON, PRACTICE, "2026-03-08T12:00", "2026-03-09T18:30"),
    ("over Easter", SOON, PRACTICE, "2026-04-02T15:00", "2026-04-07T15:00"),
    ("over Christmas and the day that stands for Boxing Day", SOON, PRACTICE, "2026-12-24T10:00", "2026-12-29T10:00"),
    ("into summer time", SOON, PRACTICE, "2026-03-27T12:00", "2026-03-30T12:00"),
    ("out of summer time", SOON, PRACTICE, "2026-10-23T12:00", "2026-10-26T12:00"),
    ("five days over early May", ROUTINE, PRACTICE, "2026-04-30T12:00", "2026-05-08T12:00"),
    ("urgent does not wait", URGENT, PRACTICE, "2026-03-07T23:00", "2026-03-08T01:00"),
    ("no hours are published", SOON, team(), "2026-03-06T17:30", "2026-03-09T17:30"),
    (
        "a team that never opens has the hours of the table",
        SOON,
        team(closed=((0, 2**45),)),
        "2026-03-02T10:00",
        "2026-03-03T10:00",
    ),
    ("lunch and Saturday mornings count as they are", SOON, MIXED, "2026-03-06T16:00", "2026-03-09T13:10"),
]


@pytest.mark.parametrize("clock, agency, start, end", [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_f5_a_clock_runs_in_the_teams_hours(clock, agency, start, end):
    assert said(due(at(start), clock, agency, LONDON)) == end


NIGHTS = [
    ("an hour that does not exist is no opening", (60, 119), "2026-03-29T00:00", None),
    ("open into the hour that does not exist", (0, 90), "2026-03-29T00:00", 30),
    ("open out of the hour that does not exist", (90, 180), "2026-03-29T00:00", 30),
    ("through the missing hour", (0, 180), "2026-03-29T00:00", 120),
    ("through the hour that comes twice", (0, 180), "2026-10-25T00:00", 240),
    ("open into the hour that comes twice: its first coming", (0, 90), "2026-10-25T00:00", 90),
    ("open out of the hour that comes twice: its second", (90, 180), "2026-10-25T00:00", 90),
]


@pytest.mark.parametrize("hours, start, minutes", [row[1:] for row in NIGHTS], ids=[row[0] for row in NIGHTS])
def test_f5_the_narrower_reading_counts_where_summer_time_changes_in_the_hours(hours, start, minutes):
    agency = team((frozenset(range(7)), *hours), closed=())
    assert elapsed(at(start), at(start) + 23 * HOUR, agency, LONDON) == (minutes or 0) * MINUTE


@st.composite
def teams(draw) -> Agency:
    """Teams that open on some days, with bank holidays and now and then another closure."""
    made = draw(
        st.lists(
            st.tuples(st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1300), st.integers(30, 140)),
            min_size=1,
            max_size=3,
        )
    )
    openings = tuple((days, start, min(start + length * 5, 24 * 60)) for days, start, length in made)
    extra = draw(st.lists(st.tuples(STARTS, st.integers(0, 3 * DAY)), max_size=2))
    return team(*openings, closed=(*HOLIDAYS, *((start, start + length) for start, length in extra)))


_DATES = st.sampled_from(["2026-03-27", "2026-10-23", "2026-04-01", "2026-12-23", "2026-08-28", "2027-03-25"])
STARTS = st.builds(lambda day, minutes: at(day) + minutes * MINUTE, _DATES, st.integers(0, 5 * 24 * 60))
BUDGETS = st.integers(0, 40 * 60).map(lambda minutes: minutes * MINUTE)
law = settings(max_examples=150, deadline=None)


def is_open(moment: int, agency: Agency) -> bool:
    """Said another way than plan.clocks says it: by the wall clock, the ends of the hours included."""
    here = datetime.fromtimestamp(moment / 1000, LONDON)
    minute = here.hour * 60 + here.minute + here.second / 60
    today = any(here.weekday() in one.days and one.start <= minute <= one.end for one in agency.hours or ())
    yesterday = here - timedelta(days=1)
    midnight = minute == 0 and any(yesterday.weekday() in one.days and one.end == 24 * 60 for one in agency.hours or ())
    closed = any(first < moment < last for first, last in agency.closed)
    return (today or midnight) and not closed


@given(agency=teams(), start=STARTS, much=BUDGETS)
@law
def test_f5_nothing_is_ever_due_outside_the_hours(agency, start, much):
    assert is_open(after(start, much, agency, LONDON), agency)


@given(agency=teams(), start=STARTS, one=BUDGETS, other=BUDGETS)
@law
def test_f5_time_adds_up(agency, start, one, other):
    assert after(after(start, one, agency, LONDON), other, agency, LONDON) == after(start, one + other, agency, LONDON)


@given(agency=teams(), start=STARTS, later=st.integers(0, 3 * DAY), one=BUDGETS, more=BUDGETS)
@law
def test_f5_who_begins_later_or_has_more_time_is_not_due_earlier(agency, start, later, one, more):
    first = after(start, one, agency, LONDON)
    assert first >= start
    assert after(start + later, one, agency, LONDON) >= first
    assert after(start, one + more, agency, LONDON) >= first


@given(agency=teams(), start=STARTS, much=BUDGETS)
@law
def test_f5_as_much_has_run_as_was_given(agency, start, much):
    assert elapsed(start, after(start, much, agency, LONDON), agency, LONDON) == much


@given(agency=teams(), start=STARTS, percent=st.sampled_from([100, 150]))
@law
def test_f5_urgent_knows_no_hours_and_the_others_are_due_later_at_one_and_a_half(agency, start, percent):
    assert due(start, URGENT, agency, LONDON, percent) == start + 2 * HOUR * percent // 100
    assert due(start, SOON, agency, LONDON, 150) >= due(start, SOON, agency, LONDON)
    assert due(start, ROUTINE, agency, LONDON) >= due(start, SOON, agency, LONDON)


def test_nothing_runs_for_a_team_that_is_never_there():
    away = team((WEEKDAYS, 480, 1110), closed=((0, 2**45),))
    assert elapsed(at("2026-03-02T10:00"), at("2026-06-02T10:00"), away, LONDON) == 0


def test_a_working_day_is_the_mean_of_the_days_that_are_worked():
    assert working_day(PRACTICE) == 630 * MINUTE
    assert working_day(team((WEEKDAYS, 540, 720), (WEEKDAYS, 600, 1020), (frozenset({5}), 540, 660))) == 420 * MINUTE


def test_bank_holidays_are_kept_by_who_does_not_work_on_sundays():
    ward = team((frozenset(range(7)), 0, 1440), closed=())
    closed = observed({AgencyId("P"): team((WEEKDAYS, 0, 60), closed=((1, 2),)), AgencyId("W"): ward}, at("2026-06-01"))
    assert keeps(team())
    assert closed[AgencyId("W")] == ward
    assert (1, 2) in closed[AgencyId("P")].closed
    assert (at("2026-12-25"), at("2026-12-26") - 1) in closed[AgencyId("P")].closed


def test_moments_as_they_are_kept_and_as_people_say_them():
    moment = at("2026-07-02T09:05")
    assert written(moment) == "2026-07-02T08:05:00.000Z"
    assert local(moment, LONDON) == "Thu 2 July 2026, 09:05"
