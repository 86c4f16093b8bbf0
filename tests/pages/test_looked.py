"""Who looked, on its page: one line for what was done at one go, narrowed to days and to emergencies, page by page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.support.built import BUILT
from tests.support.overriding import BTG, Glass, glass
from tests.support.own_pages import fields, text
from tests.support.rest import items
from tests.support.sign_in import Browser, account, browser

pytestmark = BUILT


@pytest.fixture
async def here(world):
    return await glass(world)


async def someone(here: Glass, role: str = "person", agency: str = "own", login: str = "sam") -> Browser:
    person = here.person if role == "person" else None
    await account(here.world, login, role=role, agency=agency, person=person)
    by = browser(here.world)
    await by.sign_in(login, next_="/care")
    return by


async def read(here: Glass, times: int = 1) -> None:
    """A nurse of the team reads the plan."""
    for _ in range(times):
        here.world.later(seconds=1)
        await here.world.client("clinician", "RX1", "nurse").get(f"/v1/people/{here.person}/plan")


async def lines(here: Glass, by: Browser, query: str = "") -> str:
    page = await by.get(f"/care/people/{here.person}/looked{query}")
    assert page.status_code == 200, page.text
    return text(page.text)


async def test_what_somebody_did_again_at_one_go_is_one_line(here):
    here.world.at("2027-03-02T09:00:00Z")
    await read(here, 3)
    here.world.later(hours=2)
    await read(here)
    said = await lines(here, await someone(here))
    assert "09:00, 3 times since 09:00" in said
    assert said.count("A doctor, nurse or therapist, Agency RX1 looked at") == 2
    assert "You looked at" in said


async def test_it_is_narrowed_to_days_both_within(here):
    # By the real clock: events are found by their ids, which begin with the moment that they were made at.
    await read(here)
    by, today = await someone(here), datetime.fromtimestamp(here.world.clock / 1000, UTC).date()

    def query(name: str, days: int) -> str:
        day = today + timedelta(days=days)
        return f"{name}-day={day.day}&{name}-month={day.month}&{name}-year={day.year}"

    assert "Agency RX1" in await lines(here, by, f"?{query('from', -1)}&{query('to', 1)}")
    assert "Agency RX1" not in await lines(here, by, f"?{query('from', 2)}")
    assert "Nobody looked in that time." in await lines(here, by, f"?{query('to', -2)}")


@pytest.mark.parametrize(
    "query, wrong",
    [
        ("?from-day=31&from-month=2&from-year=2026", ["from"]),
        ("?to-day=x&to-month=&to-year=", ["to"]),
        ("?from-day=4&from-month=3&from-year=2026&to-day=3&to-month=3&to-year=2026", ["to"]),
    ],
)
async def test_days_that_are_none_are_said_beside_their_field(here, query, wrong):
    by = await someone(here)
    page = await by.get(f"/care/people/{here.person}/looked{query}")
    assert (page.status_code, fields(page.text)) == (422, wrong)


async def test_an_emergency_stands_out_and_can_be_shown_alone(here):
    await read(here)
    stranger = here.stranger()
    await here.opened(stranger)
    await here.read(stranger)
    by = await someone(here)
    everything = await lines(here, by)
    assert "Emergency access: A doctor, nurse or therapist, Agency ED1 opened your plan in an emergency" in everything
    assert "Agency RX1" in everything
    alone = await lines(here, by, "?emergency=yes")
    assert "Emergency access: A doctor, nurse or therapist, Agency ED1 looked at" in alone
    assert "Agency RX1" not in alone


async def test_a_long_log_comes_page_by_page_under_the_same_filters(here):
    by = await someone(here)
    stranger = here.stranger()
    await here.opened(stranger)
    for _ in range(101):
        await stranger.get(f"/v1/people/{here.person}", headers=BTG)
    page = await by.get(f"/care/people/{here.person}/looked?emergency=yes")
    found = re.search(r'href="(\?emergency=yes&amp;cursor=[^"]+)"', page.text)
    assert found
    rest = await lines(here, by, unescape(found[1]))
    assert "opened your plan in an emergency" in rest
    assert "Earlier" not in rest


async def test_an_auditor_reads_it_and_sees_nothing_of_whose_it_is(here):
    await read(here)
    auditor = await someone(here, "auditor", "RX1", "audrey")
    page = await auditor.get(f"/care/people/{here.person}/looked")
    assert page.status_code == 200
    assert "Agency RX1 looked at" in text(page.text)
    assert "Sam" not in page.text.partition("<footer")[0]


@pytest.mark.parametrize("role, agency, status", [("clinician", "RX1", 403), ("clinician", "ED1", 404)])
async def test_others_do_not(here, role, agency, status):
    by = await someone(here, role, agency, "other")
    assert (await by.get(f"/care/people/{here.person}/looked")).status_code == status


async def test_apps_ask_for_one_purpose_and_one_who_acted(here):
    await read(here)
    stranger = here.stranger()
    await here.opened(stranger)
    await here.read(stranger)
    themself = here.world.client("person", "own", "sam", person=here.person)
    path = f"/v1/people/{here.person}/access-log"
    found = {query: items(await themself.get(f"{path}?{query}")) for query in ("purpose=BTG", "subject=nurse")}
    assert {one["codes"]["subject"] for one in found["purpose=BTG"]} == {"dana"}
    assert [one["codes"]["subject"] for one in found["subject=nurse"]] == ["nurse"]
    assert items(await themself.get(f"{path}?subject=nurse&purpose=BTG")) == []
