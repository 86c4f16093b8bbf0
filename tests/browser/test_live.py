"""A page that is open learns how much has changed, and nothing of it moves: one browser writes, the other reads."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from plan.model import PersonId
from tests.browser.care import Care
from tests.browser.looking import until

NEWS = "#care-news"


@pytest.fixture
def told(desktop: Page) -> Iterator[list[str]]:
    """What the browser complains of: a policy that it enforces is a line here."""
    said: list[str] = []
    desktop.on("console", lambda message: said.append(message.text))
    yield said
    assert [line for line in said if "Content Security Policy" in line] == []


def streaming(page: Page, care: Care, path: str, login: str = "clinician-p10001") -> None:
    """Open a page, and wait until its stream is there."""
    with page.expect_response(lambda answer: "/news?since=" in answer.url) as stream:
        care.sign_in(page, login, path)
    assert stream.value.headers["content-type"].startswith("text/event-stream")


def listen(page: Page) -> None:
    """Note why the stream ends, when it does."""
    heard = "new Promise(on => addEventListener('htmx:sse:close', event => on(event.detail.reason)))"
    page.evaluate(f"void (window.over = {heard})")


def closed(page: Page) -> str:
    """Why it ended: `message` says that the service ended it, so that the page asks no more."""
    return str(page.evaluate("window.over"))


def need(care: Care, person: PersonId, text: str, **more: Any) -> None:
    care.add("LA1", person, "need", "social_care", need=text, status="active", **more)


def test_an_open_page_is_told_and_does_not_move(desktop: Page, care: Care, told: list[str]) -> None:
    person = care.person()
    for count in range(40):
        need(care, person, f"Need {count}")
    streaming(desktop, care, f"/care/people/{person}/timeline")
    desktop.evaluate("window.scrollTo(0, 120)")
    where = (
        "[scrollY, document.querySelector('main').outerHTML, document.querySelector('h1').getBoundingClientRect().y]"
    )
    before = desktop.evaluate(where)
    need(care, person, "Cannot reach the kettle")
    need(care, person, "Wants to walk to the shop")
    expect(desktop.locator(NEWS)).to_contain_text("2 changes since you opened this.")
    assert desktop.evaluate(where) == before
    desktop.get_by_role("link", name="Show them").click()
    expect(desktop.locator("main")).to_contain_text("42 changes")
    expect(desktop.locator(NEWS)).to_be_empty()


def test_a_script_that_comes_late_is_waited_for(desktop: Page, care: Care) -> None:
    late: list[Route] = []
    desktop.route("**/htmx-sse.js", lambda route: late.append(route))  # noqa: PLW0108 - playwright looks at its arguments
    with desktop.expect_response(lambda answer: "/news?since=" in answer.url):
        with desktop.expect_request("**/htmx-sse.js"):
            care.sign_in(desktop, "clinician-p10001", f"/care/people/{care.person()}/timeline")
        until(desktop, "window.htmx")
        # Whatever htmx does by itself it has done after two turns of the clock.
        desktop.evaluate("new Promise(on => setTimeout(() => setTimeout(on)))")
        late[0].continue_()


def test_what_others_write_on_a_page_is_told_to_who_reads(desktop: Page, chromium: Browser, care: Care) -> None:
    """The second browser writes by its form."""
    person = care.person()
    streaming(desktop, care, f"/care/people/{person}/timeline")
    other = chromium.new_context()
    with other:
        page = other.new_page()
        streaming(page, care, f"/care/people/{person}/week", "social-worker-la1")
        need(care, person, "A rail by the bath")
        for one in (desktop, page):
            expect(one.locator(NEWS)).to_contain_text("1 change since you opened this.")


def test_what_is_hidden_is_not_counted(desktop: Page, care: Care) -> None:
    person = care.person()
    streaming(desktop, care, f"/care/people/{person}/timeline", "housing-officer-ha1")
    care.add("P10001", person, "need", "health", need="A diagnosis", status="active")
    care.add("HA1", person, "need", "housing", need="A door that opens", status="active")
    expect(desktop.locator(NEWS)).to_contain_text("1 change since you opened this.")


def test_when_leave_ends_the_stream_ends_and_tells_nothing(desktop: Page, care: Care) -> None:
    person = care.person(team=())
    place = care.done(care.desk.add_member(care.visit(), person, "LA1", "social_worker", ""))
    streaming(desktop, care, f"/care/people/{person}/timeline", "social-worker-la1")
    listen(desktop)
    care.done(care.desk.end_member(care.visit(), person, place.id))
    care.add("RX1", person, "need", "health", need="After", status="active")
    assert closed(desktop) == "message"
    expect(desktop.locator(NEWS)).to_be_empty()


def test_signing_out_ends_the_stream(desktop: Page, care: Care) -> None:
    person = care.person()
    streaming(desktop, care, f"/care/people/{person}/timeline")
    listen(desktop)
    answer = desktop.request.get(f"{care.base}/auth/you")
    [token] = re.findall(r'name="token" value="([^"]+)"', answer.text())[:1]
    desktop.request.post(f"{care.base}/auth/sign-out", form={"token": token})
    assert closed(desktop) == "message"


def test_without_scripts_nothing_is_missing(chromium: Browser, care: Care) -> None:
    person = care.person()
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        care.sign_in(page, "clinician-p10001", f"/care/people/{person}/timeline")
        expect(page.get_by_text("This page was read")).to_be_visible()
        expect(page.locator(NEWS)).to_be_empty()
