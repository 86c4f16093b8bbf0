"""My list and finding a person in a browser: a scheme manager in a stairwell confirms in at most four taps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.care import Care
from tests.browser.discharge import leaving, many
from tests.browser.looking import MOST_HTML, overflows, page_of, size

MOST_TAPS = 4


@pytest.fixture
def touch(chromium: Browser) -> Iterator[Page]:
    """A phone with a touch screen and no mouse."""
    yield from page_of(chromium, 360, 640, has_touch=True, is_mobile=True)


class Thumb:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        what.tap()
        self.taps += 1


def needed(page: Page, whose: str, words: str) -> Locator:
    """A line of the list, under the name of a person."""
    group = page.locator(".care-group").filter(has=page.get_by_role("link", name=whose, exact=True))
    return group.get_by_role("link", name=words)


def test_a_scheme_manager_confirms_on_a_phone_in_at_most_four_taps(touch: Page, care: Care) -> None:
    one = leaving(care, "Ida", "Tap")
    care.sign_in(touch, "housing-officer-ha1", "/care/list")
    thumb = Thumb()
    thumb.tap(needed(touch, "Ida Tap", "Confirm: Telecare on, test call passed"))
    expect(touch.get_by_role("button", name="Yes, confirmed").first).to_be_in_viewport()
    thumb.tap(touch.get_by_role("button", name="Yes, confirmed", exact=True))
    expect(touch).to_have_url(f"{care.base}/care/list")
    expect(touch.get_by_text("Confirmed: Telecare on, test call passed.")).to_be_in_viewport()
    assert thumb.taps <= MOST_TAPS
    assert one.entry("housing.telecare").body["status"] == "confirmed"
    expect(needed(touch, "Ida Tap", "Telecare on")).to_have_count(0)


def test_what_is_in_the_way_takes_no_more_taps(touch: Page, care: Care) -> None:
    one = leaving(care, "Oda", "Tap")
    care.sign_in(touch, "housing-officer-ha1", "/care/list")
    thumb = Thumb()
    thumb.tap(needed(touch, "Oda Tap", "Confirm: Flat accessible"))
    thumb.tap(touch.locator("summary", has_text="Something is in the way"))
    thumb.tap(touch.get_by_text("Waiting for a delivery, a visit or a repair"))
    thumb.tap(touch.get_by_role("button", name="Send: something is in the way"))
    expect(touch).to_have_url(f"{care.base}/care/list")
    assert thumb.taps <= MOST_TAPS
    assert one.entry("housing.access").body["status"] == "blocked"
    expect(needed(touch, "Oda Tap", "Blocked: Flat accessible")).to_be_visible()


def test_it_can_be_done_with_the_keyboard_alone(desktop: Page, care: Care) -> None:
    one = leaving(care, "Uma", "Key")
    care.sign_in(desktop, "housing-officer-ha1", one.item("housing.evacuation"))
    for _ in range(40):
        desktop.keyboard.press("Tab")
        if desktop.evaluate("document.activeElement.textContent.trim()") == "Not needed":
            break
    desktop.keyboard.press("Enter")
    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Space")
    while desktop.evaluate("document.activeElement.value") != "not_needed":
        desktop.keyboard.press("Tab")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("You said that it is not needed: Emergency evacuation plan updated.")).to_be_visible()


def test_a_long_list_stays_small_and_narrow(phone: Page, care: Care) -> None:
    many(care, "Long", 8)
    care.sign_in(phone, "clinician-rx1", "/care/list")
    expect(phone.get_by_role("navigation", name="Pages")).to_contain_text("Showing 1 to 50 of")
    assert size(phone) <= MOST_HTML
    assert not overflows(phone)
    phone.get_by_role("link", name="Next page").click()
    expect(phone.get_by_role("navigation", name="Pages")).to_contain_text("Showing 51 to")


def test_the_list_is_narrowed_by_a_small_form(desktop: Page, care: Care) -> None:
    leaving(care, "Una", "Narrow")
    care.sign_in(desktop, "housing-officer-ha1", "/care/list")
    desktop.get_by_text("Show only some of it").click()
    desktop.get_by_label("Person").select_option(label="Una Narrow")
    desktop.get_by_role("button", name="Show").click()
    expect(desktop.locator(".care-group")).to_have_count(1)
    expect(desktop.get_by_role("heading", name="Una Narrow")).to_be_visible()
    desktop.get_by_role("link", name="Show everything").click()
    expect(desktop).to_have_url(f"{care.base}/care/list")


def test_a_person_is_found_by_name_and_birth_date(desktop: Page, care: Care) -> None:
    person = care.person("Orla", "Findable")
    care.sign_in(desktop, "clinician-rx1", "/care/find")
    desktop.get_by_label("Family name").fill("Findable")
    for label, value in (("Day", "14"), ("Month", "3"), ("Year", "1941")):
        desktop.get_by_label(label).fill(value)
    desktop.get_by_role("button", name="Find").click()
    expect(desktop).to_have_url(f"{care.base}/care/people/{person}")


def test_nobody_is_found_and_emergency_access_is_offered(desktop: Page, care: Care) -> None:
    care.sign_in(desktop, "clinician-rx9", "/care/find")
    desktop.get_by_label("NHS number").fill("900 000 0009")
    desktop.get_by_role("button", name="Find").click()
    expect(desktop.get_by_role("alert")).to_contain_text("Nobody was found")
    expect(desktop.get_by_role("link", name="open it in an emergency")).to_have_attribute("href", "/care/open")
