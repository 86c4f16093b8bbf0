"""A connection that is cut loses nothing: the form says so, keeps what was typed, and goes when the line is back."""

from playwright.sync_api import Page, expect

from tests.browser.care import Care


def test_what_was_typed_stays_until_the_line_is_back(desktop: Page, care: Care) -> None:
    ada = care.person()
    care.sign_in(desktop, "care-worker-hc1", f"/care/people/{ada}/messages/new")
    desktop.get_by_label("Test Surgery").check()
    desktop.get_by_label("Routine").check()
    desktop.locator("textarea").first.fill("Breathless on the stairs.")
    desktop.context.set_offline(True)
    desktop.get_by_role("button", name="Send").click()
    expect(desktop.get_by_role("alert")).to_have_text(
        "There is no connection. Nothing was sent, and what you typed is still here. Try again."
    )
    expect(desktop.locator("textarea").first).to_have_value("Breathless on the stairs.")
    desktop.context.set_offline(False)
    desktop.get_by_role("button", name="Send").click()
    expect(desktop.get_by_text("Your message was sent")).to_be_visible()
