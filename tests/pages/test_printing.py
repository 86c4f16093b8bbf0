"""Printing at the door: what is printed for whom, that the person is told of it, and that it is nobody else's."""

import io
import re

import httpx
import pytest
from pypdf import PdfReader

from tests.pages.paper import bare, text_of
from tests.support.larch import Larch, larch
from tests.support.sign_in import Browser, account, browser
from tests.support.world import World

PDF = "application/pdf"


async def reading(world: World, login: str = "nurse1", **more: str) -> Browser:
    """Somebody who has signed in."""
    await account(world, login, **more)
    made = browser(world)
    await made.sign_in(login)
    return made


async def stay_of(place: Larch) -> str:
    """Ada is in hospital, her discharge planned."""
    hospital = {"reference": "Organization/RX1", "name": "Test Hospital"}
    body = {"status": "in_hospital", "ward": "Ward 7", "hospital": hospital, "admitted": "2026-03-02T08:00:00Z"}
    made = await place.add("RX1", "transitions", "stay", **body, planned_discharge="2026-03-06T14:00:00Z")
    await place.turn()
    return str(made["id"])


async def test_the_page_says_what_is_printed_for_whom_and_by_whom(world: World):
    place = await larch(world)
    stay = await stay_of(place)
    page = await (await reading(world)).get(f"/care/people/{place.ada}/print")
    assert page.status_code == 200
    assert "Paper is an uncontrolled copy" in page.text
    assert "Nurse Test, clinician, Test Hospital" in page.text
    assert f"/care/people/{place.ada}/plan.pdf" in page.text
    assert f"/care/people/{place.ada}/stays/{stay}/discharge.pdf" in page.text
    assert "6 March 2026, 14:00" in page.text


async def test_a_plan_is_printed_with_its_marks_and_what_it_says(world: World):
    place = await larch(world)
    await place.add("P10001", "health", "allergy", substance="Penicillin", status="active", reaction="Rash")
    answer = await (await reading(world)).get(f"/care/people/{place.ada}/plan.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, PDF)
    assert answer.headers["cache-control"] == "no-store"
    shown = text_of(answer.content)
    for text in (
        "Ada Test",
        "NHS number 900 000 0009",
        "Uncontrolled copy",
        "Printed 2 March 2026, 09:00 by Nurse Test, clinician, Test Hospital",
        "Penicillin: Rash",
        "Test Home-care provider: 020 7946 0000 (duty, team)",
        "Bea Test, daughter",
    ):
        assert bare(text) in shown, text


async def test_neither_the_name_of_the_file_nor_its_address_names_anybody(world: World):
    place = await larch(world)
    answer = await (await reading(world)).get(f"/care/people/{place.ada}/plan.pdf")
    name = re.fullmatch(r'attachment; filename="([a-z0-9-]+\.pdf)"', answer.headers["content-disposition"])
    assert name
    assert name[1] == "care-plan-2026-03-02-0900.pdf"


async def test_what_needs_the_reader_stands_on_their_paper(world: World):
    place = await larch(world)
    to = [{"reference": "Organization/P10001"}]
    body = {"text": "Breathless since Monday", "status": "sent", "urgency": "soon", "to": to}
    await place.add("RX1", "health", "message", **body)
    await place.turn()
    gp = await reading(world, "gp1", agency="P10001")
    shown = text_of((await gp.get(f"/care/people/{place.ada}/plan.pdf")).content)
    assert bare("Breathless since Monday") in shown
    ward = await reading(world, "nurse2")
    assert bare("Nothing needs you now.") in text_of((await ward.get(f"/care/people/{place.ada}/plan.pdf")).content)


async def test_a_discharge_is_printed_with_gate_items_and_numbers(world: World):
    place = await larch(world)
    stay = await stay_of(place)
    await place.add("HC1", "social_care", "service", service="Morning care", status="active", gives_medicines=True)
    answer = await (await reading(world)).get(f"/care/people/{place.ada}/stays/{stay}/discharge.pdf")
    assert answer.headers["content-disposition"].startswith('attachment; filename="discharge-')
    shown = text_of(answer.content)
    for text in (
        "NOT READY: do not send home",
        "Planned to go home: 6 March 2026, 14:00",
        "[ ] Open",
        "Clinically ready",
        "gives medicines",
        "Service, new: Morning care",
    ):
        assert bare(text) in shown, text
    assert len(PdfReader(io.BytesIO(answer.content)).pages) <= 2


async def test_an_override_and_a_stay_that_is_over_are_printed_in_words(world: World):
    place = await larch(world)
    stay = await stay_of(place)
    nurse = await reading(world)
    decided = {
        "role": "Ward sister",
        "reason": {"code": "bed-pressure", "text": "Bed pressure"},
        "text": "Ward closes",
        "receives": {"name": "Bea Test"},
        "mitigation": "Bea stays the night",
    }
    made = await place.client("RX1").post(f"{place.address}/stays/{stay}/override", json=decided)
    path = f"/care/people/{place.ada}/stays/{stay}/discharge.pdf"
    assert made.status_code == httpx.codes.CREATED, made.text
    shown = text_of((await nurse.get(path)).content)
    for text in (
        "GOES ALTHOUGH NOT READY: Ward closes",
        "Takes over at home: Bea Test",
        "Until then: Bea stays the night",
    ):
        assert bare(text) in shown
    current = (await place.client("RX1").get(f"{place.address}/stays/{stay}")).json()
    gone = await place.client("RX1").put(f"{place.address}/stays/{stay}", json=current | {"status": "cancelled"})
    assert gone.status_code == 200, gone.text
    assert bare("CLOSED: The stay or its discharge was cancelled.") in text_of((await nurse.get(path)).content)
    assert "over" in (await nurse.get(f"/care/people/{place.ada}/print")).text


@pytest.mark.parametrize("what", ["print", "plan.pdf", "stays/{stay}/discharge.pdf", "calendar"])
async def test_a_stranger_finds_what_they_find_of_nobody(world: World, what: str):
    place = await larch(world)
    stay = await stay_of(place)
    await world.agency("RX9")
    stranger = await reading(world, "stranger", agency="RX9")
    there = await stranger.get(f"/care/people/{place.ada}/{what.format(stay=stay)}")
    nobody = await stranger.get(f"/care/people/nobody/{what.format(stay=stay)}")
    assert (there.status_code, nobody.status_code) == (404, 404)

    def plain(page: httpx.Response) -> str:
        return re.sub(r"say this number: \S+|value=\"[^\"]+\"", "", page.text)

    assert plain(there) == plain(nobody)


@pytest.mark.parametrize("id_", ["nobody", "..", "x y"])
async def test_what_is_no_stay_of_theirs_is_not_printed(world: World, id_: str):
    place = await larch(world)
    answer = await (await reading(world)).get(f"/care/people/{place.ada}/stays/{id_}/discharge.pdf")
    assert answer.status_code == 404
    need = (await place.client("P10001").get(f"{place.address}/plan/sections/health/need")).json()["items"][0]
    answer = await (await reading(world, "nurse3")).get(f"/care/people/{place.ada}/stays/{need['id']}/discharge.pdf")
    assert answer.status_code == 404


async def test_the_person_reads_that_it_was_printed(world: World):
    place = await larch(world)
    await (await reading(world)).get(f"/care/people/{place.ada}/plan.pdf")
    ada = world.client("person", "PERSON", "ada", "patient/*.cruds", place.ada)
    log = (await ada.get(f"{place.address}/access-log")).json()["items"]
    assert {line["by"] for line in log if line["codes"]["subject"] == "nurse1"} == {"a print-out"}


async def test_two_worlds_that_differ_in_what_is_hidden_print_the_same(world: World):
    place = await larch(world)
    housing = await reading(world, "housing1", role="housing_officer", agency="HA1")
    before = (await housing.get(f"/care/people/{place.ada}/plan.pdf")).content
    at = (await world.database.rows("select max(at) from change where person_id = ?", (place.ada,)))[0][0]
    await place.add("P10001", "health", "allergy", substance="Hidden", status="active")
    after = (await housing.get(f"/care/people/{place.ada}/plan.pdf")).content
    assert at
    assert before == after


async def test_who_has_not_signed_in_is_asked_to(world: World):
    place = await larch(world)
    answer = await browser(world).get(f"/care/people/{place.ada}/plan.pdf")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/sign-in")
