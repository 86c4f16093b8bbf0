"""The pictures at the door: what they show, the table beside each, what they never show, and what is refused."""

import csv
import io
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from api.deeds import Deed
from api.pages.care import shown
from api.pages.care.drawn import drawing, pictures_timeline
from api.pages.care.drawn.drawing import Picture
from api.pages.care.drawn.week import week
from api.pages.care.wording import Wording
from auth.access import Verb
from plan.model import AgencyId, PersonId, Section
from tests.support.built import BUILT
from tests.support.larch import Larch, larch
from tests.support.simulated import shelved, stored
from tests.support.talking import care, reader, words

pytestmark = BUILT
SCRIPT = '<script>alert(1)</script>"&'
HOSPITAL = {"reference": "Organization/RX1", "name": "Test Hospital"}


async def service(place: Larch, agency: str = "HC1", **more) -> dict[str, Any]:
    body = {"service": f"Care by {agency}", "status": "active", "visits": [{"start": "09:00", "minutes": 30}]}
    return await place.add(agency, "social_care", "service", **(body | more))


async def stay(place: Larch, **more) -> dict[str, Any]:
    body = {"status": "in_hospital", "hospital": HOSPITAL, "admitted": "2026-03-01T10:00:00Z"}
    return await place.add("RX1", "transitions", "stay", **(body | more))


def drawn(page) -> list[ET.Element]:
    """The pictures of a page, each well formed, with its title and description, and ids that stand once."""
    found = [ET.fromstring(text) for text in re.findall(r"<svg viewBox.*?</svg>", page.text, re.DOTALL)]
    for one in found:
        assert one.get("role") == "img"
        named = {part.get("id"): part.text for part in one if part.tag in ("title", "desc")}
        assert list(named) == one.get("aria-labelledby", "").split()
        assert all(named.values())
        assert "style" not in {name for part in one.iter() for name in part.attrib}
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    return found


# the timeline


async def test_the_timeline_shows_stays_reviews_failures_and_changes_with_their_entries(world):
    place = await larch(world)
    kept = await stay(place, status="finished", discharged="2026-03-02T08:00:00Z")
    why = [{"reason": {"text": "No key"}, "agency": "Organization/HA1"}]
    gone = {"stay": f"Encounter/{kept['id']}", "category": "turned_back", "at": "2026-03-02T08:30:00Z", "causes": why}
    failed = await place.add("HA1", "transitions", "failed_discharge", **gone)
    page = await (made := await reader(place, "P10001")).get(care(place, "timeline"))
    assert page.status_code == 200
    [picture] = drawn(page)
    shapes = [part.get("class") for part in picture]
    assert (shapes.count("care-stay"), shapes.count("care-failed")) == (1, 1)
    said = words(page)
    assert "Hospital stay Until 2 March 2026, 08:00" in said
    assert "Failed discharge Turned back" in said
    assert f'href="{care(place, "")}stays/{kept["id"]}"' in page.text
    assert f'href="{care(place, "")}entries/transitions/failed_discharge/{failed["id"]}"' in page.text
    assert "1 change Health" in said
    assert (await made.get(care(place, "timeline?months=36"))).status_code == 200


async def test_what_is_hidden_from_a_reader_is_in_no_picture(world):
    place = await larch(world)
    deed = Deed(
        verb=Verb.CREATE,
        type="Condition",
        person=place.ada,
        kind="need",
        section=Section.HOUSING,
        restriction=frozenset({AgencyId("LA1")}),
        body={"need": "Kept apart", "status": "active"},
    )
    before = await (made := await reader(place, "HA1")).get(care(place, "timeline"))
    [picture] = drawn(before)
    await world.desk.write(world.visit("social_worker", "LA1"), [deed])
    after = await made.get(care(place, "timeline"))
    assert [ET.tostring(one) for one in drawn(after)] == [ET.tostring(picture)]
    assert "Kept apart" not in after.text
    assert "Kept apart" in (await (await reader(place, "LA1")).get(care(place, "timeline"))).text


async def test_what_was_taken_away_is_told_without_a_link(world):
    place = await larch(world)
    made = await place.add("LA1", "social_care", "need", need="A mistake", status="active")
    address = f"{place.address}/plan/sections/social_care/need/{made['id']}"
    await place.client("LA1").delete(address, headers={"If-Match": '"1"'})
    page = await (await reader(place, "LA1")).get(care(place, "timeline"))
    assert "An entry that was taken away" in page.text
    assert made["id"] not in page.text


async def test_a_long_timeline_has_pages_and_says_when_there_is_more_than_it_reads(world, monkeypatch):
    monkeypatch.setattr(pictures_timeline, "ROWS", 1)
    monkeypatch.setattr(pictures_timeline, "MOST_CHANGES", 26)
    place = await larch(world)
    made = await reader(place, "LA1")
    first = await made.get(care(place, "timeline"))
    assert "Page 1 of" in words(first)
    assert "the latest changes have no room here" in words(first)
    assert 'rel="next"' in first.text
    second = await made.get(care(place, "timeline?months=12&page=2"))
    assert 'rel="prev"' in second.text
    assert words(first) != words(second)


@pytest.mark.parametrize("query", ["months=5", "months=", "months=12&page=0", "page=99999", "page=x", "page=²"])
async def test_what_there_is_not_of_the_timeline_is_said(world, query):
    place = await larch(world)
    page = await (await reader(place, "P10001")).get(care(place, f"timeline?{query}"))
    assert page.status_code == 400


@pytest.mark.parametrize("end", ["timeline", "week", "outcomes"])
async def test_to_a_stranger_the_pictures_are_as_unknown_as_those_of_nobody(world, end):
    place = await larch(world)
    made = await reader(place, "RX9", "clinician")
    there, nowhere = await made.get(care(place, end)), await made.get(f"/care/people/{'0' * 36}/{end}")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    number = re.compile(r"say this number: [^<]+")
    assert number.sub("", there.text) == number.sub("", nowhere.text)


# the week


async def test_the_week_marks_visits_of_two_agencies_at_one_time_unless_they_are_joint(world):
    place = await larch(world)
    await service(place, "HC1", visits=[{"days": ["tue"], "start": "09:00", "minutes": 30}])
    await service(place, "LA1", visits=[{"days": ["tue"], "start": "09:15", "minutes": 30}])
    joint = {"days": ["wed"], "start": "10:00", "minutes": 30, "joint": True}
    await service(place, "HC1", visits=[joint])
    await service(place, "LA1", visits=[joint])
    page = await (await reader(place, "P10001")).get(care(place, "week"))
    [picture] = drawn(page)
    kinds = [part.get("class") for part in picture]
    assert (kinds.count("care-clash"), kinds.count("care-visit")) == (2, 2)
    said = words(page)
    assert "Tuesday 3 March, 09:15: Test Home-care provider (09:00) and Test Adult social care (09:15)" in said
    assert said.count("At the same time as") == 2
    assert said.count("Joint visit") == 2


async def test_visits_rest_while_somebody_is_in_hospital_and_the_way_home_is_shown(world):
    place = await larch(world)
    await service(place)
    await service(place, "LA1")
    await stay(place, planned_discharge="2026-03-06T14:00:00Z")
    page = await (await reader(place, "P10001")).get(care(place, "week"))
    said = words(page)
    assert said.count("Paused: in hospital") == 2 * 5
    assert "Home planned 14:00" in "".join(text or "" for one in drawn(page) for text in one.itertext())
    assert "Visits at the same time" in said  # on Saturday and Sunday
    assert said.count("At the same time as") == 4
    assert "Monday 2 March, 00:00 to Friday 6 March, 14:00 In hospital" in said


async def test_past_weeks_show_what_was_and_weeks_to_come_what_will_be(world):
    place = await larch(world)
    await service(place, period={"start": "2026-02-02", "end": "2026-02-20"})
    await stay(place, status="finished", admitted="2026-02-16T08:00:00Z", discharged="2026-02-18")
    made = await reader(place, "P10001")
    past = words(await made.get(care(place, "week?week=2026-W08")))
    assert "16 February to 22 February 2026" in past
    assert past.count("Care by HC1") == 5
    assert past.count("Paused: in hospital") == 2
    assert "Wednesday 18 February Home" in past
    assert "No visits are known of this week." in words(await made.get(care(place, "week")))
    now = await made.get(care(place, "week?week=2026-W10"))
    assert "week=2026-W09" in now.text
    assert "week=2026-W11" in now.text
    assert "This week:" in words(now)


@pytest.mark.parametrize("monday, name", [(date(2026, 3, 23), "2026-W13"), (date(2026, 10, 19), "2026-W43")])
async def test_when_clocks_change_visits_are_at_the_hour_that_the_clock_at_home_shows(world, monday, name):
    place = await larch(world)
    await service(place, visits=[{"start": "01:30", "minutes": 60}, {"start": "23:30", "minutes": 60}])
    known = await world.desk.known(world.visit("clinician", "P10001"), place.ada)
    found = week(known, Wording(known), monday)
    assert [one.call.start.hour for one in found.coming] == [1, 23] * 7
    assert [one.call.start.date().day for one in found.coming[::2]] == list(range(monday.day, monday.day + 7))
    page = await (await reader(place, "P10001")).get(care(place, f"week?week={name}"))
    assert words(page).count("01:30 to 02:30") == 7
    drawn(page)


@pytest.mark.parametrize("said", ["2026-W54", "2026-W00", "2026-11", "soon", "9999-W01", "2026-w10", "²026-W10", "%00"])
async def test_what_is_no_week_is_said(world, said):
    place = await larch(world)
    page = await (await reader(place, "P10001")).get(care(place, f"week?week={said}"))
    assert page.status_code == 400


def test_what_somebody_typed_is_text_in_pictures_too():
    shapes = (drawing.words("care-word", 0, 0, SCRIPT), drawing.rect("care-stay", 0, 0, 1, 1, fill=SCRIPT))
    one = Picture(name="one", title=SCRIPT, told=SCRIPT, width=10, height=10, shapes=shapes)
    made = shown.TEMPLATES.from_string('{% from "care/drawing.html" import picture %}{{ picture(one) }}').render(
        one=one
    )
    assert "<script" not in made
    picture = ET.fromstring(made[made.index("<svg") : made.index("</svg>") + len("</svg>")])
    assert [part.text for part in picture if part.text] == [SCRIPT] * 3
    assert picture[3].get("fill") == SCRIPT


# the measures


@pytest.fixture
async def month(world):
    """Two hundred people, ninety days later; the worker's role sees everybody."""
    await stored(world.database, shelved(stream_of(), 200, 3))
    world.at("2026-06-02T00:00:00Z")
    return world


def stream_of():
    from api.simulation.stream import stream  # noqa: PLC0415 - it takes its time

    return stream(200, 90, 3)


async def commissioner(world, role: str = "commissioner", agency: str = "LA1"):
    return await reader(Larch(world, PersonId("")), agency, role)


async def test_a_commissioner_sees_rates_with_intervals_and_which_are_too_small(month):
    made = await commissioner(month)
    page = await made.get("/care/measures")
    assert page.status_code == 200
    [picture] = drawn(page)
    kinds = [part.get("class") for part in picture]
    dots = kinds.count("care-dot")
    assert dots
    assert kinds.count("care-whisker") == 3 * dots
    said = words(page)
    assert said.count("Not shown: fewer than 5") == 2 * (15 - dots)  # in the picture and in the table
    only = words(await made.get("/care/measures?estate=100000000001"))
    assert "Estate 100000000001" in only
    assert "Nothing is counted here" in words(await made.get("/care/measures?estate=nowhere%22%3E"))


async def test_waits_are_curves_with_a_table_of_the_same(month):
    page = await (await commissioner(month)).get("/care/measures?measure=time_to_acknowledge")
    curves, _ = drawn(page)
    lines = [part for part in curves if (part.get("class") or "").startswith("care-curve ")]
    assert len(lines) == 2 * 6  # and in the key
    assert "Still waiting after" in words(page)
    assert "Median hours" in words(page)


async def test_every_measure_has_its_page(month):
    made = await commissioner(month)
    for name in re.findall(
        r"/care/measures\?measure=([a-z_]+)&amp;months=12\"", (await made.get("/care/measures")).text
    ):
        page = await made.get(f"/care/measures?measure={name}&months=36")
        assert page.status_code == 200, name
        assert drawn(page) or "Nothing is counted here" in words(page)
        assert len(page.content) < 60_000


async def test_the_file_has_what_the_api_tells(month):
    made = await commissioner(month)
    answer = await made.get("/care/measures.csv?measure=told_once&months=12")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="told_once.csv"'
    told = list(csv.DictReader(io.StringIO(answer.text)))
    asked = await month.client("commissioner", "LA1").get(
        "/v1/measures?measure=told_once&from=2025-07-01&to=2026-07-01", headers={"Accept": "text/csv"}
    )
    assert told
    assert answer.text == asked.text


@pytest.mark.parametrize(
    "end, status",
    [("?measure=happiness", 400), ("?months=7", 400), ("?page=9", 400), (".csv?measure=x", 400), (".csv?months=", 400)],
)
async def test_what_is_no_measure_is_said(world, end, status):
    assert (await (await commissioner(world)).get(f"/care/measures{end}")).status_code == status


@pytest.mark.parametrize("role", ["auditor", "administrator"])
async def test_who_has_no_plan_content_has_no_measures(world, role):
    assert (await (await commissioner(world, role)).get("/care/measures")).status_code == 403


async def test_who_works_with_a_person_sees_what_is_counted_of_them(world):
    place = await larch(world)
    wish = {"goal": "Walk", "status": "active", "importance": 5, "score": 1}
    await place.add("P10001", "health", "goal", **wish, scored_by={"reference": f"Patient/{place.ada}"})
    made = await reader(place, "P10001")
    said = words(await made.get(care(place, "outcomes")))
    assert "Goal attainment" in said
    assert "60.0" in said
    assert "Not shown" not in said
    other = words(await (await reader(place, "HA1")).get(care(place, "outcomes")))
    assert "60.0" not in other
