"""Answering for an item, an override and a failed discharge at the door: what is taken, refused, and said of both."""

import re
from typing import Any

import pytest

from tests.support.at_work import MOVED, at_work, faults, hidden, planned
from tests.support.discharges import confirmed

OVERRIDE: dict[str, Any] = {
    "role": "Ward sister",
    "reason": "persons_wish",
    "text": "She wants to be at home for her birthday",
    "receives": "Bea Test",
    "mitigation": "The ward rings at eight",
}
FAILED: dict[str, Any] = {
    "category": "no_package",
    "at-day": "7",
    "at-month": "3",
    "at-year": "2026",
    "at_time": "18:30",
    "reason1": "Nobody came in the evening",
    "agency1": "HC1",
}


async def opened(world, code="housing.telecare", agency="HA1", at="2026-03-04T14:00:00Z"):
    ada = await planned(world, at)
    reader = await at_work(world, agency)
    page = await ada.page(code)
    assert (await reader.get(page)).status_code == 200
    return ada, reader, page


async def test_yes_leads_back_to_the_discharge_and_says_what_was_done(world):
    ada, reader, page = await opened(world)
    answer = await reader.post(page, **hidden(reader), status="confirmed", note="Tested at noon")
    assert (answer.status_code, answer.headers["location"]) == (303, ada.at)
    assert "Confirmed: Telecare on, test call passed." in (await reader.follow()).text
    assert "Confirmed: Telecare on" not in (await reader.get(ada.at)).text
    assert "Tested at noon" in (await reader.get(page)).text
    item = await ada.item("housing.telecare")
    assert (item["state"], item["answered"]["given_for"]) == ("confirmed", "2026-03-06T14:00:00Z")


async def test_who_came_from_their_list_goes_back_there(world):
    _, reader, page = await opened(world)
    await reader.get(f"{page}?from=list")
    answer = await reader.post(page, **hidden(reader), status="confirmed")
    assert answer.headers["location"] == "/care/list"
    await reader.get(f"{page}?from=https://elsewhere.example")
    assert "elsewhere" not in reader.page.text


@pytest.mark.parametrize(
    "status, said, reason",
    [
        ("blocked", {"blocked_reason": "1"}, "Waiting for a delivery, a visit or a repair"),
        ("blocked", {"blocked_reason": "other", "blocked_other": "A flood"}, "A flood"),
        ("not_needed", {"not_needed_reason": "4", "not_needed_note": "She has one"}, "The person does not want it"),
    ],
)
async def test_what_is_in_the_way_and_what_is_not_needed_is_said_with_its_reason(world, status, said, reason):
    ada, reader, page = await opened(world)
    assert (await reader.post(page, **hidden(reader), status=status, **said)).status_code == 303
    item = await ada.item("housing.telecare")
    assert (item["state"], item["reason"]) == (status, {"text": reason})
    assert reason in (await reader.get(ada.at)).text


async def test_an_answer_is_taken_back(world):
    ada, reader, page = await opened(world)
    await reader.post(page, **hidden(reader), status="confirmed")
    assert "Change the answer" in (await reader.get(page)).text
    assert (await reader.post(page, **hidden(reader), status="asked")).status_code == 303
    assert (await ada.item("housing.telecare"))["state"] == "open"


@pytest.mark.parametrize(
    "said, field",
    [
        ({"status": "blocked"}, "blocked_reason"),
        ({"status": "blocked", "blocked_reason": "99"}, "blocked_reason"),
        ({"status": "blocked", "blocked_reason": "other"}, "blocked_other"),
        ({"status": "not_needed", "not_needed_note": "kept"}, "not_needed_reason"),
        ({"status": "closed"}, "form"),
        ({"note": "kept"}, "form"),
        ({"status": "confirmed", "note": "<script>alert(1)</script>"}, "note"),
    ],
)
async def test_what_is_wrong_with_an_answer_is_said_and_nothing_typed_is_lost(world, said, field):
    ada, reader, page = await opened(world)
    answer = await reader.post(page, **hidden(reader), **said)
    assert answer.status_code == 422
    assert field in faults(reader)
    assert "<script>alert" not in answer.text
    if "kept" in said.values():
        assert ">kept</textarea>" in answer.text
    assert (await ada.item("housing.telecare"))["state"] == "open"


@pytest.mark.parametrize(
    "said, starts",
    [
        ({"starts_time": "15:00"}, "2026-03-06T15:00:00+00:00"),
        ({"starts_time": "3pm"}, "2026-03-06T15:00:00+00:00"),
        ({"starts_time": ""}, None),
    ],
)
async def test_when_it_starts_may_be_said(world, said, starts):
    ada, reader, page = await opened(world, "social_care.package", "HC1")
    fields = re.findall(r'<input[^>]*name="starts-[^>]*>', reader.page.text)
    day = {re.findall('name="([^"]+)"', one)[0]: re.findall('value="([^"]+)"', one)[0] for one in fields}
    assert day == {"starts-day": "6", "starts-month": "3", "starts-year": "2026"}
    assert (await reader.post(page, **hidden(reader), status="confirmed", **day, **said)).status_code == 303
    assert (await ada.item("social_care.package")).get("starts") == starts


@pytest.mark.parametrize(
    "said, field",
    [
        ({"starts-day": "6", "starts-month": "3", "starts-year": "2026", "starts_time": "25:00"}, "starts_time"),
        ({"starts-day": "6", "starts-month": "3", "starts-year": "2026", "starts_time": "20:00"}, "starts"),
        ({"starts-day": "6", "starts-month": "13", "starts-year": "2026", "starts_time": "15:00"}, "starts"),
        ({"starts_time": "15:00"}, "starts"),
    ],
)
async def test_a_start_that_cannot_be_is_said_beside_it(world, said, field):
    _, reader, page = await opened(world, "social_care.package", "HC1")
    answer = await reader.post(page, **hidden(reader), status="confirmed", **said)
    assert (answer.status_code, field in faults(reader)) == (422, True), faults(reader)


async def test_a_double_click_is_one_answer(world):
    ada, reader, page = await opened(world)
    form = hidden(reader) | {"status": "confirmed"}
    token = reader.token
    first = await reader.post(page, **form)
    again = await reader.client.post(page, data={**form, "token": token}, headers={"Accept": "text/html"})
    assert (first.status_code, again.status_code) == (303, 303)
    assert (await ada.item("housing.telecare"))["version"] == int(form["version"]) + 1


async def test_of_two_who_answer_at_once_the_second_is_told_what_the_first_said(world):
    ada, reader, page = await opened(world)
    form = hidden(reader)
    answered = await ada.rest.answer(ada.stay, "housing.telecare", "blocked", reason={"text": "The line is dead"})
    assert answered.status_code == 200
    answer = await reader.post(page, **form, status="confirmed", note="It works")
    assert answer.status_code == 422
    assert "Somebody answered this while you were writing: Housing officer, Test Housing" in faults(reader)["form"]
    assert "The line is dead" in answer.text
    assert ">It works</textarea>" in answer.text
    assert (await ada.item("housing.telecare"))["state"] == "blocked"
    assert (await reader.post(page, **hidden(reader), status="confirmed")).status_code == 303
    assert (await ada.item("housing.telecare"))["state"] == "confirmed"


async def test_an_answer_for_a_day_that_has_moved_is_asked_for_again(world):
    ada, reader, page = await opened(world, "social_care.package", "HC1")
    form = hidden(reader)
    await ada.moved()
    answer = await reader.post(page, **form, status="confirmed")
    assert answer.status_code == 422
    said = (
        "The discharge was planned for Friday 6 March 2026, 14:00, and is now planned for Monday 9 March 2026, 14:00."
    )
    assert faults(reader)["form"] == f"{said} Answer for the new day."
    assert (await ada.item("social_care.package"))["state"] == "open"
    assert (await reader.post(page, **hidden(reader), status="confirmed")).status_code == 303
    assert (await ada.item("social_care.package"))["answered"]["given_for"] == MOVED


async def test_while_it_is_being_asked_again_that_is_said(world):
    ada, reader, page = await opened(world, "social_care.package", "HC1")
    await ada.rest.change(ada.stay, planned_discharge=MOVED)
    await reader.get(page)
    answer = await reader.post(page, **hidden(reader), status="confirmed")
    assert answer.status_code == 422
    assert "has just moved to Monday 9 March 2026, 14:00" in faults(reader)["form"]


async def test_what_was_confirmed_for_another_day_says_so_on_its_page(world):
    ada, reader, page = await opened(world, "social_care.package", "HC1")
    await reader.post(page, **hidden(reader), status="confirmed")
    await ada.moved()
    text = (await reader.get(page)).text
    said = "answered for Friday 6 March 2026, 14:00, and the discharge is now planned for Monday 9 March 2026, 14:00"
    assert said in text
    assert "Confirm again" in text


async def test_what_it_depends_on_is_said_before_and_after(world):
    _, reader, page = await opened(world, "gp.reconciled", "P10001")
    assert "It depends on what is not there yet: Discharge summary sent." in reader.page.text
    answer = await reader.post(page, **hidden(reader), status="confirmed")
    assert answer.status_code == 422
    assert "Discharge summary sent" in faults(reader)["form"]


async def test_whose_it_is_not_is_told_whom_to_ask_and_cannot_answer(world):
    ada, reader, page = await opened(world, "hospital.transport")
    assert "Test Hospital answers for this." in reader.page.text
    assert "tel:02079460000" in reader.page.text
    assert "Yes, confirmed" not in reader.page.text
    answer = await reader.post(page, status="confirmed")
    assert answer.status_code == 422
    assert (await ada.item("hospital.transport"))["state"] == "open"


async def test_a_closed_item_says_why(world):
    ada, reader, page = await opened(world)
    await ada.rest.change(ada.stay, status="cancelled")
    await ada.place.turn()
    text = (await reader.get(page)).text
    assert "Nothing is asked here any more: the stay or its discharge was cancelled." in text
    assert "Yes, confirmed" not in text
    answer = await reader.post(page, status="confirmed")
    assert answer.status_code == 422
    assert "closed while you were writing" in faults(reader)["form"]


# leaving although it is not ready


async def test_the_ward_decides_that_they_leave_and_the_page_keeps_why(world):
    ada = await planned(world)
    ward = await at_work(world, "RX1")
    page = f"{ada.at}/override"
    assert "Telecare on, test call passed" in (await ward.get(page)).text
    answer = await ward.post(page, **hidden(ward), **OVERRIDE)
    assert (answer.status_code, answer.headers["location"]) == (303, ada.at)
    text = (await ward.follow()).text
    assert "Your decision is saved." in text
    for shown in ("They leave although it is not ready", "Ward sister, Test Hospital", *list(OVERRIDE.values())[2:]):
        assert shown in text


@pytest.mark.parametrize("lacking", OVERRIDE)
async def test_a_decision_without_one_of_its_parts_is_not_taken(world, lacking):
    ada = await planned(world)
    ward = await at_work(world, "RX1")
    page = f"{ada.at}/override"
    await ward.get(page)
    answer = await ward.post(page, **hidden(ward), **{**OVERRIDE, lacking: ""})
    assert (answer.status_code, list(faults(ward))) == (422, [lacking])
    for name, value in OVERRIDE.items():
        assert lacking == name or value in answer.text
    await ward.post(page, **{**OVERRIDE, "reason": "because"})
    assert list(faults(ward)) == ["reason"]


async def test_only_the_hospital_and_the_coordinator_decide(world):
    ada = await planned(world)
    page = f"{ada.at}/override"
    for agency, status in (("HA1", 403), ("P10001", 403), ("HUB1", 200)):
        reader = await at_work(world, agency)
        assert (await reader.get(page)).status_code == status
        await reader.get(ada.at)
        assert (page in reader.page.text) is (status == 200)
        if status == 403:
            refused = await reader.post(page, **OVERRIDE)
            assert refused.status_code == 422
            assert "Ask them" in faults(reader)["form"]


async def test_a_gate_that_became_ready_meanwhile_is_said(world):
    ada = await planned(world)
    ward = await at_work(world, "RX1")
    page = f"{ada.at}/override"
    await ward.get(page)
    form = hidden(ward)
    await confirmed(ada.rest, ada.stay)
    answer = await ward.post(page, **form, **OVERRIDE)
    assert answer.status_code == 422
    assert "nothing to override" in faults(ward)["form"]


# a discharge that failed


async def left(world):
    ada = await planned(world)
    world.at("2026-03-06T15:00:00Z")
    await ada.rest.change(ada.stay, status="finished", discharged="2026-03-06T14:30:00Z")
    world.at("2026-03-08T09:00:00Z")
    await ada.place.turn()
    reader = await at_work(world)
    page = f"{ada.at}/failed"
    assert page in (await reader.get(ada.at)).text
    await reader.get(page)
    return ada, reader, page


async def test_housing_records_that_it_failed_with_every_cause(world):
    ada, reader, page = await left(world)
    more = {"reason2": "The lift was out of order", "agency2": "HA1", "text": "She sat in the dark"}
    answer = await reader.post(page, **hidden(reader), **FAILED, **more)
    assert (answer.status_code, answer.headers["location"]) == (303, ada.at)
    text = (await reader.follow()).text
    for shown in (
        "This discharge failed: They came home and the care did not",
        "7 March 2026, 18:30",
        "Nobody came in the evening (Test Home-care provider)",
        "The lift was out of order (Test Housing association or landlord)",
        "She sat in the dark",
    ):
        assert shown in text, shown


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"category": ""}, "category"),
        ({"category": "x"}, "category"),
        ({"at-day": ""}, "at"),
        ({"at-day": "", "at-month": "", "at-year": "", "at_time": ""}, "at"),
        ({"at_time": "noon"}, "at_time"),
        ({"at-day": "31"}, "at"),
        ({"at-day": "1"}, "at"),
        ({"reason1": ""}, "reason1"),
        ({"agency1": ""}, "agency1"),
        ({"agency1": "RX9"}, "agency1"),
        ({"reason2": "And this"}, "agency2"),
        ({"agency3": "HA1"}, "reason3"),
        ({"reason1": "<script>x</script>"}, "reason1"),
    ],
)
async def test_what_is_wrong_with_a_record_is_said_beside_its_field(world, changed, field):
    _, reader, page = await left(world)
    answer = await reader.post(page, **hidden(reader), **{**FAILED, **changed})
    assert (answer.status_code, field in faults(reader)) == (422, True), faults(reader)
    assert "<script>x" not in answer.text
