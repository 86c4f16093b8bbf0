"""A person at their own plan: their words, what they allow, a way out in a hurry; by keyboard, and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.demonstration_data import ADA
from tests.browser.care import Care
from tests.browser.looking import overflows, page_of

MINE, CONSENTS = f"/care/people/{ADA}/mine", f"/care/people/{ADA}/consents"
OUT = "https://www.bbc.co.uk/weather"


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    yield from page_of(chromium, 360, 640, java_script_enabled=False)


def elsewhere(page: Page) -> None:
    """The page that the way out leads to, without asking anybody for it."""
    page.context.route(f"{OUT}**", lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))


def by_keyboard(page: Page, name: str, role: str = "link") -> None:
    """Come to something by the Tab key alone."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not come to {name}")


def test_the_person_changes_their_words_by_keyboard_and_a_worker_reads_them_at_once(
    phone: Page, desktop: Page, care: Care
) -> None:
    care.sign_in(phone, "ada-test", "/care")
    expect(phone).to_have_url(f"{care.base}{MINE}")
    by_keyboard(phone, "Change or add to my words")
    phone.keyboard.press("Enter")
    by_keyboard(phone, "What matters most to me", "textbox")
    phone.keyboard.press("Control+End")
    phone.keyboard.type(" And the robin.")
    by_keyboard(phone, "Save my words", "button")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Your words were saved.")).to_be_visible()
    expect(phone.get_by_text("My own front door, and my plants. And the robin.")).to_be_visible()
    care.sign_in(desktop, "social-worker-la1", f"/care/people/{ADA}")
    expect(desktop.get_by_text("And the robin.").first).to_be_visible()


def test_what_the_person_refuses_is_gone_from_the_agencys_sight_at_once_and_back_when_they_stop(
    phone: Page, desktop: Page, care: Care
) -> None:
    section = f"{care.base}/care/people/{ADA}/sections/health"
    care.sign_in(desktop, "care-worker-hc1", f"/care/people/{ADA}/sections/health")
    expect(desktop.get_by_text("Heart failure").first).to_be_visible()
    care.sign_in(phone, "ada-test", CONSENTS)
    phone.get_by_role("link", name="Allow or refuse for Test Home Care").click()
    expect(phone.get_by_role("radio", name="Test Home Care")).to_be_checked()
    phone.get_by_label("No, they may not see it").check()
    phone.get_by_role("checkbox", name="Health").check()
    phone.get_by_role("button", name="See what this means").click()
    expect(phone.get_by_text("Test Home Care will no longer see: Health.")).to_be_visible()
    assert not overflows(phone)
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_text("Test Home Care no longer sees: Health.")).to_be_visible()
    assert (desktop.goto(section) or desktop).status == 404  # type: ignore[union-attr]
    phone.get_by_role("link", name="Change that Test Home Care may not see: Health.").click()
    phone.get_by_label("Stop it now").check()
    phone.get_by_role("button", name="See what this means").click()
    expect(phone.get_by_text("Test Home Care will see: Health.")).to_be_visible()
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_text("Your decision was saved.")).to_be_visible()
    desktop.goto(section)
    expect(desktop.get_by_text("Heart failure").first).to_be_visible()


def test_without_scripts_one_decides_writes_and_leaves(plain: Page, care: Care) -> None:
    elsewhere(plain)
    care.sign_in(plain, "ada-test", f"{CONSENTS}/new")
    plain.get_by_label("Test Surgery").check()
    plain.get_by_label("No, they may not see it").check()
    plain.get_by_role("button", name="See what this means").click()
    expect(plain.get_by_role("alert")).to_contain_text("Choose at least one part of the plan.")
    plain.get_by_role("checkbox", name="Housing").check()
    plain.get_by_role("button", name="See what this means").click()
    plain.get_by_role("button", name="Change my answer").click()
    expect(plain.get_by_role("checkbox", name="Housing")).to_be_checked()
    plain.goto(f"{care.base}{MINE}/say")
    plain.get_by_label("Test Surgery").check()
    plain.get_by_label("What do you want to say?").fill("May I have large print?")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_text("Your message was sent.")).to_be_visible()
    plain.get_by_role("link", name="Exit this page").click()
    expect(plain).to_have_url(OUT)


@pytest.mark.parametrize("how", ["the link", "the keyboard"])
def test_one_leaves_in_a_hurry_and_nobody_comes_back_by_a_step(phone: Page, care: Care, how: str) -> None:
    elsewhere(phone)
    care.sign_in(phone, "ada-test", MINE)
    heading = phone.get_by_role("heading", name="Your plan", exact=True)
    expect(heading).to_be_visible()
    phone.wait_for_load_state()
    if how == "the link":
        phone.get_by_role("link", name="Exit this page").click()
    else:
        for _ in range(3):
            phone.keyboard.press("Shift")
    expect(phone).to_have_url(OUT)
    # The session ends behind the page that is left; nobody waits for it.
    for _ in range(20):
        phone.goto(f"{care.base}{MINE}")
        if phone.get_by_label("User name").count():
            break
    expect(phone.get_by_label("User name")).to_be_visible()
    expect(heading).to_have_count(0)


def test_writing_in_capitals_does_not_leave(phone: Page, care: Care) -> None:
    elsewhere(phone)
    care.sign_in(phone, "ada-test", f"{MINE}/words")
    phone.get_by_label("How to talk with me").press("Control+End")
    for letter in "ABCD":
        phone.keyboard.press(f"Shift+{letter}")
    expect(phone.get_by_label("How to talk with me")).to_have_value("Speak up on my left side. I read large print.ABCD")
    expect(phone).to_have_url(f"{care.base}{MINE}/words")


def test_a_carer_chooses_whose_plan_they_read(phone: Page, care: Care) -> None:
    care.sign_in(phone, "bea-test", "/care")
    phone.get_by_role("link", name="Ada Test").click()
    expect(phone.get_by_role("heading", name=re.compile("Ada.s plan"))).to_be_visible()
    expect(phone.get_by_role("heading", name="What I allow")).to_have_count(0)
