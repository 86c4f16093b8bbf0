"""What follows from a consent and from a contact: who is let in, who is kept out, from when to when."""

import pytest

from api.deeds import Visit
from plan.model import PersonId, Section
from plan.problem import Trouble
from tests.support.deeds import again, away, consent, contact, goal, native, refused
from tests.support.world import World

KIM = {"subject": "kim"}


def kim(world: World) -> Visit:
    return world.visit("carer", "carers", "kim")


def themself(world: World, person: PersonId) -> Visit:
    return world.visit("person", "self", person=person)


async def sections(world: World, visit: Visit, person: PersonId) -> set[str]:
    return {one.section.value for one in await world.desk.plan(visit, person)}


async def cared_for(world: World) -> PersonId:
    person = await world.person(world.visit())
    await world.write(themself(world, person), contact(person, **KIM))
    return person


async def test_a_carer_sees_the_frame_and_what_the_person_has_opened(world: World) -> None:
    person = await cared_for(world)
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)
    await world.write(themself(world, person), consent(person, "permit", ["health", "housing"], KIM))
    assert await sections(world, kim(world), person) == {"frame", "health", "housing"}
    await refused(world.desk.plan(world.visit("carer", "carers", "lee"), person), Trouble.NOT_FOUND)
    await refused(world.desk.plan(kim(world), await world.person(world.visit())), Trouble.NOT_FOUND)


async def test_a_consent_may_name_the_carer_by_their_contact(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(themself(world, person), contact(person, **KIM))
    unknown = await world.write(themself(world, person), contact(person))
    for id_ in ("nothing", unknown.stored.id):
        said = consent(person, "permit", ["health"], {"carer": f"RelatedPerson/{id_}"})
        await world.write(themself(world, person), said)
        await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)
    said = consent(person, "permit", ["health"], {"carer": f"RelatedPerson/{made.stored.id}"})
    await world.write(themself(world, person), said)
    assert await sections(world, kim(world), person) == {"frame", "health"}


async def test_a_carer_whose_contact_is_taken_away_is_out(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(themself(world, person), contact(person, **KIM))
    await world.write(themself(world, person), consent(person, "permit", ["health"], KIM))
    assert await sections(world, kim(world), person)
    world.later(seconds=1)
    gone = await world.write(themself(world, person), away(made))
    world.later(seconds=1)
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)
    assert (await world.write(themself(world, person), away(gone))).stored.deleted


async def test_a_carer_keeps_the_day_they_came_when_the_contact_is_corrected(world: World) -> None:
    person = await world.person(world.visit())
    made = await world.write(themself(world, person), contact(person, **KIM))
    before = await world.database.rows("select since, until from team_member where basis = 'carer'")
    world.later(days=3)
    deed = contact(person, name="Kim Lee", **KIM)
    deed.verb, deed.id = again(made).verb, made.stored.id
    await world.write(themself(world, person), deed)
    assert list(
        map(tuple, await world.database.rows("select since, until from team_member where basis = 'carer'"))
    ) == list(map(tuple, before))


@pytest.mark.parametrize("status", ["draft", "proposed", "refused", "withdrawn"])
async def test_only_an_active_consent_decides(world: World, status: str) -> None:
    person = await cared_for(world)
    await world.write(themself(world, person), consent(person, "permit", ["health"], KIM, status=status))
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)


async def test_a_consent_holds_from_its_start_to_the_end_of_its_last_day(world: World) -> None:
    world.at("2026-03-01T10:00:00Z")
    person = await cared_for(world)
    said = consent(person, "permit", ["health"], KIM, start="2026-03-02", end="2026-03-04")
    await world.write(themself(world, person), said)
    for moment, seen in (
        ("2026-03-01T12:00:00Z", False),
        ("2026-03-02T12:00:00Z", True),
        ("2026-03-04T12:00:00Z", True),
        ("2026-03-06T00:00:00Z", False),
    ):
        world.at(moment)
        if seen:
            assert await sections(world, kim(world), person) == {"frame", "health"}, moment
        else:
            await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)


async def test_a_consent_that_is_taken_back_lets_nobody_in_any_more(world: World) -> None:
    person = await cared_for(world)
    said = await world.write(themself(world, person), consent(person, "permit", ["health"], KIM))
    await world.write(themself(world, person), away(said))
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)


async def test_a_consent_that_changes_decides_anew(world: World) -> None:
    person = await cared_for(world)
    said = await world.write(themself(world, person), consent(person, "permit", ["health"], KIM))
    deed = consent(person, "permit", ["housing"], KIM)
    deed.verb, deed.id = again(said).verb, said.stored.id
    await world.write(themself(world, person), deed)
    assert await sections(world, kim(world), person) == {"frame", "housing"}


@pytest.mark.parametrize("whom", [{"agency": "RX1"}, {"role": "clinician"}, {"subject": "clinician-of-RX1"}])
async def test_the_person_can_keep_an_agency_a_role_or_an_account_out_of_a_section(
    world: World, whom: dict[str, str]
) -> None:
    person = await world.person(world.visit())
    before = await sections(world, world.visit(), person)
    await world.write(themself(world, person), consent(person, "deny", ["health"], whom))
    assert await sections(world, world.visit(), person) == before - {"health"}
    await refused(world.desk.write(world.visit(), [goal(person)]), Trouble.NOT_FOUND)


async def test_what_is_closed_to_one_agency_stays_open_to_the_others(world: World) -> None:
    await world.agency("HA1")
    person = await world.person(world.visit())
    await world.desk.add_member(world.visit(), person, "HA1", "", "")
    await world.write(themself(world, person), consent(person, "deny", ["health"], {"agency": "RX1"}))
    assert "health" in await sections(world, world.visit(agency="HA1"), person)


async def test_a_consent_never_closes_the_frame_or_what_the_person_reads(world: World) -> None:
    person = await world.person(world.visit())
    everything = [section.value for section in Section if section not in (Section.FRAME, Section.SAFEGUARDING)]
    await world.write(themself(world, person), consent(person, "deny", everything, {"agency": "RX1"}))
    assert await sections(world, world.visit(), person) == {"frame", "safeguarding"}
    assert "health" in await sections(world, themself(world, person), person)


async def test_a_fhir_consent_that_denies_and_names_no_section_denies_them_all(world: World) -> None:
    person = await world.person(world.visit())
    deed = consent(person, "deny", ["health"], {"agency": "RX1"})
    assert deed.body is not None
    del deed.body["sections"]
    await world.write(themself(world, person), deed)
    assert await sections(world, world.visit(), person) == {"frame"}


async def test_a_permit_that_names_no_section_permits_nothing(world: World) -> None:
    person = await cared_for(world)
    deed = consent(person, "permit", ["health"], KIM)
    assert deed.body is not None
    del deed.body["sections"]
    await world.write(themself(world, person), deed)
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)


async def test_other_kinds_let_nobody_in(world: World) -> None:
    person = await world.person(world.visit())
    await world.write(world.visit(), native(person, "goal", "Goal", "health", goal="Let Kim in", status="active"))
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)


async def test_a_refusal_to_share_that_names_nobody_is_not_taken_for_one_that_protects(world: World) -> None:
    person = await world.person(world.visit())
    await refused(
        world.desk.write(themself(world, person), [consent(person, "deny", ["health"])]), Trouble.UNPROCESSABLE
    )
    await world.write(themself(world, person), consent(person, "permit", ["health"]))
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)


async def test_a_consent_may_name_several_and_each_is_read(world: World) -> None:
    person = await cared_for(world)
    said = consent(person, "permit", ["health"], {"carer": "RelatedPerson/nobody"}, KIM)
    await world.write(themself(world, person), said)
    assert await sections(world, kim(world), person) == {"frame", "health"}


async def test_nobody_hands_on_leave_that_they_do_not_have(world: World) -> None:
    person = await cared_for(world)
    await world.agency("HA1", "Larch Homes")
    await world.desk.add_member(world.visit(), person, "HA1", "", "")
    housing = world.visit("housing_officer", "HA1")
    for decision in ("permit", "deny"):
        said = consent(person, decision, ["housing", "health"], KIM)
        assert "health" in (await refused(world.write(housing, said), Trouble.REFUSED)).detail
    await refused(world.desk.plan(kim(world), person), Trouble.NOT_FOUND)
    await world.write(housing, consent(person, "permit", ["housing"], KIM))
    assert await sections(world, kim(world), person) == {"frame", "housing"}


async def test_a_refusal_that_names_nobody_whom_the_plan_knows_is_not_taken(world: World) -> None:
    person = await world.person(world.visit())
    said = consent(person, "deny", ["health"])
    await refused(world.write(themself(world, person), said), Trouble.UNPROCESSABLE)
