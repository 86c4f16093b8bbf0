"""The review in a real browser: read and signed by keyboard alone; the plan moves meanwhile, and is signed as it is."""

from pathlib import Path

from playwright.sync_api import Page, expect

from plan.model import EntryId, PersonId
from tests.browser.care import Care
from tests.browser.looking import overflows, violations


def planted(care: Care, family: str) -> tuple[PersonId, EntryId]:
    """Somebody whose health section has a need."""
    person = care.person("Ada", family)
    return person, care.add("P10001", person, "need", "health", need="Heart failure", status="active")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control of this name, or with this text, has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return ((l && l.innerText) || e.innerText || '').trim() }"
        )
        if said.startswith(name):
            return
    raise AssertionError(f"{name} is not reached by keyboard")


def test_a_plan_is_read_and_signed_by_keyboard_alone(desktop: Page, care: Care) -> None:
    person, _ = planted(care, "Heath")
    care.sign_in(desktop, "clinician-p10001", f"/care/people/{person}/sections/health")
    tab_to(desktop, "Review and sign off")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Review and sign off")).to_be_visible()
    tab_to(desktop, "Health")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Needs (1)")).to_be_visible()
    desktop.go_back()
    for _ in range(2):
        tab_to(desktop, "Health")
    desktop.keyboard.press("Space")
    expect(desktop.get_by_role("checkbox", name="Health")).to_be_checked()
    tab_to(desktop, "No change is needed")
    desktop.keyboard.press("ArrowDown")
    expect(desktop.get_by_role("radio", name="I have amended the plan")).to_be_checked()
    tab_to(desktop, "Comment")
    desktop.keyboard.type("Water tablet halved.")
    tab_to(desktop, "Sign off")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("You signed off: Health.")).to_be_visible()
    desktop.goto(f"{care.base}/care/people/{person}/review")
    row = desktop.get_by_role("row", name="Health")
    expect(row).to_contain_text("Plan amended: Water tablet halved.")
    expect(row).to_contain_text("Clinician, Test Surgery")


def test_a_plan_that_moves_while_it_is_read_shows_the_difference_and_is_signed_then(
    phone: Page, care: Care, axe: Path
) -> None:
    person, need = planted(care, "Marsh")
    care.sign_in(phone, "clinician-p10001", f"/care/people/{person}/review")
    phone.get_by_role("checkbox", name="Health").check()
    phone.get_by_role("radio", name="No change is needed").check()
    phone.get_by_label("Comment").fill("Seen at home")
    care.later(minutes=2)
    care.change("RX1", person, "need", need, need="Heart failure, worse", status="active")
    care.add("RX1", person, "goal", "health", goal="Sleep lying down", status="active")
    phone.get_by_role("button", name="Sign off", exact=True).click()
    expect(phone.get_by_role("heading", name="The plan changed while you were reading")).to_be_visible()
    changed = phone.get_by_role("region", name="Changed: Heart failure, worse").first
    expect(changed.get_by_role("row", name="Need")).to_contain_text("Heart failure, worse")
    expect(phone.get_by_role("heading", name="Added")).to_contain_text("Sleep lying down")
    expect(phone.get_by_label("Comment")).to_have_value("Seen at home")
    assert violations(phone, axe) == []
    assert not overflows(phone)
    phone.get_by_role("button", name="Sign off", exact=True).click()
    expect(phone.get_by_text("You signed off: Health.")).to_be_visible()


def test_the_person_says_on_their_phone_that_they_do_not_agree(phone: Page, care: Care) -> None:
    ada = "01900000-0000-8000-8000-000000000012"
    care.sign_in(phone, "ada-test", f"/care/people/{ada}/review")
    phone.get_by_role("checkbox", name="About me").check()
    phone.get_by_role("radio", name="I do not agree with this").check()
    phone.get_by_role("button", name="Sign off", exact=True).click()
    expect(phone.get_by_text("You signed off: About me.")).to_be_visible()
    phone.goto(f"{care.base}/care/people/{ada}/review")
    expect(phone.get_by_role("row", name="About me")).to_contain_text("Disagreed")
