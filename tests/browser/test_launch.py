"""A record system on another site shows the plan in its frame: in a real browser, over https, with one sign-in.

The record system's page is at localhost and the service at 127.0.0.1: for a browser two sites, so that only cookies
that may cross sites, and pages that name their framers, are seen in the frame.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from auth.sign_in.ehrs import Ehr
from auth.sign_in.smart import Launches
from tests.browser.care import Care, caring
from tests.browser.looking import overflows, page_of, violations
from tests.support import ehr as ehrs
from tests.support.certificates import certificate
from tests.support.ehr import setting

BORN = "1941-03-14"
BAD_STATES = ("state=x&code=y", "code=y", "error=access_denied&state=x")


@pytest.fixture(scope="module")
def care(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Care]:
    """The pages of work over https, as cookies that cross sites want it."""
    folder = tmp_path_factory.mktemp("launch")
    with caring(folder, **certificate(folder)) as made:
        yield made


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    yield from page_of(chromium, 1366, 768, ignore_https_errors=True)


def site(of: ehrs.Ehr) -> str:
    """Where the page of a record system is: another site than the service's."""
    return of.base.replace("127.0.0.1", "localhost")


@pytest.fixture
def ward(care: Care) -> Iterator[ehrs.Ehr]:
    """The record system, listed at the service; its users are of RX1."""
    with ehrs.ehr() as made:
        made.claims = {"iat": care.now // 1000 - 5, "exp": care.now // 1000 + 300}
        listed = Ehr.model_validate(setting(made, frame_origins=[site(made)]))
        with using(care, Launches([listed], lambda: care.now)):
            yield made


@contextmanager
def using(care: Care, launches: Launches) -> Iterator[None]:
    care.service.sign_in.launches = launches
    yield
    care.done(launches.close())


def opened(care: Care, ward: ehrs.Ehr, given: str) -> str:
    """Somebody whose record is open there and whose plan is open here."""
    person = care.person(given, "Meadow", birth_date=BORN)
    body = care.done(care.desk.known(care.visit(), person)).identity
    ward.opens(str(body["nhs_number"]), BORN)
    return str(person)


def address(care: Care, ward: ehrs.Ehr, **more: str) -> str:
    return f"{care.base}/care/launch?{urlencode({**ward.launch(), **more})}"


def framed(page: Page, at: ehrs.Ehr, source: str) -> Frame:
    """The record system's page with a frame of this address."""
    at.frame = source
    page.goto(f"{site(at)}/page")
    frame = page.frames[-1]
    frame.wait_for_load_state()
    return frame


def test_the_plan_of_whose_record_is_open_stands_in_the_frame(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    person = opened(care, ward, "Ida")
    framed(page, ward, address(care, ward))
    shown = page.frame_locator("iframe")
    expect(shown.get_by_text("Opened from Ward System, for this person alone")).to_be_visible()
    expect(shown.get_by_text("Ida Meadow", exact=False).first).to_be_visible()
    expect(shown.locator(".care-banner")).to_contain_text("Allergies")
    assert page.frames[-1].url == f"{care.base}/care/people/{person}"
    cookies = {one["name"]: one for one in page.context.cookies(care.base)}
    kept = cookies["__Host-oneplan-launched"]
    assert (kept["sameSite"], kept["secure"], kept["httpOnly"]) == ("None", True, True)
    page.frames[-1].evaluate("to => location.assign(to)", f"/care/people/{person}/messages")
    expect(shown.get_by_role("heading", name="Messages")).to_be_visible()
    shown.get_by_role("link", name="Oneplan", exact=True).click()
    page.frames[-1].wait_for_url(f"**/care/people/{person}")
    expect(shown.get_by_text("Opened from Ward System")).to_be_visible()


def test_a_record_system_that_shows_its_own_banner_gets_one_line(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    opened(care, ward, "Oda")
    ward.context = {"need_patient_banner": False}
    framed(page, ward, address(care, ward))
    banner = page.frame_locator("iframe").locator(".care-banner")
    expect(banner).to_contain_text("Oda Meadow")
    expect(banner).to_contain_text("14 March 1941")
    expect(banner).not_to_contain_text("Allergies")


@pytest.mark.parametrize(
    "path", ["/care/nowhere", "/care/people/{person}/nowhere", "/care/people/{person}/entries/x/y/z"]
)
def test_an_address_that_does_not_exist_says_so_in_the_frame(page: Page, care: Care, ward: ehrs.Ehr, path: str) -> None:
    person = opened(care, ward, "Ora")
    framed(page, ward, address(care, ward))
    shown = page.frame_locator("iframe")
    expect(shown.get_by_text("Opened from Ward System")).to_be_visible()
    page.frames[-1].evaluate("to => location.assign(to)", path.format(person=person))
    expect(shown.get_by_role("heading", name="There is no such thing here")).to_be_visible()
    shown.get_by_role("link", name="Go to your start page").click()
    page.frames[-1].wait_for_url(f"**/care/people/{person}")
    expect(shown.get_by_text("Ora Meadow", exact=False).first).to_be_visible()


def test_an_address_that_does_not_exist_is_framed_by_no_other_site(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    opened(care, ward, "Oona")
    framed(page, ward, address(care, ward))
    expect(page.frame_locator("iframe").get_by_text("Opened from Ward System")).to_be_visible()
    with ehrs.ehr() as elsewhere:
        framed(page, elsewhere, f"{care.base}/care/nowhere")
        expect(page.frame_locator("iframe").get_by_role("heading", name="There is no such thing here")).to_have_count(0)
    assert any("frame-ancestors" in line for line in said), said


def test_signing_out_stays_in_the_frame(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    opened(care, ward, "Ivy")
    framed(page, ward, address(care, ward))
    shown = page.frame_locator("iframe")
    shown.get_by_role("button", name="Sign out").click()
    expect(shown.get_by_role("heading", name="You have signed out")).to_be_visible()
    assert "__Host-oneplan-launched" not in {one["name"] for one in page.context.cookies(care.base)}


def test_nobody_else_can_frame_it(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    opened(care, ward, "Una")
    with ehrs.ehr() as elsewhere:
        frame = framed(page, elsewhere, address(care, ward))
        page.wait_for_function("() => true")
        assert "Una" not in frame.content()
        assert "Opened from" not in page.frames[-1].content()
    assert any("frame-ancestors" in line for line in said), said


def test_a_date_that_is_not_the_same_shows_nobody(page: Page, care: Care, ward: ehrs.Ehr, axe: Path) -> None:
    opened(care, ward, "Eve")
    ward.patient["birthDate"] = "1941-03-15"
    framed(page, ward, address(care, ward))
    shown = page.frame_locator("iframe")
    expect(shown.get_by_role("heading", name="There is no plan to show")).to_be_visible()
    assert "Eve" not in page.frames[-1].content()
    page.goto(address(care, ward))
    expect(page.get_by_role("heading", name="There is no plan to show")).to_be_visible()
    assert violations(page, axe) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert not overflows(page)


def test_a_launch_that_is_too_old_says_what_to_do(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    opened(care, ward, "Amy")
    source = address(care, ward)
    ward.launches.clear()
    framed(page, ward, source)
    shown = page.frame_locator("iframe")
    expect(shown.get_by_role("heading", name="Oneplan cannot be opened from here")).to_be_visible()
    expect(shown.get_by_text("open Oneplan again from the record")).to_be_visible()


def test_an_issuer_that_is_not_listed_is_told_so(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    page.goto(address(care, ward, iss="https://elsewhere.example/fhir"))
    expect(page.get_by_text("is not one that may open Oneplan")).to_be_visible()


@pytest.mark.parametrize("answer", BAD_STATES)
def test_an_answer_that_nobody_asked_for_is_refused(page: Page, care: Care, ward: ehrs.Ehr, answer: str) -> None:
    page.goto(f"{care.base}/care/launch/back?{answer}")
    expect(page.get_by_text("This launch was not begun here")).to_be_visible()


def test_an_answer_is_good_once(page: Page, care: Care, ward: ehrs.Ehr) -> None:
    backs: list[str] = []
    page.on("request", lambda one: backs.append(one.url) if "/launch/back" in one.url else None)
    opened(care, ward, "Joy")
    page.goto(address(care, ward))
    expect(page.get_by_text("Opened from Ward System")).to_be_visible()
    page.goto(backs[0])
    expect(page.get_by_role("heading", name="Oneplan cannot be opened from here")).to_be_visible()
