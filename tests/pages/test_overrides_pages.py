"""Emergency access on the pages: who opens a plan and how, what it says while it is open, and how it is reviewed."""

import re
from typing import Any

import pytest

from tests.support.built import BUILT
from tests.support.overriding import WHY, glass
from tests.support.own_pages import faults, fields, hidden, text
from tests.support.sign_in import Browser, account, browser

pytestmark = BUILT
REASON: dict[str, Any] = {"reason": "emergency", "text": WHY}


@pytest.fixture
async def here(world):
    return await glass(world)


async def someone(here, role="clinician", agency="ED1", login="dana", **more) -> Browser:
    """Somebody who has signed in."""
    await account(here.world, login, role=role, agency=agency, name=f"{login.title()} Test", **more)
    by = browser(here.world)
    await by.sign_in(login, next_="/care")
    return by


async def opened(here, by: Browser, **more) -> str:
    """The address that a plan was opened at."""
    await by.get("/care/open")
    answer = await by.post("/care/open", **({"nhs_number": here.nhs} | REASON | more))
    assert answer.status_code == 303, faults(answer.text)
    return answer.headers["location"]


async def address(by: Browser) -> str:
    """Where the first of the queue is."""
    found = re.search(r'href="(/care/overrides/[^"?]+)"', (await by.get("/care/overrides")).text)
    assert found
    return found[1]


async def test_a_plan_is_opened_by_its_nhs_number_and_each_page_of_it_says_until_when(here):
    here.world.at("2026-03-02T14:04:00Z")
    by = await someone(here)
    assert (await by.get(f"/care/people/{here.person}/consents")).status_code == 404
    assert await opened(here, by) == f"/care/people/{here.person}"
    page = (await by.get(f"/care/people/{here.person}/consents")).text
    assert "Emergency access until 15:04." in page
    assert "Emergency access until" not in (await by.get("/care/open")).text


async def test_what_is_done_under_it_says_so_in_the_audit_and_nothing_else_does(here):
    by = await someone(here)
    await opened(here, by)
    await by.get(f"/care/people/{here.person}/consents")
    await by.get("/care/open")
    sql = "select distinct purpose from audit_event where door = 'pages' and type <> 'override' and person_id {} ''"
    assert [tuple(row) for row in await here.world.database.rows(sql.format("<>"))] == [("BTG",)]
    assert ("BTG",) not in [tuple(row) for row in await here.world.database.rows(sql.format("="))]


async def test_it_is_ended_from_any_page_and_the_plan_is_gone(here):
    by = await someone(here)
    await opened(here, by)
    page = await by.get(f"/care/people/{here.person}/consents")
    ended = await by.post("/care/open/end", override=hidden(page.text, "override"))
    assert ended.headers["location"] == "/care/open"
    assert "Your emergency access has ended." in (await by.follow()).text
    assert (await by.get(f"/care/people/{here.person}/consents")).status_code == 404


async def test_it_ends_by_itself_and_nothing_of_it_is_left(here):
    by = await someone(here)
    await opened(here, by)
    for _ in range(3):  # a session that nobody uses ends before an override does
        here.world.later(minutes=20)
        await by.get("/care/open")
    assert (await by.get(f"/care/people/{here.person}/consents")).status_code == 404
    assert "Open to you now" not in (await by.get("/care/open")).text


async def test_ending_what_is_nobodys_or_anothers_says_nothing_of_it(here):
    by, other = await someone(here), await someone(here, login="other")
    await opened(here, by)
    id_ = hidden((await by.get(f"/care/people/{here.person}/consents")).text, "override")
    for sent, status in ((id_, 303), ("no-such-one", 303), ("", 404), ("1/../2", 404)):
        await other.get("/care/open")
        assert (await other.post("/care/open/end", override=sent)).status_code == status
    assert (await by.get(f"/care/people/{here.person}/consents")).status_code == 200


async def test_who_uses_the_same_browser_next_has_nothing_of_it(here):
    by = await someone(here)
    await opened(here, by)
    await account(here.world, "next", agency="ED1")
    await by.get("/care/open")
    await by.post("/auth/sign-out")
    await by.sign_in("next", next_="/care")
    assert (await by.get(f"/care/people/{here.person}/consents")).status_code == 404
    assert "Open to you now" not in (await by.get("/care/open")).text


async def test_whoever_opened_it_elsewhere_finds_it_open_and_does_not_open_it_twice(here):
    first, second = await someone(here), browser(here.world)
    await opened(here, first)
    await second.sign_in("dana", next_="/care")
    assert await opened(here, second) == f"/care/people/{here.person}"
    page = await second.get(f"/care/people/{here.person}/consents")
    assert page.status_code == 200
    rows = await here.world.database.rows("select count(*) from override")
    assert [tuple(row) for row in rows] == [(1,)]


async def test_a_double_click_opens_it_once(here):
    by = await someone(here)
    key = hidden((await by.get("/care/open")).text, "key")
    for _ in range(2):
        await by.get("/care/open")
        answer = await by.post("/care/open", key=key, nhs_number=here.nhs, **REASON)
        assert answer.headers["location"] == f"/care/people/{here.person}"
    rows = await here.world.database.rows("select count(*) from override")
    assert [tuple(row) for row in rows] == [(1,)]


@pytest.mark.parametrize(
    "sent, field, says",
    [
        ({"nhs_number": ""}, "nhs_number", "Enter the NHS number"),
        ({"nhs_number": "900 000 0001"}, "nhs_number", "check digit"),
        ({"nhs_number": "9000000017"}, "nhs_number", "Nobody with this NHS number"),
        ({"reason": ""}, "reason", "Choose why"),
        ({"reason": "because"}, "reason", "emergency"),
        ({"text": ""}, "text", "Say in a few words"),
        ({"text": "too short"}, "text", "10 to 1000 characters"),
        ({"text": "x" * 1001}, "text", "10 to 1000 characters"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(here, sent, field, says):
    by = await someone(here)
    await by.get("/care/open")
    page = await by.post("/care/open", **({"nhs_number": here.nhs} | REASON | sent))
    assert page.status_code == 422
    ((where, sentence),) = faults(page.text)
    assert where == field
    assert says in sentence
    assert sent.get("text", WHY)[:1000] in page.text


async def test_who_is_on_the_team_needs_none(here):
    by = await someone(here, agency="RX1")
    await by.get("/care/open")
    page = await by.post("/care/open", nhs_number=here.nhs, **REASON)
    assert page.status_code == 422
    assert "open to you without an override" in page.text


@pytest.mark.parametrize("role", ["housing_officer", "care_provider", "benefits_adviser", "auditor", "carer"])
async def test_others_open_nothing(here, role):
    by = await someone(here, role)
    assert (await by.get("/care/open")).status_code == 403
    assert (await by.post("/care/open", nhs_number=here.nhs, **REASON)).status_code == 403


async def test_an_auditor_finds_the_oldest_first_with_its_age_and_what_was_looked_at(here):
    by = await someone(here)
    await opened(here, by)
    await by.get(f"/care/people/{here.person}/consents")
    here.world.later(days=3)
    auditor = await someone(here, "auditor", "RX1", "audrey")
    queue = text((await auditor.get("/care/overrides")).text)
    assert "Dana Test, clinician, Agency ED1" in queue
    assert "3 days" in queue
    page = (await auditor.get(await address(auditor))).text
    assert WHY in page
    assert "Emergency access:" in page
    assert "looked at" in page
    assert "Walk" not in page


async def test_an_auditor_reviews_it_and_it_leaves_the_queue(here):
    await opened(here, await someone(here))
    auditor = await someone(here, "auditor", "RX1", "audrey")
    at = await address(auditor)
    await auditor.get(at)
    short: dict[str, Any] = {"outcome": "appropriate", "comment": "short"}
    for sent, wrong in (({}, ["outcome", "comment"]), (short, ["comment"])):
        assert (await auditor.post(at, **sent)).status_code == 422
        assert fields(auditor.page.text) == wrong
    answer = await auditor.post(at, outcome="needs-more-information", comment="Which ward asked for this?")
    assert answer.status_code == 303
    assert "I need to know more" in (await auditor.get("/care/overrides")).text
    await auditor.get(at)
    await auditor.post(at, outcome="appropriate", comment="The ambulance record agrees.")
    assert "Nothing waits for a review." in (await auditor.get("/care/overrides")).text
    kept = (await auditor.get(at)).text
    assert "It was right: The ambulance record agrees." in kept
    assert "Your review" not in kept
    assert "It was right" in (await auditor.get("/care/overrides?state=reviewed")).text


async def test_an_auditor_ends_one_before_its_time(here):
    by = await someone(here)
    await opened(here, by)
    auditor = await someone(here, "auditor", "RX1", "audrey")
    at = await address(auditor)
    assert "still open" in (await auditor.get(at)).text
    await auditor.post(f"{at}/end")
    assert "still open" not in (await auditor.follow()).text
    assert (await by.get(f"/care/people/{here.person}/consents")).status_code == 404


async def test_an_auditor_of_neither_agency_finds_nothing(here):
    by = await someone(here)
    await opened(here, by)
    id_ = hidden((await by.get(f"/care/people/{here.person}/consents")).text, "override")
    other = await someone(here, "auditor", "LA1", "otto")
    assert "Nothing waits for a review." in (await other.get("/care/overrides")).text
    assert (await other.get(f"/care/overrides/{id_}")).status_code == 404
    assert (await other.get("/care/overrides/no-such-one")).status_code == 404


@pytest.mark.parametrize("role", ["clinician", "coordinator", "housing_officer", "commissioner"])
async def test_the_queue_is_for_auditors(here, role):
    by = await someone(here, role)
    for path in ("/care/overrides", "/care/overrides/some-id"):
        assert (await by.get(path)).status_code == 403


async def test_a_long_queue_comes_page_by_page(here):
    for number in range(26):
        await here.opened(here.stranger(subject=f"worker-{number}"))
    auditor = await someone(here, "auditor", "RX1", "audrey")
    first = await auditor.get("/care/overrides")
    following = re.search(r'href="(\?state=open&amp;cursor=[^"]+)"', first.text)
    assert following
    rest = await auditor.get(f"/care/overrides{following[1].replace('&amp;', '&')}")
    assert (first.text.count('href="/care/overrides/'), rest.text.count('href="/care/overrides/')) == (25, 1)
