"""What holds for every page: axe finds nothing, it is small, nothing is cut off, and the keyboard reaches all of it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.care import Care
from tests.browser.every import Shown, every
from tests.browser.looking import MOST_HTML, beyond_the_keyboard, overflows, size, violations

PAGES = pytest.mark.parametrize("shown", list(every()), ids=lambda shown: shown.title)


@PAGES
def test_a_page_is_for_everybody(shown: Shown, desktop: Page, care: Care, axe: Path) -> None:
    complaints: list[str] = []
    desktop.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    desktop.on("pageerror", lambda error: complaints.append(str(error)))
    care.sign_in(desktop, shown.login, shown.path(care))
    expect(desktop.get_by_role("heading", level=1)).to_have_count(1)
    assert violations(desktop, axe) == []
    assert size(desktop) <= MOST_HTML
    assert beyond_the_keyboard(desktop) == []
    # 1280 px at 400 % are 320 px (WCAG 2.2, 1.4.10).
    desktop.set_viewport_size({"width": 320, "height": 640})
    assert not overflows(desktop)
    assert complaints == []
