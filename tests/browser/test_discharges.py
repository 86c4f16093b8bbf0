"""A discharge in a browser: from the notice on the board to ready, an override, and one that failed."""

from playwright.sync_api import Page, expect

from tests.browser.care import Care
from tests.browser.discharge import hour, leaving
from tests.browser.looking import MOST_HTML, overflows, size


def test_the_last_who_confirms_makes_it_ready_and_the_ward_sees_it(phone: Page, desktop: Page, care: Care) -> None:
    one = leaving(care, "Rhea", "Ready")
    one.confirm("housing.telecare")
    care.turn()
    care.sign_in(desktop, "clinician-rx1", one.at)
    expect(desktop.get_by_role("heading", name="Not ready to go home yet")).to_be_visible()
    expect(desktop.get_by_role("heading", name="What others still answer for (1)")).to_be_visible()
    care.sign_in(phone, "housing-officer-ha1", one.at)
    phone.get_by_role("link", name="Telecare on, test call passed").click()
    phone.get_by_role("button", name="Yes, confirmed", exact=True).click()
    expect(phone).to_have_url(f"{care.base}{one.at}")
    desktop.reload()
    expect(desktop.get_by_role("heading", name="Everything is ready to go home")).to_be_visible()
    telecare = desktop.get_by_role("listitem").filter(has_text="Telecare on")
    expect(telecare).to_contain_text("Confirmed by Housing officer, Test Housing Association, now")


def test_the_day_moves_and_each_says_again(desktop: Page, care: Care) -> None:
    one = leaving(care, "Mara", "Moved")
    one.confirm()
    one.change(planned_discharge=hour(care, days=4))
    care.sign_in(desktop, "care-worker-hc1", one.at)
    expect(desktop.get_by_role("heading", name="It was ready for another day")).to_be_visible()
    desktop.get_by_role("link", name="Package accepted").click()
    expect(desktop.get_by_text("and the discharge is now planned for")).to_be_visible()
    desktop.get_by_text("Say when it starts, or add a note").click()
    desktop.get_by_label("Note", exact=True).fill("Same carer as before")
    desktop.get_by_role("button", name="Yes, confirmed, with this").click()
    expect(desktop.get_by_text("Confirmed: Package accepted")).to_be_visible()


def test_a_clinician_overrides_and_everybody_reads_why(desktop: Page, care: Care) -> None:
    one = leaving(care, "Olga", "Override")
    care.sign_in(desktop, "clinician-rx1", one.at)
    desktop.get_by_role("button", name="Leave although it is not ready").click()
    desktop.get_by_label("You decide this as").fill("Ward sister")
    desktop.get_by_role("button", name="They leave although it is not ready").click()
    expect(desktop.get_by_role("alert")).to_contain_text("Choose the reason.")
    expect(desktop.get_by_label("You decide this as")).to_have_value("Ward sister")
    desktop.get_by_label("The person wishes to leave, knowing what is open").check()
    desktop.get_by_label("The reason in your own words").fill("Her birthday")
    desktop.get_by_label("Who receives them at home").fill("Bea Test")
    desktop.get_by_label("What is done so that nobody comes to harm").fill("The ward rings at eight")
    desktop.get_by_role("button", name="They leave although it is not ready").click()
    expect(desktop.get_by_text("Your decision is saved.")).to_be_visible()
    expect(desktop.get_by_text("Decided by Ward sister, Test Hospital")).to_be_visible()


def test_housing_records_a_discharge_that_failed(phone: Page, care: Care) -> None:
    one = leaving(care, "Faye", "Failed", admitted=hour(care, days=-3))
    one.change(status="finished", discharged=hour(care, hours=-5))
    care.sign_in(phone, "housing-officer-ha1", one.at)
    phone.get_by_role("button", name="Record that it failed").click()
    phone.get_by_label("They came home and the care did not").check()
    day = hour(care, hours=-1)
    for label, value in (("Day", day[8:10]), ("Month", day[5:7]), ("Year", day[:4])):
        phone.get_by_label(label, exact=True).fill(value)
    phone.get_by_label("What went wrong", exact=True).fill("Nobody came")
    phone.get_by_label("Whose part it was").first.select_option(label="Test Home Care")
    phone.get_by_role("button", name="Record that it failed").click()
    expect(phone.get_by_role("heading", name="This discharge failed: They came home")).to_be_visible()
    expect(phone.get_by_text("Nobody came (Test Home Care)")).to_be_visible()


def test_the_board_has_three_views(desktop: Page, care: Care) -> None:
    leaving(care, "Bo", "Board", ward="Elm")
    care.sign_in(desktop, "housing-officer-ha1", "/care/discharges")
    views = desktop.get_by_role("navigation", name="Views")
    for view, heading in (
        ("By home", "Larch Court"),
        ("By ward", "Test Hospital, Ward Elm"),
        ("Waits for us", "What waits for us, the first to leave first"),
    ):
        views.get_by_role("link", name=view).click()
        expect(views.get_by_role("link", name=view)).to_have_attribute("aria-current", "page")
        expect(desktop.get_by_role("heading", name=heading)).to_be_visible()
        expect(desktop.get_by_role("row").filter(has_text="Bo Board")).to_contain_text("Not ready")
    row = desktop.get_by_role("row").filter(has_text="Bo Board")
    row.get_by_role("link", name="Telecare on").click()
    expect(desktop.get_by_role("button", name="Yes, confirmed", exact=True)).to_be_visible()


def test_each_view_fits_on_a_phone(phone: Page, care: Care) -> None:
    leaving(care, "Bartholomew-Alexander", "Featherstonehaugh-Cholmondeley")
    care.sign_in(phone, "clinician-rx1", "/care/discharges")
    for view in ("hospital", "estate", "agency"):
        phone.goto(f"{care.base}/care/discharges?view={view}")
        expect(phone.get_by_role("row").filter(has_text="Featherstonehaugh")).to_be_visible()
        assert size(phone) <= MOST_HTML
        assert not overflows(phone)
