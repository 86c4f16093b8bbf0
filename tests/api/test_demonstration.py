"""Larch Court: everybody is made up, every role can try something, and loading it twice changes nothing."""

import pytest

from api import demonstration
from api.deeds import Deed
from api.demonstration_data import ADA, AGENCIES, EHR, ESTATE, WORKERS, Worker
from api.demonstration_plans import RESIDENTS, Entry, Resident
from auth.access import Verb
from fhir_facade import exact
from fhir_facade.validate import validate
from plan.identity import nhs_number
from plan.kinds import KINDS, PERSON
from plan.model import PLAN_SECTIONS, AgencyId, EntryId, Role, Section
from plan.problem import Trouble
from tests.support.deeds import count, counts, refused
from tests.support.world import World

AT_THE_ESTATE = {"RX1", "P10001", "LA1", "HC1", "BA1", "HA1"}


def _entries() -> list[tuple[Resident, Entry]]:
    return [(resident, entry) for resident in RESIDENTS for entry in resident.entries]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_worker_at_the_estate(role: Role) -> None:
    theirs = {row.agency for row in WORKERS.values() if row.role is role}
    assert theirs & (AT_THE_ESTATE | {"ada-test", "bea-test"})


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PERSON])
def test_every_role_has_somebody_who_has_nothing_to_do_with_it(role: Role) -> None:
    theirs = {row.agency for row in WORKERS.values() if row.role is role}
    assert any(agency.endswith("9") or agency == "zoe-test" for agency in theirs)


@pytest.mark.parametrize("resident", RESIDENTS, ids=lambda resident: resident.id[-2:])
def test_everybody_is_called_test_and_has_a_number_whose_check_digit_fits(resident: Resident) -> None:
    PERSON.form.model_validate(dict(resident.body))
    assert resident.body["name"]["family"] == "Test"
    assert nhs_number(resident.body["nhs_number"]).startswith("90000000")


@pytest.mark.parametrize("resident, entry", _entries(), ids=lambda part: getattr(part, "name", ""))
def test_every_entry_is_a_valid_body_of_its_kind(resident: Resident, entry: Entry) -> None:
    form = KINDS[entry.kind].form
    form.model_validate(demonstration.filled(dict(entry.body), resident.id))
    assert entry.section or KINDS[entry.kind].home


async def test_it_is_loaded_once_and_nothing_changes_when_it_is_loaded_again(world: World) -> None:
    assert await demonstration.load(world.desk)
    before = await counts(world)
    assert not await demonstration.load(world.desk)
    assert await counts(world) == before
    assert before["person"] == len(RESIDENTS)
    assert await count(world, "directory_entry", "type = 'Organization'") == len(AGENCIES)


async def test_a_load_that_was_cut_off_is_completed_without_doubling(world: World) -> None:
    await demonstration.load(world.desk)
    before = await counts(world)
    keeper = demonstration.visit(demonstration.keeper(AgencyId("HA1")))
    await world.write(keeper, Deed(verb=Verb.DELETE, type="Location", id=EntryId(ESTATE)))
    await refused(world.desk.read(keeper, "Location", EntryId(ESTATE)), Trouble.GONE)
    assert await demonstration.load(world.desk)
    assert await counts(world) == before


async def test_what_somebody_changed_is_not_taken_back_by_loading_again(world: World) -> None:
    await demonstration.load(world.desk)
    by, about = demonstration.visit(WORKERS["ada-test"]), demonstration.entry_id(ADA, "about-me")
    body = {"most_important": "The sea."}
    deed = Deed(
        verb=Verb.UPDATE, type="QuestionnaireResponse", id=about, person=ADA, kind="about_me", body=body, version=1
    )
    await world.write(by, deed)
    assert not await demonstration.load(world.desk)
    assert "The sea." in (await world.desk.entry(by, ADA, "about_me", about)).body


async def test_every_section_of_adas_plan_has_something_in_it_and_every_face_is_valid_r4(world: World) -> None:
    await demonstration.load(world.desk)
    rows = await world.database.rows("select section, fhir, kind from entry where person_id = ?", (ADA,))
    for _, fhir, _ in rows:
        validate(exact.loads(fhir.encode()))
    filled = {section for section, _, kind in rows if kind not in ("section", "plan", "team", "person")}
    assert filled == set(PLAN_SECTIONS)


async def test_the_directory_is_valid_r4(world: World) -> None:
    await demonstration.load(world.desk)
    for (fhir,) in await world.database.rows("select fhir from directory_entry"):
        validate(exact.loads(fhir.encode()))


SEES = [
    (EHR, {s for s in Section if s is not Section.BENEFITS}),
    ("ada-test", {s for s in Section if s is not Section.SAFEGUARDING}),
    ("bea-test", {Section.FRAME, Section.ABOUT_ME, Section.TRANSITIONS}),
    (
        "benefits-adviser-ba1",
        {Section(s) for s in ("frame", "about_me", "social_care", "housing", "benefits", "transitions")},
    ),
    *((name, None) for name in WORKERS if name.endswith("9") or name in ("zoe-test", "ben-test", "auditor-la1")),
]


async def test_who_sees_which_sections_of_adas_plan(world: World) -> None:
    await demonstration.load(world.desk)
    for worker, sections in SEES:
        visit = demonstration.visit(WORKERS[worker])
        if sections is None:
            await refused(world.desk.plan(visit, ADA), Trouble.NOT_FOUND)
        else:
            assert {entry.section for entry in await world.desk.plan(visit, ADA)} == sections, worker


async def test_a_worker_is_found_in_the_directory_by_id_with_role_and_agency(world: World) -> None:
    await demonstration.load(world.desk)
    found = await demonstration.from_directory(world.desk, "social-worker-la1")
    assert found == Worker("social-worker-la1", Role.SOCIAL_WORKER, AgencyId("LA1"), "social-worker-la1")
    assert await demonstration.from_directory(world.desk, "nobody") is None


async def test_a_made_up_workers_agency_is_put_into_an_empty_directory_once(world: World) -> None:
    for _ in range(2):
        await demonstration.settle(world.desk, WORKERS[EHR])
    assert await count(world, "directory_entry") == await count(world, "directory_entry_version") == 1


async def test_what_is_planned_lies_ahead_on_the_day_it_is_loaded(world: World) -> None:
    world.at("2027-01-31T10:00:00Z")
    await demonstration.load(world.desk)
    stay = await world.desk.entry(
        demonstration.visit(WORKERS["clinician-rx1"]), ADA, "stay", demonstration.entry_id(ADA, "stay")
    )
    body = exact.stored(stay.body)
    assert (body["admitted"], body["planned_discharge"]) == ("2027-01-30T10:00:00+00:00", "2027-02-03T14:00:00+00:00")
