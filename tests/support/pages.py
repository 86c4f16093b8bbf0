"""A page as a browser has it: the form that stands on it, with what it would send when nobody touches anything."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.support.larch import AGENCIES, Larch
from tests.support.sign_in import HTML, Browser, account, browser

Attributes = list[tuple[str, str | None]]


@dataclass
class Filled(HTMLParser):
    """The successful controls of one form (HTML Living Standard, constructing the entry list), by its id."""

    form: str = "form"
    sent: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = False
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = dict(attrs)
        if tag == "form":
            self._inside = said.get("id") == self.form
        if not self._inside:
            return
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "input" and said.get("type") in ("radio", "checkbox") and "checked" not in said:
            return
        if tag == "input" and name:
            self._add(name, value)
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._first = name, None
        elif tag == "option" and self._select:
            self._first = value if self._first is None or "selected" in said else self._first
        elif tag == "button" and name:
            self.buttons.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # The first line end of a text area is not part of it.
            self._add(self._area, self._text.removeprefix("\n"))
            self._area = None
        elif tag == "select" and self._select:
            self._add(self._select, self._first or "")
            self._select = None
        elif tag == "form":
            self._inside = False

    def _add(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\n", "\r\n"))


def filled(html: str, form: str = "form", **typed: Any) -> dict[str, list[str]]:
    """What a form sends; `typed`: what somebody typed or chose in some of its fields, with `__` for a hyphen."""
    found = Filled(form)
    found.feed(html)
    for name, value in typed.items():
        found.sent[name.replace("__", "-")] = [value] if isinstance(value, str) else list(value)
    return found.sent


async def reader(place: Larch, agency: str, role: str = "", person: str | None = None) -> Browser:
    """Somebody of an agency, signed in."""
    login = f"{agency}-{role}".lower()
    await account(place.world, login, role or AGENCIES[agency][1], agency, person, subject=login)
    made = browser(place.world)
    await made.sign_in(login)
    return made


async def send(one: Browser, path: str, **typed: Any) -> httpx.Response:
    """Open a form, fill some of it in, and send it."""
    page = await one.get(path)
    assert page.status_code == 200, page.text
    return await again(one, path, **typed)


async def again(one: Browser, path: str, **typed: Any) -> httpx.Response:
    """Fill in some of the form that stands open, and send it."""
    one.page = await one.client.post(path, data=filled(one.page.text, **typed), headers=HTML)
    return one.page


def at(place: Larch, rest: str) -> str:
    """An address of Ada's among the pages."""
    return f"/care/people/{place.ada}/{rest}"


async def native(place: Larch, agency: str, section: str, kind: str, id_: str) -> dict[str, Any]:
    """An entry as an app reads it."""
    answer = await place.client(agency).get(f"{place.address}/plan/sections/{section}/{kind}/{id_}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
