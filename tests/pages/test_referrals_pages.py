"""Referrals on the pages: an agency is asked, and answers; who may move it, and what an answer must say."""

import pytest

from tests.support.larch import larch
from tests.support.talking import again, care, faults, offered, reader, send, words

ASKED = {"to": "LA1", "referral": "Welfare check", "priority": "urgent", "note": "She lives alone"}


async def referred(world, **more):
    """The ward has asked the council; the address of the referral."""
    place = await larch(world)
    nurse = await reader(place, "RX1")
    answer = await send(nurse, care(place, "referrals/new"), **(ASKED | more))
    assert answer.status_code == 303, faults(answer)
    return place, nurse, answer.headers["location"]


async def test_a_referral_is_asked_accepted_and_done(world):
    place, nurse, at = await referred(world)
    said = words(await nurse.follow())
    assert "The referral was sent." in said
    assert "She lives alone" in said
    worker = await reader(place, "LA1")
    listed = words(await worker.get(care(place, "referrals")))
    assert "Welfare check Asked For you" in listed
    assert "An answer is due by Tuesday 09:00: 24 hours left" in listed
    for word in ("accepted", "doing"):
        assert (await send(worker, at, status=word)).status_code == 303
    await send(worker, at, status="done", outcome="She manages well")
    assert "The referral is now: done." in words(await worker.follow())
    said = words(await nurse.get(at))
    assert "She manages well" in said
    assert offered(nurse.page) == []
    assert "No referral is open. See all of them." in words(await nurse.get(care(place, "referrals")))
    assert "Welfare check Done" in words(await nurse.get(care(place, "referrals?show=all")))


async def test_a_refusal_carries_a_reason(world):
    place, _, at = await referred(world)
    worker = await reader(place, "LA1")
    page = await send(worker, at, status="refused", reason="")
    assert (page.status_code, faults(page)[0][0]) == (422, "reason")
    await again(worker, at, status="refused", reason="We have nobody until May")
    said = words(await worker.get(at))
    assert "We have nobody until May" in said
    assert "Asked, done" in said
    assert "Refused, now" in said


@pytest.mark.parametrize(
    "agency, word, field",
    [("LA1", "", "status"), ("LA1", "done", "outcome"), ("LA1", "paused", "reason"), ("LA1", "dance", "status")],
)
async def test_an_answer_that_cannot_be_is_said_beside_its_field(world, agency, word, field):
    place, _, at = await referred(world)
    page = await send(await reader(place, agency), at, status=word)
    assert (page.status_code, faults(page)[0][0]) == (422, field)


@pytest.mark.parametrize(
    "agency, choices",
    [("LA1", ["accepted", "refused"]), ("RX1", ["cancelled"]), ("P10001", []), ("HA1", [])],
)
async def test_only_what_a_reader_may_do_is_offered(world, agency, choices):
    place, nurse, at = await referred(world)
    found = nurse if agency == "RX1" else await reader(place, agency)
    page = await found.get(at)
    words_ = ("accepted", "refused", "doing", "paused", "done", "not_achieved", "cancelled")
    assert [word for word in words_ if f'name="status" type="radio" value="{word}"' in page.text] == choices


async def test_whoever_is_not_asked_cannot_accept(world):
    place, _, at = await referred(world)
    page = await send(await reader(place, "P10001"), at, status="accepted")
    assert page.status_code == 422
    assert faults(page)


async def test_whoever_asked_withdraws_it(world):
    _, nurse, at = await referred(world)
    await send(nurse, at, status="cancelled")
    assert "The referral is now: withdrawn." in words(await nurse.follow())


async def test_an_answer_that_is_late_says_so(world):
    place, nurse, at = await referred(world, priority="stat")
    await place.turn(hours=5)
    await nurse.sign_in("clinician-rx1")
    assert "The answer is overdue by 3 hours" in words(await nurse.get(at))


async def test_everything_that_is_missing_is_said_and_nothing_is_lost(world):
    place = await larch(world)
    nurse = await reader(place, "RX1")
    page = await send(nurse, care(place, "referrals/new"), note="Because she lives alone")
    assert [field for field, _ in faults(page)] == ["to", "referral", "priority"]
    assert "Because she lives alone" in page.text
    page = await again(nurse, care(place, "referrals/new"), **(ASKED | {"to": "NOBODY"}))
    assert page.status_code == 422
    assert "no agency in the directory" in words(page)


async def test_an_agency_of_the_directory_that_is_not_on_the_team_can_be_asked(world):
    await world.agency("CH9", "Night nurses")
    place, nurse, at = await referred(world, to="CH9")
    assert "asks Night nurses" in words(await nurse.get(care(place, "referrals")))
    night = await _other(place)
    page = await night.get(at)
    assert "Welfare check" in words(page)
    assert "Nobody has written a message" in words(await night.get(care(place, "messages")))
    await night.get(at)
    await again(night, at, status="accepted")
    assert (await night.follow()).status_code == 200


async def _other(place):
    return await reader(place, "CH9", "clinician")


async def test_agencies_are_found_by_name_where_there_are_many(world):
    for number in range(101):
        await world.agency(f"Z{number:03}", f"Zeta{number:03}")
    place = await larch(world)
    nurse = await reader(place, "RX1")
    page = await nurse.get(care(place, "referrals/new"))
    assert "Find an agency by its name" in words(page)
    assert "Zeta100" not in page.text
    assert "Zeta100" in (await nurse.get(care(place, "referrals/new?name=Zeta100"))).text


@pytest.mark.parametrize("end", ["referrals", "referrals/new", "referrals/nothing"])
async def test_whoever_has_no_relationship_finds_nothing(world, end):
    place = await larch(world)
    await world.agency("RX9")
    page = await (await reader(place, "RX9", "clinician")).get(care(place, end))
    assert page.status_code == 404
    assert "Ada" not in page.text


async def test_an_entry_of_another_kind_is_no_referral(world):
    place = await larch(world)
    need = await place.add("LA1", "social_care", "need", need="Help", status="active")
    nurse = await reader(place, "RX1")
    for page in ("referrals", "findings", "messages"):
        assert (await nurse.get(care(place, f"{page}/{need['id']}"))).status_code == 404
