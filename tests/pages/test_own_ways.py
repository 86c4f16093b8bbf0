"""Whoever reads about themself stays on the pages that are made for them: every way back leads to their own view."""

import re
from typing import Any

import pytest

from tests.support.built import BUILT
from tests.support.larch import larch
from tests.support.own_pages import hidden, someone, text
from tests.support.own_plan import allowed, contact

pytestmark = BUILT
PAGES = ("consents", "looked", "messages", "print", "calendar", "team", "mine/words", "mine/say", "mine/agree")
OF_CARERS = ("consents", "messages", "print", "calendar", "mine/say")


def ways(page):
    """Where the banner and the link back lead, and what the latter says."""
    banner = re.search(r'care-banner__name"><a href="([^"]+)"', page)
    back = re.search(r'back-link[^>]*href="([^"]+)"[^>]*>\s*([^<]+?)\s*<', page)
    assert banner
    assert back
    return banner[1], back[1], back[2]


@pytest.mark.parametrize("page", PAGES)
async def test_the_person_goes_back_to_their_own_view(world, page):
    here = await larch(world)
    mine = f"/care/people/{here.ada}/mine"
    found = await (await someone(here)).get(f"/care/people/{here.ada}/{page}")
    assert ways(found.text) == (mine, mine, "Back to your plan")


@pytest.mark.parametrize("page", OF_CARERS)
async def test_a_carer_does_too(world, page):
    here = await larch(world)
    await allowed(here, "permit", {"carer": await contact(here)}, "about_me")
    mine = f"/care/people/{here.ada}/mine"
    found = await (await someone(here, "carer", "bea-test", "bea-test")).get(f"/care/people/{here.ada}/{page}")
    assert ways(found.text) == (mine, mine, "Back to the plan")


@pytest.mark.parametrize("page", ["consents", "messages", "print", "calendar", "team"])
async def test_who_works_with_the_plan_goes_back_to_it(world, page):
    here = await larch(world)
    plan = f"/care/people/{here.ada}"
    found = await (await someone(here, "social_worker", "LA1", "worker")).get(f"{plan}/{page}")
    assert ways(found.text) == (plan, plan, "Back to the plan")


@pytest.mark.parametrize("role, page", [("person", "mine/say"), ("social_worker", "messages/new")])
async def test_a_message_is_written_on_the_page_that_is_made_for_its_writer(world, role, page):
    here = await larch(world)
    by = await (someone(here) if role == "person" else someone(here, role, "LA1", "worker"))
    found = await by.get(f"/care/people/{here.ada}/messages")
    assert f'href="/care/people/{here.ada}/{page}"' in found.text


async def test_the_person_knows_nobody_as_a_clinician(world):
    here = await larch(world)
    await here.add("P10001", "about_me", "about_me", most_important="Peace.")
    said = text((await (await someone(here)).get(f"/care/people/{here.ada}/mine")).text)
    assert "by Doctor, nurse or therapist, Test General practice." in said
    worker = await someone(here, "social_worker", "LA1", "worker")
    assert "Clinician, Test General practice" in (await worker.get(f"/care/people/{here.ada}/sections/about_me")).text


async def test_what_somebody_changed_meanwhile_has_the_names_of_the_form(world):
    here = await larch(world)
    await here.add("LA1", "about_me", "about_me", communication="Speak up.", people_important="Bea.")
    by = await someone(here)
    page = await by.get(f"/care/people/{here.ada}/mine/words")
    assert hidden(page.text, "version") == "1"
    page = await by.post(f"/care/people/{here.ada}/mine/words", version="9", communication="Write it down.")
    said = text(page.text)
    assert page.status_code == 422
    assert "How to talk with me: Speak up." in said
    assert "People who matter to me: Bea." in said
    assert "communicate" not in said


async def test_a_decision_of_ones_own_says_so_and_until_when_it_is_to_hold(world):
    here = await larch(world)
    await allowed(here, "deny", {"agency": "HC1"}, "health")
    by, base = await someone(here), f"/care/people/{here.ada}/consents"
    page = await by.get(base)
    assert "Written down by: you." in text(page.text)
    (one,) = set(re.findall(rf'href="({base}/[0-9a-f-]{{36}})"', page.text))
    await by.get(one)
    said: dict[str, Any] = {"change": "end", "end-day": "31", "end-month": "12", "end-year": "2026", "step": "check"}
    checked = text((await by.post(one, **said)).text)
    assert "Until 31 December 2026: Test Home-care provider may not see: Health." in checked
