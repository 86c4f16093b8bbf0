"""The plan page in a browser: its first blocks on the first screen, for twenty plans; small, and for everybody."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.care import Care
from tests.browser.looking import MOST_HTML, overflows, size, violations
from tests.browser.seeded import COUNT, plans

READER = "clinician-p10001"
BLOCKS = (".care-banner", "#block-needs", "#block-changes")


def test_the_first_three_blocks_of_twenty_plans_lie_within_the_first_screen(desktop: Page, care: Care) -> None:
    care.sign_in(desktop, READER, "/auth/you")
    outside = {}
    for number, person in enumerate(plans(care)):
        desktop.goto(f"{care.base}/care/people/{person}")
        for block in BLOCKS:
            box = desktop.locator(block).bounding_box()
            assert box
            if box["y"] < 0 or box["x"] < 0 or box["y"] + box["height"] > 768 or box["x"] + box["width"] > 1366:
                outside[f"{number} {block}"] = round(box["y"] + box["height"])
    assert outside == {}


@pytest.mark.parametrize("login", [READER, "housing-officer-ha1", "coordinator-rx1"])
def test_the_fullest_plan_is_a_small_page_for_everybody(desktop: Page, care: Care, axe: Path, login: str) -> None:
    person = plans(care)[COUNT - 1]
    care.sign_in(desktop, login, f"/care/people/{person}")
    expect(desktop.get_by_role("heading", name="Needs you now")).to_be_visible()
    assert size(desktop) <= MOST_HTML
    assert violations(desktop, axe) == []


def test_all_changes_of_the_fullest_plan_are_small_pages(desktop: Page, care: Care) -> None:
    care.sign_in(desktop, READER, f"/care/people/{plans(care)[COUNT - 1]}/changes?days=30")
    pages = 1
    while True:
        assert size(desktop) <= MOST_HTML
        following = desktop.get_by_role("link", name="Next page", exact=True)
        if not following.count():
            break
        following.click()
        pages += 1
    assert pages > 1


def test_on_a_phone_there_is_one_column(phone: Page, care: Care) -> None:
    care.sign_in(phone, READER, f"/care/people/{plans(care)[COUNT - 1]}")
    needs, changes = (phone.locator(block).bounding_box() for block in BLOCKS[1:])
    assert needs
    assert changes
    assert changes["y"] >= needs["y"] + needs["height"]
    assert not overflows(phone)


def test_a_reader_marks_the_plan_as_read_with_the_keyboard_alone(desktop: Page, care: Care) -> None:
    person = care.person("Keya", "Board")
    care.add("LA1", person, "goal", "social_care", goal="Cook again", status="active")
    care.sign_in(desktop, READER, f"/care/people/{person}")
    expect(desktop.locator("#block-changes")).to_contain_text("Cook again")
    desktop.get_by_role("button", name="Mark as read").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("Marked as read. Nothing was signed off.")).to_be_visible()
    expect(desktop.locator("#block-changes")).to_contain_text("Nothing has changed.")
