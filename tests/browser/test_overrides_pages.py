"""Glass is broken, on the pages: a clinician from elsewhere opens a plan, the person sees it, and it is reviewed."""

from playwright.sync_api import Page, expect

from api.demonstration_data import ADA
from tests.browser.care import Care
from tests.browser.looking import overflows

WHY = "Found at home, not responding to the door"


def test_a_clinician_breaks_the_glass_the_person_sees_it_and_an_auditor_reviews_it(
    page: Page, phone: Page, desktop: Page, care: Care
) -> None:
    care.sign_in(page, "clinician-rx9", f"/care/people/{ADA}")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Ada")
    page.goto(f"{care.base}/care/open")
    page.get_by_label("NHS number").fill("900 000 0009")
    page.get_by_label("Emergency: life or limb is at risk now").check()
    page.get_by_label("What has happened?").fill(WHY)
    page.get_by_role("button", name="Open the plan").click()
    expect(page).to_have_url(f"{care.base}/care/people/{ADA}")
    bar = page.get_by_role("region", name="Emergency access")
    expect(bar).to_contain_text("Emergency access until")
    assert not overflows(page)
    for path in ("/consents", "/sections/health"):
        page.goto(f"{care.base}/care/people/{ADA}{path}")
        expect(bar).to_contain_text("Ada Test sees that you looked, and why.")
        assert not overflows(page)
    bar.get_by_role("button", name="End now").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your emergency access has ended.")).to_be_visible()
    gone = page.goto(f"{care.base}/care/people/{ADA}/sections/health")
    assert gone
    assert gone.status == 404

    care.sign_in(phone, "ada-test", f"/care/people/{ADA}/looked")
    opened = phone.get_by_role("listitem").filter(has_text="opened your plan in an emergency")
    expect(opened).to_contain_text("Emergency access:")
    phone.get_by_text("Choose days, or emergencies only").click()
    phone.get_by_label("Emergency access only").check()
    phone.get_by_role("button", name="Show these").click()
    lines = phone.locator(".care-log li")
    expect(lines.filter(has_text="Elsewhere Hospital").first).to_be_visible()
    expect(lines.filter(has_not_text="Emergency access:")).to_have_count(0)
    assert not overflows(phone)

    care.sign_in(desktop, "auditor-la1", "/care")
    row = desktop.get_by_role("row").filter(has_text="Elsewhere Hospital")
    expect(row).to_contain_text("Today")
    row.get_by_role("link").click()
    expect(desktop.get_by_text(WHY)).to_be_visible()
    expect(desktop.locator(".care-log li").filter(has_text="looked at").first).to_be_visible()
    desktop.get_by_label("It was right").check()
    desktop.get_by_label("What did you find?").fill("The ambulance record agrees.")
    desktop.get_by_role("button", name="Save the review").click()
    expect(desktop.get_by_text("Your review was saved.")).to_be_visible()
    expect(row).to_have_count(0)
    desktop.get_by_role("link", name="Reviewed").click()
    expect(row).to_contain_text("It was right")
