"""Export: a plan leaves as one Bundle with nothing hidden in it, and comes back as the same plan."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api import demonstration, exporting
from api.deeds import Deed
from api.demonstration_data import ADA, BEN, EHR, WORKERS
from api.importing import Import
from api.report import Report
from api.service import stopped
from api.settings import Settings
from auth.access import Verb
from db import migrate
from fhir_facade import exact, intake
from plan.model import Section
from plan.problem import Trouble
from tests.support.deeds import counts, goal, refused
from tests.support.world import World, opened_world

Json = dict[str, Any]
OURS = ("meta", "period", "created")
"""What each database says for itself: versions, moments."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


async def exported(world: World, worker: str = "ada-test", person: Any = ADA) -> exporting.Export:
    return await exporting.export(world.desk, demonstration.visit(WORKERS[worker]), person)


async def imported(world: World, file: Path, worker: str) -> Report:
    return await Import(world.desk, demonstration.visit(WORKERS[worker])).run([file])


def entries(export: exporting.Export) -> list[Json]:
    found = exact.loads(export.text)
    return [entry["resource"] for entry in found["entry"]]


def told(resources: list[Json]) -> dict[str, Json]:
    """Resources by their place: a slot, or an id that is kept; ids that a database makes of itself are named."""
    names = {}
    for one in resources:
        slot = next((tag["code"] for tag in one["meta"].get("tag", ()) if tag["system"] == intake.PLAN_SLOT), "")
        names[one["id"]] = slot or one["id"]
        names |= {part["id"]: part["member"]["reference"] for part in one.get("participant", ()) if "id" in part}
    said = json.loads(UUID.sub(lambda id_: names.get(id_[0], id_[0]), exact.text([_content(one) for one in resources])))
    return {f"{one['resourceType']} {one['id']} {one['tag']}": _sorted(one) for one in said}


def _content(one: Json) -> Json:
    """Without what each database says for itself; in a team, also without since when."""
    kept = {name: value for name, value in one.items() if name not in OURS}
    if one["resourceType"] == "CareTeam":
        kept["participant"] = [{k: v for k, v in part.items() if k != "period"} for part in one["participant"]]
    if "created" in one:
        del kept["text"]  # it tells when
    return {**kept, "tag": [tag["code"] for tag in one["meta"].get("tag", ())]}


def _sorted(one: Json) -> Json:
    """Lists that have no order in one order."""
    unordered = ("addresses", "goal", "activity", "participant")
    return {k: sorted(v, key=json.dumps) if k in unordered and isinstance(v, list) else v for k, v in one.items()}


@pytest.fixture
async def other(tmp_path: Path, development_key: Path) -> Any:
    """Another world, on SQLite."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    migrate.upgrade(url)
    settings = Settings(database=url, development_key=development_key)
    made = await opened_world(settings, development_key)
    yield made
    await stopped(made.service)


async def test_an_export_comes_back_as_the_same_plan(world: World, other: World, tmp_path: Path) -> None:
    await demonstration.load(world.desk)
    file = tmp_path / "ada.json"
    first = await exported(world)
    file.write_bytes(first.text)
    report = await imported(other, file, EHR)
    assert (report.begun, report.refusals) == (0, 2), "the benefits section is not a clinician's"
    assert (await imported(other, file, "benefits-adviser-ba1")).counts["created"] == 1
    second = await exported(other)
    assert told(entries(second)) == told(entries(first))
    assert second.entries == first.entries


async def test_an_export_that_is_imported_where_it_came_from_changes_nothing(world: World, tmp_path: Path) -> None:
    await demonstration.load(world.desk)
    file = tmp_path / "ada.json"
    file.write_bytes((await exported(world, EHR)).text)
    before = await counts(world)
    report = await imported(world, file, EHR)
    assert (report.counts["same"], report.refusals) == (report.read, 0)
    assert await counts(world) == before


async def test_the_words_of_a_section_come_back_too(world: World, other: World, tmp_path: Path) -> None:
    await demonstration.load(world.desk)
    visit = demonstration.visit(WORKERS["clinician-p10001"])
    body = {"title": "Health", "summary": "Stable since spring."}
    slot = "section:health"
    await world.write(visit, Deed(verb=Verb.UPDATE, type="CarePlan", person=ADA, slot=slot, kind="section", body=body))
    file = tmp_path / "ada.json"
    file.write_bytes((await exported(world, EHR)).text)
    await imported(other, file, EHR)
    plans = [one for one in entries(await exported(other, EHR)) if one["resourceType"] == "CarePlan"]
    assert "Stable since spring." in [plan.get("description") for plan in plans]
    assert (await imported(other, file, EHR)).counts["updated"] == 0


async def test_a_restricted_entry_stays_restricted(world: World, other: World, tmp_path: Path) -> None:
    await demonstration.load(world.desk)
    visit = demonstration.visit(WORKERS[EHR])
    made = await world.write(visit, goal(ADA, "Ours and the surgery's", "health", "RX1", "P10001"))
    file = tmp_path / "ada.json"
    file.write_bytes((await exported(world, EHR)).text)
    await imported(other, file, EHR)
    rows = await other.database.rows("select restriction, fhir from entry where id = ?", (made.stored.id,))
    assert rows[0][0] == ",P10001,RX1,"
    assert intake.RESTRICTED_TO not in rows[0][1]


async def test_a_plan_larger_than_a_batch_comes_back_with_its_frame(world: World, other: World, tmp_path: Path) -> None:
    await demonstration.load(world.desk)
    file = tmp_path / "ada.json"
    file.write_bytes((await exported(world, EHR)).text)
    whole = Import(other.desk, demonstration.visit(WORKERS[EHR]))
    whole.terms = type(whole.terms)(batch=3)
    assert (await whole.run([file])).refusals == 0
    assert told(entries(await exported(other, EHR))) == told(entries(await exported(world, EHR)))


async def test_an_export_holds_what_its_caller_may_see_and_says_what_it_leaves_out(world: World) -> None:
    await demonstration.load(world.desk)
    made = await exported(world, "bea-test")
    shown = {Section.ABOUT_ME, Section.TRANSITIONS}
    assert set(made.left_out) == {section for section in Section if section not in {*shown, Section.FRAME}}
    sections = {
        tag["code"] for one in entries(made) for tag in one["meta"].get("tag", ()) if "section" in tag["system"]
    }
    assert sections == {"frame", "about_me", "transitions"}


async def test_an_export_brings_the_directory_entries_that_it_names_and_no_others(world: World) -> None:
    await demonstration.load(world.desk)
    directory = {one["id"] for one in entries(await exported(world, EHR, BEN)) if one["resourceType"] == "Organization"}
    assert directory == {"RX1", "P10001", "LA1", "HA1"}


async def test_what_one_may_not_see_cannot_be_exported(world: World) -> None:
    await demonstration.load(world.desk)
    for worker in ("clinician-rx9", "auditor-la1", "zoe-test", "ben-test"):
        await refused(exported(world, worker), Trouble.NOT_FOUND)


async def test_an_export_that_its_importer_may_not_begin_is_refused_in_full(
    world: World, other: World, tmp_path: Path
) -> None:
    await demonstration.load(world.desk)
    file = tmp_path / "ada.json"
    file.write_bytes((await exported(world, EHR)).text)
    report = await imported(other, file, "benefits-adviser-ba1")
    assert sum(one["resourceType"] == "Patient" for one in entries(await exported(world, EHR))) == 1
    rows = await other.database.rows("select count(*) from entry")
    assert rows[0][0] == 0
    assert report.refusals > 0
