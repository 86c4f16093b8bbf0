"""A calendar as a file: read back, expanded over a change of the clocks, stable, and saying little."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.calendar_file import NAME, uid, written
from plan.happenings import Happening
from plan.known import LONDON
from tests.support.calendars import onset, parts, repeats

VISIT = Happening(
    key="e1 visit 0",
    words="Home care visit",
    details="Morning care\nTest Home Care\nWash, dress; breakfast",
    version=3,
    changed=1_772_000_000_500,
    start=datetime(2026, 3, 23, 8, 30, tzinfo=LONDON),
    minutes=45,
    days=("mon", "fri", "sun"),
)
REVIEW = replace(
    VISIT, key="health next_review", words="Care review due", start=date(2026, 6, 1), minutes=None, days=()
)


def read(*some: Happening, details: bool = False) -> list[Any]:
    return parts(written(some, details=details))


def starts(event: Any, first: datetime, last: datetime) -> list[datetime]:
    """When it happens between two moments."""
    return [one.astimezone(UTC) for one in repeats(event, first, last)]


def test_a_week_over_the_change_to_summer_time_keeps_the_hour_of_the_clock():
    (event,) = read(VISIT)
    week = starts(event, datetime(2026, 3, 27, tzinfo=LONDON), datetime(2026, 4, 3, 23, tzinfo=LONDON))
    assert week == [
        datetime(2026, 3, 27, 8, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 7, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 7, 30, tzinfo=UTC),
        datetime(2026, 4, 3, 7, 30, tzinfo=UTC),
    ]


def test_the_last_day_is_included_and_the_next_is_not():
    (event,) = read(replace(VISIT, until=date(2026, 4, 3)))
    found = starts(event, datetime(2026, 3, 30, tzinfo=LONDON), datetime(2026, 5, 1, tzinfo=LONDON))
    assert found[-1] == datetime(2026, 4, 3, 7, 30, tzinfo=UTC)
    assert event["rrule"]["UNTIL"] == [datetime(2026, 4, 3, 22, 59, 59, tzinfo=UTC)]


def test_what_is_said_is_little():
    raw = written([VISIT, REVIEW], details=False).decode()
    assert "Morning" not in raw
    assert "Wash" not in raw
    (visit, review) = read(VISIT, REVIEW)
    assert (visit["summary"], review["summary"]) == ("Home care visit", "Care review due")
    assert "description" not in visit
    assert visit["class"] == "PRIVATE"


def test_the_person_may_have_the_details():
    (visit,) = read(VISIT, details=True)
    assert visit["summary"] == "Morning care"
    assert visit["description"] == "Test Home Care\nWash, dress; breakfast"
    (bare,) = read(replace(VISIT, details=""), details=True)
    assert bare["summary"] == "Home care visit"


def test_a_visit_has_its_length_sequence_stamp_and_zone():
    (visit,) = read(VISIT)
    assert visit["duration"].dt == timedelta(minutes=45)
    assert visit["sequence"] == 2
    assert visit["dtstamp"].dt == visit["last-modified"].dt == datetime(2026, 2, 25, 6, 13, 20, tzinfo=UTC)
    assert visit["dtstart"].params["TZID"] == "Europe/London"


def test_a_day_takes_no_time_of_anybody():
    (review,) = read(REVIEW)
    assert review["dtstart"].dt == date(2026, 6, 1)
    assert review["transp"] == "TRANSPARENT"
    assert "duration" not in review
    assert "rrule" not in review


def test_the_same_is_the_same_to_the_byte_and_its_name_lasts():
    assert written([VISIT], details=False) == written([VISIT], details=False)
    assert uid(VISIT) == uid(replace(VISIT, version=9, words="else"))
    assert uid(VISIT) != uid(REVIEW)


def test_an_application_is_told_what_it_is_and_how_often_to_ask():
    (made,) = parts(written([], details=False), "VCALENDAR")
    assert (made["version"], made["name"], made["x-wr-calname"]) == ("2.0", NAME, NAME)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in written([], details=False).decode()


@pytest.mark.parametrize("text", ["a\r\nBEGIN:VEVENT\r\nSUMMARY:x", "semi;colon,comma\\n", "x" * 500, "é漢\U0001f600"])
def test_no_text_begins_another_line(text):
    events = read(replace(VISIT, details=f"{text}\nmore {text}"), details=True)
    assert len(events) == 1
    assert len(written([replace(VISIT, details=text)], details=True).split(b"BEGIN:VEVENT")) >= 2


@pytest.mark.parametrize("year", range(1996, 2046, 7))
def test_the_zone_says_what_the_tz_database_says(year):
    """RFC 5545 3.6.5: an onset is in the local time that was before it."""
    (zone,) = parts(written([], details=False), "VTIMEZONE")
    london = ZoneInfo("Europe/London")
    for part in zone.subcomponents:
        moment = (onset(part, year) - part["tzoffsetfrom"].td).replace(tzinfo=UTC)
        before, after = moment - timedelta(seconds=1), moment
        assert before.astimezone(london).utcoffset() == part["tzoffsetfrom"].td
        assert after.astimezone(london).utcoffset() == part["tzoffsetto"].td
