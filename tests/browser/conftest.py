"""A real browser without a screen, and a real server with all of Larch Court; skipped where there is no browser."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.beside import Beside
from tests.browser.beside import beside as running
from tests.browser.care import Care, caring
from tests.browser.looking import PATIENCE, page_of
from tests.support.served import Served, serving

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
_QUIET = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", *_QUIET)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of this machine, for one file of tests: as long as it runs, no other loop can in this thread."""
    if not CHROMIUM:
        pytest.skip("there is no chromium on this machine")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that knows nobody, as narrow as the narrowest phone."""
    yield from page_of(chromium, 320, 640)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`oneplan serve --demo`."""
    folder: Path = tmp_path_factory.mktemp("browser")
    with serving(folder, "--demo", ONEPLAN_DEVELOPMENT_KEY=str(folder / "key.json")) as server:
        yield server


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    """A service whose accounts and requests the tests put in."""
    folder = tmp_path_factory.mktemp("beside")
    with running(folder, folder / "key.json") as made:
        yield made


@pytest.fixture(scope="module")
def care(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Care]:
    """The pages of work, with everybody of Larch Court, for one file of tests."""
    with caring(tmp_path_factory.mktemp("care")) as made:
        yield made


@pytest.fixture
def desktop(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that knows nobody, on a screen of 1366 by 768."""
    yield from page_of(chromium, 1366, 768)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """The same on a phone of 360 by 640."""
    yield from page_of(chromium, 360, 640)


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """axe-core, as its package brings it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm on this machine, which brings axe-core")
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path(__file__).parent / "axe" / name, folder / name)
    subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return folder / "node_modules" / "axe-core" / "axe.min.js"
