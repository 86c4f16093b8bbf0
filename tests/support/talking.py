"""Readers of Larch Court at the pages of work: browsers of everybody who talks with each other."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.support.larch import AGENCIES, Larch
from tests.support.sign_in import Browser, account, browser

_KEY = re.compile(r'name="key" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="([^"]+)"')


async def reader(place: Larch, agency: str, role: str = "", **more: Any) -> Browser:
    """Somebody of an agency, signed in, in the role that its workers have."""
    word = role or AGENCIES[agency][1]
    login = f"{word}-{agency}".lower().replace("_", "-")
    await account(place.world, login, word, agency, **more)
    made = browser(place.world)
    await made.sign_in(login)
    return made


def care(place: Larch, end: str) -> str:
    """An address below Ada's plan on the pages."""
    return f"/care/people/{place.ada}/{end}"


async def send(made: Browser, path: str, **said: Any) -> httpx.Response:
    """Open a page, and send its form with its key and version."""
    await made.get(path)
    return await again(made, path, **said)


async def again(made: Browser, path: str, **said: Any) -> httpx.Response:
    """Send the form of the page that is open."""
    hidden = {"key": _KEY.findall(made.page.text)[:1], "version": _VERSION.findall(made.page.text)[:1]}
    return await made.post(path, **({name: found[0] for name, found in hidden.items() if found} | said))


class Words(HTMLParser):
    """The words of a page, without its scripts and styles, and the buttons that it offers."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def words(answer: httpx.Response) -> str:
    """What a page says, on one line."""
    made = Words()
    made.feed(answer.text)
    return re.sub(r" ([,.])", r"\1", " ".join(" ".join(made.said).split()))


def offered(answer: httpx.Response) -> list[str]:
    """What the buttons of the page's main part say."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r"<button[^>]*>(.*?)</button>", main, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """What the summary of a page says is wrong: the field, and the sentence."""
    summary = answer.text.partition("nhsuk-error-summary")[2].partition("</ul>")[0]
    return [(field, unescape(text).strip()) for field, text in re.findall(r'href="#([^"]+)">([^<]+)<', summary)]
