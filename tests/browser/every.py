"""Every page that is registered in tests/browser/pages: its title, who reads it, and how to come to it."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.browser.care import Care

HERE = Path(__file__).parent / "pages"


class Shown(NamedTuple):
    """One page. `path` plants what the page shows, and says its address."""

    title: str
    login: str
    path: Callable[[Care], str]


def every() -> Iterator[Shown]:
    """All of them."""
    for file in sorted(HERE.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"pages_{file.stem}", file)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield from (Shown(*row) for row in module.PAGES)


def name(page: Shown) -> str:
    """How a picture of it is called."""
    return page.title.lower().replace(" ", "-").replace(",", "")
