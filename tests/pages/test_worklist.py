"""My list at the door: what needs somebody over all plans, narrowed, in pages, each leading to where it is done."""

import re
from html import unescape

import pytest

from api.pages.care.addresses import of_needed
from api.pages.care.work import worklist
from tests.support.at_work import at_work, planned
from tests.support.larch import ESTATE_UPRN, larch
from tests.support.sign_in import Browser

LINK = re.compile(r'class="care-need__link" href="([^"]+)">([^<]+)</a>')
NOTHING = "Nothing needs you now."


def needs(at: Browser) -> list[tuple[str, str]]:
    """What the page lists: words, and address."""
    return [(unescape(words), unescape(href)) for href, words in LINK.findall(at.page.text)]


async def test_it_holds_what_is_asked_of_the_reader_and_leads_to_where_it_is_answered(world):
    ada = await planned(world)
    housing = await at_work(world)
    answer = await housing.get("/care/list")
    assert answer.status_code == 200
    listed = dict(needs(housing))
    telecare = await ada.page("housing.telecare")
    assert listed["Confirm: Telecare on, test call passed"] == f"{telecare}?from=list"
    assert "Ada Test</a>" in answer.text
    assert "4 things need you now, for 1 person." in answer.text
    assert (await housing.get(listed["Confirm: Telecare on, test call passed"])).status_code == 200
    assert "Clinically ready" not in answer.text


async def test_what_is_late_says_so_and_how_long_it_has_waited(world):
    await planned(world)
    world.at("2026-03-06T08:00:00Z")
    housing = await at_work(world)
    text = (await housing.get("/care/list")).text
    assert "Overdue" in text
    assert "it was due 18 hours ago" in text
    assert "waiting 1 day" in text
    assert "Critical" in text


async def test_it_is_ordered_by_person_or_by_urgency(world):
    await planned(world)
    housing = await at_work(world)
    assert "Ada Test</a> <span" in (await housing.get("/care/list")).text
    text = (await housing.get("/care/list?by=urgency")).text
    assert "The most urgent first" in text
    assert text.count("Ada Test</a>:") == 4


async def test_it_is_narrowed_to_a_person_an_estate_and_what_waits_for_another_agency(world):
    ada = await planned(world)
    housing = await at_work(world)
    assert len(needs(housing) if await housing.get(f"/care/list?person={ada.place.ada}") else []) == 4
    await housing.get("/care/list?person=nobody")
    assert needs(housing) == []
    assert "Nothing of what you chose" in housing.page.text
    await housing.get(f"/care/list?estate={ESTATE_UPRN}&by=urgency")
    assert len(needs(housing)) == 4
    assert "?by=person&amp;estate=" in housing.page.text
    await housing.get("/care/list?estate=1")
    assert needs(housing) == []
    await housing.get("/care/list?agency=LA1")
    assert any("Who gives the medicines" in words for words, _ in needs(housing))


@pytest.mark.parametrize("query", ["person=../x", "estate=%22", "agency=a%20b", "by=%3Cscript%3E"])
async def test_what_is_no_id_is_an_unknown_page(world, query):
    await larch(world)
    housing = await at_work(world)
    assert (await housing.get(f"/care/list?{query}")).status_code == 404


async def test_nothing_is_said_well(world):
    await larch(world)
    surgery = await at_work(world, "P10001")
    answer = await surgery.get("/care/list")
    assert NOTHING in answer.text
    assert "/care/find" in answer.text


async def test_a_long_list_comes_in_pages(world, monkeypatch):
    monkeypatch.setattr(worklist, "MOST", 3)
    await planned(world)
    housing = await at_work(world)
    await housing.get("/care/list")
    first = needs(housing)
    assert "Showing 1 to 3 of 4 things." in housing.page.text
    assert 'href="?page=2"' in housing.page.text
    await housing.get("/care/list?page=2")
    last = needs(housing)
    assert (len(first), len(last)) == (3, 1)
    assert not set(first) & set(last)
    for beyond in ("9", "0", "x", "-1", "99999999"):
        assert (await housing.get(f"/care/list?page={beyond}")).status_code == 200


async def test_who_is_not_on_the_team_sees_nothing_of_it(world):
    await planned(world)
    elsewhere = await at_work(world, "HA9", "housing_officer")
    answer = await elsewhere.get("/care/list")
    assert NOTHING in answer.text
    assert "Ada" not in answer.text


@pytest.mark.parametrize(
    "kind, reference, link, about, leads",
    [
        ("readiness", "Task/i", "transitions/readiness/i", "Encounter/s", "stays/s/items/i"),
        ("ask", "Task/a", "social_care/ask/a", "Communication/m", "messages/m"),
        ("ask", "Task/a", "social_care/ask/a", "Observation/o", "entries/social_care/ask/a"),
        ("message", "Communication/m", "health/message/m", "", "messages/m"),
        ("finding", "DetectedIssue/f", "health/finding/f", "", "findings/f"),
        ("referral", "Task/t", "health/action/t", "ServiceRequest/r", "referrals/r"),
        ("task", "Task/t", "health/action/t", "", "entries/health/action/t"),
        ("flag", "Flag/f", "transitions/flag/f", "", "entries/transitions/flag/f"),
        ("review", "CarePlan/c", "health", "", "sections/health"),
        ("review", "Goal/g", "health/goal/g", "", "entries/health/goal/g"),
    ],
)
def test_each_kind_has_a_page(kind, reference, link, about, leads):
    needed = {"person": "p", "kind": kind, "reference": reference, "link": f"/v1/people/p/plan/sections/{link}"}
    assert of_needed(needed | ({"about": about} if about else {})) == f"/care/people/p/{leads}"
