"""What every page must be, asked of the page in the browser: accessible to all, small, never wider than the screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

PATIENCE = 60_000
"""Milliseconds until something counts as not coming: a machine that has much else to do may hold a browser up."""
MOST_HTML = 60_000
"""The largest page, in bytes."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "forced_colors": "none"},
    {"color_scheme": "dark", "forced_colors": "none"},
    {"color_scheme": "light", "forced_colors": "active"},
)
"""Light, dark and forced colours."""


def page_of(chromium: Browser, width: int, height: int, **more: Any) -> Iterator[Page]:
    """A page of a browser that knows nobody, of this many pixels, for one fixture. `more`: what else a context has."""
    context = chromium.new_context(viewport={"width": width, "height": height}, **more)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def until(page: Page, holds: str) -> None:
    """Wait until an expression holds in the page. The browser driver's own way is to compile it in the page, which the
    pages forbid.
    """
    look = f"const look = () => ({holds}) ? on() : setTimeout(look, 10); look()"
    page.evaluate(f"new Promise((on, no) => {{ {look}; setTimeout(() => no('it never held'), {PATIENCE}) }})")


def violations(page: Page, axe: Path) -> list[str]:
    """What axe-core finds on a page, in one colour scheme after the other: rule, and where."""
    found: list[str] = []
    source = axe.read_text("utf-8")
    for scheme in SCHEMES:
        page.emulate_media(**scheme)
        # Handed over by the debugger, so that the page's own policy need not allow it.
        page.evaluate(source)
        said = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
        for one in said["violations"]:
            found += [f"{scheme}: {one['id']}: {node['target']} {node['failureSummary']}" for node in one["nodes"]]
    page.emulate_media(color_scheme="light", forced_colors="none")
    return found


def size(page: Page) -> int:
    """How large the page is that the server sent, in bytes of HTML."""
    answer = page.request.get(page.url)
    return len(answer.body())


def overflows(page: Page) -> bool:
    """Whether anything stands beyond the edge of the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


_REACHABLE = """() => {
    const chosen = name => document.querySelector(`input[name="${name}"]:checked`);
    const first = name => document.querySelector(`input[name="${name}"]`);
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
        .filter(one => one.type !== 'hidden' && one.checkVisibility() && !one.disabled)
        .filter(one => !one.closest('[aria-hidden=true]'))
        .filter(one => one.type !== 'radio' || one === (chosen(one.name) || first(one.name)));
}"""
"""What can be clicked or typed into; of radios that belong together one has its place in the order of Tab."""


def beyond_the_keyboard(page: Page) -> list[str]:
    """What can be clicked and is not reached by the Tab key, or is covered by something when it is."""
    wanted = page.evaluate(
        f"() => {{ window.wanted = ({_REACHABLE})(); window.met = new Set(); return wanted.length }}"
    )
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0) }")
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        if page.evaluate("() => { met.add(document.activeElement); return wanted.every(one => met.has(one)) }"):
            break
    return list(page.evaluate("() => wanted.filter(one => !met.has(one)).map(one => one.outerHTML.slice(0, 200))"))
