"""What tests of pages read from them: what is wrong, in which field, the parts that matter, and who has signed in."""

import re
from html import unescape
from typing import Any

from tests.support.larch import Larch
from tests.support.sign_in import Browser, account, browser

_SUMMARY = re.compile(r'<div class="nhsuk-error-summary".*?</ul>', re.DOTALL)
_FAULT = re.compile(r'<a href="#([a-z_-]+)"[^>]*>\s*(.*?)\s*</a>', re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")


def faults(page: str) -> list[tuple[str, str]]:
    """The fields of an error summary, each with its sentence."""
    found = _SUMMARY.search(page)
    return [(field, unescape(text)) for field, text in _FAULT.findall(found[0])] if found else []


def fields(page: str) -> list[str]:
    """The fields that are wrong."""
    return [field for field, _ in faults(page)]


def text(page: str) -> str:
    """What stands on a page, without its markup and with single spaces."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(_TAGS.sub(" ", main)).split())


def hidden(page: str, name: str) -> str:
    """The value of a hidden field; empty where there is none."""
    found = re.search(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


async def someone(here: Larch, role: str = "person", agency: str = "own", login: str = "ada", **more: Any) -> Browser:
    """Somebody who has signed in: Ada, when nobody says."""
    person = here.ada if role == "person" else None
    await account(here.world, login, role=role, agency=agency, person=person, name=f"{login.title()} Test", **more)
    by = browser(here.world)
    await by.sign_in(login, next_="/care")
    return by
