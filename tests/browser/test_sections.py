"""An entry is amended and looked back on in a real browser: its form, its history and the difference."""

from playwright.sync_api import Page, expect

from plan.model import EntryId, PersonId
from tests.browser.care import Care


def planted(care: Care) -> tuple[PersonId, EntryId, str]:
    """Somebody with a need, and its address."""
    person = care.person("Ada", "Brook")
    need = care.add("P10001", person, "need", "health", need="Breathless", status="active", since="2026-02")
    return person, need, f"/care/people/{person}/entries/health/need/{need}"


def test_an_entry_is_amended_and_its_history_shows_the_difference(desktop: Page, care: Care) -> None:
    person, _, at = planted(care)
    care.sign_in(desktop, "clinician-p10001", f"/care/people/{person}/sections/health")
    desktop.get_by_role("link", name="Breathless").click()
    desktop.get_by_role("link", name="Change this").click()
    desktop.get_by_role("radio", name="Severe").check()
    desktop.get_by_label("In their own words").fill("I sleep in the chair.\nSince Sunday.")
    desktop.get_by_label("Why it is changed").fill("She rang this morning")
    desktop.get_by_role("button", name="Save").last.click()
    expect(desktop.get_by_text("Your change was saved.")).to_be_visible()
    expect(desktop.get_by_text("February 2026")).to_be_visible()
    desktop.get_by_role("link", name="History").click()
    newest = desktop.get_by_role("region", name="Version 2: ")
    expect(newest).to_contain_text("Why: She rang this morning")
    expect(newest.get_by_role("row", name="Severity")).to_contain_text("Severe")
    expect(newest.get_by_role("row", name="In their own words")).to_contain_text("Since Sunday.")
    assert newest.get_by_role("row").count() == 3
    assert desktop.url.endswith(f"{at}/history")


def test_the_enter_key_saves_and_no_button_of_a_list_takes_it(desktop: Page, care: Care) -> None:
    person = care.person("Ada", "Weir")
    care.sign_in(desktop, "social-worker-la1", f"/care/people/{person}/entries/contingency/contingency/new")
    desktop.get_by_label("Plan name").fill("When breathing gets worse")
    desktop.get_by_role("group", name="What sets it off, 1").get_by_label("Text").fill("Cannot finish a sentence")
    desktop.get_by_label("Plan name").press("Enter")
    expect(desktop.get_by_text("It was added to the plan.")).to_be_visible()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("When breathing gets worse")


def test_what_is_wrong_leads_to_its_field_and_a_further_row_keeps_the_rest(phone: Page, care: Care) -> None:
    person = care.person("Ada", "Mill")
    care.sign_in(phone, "social-worker-la1", f"/care/people/{person}/entries/social_care/service/new")
    phone.get_by_label("Service").fill("Morning visit")
    phone.get_by_role("button", name="Add: visits").click()
    expect(phone.get_by_label("Service")).to_have_value("Morning visit")
    phone.get_by_role("checkbox", name="Mon").check()
    phone.get_by_role("button", name="Save").last.click()
    expect(phone).to_have_title("Error: Add: service - Ada Mill - Oneplan")
    phone.get_by_role("link", name="Enter start.").click()
    expect(phone.locator("#visits-0-start")).to_be_focused()
    phone.keyboard.type("08:30")
    phone.get_by_label("Status").select_option("Active")
    phone.get_by_role("button", name="Save").last.click()
    expect(phone.get_by_text("It was added to the plan.")).to_be_visible()
    expect(phone.get_by_text("08:30")).to_be_visible()


def test_who_was_slower_sees_what_it_is_now_beside_what_they_typed(desktop: Page, care: Care) -> None:
    person, need, at = planted(care)
    care.sign_in(desktop, "clinician-p10001", f"{at}/change")
    desktop.get_by_role("textbox", name="Need").fill("Breathless on the stairs")
    care.change("RX1", person, "need", need, need="Breathless at rest", status="active", since="2026-02")
    desktop.get_by_role("button", name="Save").last.click()
    expect(desktop.get_by_text("Somebody changed this while you were writing.").first).to_be_visible()
    expect(desktop.get_by_text("Breathless at rest").first).to_be_visible()
    expect(desktop.get_by_role("textbox", name="Need")).to_have_value("Breathless on the stairs")
    desktop.get_by_role("button", name="Save").last.click()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("Breathless on the stairs")
