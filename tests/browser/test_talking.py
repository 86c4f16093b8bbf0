"""Talking by the keyboard alone: a worry is written, answered and understood; a contradiction is settled."""

from itertools import cycle

from playwright.sync_api import Dialog, Page, expect

from plan.model import EntryId
from tests.browser.care import Care
from tests.browser.pages.talking import contradiction
from tests.support.payloads import ENTRIES, filled, is_taken, payloads

MANY = 80
FOCUSED = """(one => one === document.body ? '' : [one.labels?.[0]?.innerText, one.innerText].join(' '))
(document.activeElement)"""
HOOKS = """window.alert = text => window.happened('alert ' + text);
document.addEventListener('securitypolicyviolation', event => window.happened(event.violatedDirective));"""
EXTRA = """[...document.querySelectorAll('*')].filter(one => [...one.attributes].some(has => has.name.startsWith('on')))
.concat([...document.scripts].filter(one => !one.src.includes('/care/assets/'))).map(one => one.outerHTML)"""
SAMPLE = [one for one in payloads() if is_taken(one)][::10][:40]


def go_to(page: Page, name: str) -> None:
    """Move on with Tab until something that is called so has the focus."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        said = page.evaluate(FOCUSED)
        if name in said:
            return
    raise AssertionError(f"{name} is not reached")


def press(page: Page, name: str) -> None:
    """Come to a button or a link, and press Enter."""
    go_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page: Page, name: str, text: str) -> None:
    """Come to a field, and type."""
    go_to(page, name)
    page.keyboard.type(text)


def choose(page: Page, first: str, down: int = 0) -> None:
    """Come to radios by the first of them, and take it or one further down."""
    go_to(page, first)
    page.keyboard.press("Space")
    for _ in range(down):
        page.keyboard.press("ArrowDown")


def test_the_loop_closes_by_the_keyboard_alone(desktop: Page, phone: Page, care: Care) -> None:
    person = care.person("Edith", "Marsh")
    care.sign_in(phone, "care-worker-hc1", f"/care/people/{person}/messages")
    press(phone, "Write a message")
    choose(phone, "Urgent", 1)
    fill(phone, "Which sign", "Swollen")
    fill(phone, "What have you seen", "Both ankles, since Monday.")
    press(phone, "Send the message")
    expect(phone.get_by_text("Your message was sent to Test Surgery.")).to_be_visible()
    care.turn()
    care.sign_in(desktop, "clinician-p10001", f"/care/people/{person}/messages")
    press(desktop, "Swollen ankles or legs")
    press(desktop, "Acknowledge")
    expect(desktop.get_by_text("You have taken it on.")).to_be_visible()
    choose(desktop, "The plan was changed", 1)
    fill(desktop, "What was done", "I come on Friday morning.")
    press(desktop, "Send the answer")
    expect(desktop.get_by_text("Your answer was sent.")).to_be_visible()
    care.turn()
    phone.reload()
    expect(phone.get_by_text("I come on Friday morning.")).to_be_visible()
    press(phone, "I have understood the answer")
    care.turn()
    phone.reload()
    expect(phone.locator("[aria-current=step]")).to_contain_text("Closed")


def test_a_contradiction_is_settled_by_the_keyboard_alone(desktop: Page, care: Care) -> None:
    person = care.person("Olive", "Fenn")
    found: EntryId = contradiction(care, person)
    care.sign_in(desktop, "clinician-p10001", f"/care/people/{person}/findings")
    press(desktop, "How much to drink")
    assert desktop.url.endswith(f"/findings/{found}")
    left, right = (one.bounding_box() for one in desktop.locator(".talk-side").all())
    assert left
    assert right
    assert (left["y"], left["height"]) == (right["y"], right["height"])
    press(desktop, "Settle it")
    expect(desktop.get_by_role("alert")).to_contain_text("Nothing is settled without a reason")
    choose(desktop, "It was real")
    fill(desktop, "Why", "One and a half litres from today.")
    press(desktop, "Settle it")
    expect(desktop.get_by_text("The finding is settled.")).to_be_visible()
    expect(desktop.get_by_text("One and a half litres from today.")).to_be_visible()


def test_an_emergency_shows_the_number_to_ring(phone: Page, care: Care) -> None:
    person = care.person("Iris", "Pool")
    care.sign_in(phone, "care-worker-hc1", f"/care/people/{person}/messages/new")
    phone.get_by_label("Emergency", exact=True).check()
    phone.get_by_label("What have you seen").fill("She does not wake up")
    phone.get_by_role("button", name="Send the message").click()
    expect(phone.get_by_role("link", name="Ring 999 now", exact=True)).to_be_visible()
    expect(phone.get_by_label("What have you seen")).to_have_value("She does not wake up")


def test_no_payload_runs_in_the_browser(desktop: Page, care: Care) -> None:
    texts = cycle(SAMPLE)
    person = care.person(next(texts), next(texts))
    for agency, section, kind, body in ENTRIES:
        care.add(agency, person, kind, section, **filled(body, texts))
    care.turn()
    happened: list[str] = []

    def happens(what: str) -> None:
        happened.append(what)

    def dialog(opened: Dialog) -> None:
        happened.append(opened.message)
        opened.dismiss()

    desktop.expose_function("happened", happens)
    desktop.add_init_script(HOOKS)
    desktop.on("dialog", dialog)
    base = f"/care/people/{person}"
    care.sign_in(desktop, "clinician-p10001", base)
    waiting, seen = [base, f"{base}/messages?show=all", f"{base}/referrals?show=all", f"{base}/findings"], set[str]()
    shown = ""
    while waiting and len(seen) < 40:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        desktop.goto(f"{care.base}{path}")
        shown += desktop.content()
        extra = desktop.evaluate(EXTRA)
        assert extra == [], path
        links = desktop.eval_on_selector_all("main a", "all => all.map(one => one.getAttribute('href'))")
        waiting += [one for one in links if one and one.startswith(base) and not one.endswith((".pdf", ".ics"))]
    assert happened == []
    assert shown.count("alert") > len(SAMPLE)
