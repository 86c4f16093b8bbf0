"""The board and one discharge at the door: who leaves, whether it is ready, and what is whose to answer."""

import pytest

from api.pages.care.work import discharges
from tests.support.at_work import MOVED, at_work, planned
from tests.support.discharges import confirmed
from tests.support.larch import larch

BOARD = "/care/discharges"


@pytest.mark.parametrize(
    "agency, role, first",
    [("RX1", "clinician", "By ward"), ("HUB1", "coordinator", "By ward"), ("HA1", "housing_officer", "By home")]
    + [(id_, role, "Waits for us") for id_, role in (("LA1", "social_worker"), ("HC1", "care_provider"))],
)
async def test_each_role_begins_with_the_view_that_it_needs(world, agency, role, first):
    await planned(world)
    reader = await at_work(world, agency, role)
    answer = await reader.get(BOARD)
    assert f'aria-current="page">{first}</a>' in answer.text
    assert "Ada Test" in answer.text


@pytest.mark.parametrize(
    "view, heading",
    [("hospital", "Test Hospital, Ward 4B"), ("estate", "Larch Court"), ("agency", "What waits for us")],
)
async def test_the_same_discharge_stands_in_three_views(world, view, heading):
    ada = await planned(world)
    housing = await at_work(world)
    text = (await housing.get(f"{BOARD}?view={view}")).text
    for shown in (heading, "Friday 6 March 2026, 14:00", "in 1 day 23 hours", "Not ready", "Due in 23 hours", ada.at):
        assert shown in text
    assert ("Test Hospital <strong>" in text) is (view != "agency")
    assert ("Telecare on, test call passed</a>" in text) is (view == "agency")


async def test_what_waits_for_us_goes_when_we_have_answered(world):
    ada = await planned(world)
    housing = await at_work(world)
    for code in ("housing.access", "housing.telecare"):
        await ada.rest.answer(ada.stay, code)
    assert "No discharge waits for us now." in (await housing.get(f"{BOARD}?view=agency")).text


async def test_the_board_says_ready_and_what_must_be_confirmed_again(world):
    ada = await planned(world)
    await confirmed(ada.rest, ada.stay)
    ward = await at_work(world, "RX1")
    assert "</span> Ready</strong>" in (await ward.get(BOARD)).text
    await ada.moved()
    text = (await ward.get(BOARD)).text
    assert "</span> Confirm again</strong>" in text
    assert "Monday 9 March 2026, 14:00" in text
    home_care = await at_work(world, "HC1")
    assert "(confirm again)" in (await home_care.get(BOARD)).text


async def test_the_board_comes_in_pages(world, monkeypatch):
    monkeypatch.setattr(discharges, "MOST", 1)
    ada = await planned(world)
    other = await world.person(world.visit("clinician", "RX1"), world.nhs_number(), family="Later")
    body = {"status": "in_hospital", "hospital": {"reference": "Organization/RX1"}}
    body |= {"admitted": "2026-03-02T10:00:00Z", "planned_discharge": MOVED}
    made = await ada.place.client("RX1").post(f"/v1/people/{other}/stays", json=body)
    assert made.status_code == 201, made.text
    ward = await at_work(world, "RX1")
    text = (await ward.get(BOARD)).text
    assert "Sam Later" not in text
    following = text.split('href="?view=hospital&amp;cursor=')[1].split('"')[0]
    text = (await ward.get(f"{BOARD}?view=hospital&cursor={following}")).text
    assert "Sam Later" in text
    assert "Ada Test" not in text
    assert "Back to the first to leave" in text


async def test_forty_people_are_one_small_page(world):
    ada, some = await planned(world), 8
    by = world.visit("clinician", "RX1")
    for _ in range(some - 1):
        other = await world.person(by, world.nhs_number(), family="Featherstonehaugh")
        for agency, role in (("LA1", "social_worker"), ("HC1", "care_provider"), ("HA1", "housing_officer")):
            await world.desk.add_member(by, other, agency, role, "")
        body = {"status": "in_hospital", "hospital": {"reference": "Organization/RX1"}, "ward": "4B"}
        body |= {"admitted": "2026-03-02T10:00:00Z", "planned_discharge": MOVED}
        assert (await ada.place.client("RX1").post(f"/v1/people/{other}/stays", json=body)).status_code == 201
    await ada.place.turn()
    reader = await at_work(world, "RX1")
    for view in ("hospital", "estate", "agency"):
        answer = await reader.get(f"{BOARD}?view={view}")
        assert answer.text.count('<tr role="row"><th scope="row"') == some
        frame, rows = answer.text.split("<tbody", 1)
        assert len(frame) + len(rows) / some * discharges.MOST <= 60_000, view
    assert "more<span" in answer.text


async def test_an_empty_board_says_so_and_a_view_that_is_none_is_unknown(world):
    await larch(world)
    ward = await at_work(world, "RX1")
    assert "Nobody whose plan is open to you is to leave hospital." in (await ward.get(BOARD)).text
    assert (await ward.get(f"{BOARD}?view=x")).status_code == 404
    assert (await ward.get(f"{BOARD}?cursor=x")).status_code == 400


async def test_a_stranger_sees_nobody_on_the_board_and_no_stay(world):
    ada = await planned(world)
    stranger = await at_work(world, "HA9", "housing_officer")
    assert "Ada" not in (await stranger.get(f"{BOARD}?view=hospital")).text
    unknown = await stranger.get("/care/people/nobody/stays/none")
    for page in ("", "/override", "/failed", "/items/x"):
        answer = await stranger.get(f"{ada.at}{page}")
        assert answer.status_code == unknown.status_code == 404
    assert (await stranger.get(await ada.page("housing.telecare"))).status_code == 404


# one discharge


async def test_a_discharge_says_what_holds_it_and_whose_part_each_thing_is(world):
    ada = await planned(world)
    await ada.rest.answer(ada.stay, "housing.access", "blocked", reason={"text": "The lift is being repaired"})
    await ada.rest.answer(ada.stay, "housing.telecare")
    ward = await at_work(world, "RX1")
    text = (await ward.get(ada.at)).text
    for shown in (
        "Not ready to go home yet",
        "1 thing is held up: somebody said what is in the way.",
        "Friday 6 March 2026, 14:00",
        "leaves in 1 day 23 hours",
        "Yours to answer (",
        "The lift is being repaired",
        "Confirmed by Housing officer, Test Housing association or landlord, now, for Friday 6 March 2026, 14:00",
        "Leave although it is not ready",
        f"{ada.at}/discharge.pdf",
        "Notice of a discharge",
    ):
        assert shown in text, shown
    assert text.index("What others still answer for") < text.index("The lift is being repaired")
    assert "Record that it failed" not in text
    assert "Heart failure" not in text


async def test_ready_is_said_and_there_is_nothing_to_override(world):
    ada = await planned(world)
    await confirmed(ada.rest, ada.stay)
    ward = await at_work(world, "RX1")
    text = (await ward.get(ada.at)).text
    assert "Everything is ready to go home" in text
    assert "/override" not in text
    assert (await ward.get(f"{ada.at}/override")).status_code == 403


async def test_when_the_day_moves_each_answer_says_for_which_day_it_was(world):
    ada = await planned(world)
    await confirmed(ada.rest, ada.stay)
    await ada.moved()
    ward = await at_work(world, "RX1")
    text = (await ward.get(ada.at)).text
    assert "It was ready for another day" in text
    said = "This was answered for Friday 6 March 2026, 14:00, and the discharge is now planned for Monday 9 March 2026"
    assert f"{said}, 14:00: confirm it again." in text


async def test_a_silent_feed_a_stay_without_a_day_and_one_that_is_over(world):
    ada = await planned(world)
    ward = await at_work(world, "RX1")
    await ada.rest.change(ada.stay, planned_discharge=None)
    assert "Nobody has planned a day for the discharge." in (await ward.get(ada.at)).text
    beat = {"id": "beat", "type": "heartbeat", "occurred_at": "2026-03-04T14:00:00Z"}
    assert (await ada.place.client("RX1").post("/v1/stays/events", json=beat)).status_code == 200
    world.later(minutes=11)
    text = (await ward.get(ada.at)).text
    assert "Nobody can say whether it is ready" in text
    assert "The system of Test Hospital has sent nothing for a while" in text
    await ada.rest.change(ada.stay, status="finished", discharged="2026-03-04T14:10:00Z")
    await ada.place.turn()
    text = (await ward.get(ada.at)).text
    assert "Nothing is asked any more" in text
    assert "Discharged from Test Hospital" in text
    assert "Record that it failed" in text


async def test_housing_sees_no_diagnosis(world):
    ada = await planned(world)
    await ada.rest.change(ada.stay, reason={"text": "Heart failure, decompensated"})
    housing = await at_work(world)
    for page in (ada.at, await ada.page("housing.telecare"), BOARD, "/care/list"):
        answer = await housing.get(page)
        assert answer.status_code == 200
        assert "Heart failure" not in answer.text


async def test_the_person_sees_their_discharge_and_answers_what_is_asked_of_them(world):
    ada = await planned(world)
    me = await at_work(world, "ada-test", "person", "ada-test", person=ada.place.ada)
    text = (await me.get(ada.at)).text
    assert "Yours to answer (" in text
    assert "/override" not in text
    page = await ada.page("person.agrees")
    await me.get(page)
    answer = await me.post(page, status="confirmed", version=str((await ada.item("person.agrees"))["version"]))
    assert (answer.status_code, answer.headers["location"]) == (303, ada.at)
    item = await ada.item("person.agrees")
    assert (item["state"], item["answered"]["role"]) == ("confirmed", "person")


async def test_a_carer_sees_it_once_the_person_has_agreed_and_answers_for_themself_alone(world):
    ada = await planned(world)
    carer = await at_work(world, "bea-test", "carer", "bea-test")
    assert (await carer.get(ada.at)).status_code == 404
    consent = {"decision": "permit", "status": "active", "to": [{"subject": "bea-test"}]}
    agreed = consent | {"sections": ["transitions", "about_me"]}
    made = await ada.place.client("P10001").post(f"{ada.place.address}/consents", json=agreed)
    assert made.status_code == 201, made.text
    assert "Yours to answer (1)" in (await carer.get(ada.at)).text
    assert "Yes, confirmed" in (await carer.get(await ada.page("person.carer"))).text
    assert "Yes, confirmed" not in (await carer.get(await ada.page("person.agrees"))).text


async def test_something_that_is_no_stay_has_no_discharge(world):
    ada = await planned(world)
    need = await ada.place.add("P10001", "health", "need", need="Falls", status="active")
    surgery = await at_work(world, "P10001")
    assert (await surgery.get(f"/care/people/{ada.place.ada}/stays/{need['id']}")).status_code == 404
    assert (await surgery.get(f"{ada.at}/items/{need['id']}")).status_code == 404
    assert (await surgery.get(f"{ada.at}/items/%2e%2e%2f")).status_code == 404
