"""A real browser at the pages: what policy and cookies tell it, it does, and a narrow screen shows all."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from auth.sign_in.common import DEMONSTRATION
from tests.browser.beside import Beside
from tests.support.served import Served
from tests.support.sign_in import PASSWORD


def sign_in(page: Page, base: str, name: str, password: str, to: str = "/auth/you") -> None:
    page.goto(f"{base}/auth/sign-in?next={to}")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def overflows(page: Page) -> bool:
    """Whether anything stands beyond the edge of the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.fixture
def told(page: Page) -> list[str]:
    """What the browser complains of: a policy that it enforces is a line here."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    return said


def test_everybody_of_the_demonstration_signs_in_and_out(page: Page, served: Served, told: list[str]) -> None:
    sign_in(page, served.base, "ada-test", DEMONSTRATION)
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    expect(page.get_by_text("Ada Test").last).to_be_visible()
    assert not overflows(page)
    [cookie] = [one for one in page.context.cookies() if one["name"] == "oneplan"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Lax", -1)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You have signed out")).to_be_visible()
    page.goto(f"{served.base}/auth/you")
    expect(page).to_have_url(re.compile(r"/auth/sign-in\?next=/auth/you$"))
    assert told == []


def test_what_is_wrong_is_told_before_the_rest_and_leads_to_its_field(page: Page, served: Served) -> None:
    sign_in(page, served.base, "ada-test", "not the password")
    expect(page).to_have_title("Error: Sign in - Oneplan")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("User name")).to_have_value("ada-test")
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_role("link", name="The user name or the password is not right.").click()
    expect(page.get_by_label("User name")).to_be_focused()
    assert not overflows(page)


def test_the_style_arrives_and_nothing_else_is_asked_for(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(served.base)))
    page.goto(f"{served.base}/auth/sign-in")
    expect(page.get_by_role("button", name="Sign in")).to_have_css("background-color", "rgb(16, 89, 59)")
    assert [one for one in asked if one != "/auth/icon.svg"] == ["/auth/sign-in", "/auth/style.css"]


def test_a_page_of_others_can_neither_frame_nor_post(page: Page, served: Served, beside: Beside) -> None:
    """Clickjacking and forged forms, as a browser sees them: another origin on the same machine."""
    sign_in(page, served.base, "ada-test", DEMONSTRATION)
    framed = f'<iframe src="{served.base}/auth/you"></iframe>'
    forged = f'<form method="post" action="{served.base}/auth/sign-out"><button>Win</button></form>'
    with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
        page.goto(beside.shown(framed + forged))
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()


def test_an_app_is_set_up_from_its_picture_and_asked_for_afterwards(page: Page, beside: Beside) -> None:
    beside.account("nurse1", must_use_totp=True)
    sign_in(page, beside.base, "nurse1", PASSWORD)
    expect(page.get_by_role("heading", name="Set up your authenticator app")).to_be_visible()
    assert page.get_by_role("img").evaluate("image => image.naturalWidth") > 100
    assert not overflows(page)
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(beside.seconds))
    page.get_by_role("button", name="Go on").click()
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 8
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, beside.base, "nurse1", PASSWORD)
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()


def test_a_scope_is_taken_away_and_the_app_gets_the_rest(page: Page, beside: Beside, told: list[str]) -> None:
    """The policy of the screen lets its form lead to the app, which is at another origin."""
    beside.account("nurse2")
    beside.ask("r1", "openid", "user/Goal.rs", "user/Task.cruds", "offline_access")
    sign_in(page, beside.base, "nurse2", PASSWORD, "/auth/consent/r1")
    expect(page.get_by_role("heading", name="Allow Ward Round?")).to_be_visible()
    assert not overflows(page)
    page.get_by_label("actions and who does them").uncheck()
    page.get_by_label("when you are not there").uncheck()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("The app is back")).to_be_visible()
    assert page.url == f"{beside.other}/back?code=c"
    assert [decision.scopes for _, _, decision in beside.waiting.granted] == [("openid", "user/Goal.rs")]
    assert [line for line in told if "Content Security Policy" in line] == []


def test_refusing_leads_back_to_the_app_too(page: Page, beside: Beside) -> None:
    beside.account("nurse3")
    beside.ask("r2", "openid")
    sign_in(page, beside.base, "nurse3", PASSWORD, "/auth/consent/r2")
    page.get_by_role("button", name="Refuse").click()
    page.wait_for_url(f"{beside.other}/back?error=access_denied")


def test_a_person_is_found_and_chosen_by_keyboard_alone(page: Page, beside: Beside) -> None:
    person = beside.person("9000000009")
    beside.account("nurse4")
    beside.ask("r3", "launch/patient", "patient/Goal.rs")
    sign_in(page, beside.base, "nurse4", PASSWORD, "/auth/consent/r3")
    page.get_by_label("NHS number").focus()
    page.keyboard.type("900 000 0009")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio")).to_be_checked()
    page.get_by_role("button", name="Allow").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{beside.other}/back?code=c")
    assert beside.waiting.granted[-1][2].patient == person
