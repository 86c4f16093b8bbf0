"""Pictures in the browser: whoever cannot see them reads the table, on any screen and in any colours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.simulation.stream import stream
from tests.browser.care import Care, caring
from tests.browser.looking import MOST_HTML, overflows, size, until, violations
from tests.browser.pages.pictures import busy
from tests.support.simulated import shelved, stored

MANY = ("Failed discharges", "Time to acknowledge", "Days at home", "Interfaces")
FIRST = "main svg[role=img]"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Care]:
    """Two hundred people over ninety days, who are counted."""
    with caring(tmp_path_factory.mktemp("town")) as made:
        made.done(stored(made.service.database, shelved(stream(200, 90, 3), 200, 3)))
        yield made


def test_the_measures_can_be_read_by_everybody(desktop: Page, town: Care, axe: Path) -> None:
    town.sign_in(desktop, "commissioner-la1", "/care/measures")
    for title in MANY:
        desktop.get_by_role("navigation", name="Measures").get_by_role("link", name=title).click()
        expect(desktop.get_by_role("img").first).to_be_visible()
        assert violations(desktop, axe) == [], title
        assert size(desktop) <= MOST_HTML
    desktop.get_by_label("Until now").select_option("36 months")
    desktop.get_by_role("button", name="Show").click()
    expect(desktop.get_by_label("Until now")).to_have_value("36")
    with desktop.expect_download() as download:
        desktop.get_by_role("link", name="Download all rows as CSV").click()
    assert download.value.suggested_filename == "interfaces.csv"


def test_on_a_narrow_screen_the_picture_scrolls_by_itself_and_the_page_does_not(page: Page, town: Care) -> None:
    """320 pixels are a screen of 1280 at 400 %."""
    town.sign_in(page, "commissioner-la1", "/care/measures")
    expect(page.get_by_role("img").first).to_be_visible()
    assert not overflows(page)
    region = page.get_by_role("region", name="as a picture").first
    region.focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.care-picture').scrollLeft > 0")


def test_a_week_tells_its_clashes_in_words_and_leads_to_the_services(phone: Page, care: Care) -> None:
    person = busy(care)
    care.sign_in(phone, "clinician-p10001", f"/care/people/{person}/week?week=2027-W10")
    expect(phone.get_by_text("Visits at the same time")).to_be_visible()
    expect(phone.get_by_role("link", name="Reablement").first).to_have_attribute("href", _entry(person))
    assert not overflows(phone)
    phone.get_by_role("link", name="The week after").click()
    expect(phone).to_have_url(f"{care.base}/care/people/{person}/week?week=2027-W11")


def _entry(person: str) -> re.Pattern[str]:
    return re.compile(f"^/care/people/{person}/entries/social_care/service/")


def test_colours_of_the_system_are_those_of_the_picture(desktop: Page, care: Care) -> None:
    care.sign_in(desktop, "clinician-p10001", f"/care/people/{busy(care)}/timeline")
    desktop.emulate_media(color_scheme="dark")
    dark = desktop.locator(FIRST).evaluate("one => getComputedStyle(one.querySelector('text')).fill")
    desktop.emulate_media(color_scheme="light")
    light = desktop.locator(FIRST).evaluate("one => getComputedStyle(one.querySelector('text')).fill")
    desktop.emulate_media(forced_colors="active")
    forced = desktop.locator(FIRST).evaluate("one => getComputedStyle(one.querySelector('text')).fill")
    assert len({dark, light}) == 2
    assert forced in ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
