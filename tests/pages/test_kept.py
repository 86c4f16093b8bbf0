"""What was typed when a session had ended is kept for its writer, and for nobody else (docs/decisions/0057)."""

import re
from html import unescape

import pytest

from tests.support.larch import larch
from tests.support.sign_in import account, browser

TEXT = "Ankles swollen again.\nShe sleeps in the chair."


def fields(page):
    """The hidden fields of the page that is open."""
    found = re.findall(r'<input type="hidden" name="([a-z-]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
async def late(world):
    """A care worker whose session ended while they wrote to the surgery; the form was sent then."""
    place = await larch(world)
    await account(world, "nurse1", "care_provider", "HC1")
    at = browser(world)
    await at.sign_in("nurse1", next_=f"/care/people/{place.ada}/messages/new")
    path = f"/care/people/{place.ada}/messages/new"
    await at.get(path)
    said = fields(at.page) | {"to": "P10001", "urgency": "soon", "text": TEXT, "section": "social_care"}
    world.later(minutes=31)
    at.page = await at.client.post(path, data=said, headers={"Accept": "text/html"})
    return world, place, at, path, said


async def messages(place):
    answer = await place.client("P10001").get(f"{place.address}/messages")
    return [one["text"] for one in answer.json()["items"]]


async def test_nothing_is_done_until_the_writer_has_signed_in_and_sends_it(late):
    _, place, at, path, said = late
    assert at.page.status_code == 303
    assert at.page.headers["location"] == "/auth/sign-in?next=/care/again"
    assert await messages(place) == []
    await at.sign_in("nurse1", next_="/care/again")
    await at.follow()
    assert "nothing was done yet" in at.page.text
    assert "Ankles swollen again." in at.page.text
    offered = fields(at.page)
    assert (offered["text"], offered["key"]) == (TEXT, said["key"])
    for _ in range(2):
        await at.client.post(path, data={**offered, "to": "P10001"}, headers={"Accept": "text/html"})
    assert await messages(place) == [TEXT]


async def test_another_account_at_the_same_browser_is_shown_nothing_of_it(late):
    world, _, at, _, _ = late
    await account(world, "nurse2", "care_provider", "HC1")
    await at.sign_in("nurse2", next_="/care/again")
    await at.follow()
    assert at.page.status_code == 303
    assert "Ankles" not in at.page.text
    assert not await world.database.rows("select 1 from kept_form")
    at.client.cookies.delete("oneplan")
    await at.sign_in("nurse1", next_="/care/again")
    await at.follow()
    assert "Ankles" not in at.page.text


async def test_after_an_hour_it_is_forgotten(late):
    world, _, at, _, _ = late
    world.later(minutes=61)
    await at.sign_in("nurse1", next_="/care/again")
    await at.follow()
    assert at.page.headers["location"] == "/care"


async def test_the_writer_lets_go_of_it(late):
    world, _, at, path, _ = late
    await at.sign_in("nurse1", next_="/care/again")
    await at.follow()
    await at.post("/care/again")
    assert at.page.headers["location"] == path
    assert not await world.database.rows("select 1 from kept_form")


async def test_what_is_kept_cannot_be_read_in_the_database(late):
    world, *_ = late
    [row] = await world.database.rows("select digest, sealed from kept_form")
    assert "Ankles" not in str(tuple(row))


@pytest.mark.parametrize("change", [{"token": "x.y"}, {"kept-for": "x"}, {"token": ""}])
async def test_a_form_that_is_not_of_that_session_is_not_kept(late, change):
    world, _, at, path, said = late
    await at.client.post(path, data={**said, **change}, headers={"Accept": "text/html"})
    assert len(await world.database.rows("select 1 from kept_form")) == 1
    away = await at.client.post(path, data=said, headers={"Accept": "text/html", "Sec-Fetch-Site": "cross-site"})
    assert away.status_code == 303
    assert len(await world.database.rows("select 1 from kept_form")) == 1
