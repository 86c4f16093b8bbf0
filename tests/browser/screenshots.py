"""`make screenshots`: a picture of every page, on a desk and on a phone, light and dark, for people to look at."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.care import Care, caring
from tests.browser.conftest import CHROMIUM
from tests.browser.every import Shown, every, name

SCREENS: tuple[tuple[str, int, int, Any, bool], ...] = (
    ("desk", 1366, 768, "light", True),
    ("phone", 360, 640, "light", True),
    ("dark", 1366, 768, "dark", True),
    ("first", 1366, 768, "light", False),
)
"""Name, width, height, colours, and whether the whole page is wanted or only its first screen."""


def main() -> None:
    """The command: the folder is its only word, and a part of a title its second, where only some are wanted."""
    if not CHROMIUM:
        sys.exit("There is no Chromium on this machine; name one by CHROMIUM=...")
    folder, part = Path(sys.argv[1]), (sys.argv[2:] or [""])[0]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as there, caring(Path(there)) as care, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for shown in every():
            if part.lower() in shown.title.lower():
                picture(browser, care, shown, folder)
        browser.close()


def picture(browser: Browser, care: Care, shown: Shown, folder: Path) -> None:
    """One page on every screen."""
    path = shown.path(care)
    for screen, width, height, scheme, whole in SCREENS:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        care.sign_in(page, shown.login, path)
        page.wait_for_load_state()
        page.screenshot(path=folder / f"{name(shown)}-{screen}.png", full_page=whole)
        context.close()


if __name__ == "__main__":
    main()
