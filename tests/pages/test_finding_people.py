"""Finding a person at the door: one is opened, several are shown, and nobody is said in the same words always."""

from typing import Any

import pytest

from tests.support.at_work import at_work, faults, plain
from tests.support.larch import ADA_NHS, larch

NOBODY = "Nobody was found among those whose plans you may see."
BORN: dict[str, Any] = {"born-day": "12", "born-month": "5", "born-year": "1941"}


@pytest.fixture
async def ada(world):
    return (await larch(world)).ada


@pytest.mark.parametrize("said", [{"nhs_number": "900 000 0009"}, {"family": "test", **BORN}])
async def test_one_who_is_found_is_opened(world, ada, said):
    nurse = await at_work(world, "RX1")
    await nurse.get("/care/find")
    answer = await nurse.post("/care/find", **said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/care/people/{ada}")


async def test_several_are_shown_with_what_tells_them_apart(world, ada):
    await world.person(
        world.visit("clinician", "RX1"),
        world.nhs_number(),
        name=[{"family": "Test", "given": ["Adam"]}],
        birthDate="1941-05-12",
    )
    nurse = await at_work(world, "RX1")
    await nurse.get("/care/find")
    answer = await nurse.post("/care/find", family="Test", **BORN)
    assert "More than one person fits" in answer.text
    for shown in ("Ada Test", "Adam Test", "12 May 1941", "900 000 0009"):
        assert shown in answer.text


async def test_the_hidden_and_the_absent_are_told_alike(world, ada):
    stranger = await at_work(world, "HA9", "housing_officer")
    texts = []
    for number in (ADA_NHS, world.nhs_number()):
        await stranger.get("/care/find")
        answer = await stranger.post("/care/find", nhs_number=number)
        assert answer.status_code == 422
        texts.append(plain(answer.text).replace(number, ""))
    assert NOBODY in texts[0]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "agency, role, offered",
    [
        ("RX9", "clinician", True),
        ("LA9", "social_worker", True),
        ("HUB9", "coordinator", True),
        ("HA9", "housing_officer", False),
        ("BA9", "benefits_adviser", False),
        ("HC9", "care_provider", False),
    ],
)
async def test_emergency_access_is_offered_to_whom_it_is_open(world, ada, agency, role, offered):
    reader = await at_work(world, agency, role)
    await reader.get("/care/find")
    answer = await reader.post("/care/find", nhs_number=ADA_NHS)
    assert ("/care/open" in answer.text) is offered


@pytest.mark.parametrize(
    "said, field",
    [
        ({}, "family"),
        ({"nhs_number": "900 000 0001"}, "nhs_number"),
        ({"nhs_number": "hello"}, "nhs_number"),
        ({"family": "Test"}, "born"),
        ({"family": "Test", "born-day": "31", "born-month": "2", "born-year": "1941"}, "born"),
        (BORN, "family"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(world, ada, said, field):
    nurse = await at_work(world, "RX1")
    await nurse.get("/care/find")
    answer = await nurse.post("/care/find", **said)
    assert answer.status_code == 422
    assert field in faults(nurse)
    for typed in said.values():
        assert f'value="{typed}"' in answer.text


async def test_no_name_and_no_number_ever_stands_in_an_address(world, ada):
    nurse = await at_work(world, "RX1")
    answer = await nurse.get("/care/find?nhs_number=9000000009")
    assert ADA_NHS not in answer.text
    assert 'method="post"' in answer.text
