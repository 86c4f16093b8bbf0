"""Paper by the keyboard: a clinician prints a plan, and the person reads that it was printed. And pages as printed."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from api.demonstration_data import ADA
from tests.browser.care import Care
from tests.browser.looking import MOST_HTML, overflows, size, violations
from tests.pages.paper import bare, text_of


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in str(page.evaluate("document.activeElement.textContent")):
            return
    raise AssertionError(f"{name} is not reached by the keyboard")


def test_a_clinician_prints_a_plan_by_the_keyboard_and_the_person_reads_of_it(
    desktop: Page, phone: Page, care: Care, axe: Path
) -> None:
    care.sign_in(desktop, "clinician-rx1", f"/care/people/{ADA}/print")
    expect(desktop.get_by_role("heading", name="Print", exact=True)).to_be_visible()
    assert violations(desktop, axe) == []
    assert size(desktop) <= MOST_HTML
    tab_to(desktop, "Print the plan")
    with desktop.expect_download() as told:
        desktop.keyboard.press("Enter")
    name = told.value.suggested_filename
    assert name.startswith("care-plan-")
    assert name.endswith(".pdf")
    shown = text_of(Path(told.value.path()).read_bytes())
    assert bare("Ada Test") in shown
    assert bare("Uncontrolled copy") in shown
    care.sign_in(phone, "ada-test", f"/care/people/{ADA}/looked")
    expect(phone.get_by_text("a print-out").first).to_be_visible()


def test_a_discharge_is_printed_from_the_same_page(desktop: Page, care: Care) -> None:
    care.sign_in(desktop, "clinician-rx1", f"/care/people/{ADA}/print")
    with desktop.expect_download() as told:
        desktop.get_by_role("button", name="Print: Stay at Test Hospital").click()
    assert bare("What must be true at home") in text_of(Path(told.value.path()).read_bytes())


def test_somebody_has_a_calendar_without_a_script(phone: Page, care: Care, axe: Path) -> None:
    care.sign_in(phone, "ada-test", f"/care/people/{ADA}/calendar")
    phone.get_by_label("With details").check()
    phone.get_by_role("button", name="Make an address").click()
    address = phone.get_by_label("Address of the calendar").input_value()
    assert violations(phone, axe) == []
    assert not overflows(phone)
    assert "Personal care" in phone.request.get(address).text()
    phone.goto(f"{care.base}/care/people/{ADA}/calendar")
    phone.get_by_role("button", name="End the calendar").first.click()
    expect(phone.get_by_text("The address leads nowhere any more.")).to_be_visible()
    assert phone.request.get(address).status == 404


def _style(page: Page, selector: str, name: str) -> Any:
    return page.eval_on_selector(selector, f"one => getComputedStyle(one)['{name}']")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_printed_black_on_white_without_its_menus_and_with_whose_it_is(
    desktop: Page, care: Care, scheme: Any
) -> None:
    care.sign_in(desktop, "clinician-rx1", f"/care/people/{ADA}/print")
    desktop.emulate_media(media="print", color_scheme=scheme)
    expect(desktop.locator(".care-banner")).to_be_visible()
    expect(desktop.locator(".care-header__nav")).to_be_hidden()
    expect(desktop.locator(".care-footer")).to_be_hidden()
    expect(desktop.locator(".nhsuk-back-link").first).to_be_hidden()
    for selector in ("body", "h1", ".care-banner", "main p"):
        assert _style(desktop, selector, "color") == "rgb(0, 0, 0)"
        assert _style(desktop, selector, "backgroundColor") in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert _style(desktop, "body", "backgroundColor") == "rgb(255, 255, 255)"


def test_printed_links_say_where_they_lead(desktop: Page, care: Care) -> None:
    care.sign_in(desktop, "clinician-rx1", f"/care/people/{ADA}/print")
    desktop.emulate_media(media="print")
    desktop.evaluate("document.querySelector('main h1').insertAdjacentHTML('afterend', '<a href=\"/care/x\">x</a>')")
    shown = desktop.eval_on_selector("main h1 + a", "one => getComputedStyle(one, '::after').content")
    assert "/care/x" in shown
