"""Measures at the doors: who may have which numbers, small ones suppressed, the same as CSV."""

import csv
import io

import pytest

from api.measuring import Measured
from api.rest.measures import table
from api.simulation.life import DAY
from api.simulation.stream import BEGINS, stream
from fhir_facade import exact
from fhir_facade.validate import validate
from plan.measures import MEASURES, Figure
from tests.support.larch import ESTATE_UPRN, larch
from tests.support.simulated import shelved, stored
from tests.support.world import World

MONTHS = "from=2026-03-01&to=2026-09-01"


@pytest.fixture
async def month(world: World) -> World:
    """Two hundred people, ninety days later; the worker's role sees everybody."""
    await stored(world.database, shelved(stream(200, 90, 3), 200, 3))
    world.at("2026-09-02T00:00:00Z")
    return world


async def _read(world: World, query: str = MONTHS, role: str = "commissioner", agency: str = "LA1", **more):
    answer = await world.client(role, agency, **more).get(f"/v1/measures?{query}")
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["figures"] for one in answer.json()["measures"]}


async def test_a_commissioner_has_every_measure_and_nobody_s_id(month: World):
    answer = await month.client("commissioner", "LA1").get(f"/v1/measures?{MONTHS}")
    found = {one["name"]: one["figures"] for one in answer.json()["measures"]}
    assert found.keys() == MEASURES.keys()
    assert all(found.values())
    assert "01900000-0000" not in answer.text


async def test_numbers_below_five_are_suppressed_and_say_so(month: World):
    for name, figures in (await _read(month)).items():
        for one in figures:
            numbers = [one[word] for word in ("total", "count") if word in one]
            assert one.get("suppressed") or not any(0 < number < 5 for number in numbers), name
            assert not (one.get("suppressed") and numbers)
    failed = (await _read(month, f"measure=failed_discharges&{MONTHS}"))["failed_discharges"]
    assert any(one.get("suppressed") for one in failed)


async def test_a_measure_is_asked_for_by_estate_hospital_and_pair_of_agencies(month: World):
    ready = await _read(month, f"measure=ready_at_departure&estate=100000000001&hospital=RX1&{MONTHS}")
    assert [(one["estate"], one["hospital"]) for one in ready["ready_at_departure"]] == [("100000000001", "RX1")]
    pair = await _read(month, f"agency_pair=RX1,HA1&{MONTHS}")
    assert pair.keys() == {"interfaces"}
    assert [(one["agency_from"], one["agency_to"]) for one in pair["interfaces"]] == [("RX1", "HA1")]


async def test_the_table_says_what_the_answer_says(month: World):
    by = month.client("commissioner", "LA1")
    answer = await by.get(f"/v1/measures?{MONTHS}", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    told = await _read(month)
    assert len(lines) == sum(len(figures) for figures in told.values())
    asked = [line for line in lines if line["measure"] == "interfaces"]
    assert [line["value"] for line in asked] == [one.get("value", "") for one in told["interfaces"]]


@pytest.mark.parametrize(
    "query, code",
    [
        ("measure=happiness", "bad_value"),
        ("measure=medical_input&hospital=RX1", "bad_value"),
        ("agency_pair=RX1", "bad_value"),
        ("from=2026-03-02&to=2026-06-01", "bad_value"),
        ("from=2026-06-01&to=2026-03-01", "bad_value"),
        ("from=2026-13-01", "bad_value"),
        ("from=soon", "bad_value"),
        ("colour=blue", "bad_value"),
        ("person=01900000-0000-8000-9000-000000000001", "refused"),
    ],
)
async def test_what_a_commissioner_may_not_ask_is_refused_and_says_why(world: World, query: str, code: str):
    answer = await world.client("commissioner", "LA1").get(f"/v1/measures?{query}")
    assert answer.json()["code"] == code


@pytest.mark.parametrize("role", ["auditor", "administrator"])
async def test_who_has_no_plan_content_has_no_measures(world: World, role: str):
    answer = await world.client(role, "LA1").get("/v1/measures")
    assert (answer.status_code, answer.json()["question"]) == (403, "charter")


async def test_the_person_has_their_own_and_no_stranger_s(world: World):
    place = await larch(world)
    wish = {"goal": "Walk", "status": "active", "importance": 5, "score": 1}
    await place.add("LA1", "social_care", "goal", **wish, scored_by={"reference": f"Patient/{place.ada}"})
    await world.person(world.visit("clinician", "RX9"))
    own = await _read(world, "measure=goal_attainment", "person", "ada", person=place.ada)
    assert own["goal_attainment"] == [
        {
            "estate": ESTATE_UPRN,
            "total": 1,
            "value": "60.0",
            "goals": "1",
            "scored_by_staff": "0",
            "scored_by_the_person": "1",
        }
    ]
    theirs = await _read(world, f"person={place.ada}", "social_worker", "LA1")
    assert theirs["goal_attainment"] == own["goal_attainment"]
    assert (await _read(world, "", "social_worker", "LA9"))["goal_attainment"] == []
    answer = await world.client("social_worker", "LA9").get(f"/v1/measures?person={place.ada}")
    assert answer.status_code == 404


async def test_who_may_not_read_goals_has_no_number_of_them(world: World):
    place = await larch(world)
    wish = {"goal": "Walk", "status": "active", "importance": 5, "score": 1}
    await place.add("P10001", "health", "goal", **wish, scored_by={"reference": f"Patient/{place.ada}"})
    assert (await _read(world, "measure=goal_attainment", "clinician", "RX1"))["goal_attainment"]
    assert (await _read(world, "measure=goal_attainment", "housing_officer", "HA1"))["goal_attainment"] == []


async def test_the_answer_is_audited_before_it_is_given(world: World):
    await world.client("commissioner", "LA1").get("/v1/measures")
    rows = await world.database.rows("select role, type, person_id from audit_event where type = 'MeasureReport'")
    assert [tuple(row) for row in rows] == [("commissioner", "MeasureReport", "")]


def test_a_cell_that_a_spreadsheet_would_run_is_quoted():
    row = MEASURES["contradiction_days"]
    figure = Figure(group={"estate": "1"}, total=7, value="=1+1")
    found = table(Measured(since=BEGINS, until=BEGINS + DAY, found=[(row, [figure])]))
    assert "'=1+1" in found


REPORT = "/Measure/$evaluate-measure?periodStart=2026-03-01&periodEnd=2026-08-31&measure="


@pytest.mark.parametrize("version, score", [("R4", "measureScore"), ("R5", "measureScoreQuantity")])
async def test_a_measure_report_says_what_the_answer_says(month: World, version: str, score: str):
    by = month.client("commissioner", "LA1")
    for name in ("failed_discharges", "interfaces", "contradiction_days"):
        answer = await by.get(f"/fhir/{version}{REPORT}{name}")
        assert answer.status_code == 200, answer.text
        report = exact.loads(answer.content)
        if version == "R4":
            validate(report, "MeasureReport")
        assert (report["type"], report["measure"].rpartition("/")[2]) == ("summary", name.replace("_", "-"))
        strata = report["group"][0]["stratifier"][0]["stratum"]
        told = (await _read(month, f"measure={name}&{MONTHS}"))[name]
        values = [str(one[score]["value"]) if "value" in one.get(score, {}) else "" for one in strata]
        assert values == [one.get("value", "") for one in told]
        assert all("population" not in one for one, row in zip(strata, told, strict=True) if row.get("suppressed"))


async def test_a_report_of_one_person_is_theirs_by_name(world: World):
    place = await larch(world)
    wish = {"goal": "Walk", "status": "active", "importance": 5, "score": 1}
    await place.add("LA1", "social_care", "goal", **wish, scored_by={"reference": f"Patient/{place.ada}"})
    by = world.client("person", "ada", person=place.ada)
    answer = await by.get(f"/fhir/R4{REPORT}goal-attainment&subject=Patient/{place.ada}")
    report = answer.json()
    assert (report["type"], report["subject"]) == ("individual", {"reference": f"Patient/{place.ada}"})
    assert report["group"][0]["stratifier"][0]["stratum"][0]["measureScore"]["value"] == 60.0
    stranger = await world.client("social_worker", "LA9").get(
        f"/fhir/R4{REPORT}goal_attainment&subject=Patient/{place.ada}"
    )
    assert stranger.status_code == 404


async def test_a_report_of_nothing_has_a_group_without_strata(world: World):
    answer = await world.client("social_worker", "LA1").get(f"/fhir/R4{REPORT}told_once")
    assert answer.json()["group"] == [{"code": {"text": "Told once"}}]


@pytest.mark.parametrize(
    "query, status",
    [
        ("", 400),
        ("?measure=told_once", 400),
        ("?measure=told_once&periodStart=2026-03-01", 400),
        ("?measure=happiness&periodStart=2026-03-01&periodEnd=2026-03-31", 400),
        ("?measure=told_once&periodStart=soon&periodEnd=2026-03-31", 400),
        ("?measure=told_once&periodStart=2026-03-01&periodEnd=2026-03-31&reportType=subject-list", 400),
        ("?measure=told_once&periodStart=2026-03-01&periodEnd=2026-03-31&subject=Group/1", 400),
        ("?measure=told_once&periodStart=2026-03-01&periodEnd=2026-03-31&subject=Patient/1", 403),
        ("?measure=told_once&periodStart=2026-03-01&periodEnd=2026-03-30", 400),
        ("?measure=told_once&periodStart=2026-03-01&periodEnd=2026-03-31&reportType=summary", 200),
        ("?measure=told_once&periodStart=2026-03&periodEnd=2026-03", 200),
    ],
)
async def test_what_is_wrong_with_a_report_is_said(world: World, query: str, status: int):
    by = world.client("commissioner", "LA1")
    answer = await by.get(f"/fhir/R4/Measure/$evaluate-measure{query}")
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_where_nobody_sees_everybody_there_are_no_numbers_of_everybody(world: World):
    everybody = world.service.feed.store.everybody
    world.service.feed.store.everybody = world.service.database
    answer = await world.client("commissioner", "LA1").get("/v1/measures")
    world.service.feed.store.everybody = everybody
    assert answer.status_code == 503
