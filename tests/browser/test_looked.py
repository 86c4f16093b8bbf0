"""Who has looked: the person reads it in plain words."""

from pathlib import Path

from playwright.sync_api import Page, expect

from api.demonstration_data import ADA
from tests.browser.care import Care
from tests.browser.looking import MOST_HTML, overflows, size, violations


def test_the_person_reads_who_has_looked(phone: Page, care: Care, axe: Path) -> None:
    care.sign_in(phone, "ada-test", f"/care/people/{ADA}/looked")
    expect(phone.get_by_role("heading", name="Who has looked")).to_be_visible()
    expect(phone.locator(".care-log li").first).to_contain_text("You looked at")
    assert violations(phone, axe) == []
    assert size(phone) <= MOST_HTML
    assert not overflows(phone)
