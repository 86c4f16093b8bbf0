"""The measures with something in them: pictures that a commissioner reads, whatever they see and however they read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.simulation.stream import stream
from tests.browser.care import Care
from tests.browser.looking import MOST_HTML, beyond_the_keyboard, overflows, size, violations
from tests.support.simulated import shelved, stored


@pytest.fixture(scope="module")
def months(care: Care) -> Care:
    """Two hundred people over ninety days."""
    care.done(stored(care.service.database, shelved(stream(200, 90, 3), 200, 3)))
    return care


@pytest.mark.parametrize("measure", ["failed_discharges", "time_to_acknowledge"])
def test_a_measure_is_a_picture_with_a_table_for_everybody(
    desktop: Page, months: Care, axe: Path, measure: str
) -> None:
    months.sign_in(desktop, "commissioner-la1", f"/care/measures?measure={measure}&months=36")
    expect(desktop.get_by_role("img").first).to_be_visible()
    expect(desktop.get_by_role("table").first).to_be_visible()
    assert violations(desktop, axe) == []
    assert size(desktop) <= MOST_HTML
    assert beyond_the_keyboard(desktop) == []
    desktop.set_viewport_size({"width": 320, "height": 640})
    assert not overflows(desktop)
